import { type Static, type TSchema, Type } from "typebox";
import { Compile } from "typebox/compile";
import type { StoredEvent } from "#kit/outbox.ts";
import { Currency, Id } from "#kit/schemas.ts";
import type { Party } from "./counterparties.ts";
import type { MoneyRecord } from "./record.ts";

/** A record before it has an id and before the other side has a name. */
export interface Draft
  extends Omit<MoneyRecord, "id" | "livemode" | "createdAt" | "counterpartyId" | "counterpartyName"> {
  readonly counterparty: Party | null;
}

/** Makes records of an event; throws {@link MalformedEvent} when its object is not what its type promises. */
export type Projection = (event: StoredEvent) => readonly Draft[];

/** The object of an event lacks something that a record needs. Its message names the place, never the content. */
export class MalformedEvent extends Error {
  override name = "MalformedEvent";
}

/** What an event of this type must have, and what becomes of it. More fields than these are welcome: objects grow. */
export function projection<S extends TSchema>(
  schema: S,
  drafts: (object: Static<S>, event: StoredEvent) => Draft[],
): Projection {
  const shape = Compile(schema);
  return (event) => {
    if (shape.Check(event.object)) return drafts(event.object, event);
    const [problem] = shape.Errors(event.object);
    throw new MalformedEvent(`${problem?.instancePath || "/"} ${problem?.message ?? "is not as expected"}`);
  };
}

export const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** What PostgreSQL can store. How long a text may be is the business of the module that took it. */
export const AnyText = Type.String({ pattern: "^[^\\u0000\\ud800-\\udfff]*$" });

/** Minor units, or nothing. */
export const Sum = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

export const Failure = Type.Object({ code: AnyText });

/** What lies between a merchant and a payer, as the merchant's event tells it. */
export const saleFields = {
  currency: Currency,
  out_trade_no: AnyText,
  payer: Nullable(Id("usr")),
  store: Nullable(Id("sto")),
  terminal: Nullable(Id("trm")),
  method: Nullable(AnyText),
  metadata: Type.Record(Type.String(), Type.String()),
};
const Sale = Type.Object(saleFields);

/** What a schema lets pass and a clock never shows: leap seconds, times before 1970. */
export function timeOf(text: string): Date {
  const time = new Date(text);
  if (!(time.getTime() >= 0)) throw new MalformedEvent("a time is not one that can be kept");
  return time;
}

interface Side {
  readonly direction: Draft["direction"];
  /** What this side bears; negative when it gets some back. */
  readonly fee: number;
  readonly subject: string | null;
}

/**
 * The two sides of what lies between a merchant and a payer, the merchant's alone when the payer is not known. The order number, the
 * terminal and the metadata stay with the merchant: they are its own notes, written for its own systems, and may say of the customer
 * what the customer should not read.
 */
export function bothSides(
  sale: Static<typeof Sale>,
  merchantId: string,
  facts: Pick<Draft, "time" | "type" | "result" | "amount" | "failureCode" | "sourceId" | "paymentId">,
  { merchant, payer }: { merchant: Side; payer: Side },
): Draft[] {
  const { payer: payerId, currency, store: storeId, method } = sale;
  const shared = { ...facts, currency, storeId, method };
  const sides: Draft[] = [
    {
      ...shared,
      ...merchant,
      ownerId: merchantId,
      counterparty: payerId === null ? null : { kind: "user", id: payerId },
      outTradeNo: sale.out_trade_no,
      terminalId: sale.terminal,
      metadata: sale.metadata,
    },
  ];
  if (payerId !== null) {
    sides.push({
      ...shared,
      ...payer,
      ownerId: payerId,
      counterparty: { kind: "merchant", id: merchantId },
      outTradeNo: null,
      terminalId: null,
      metadata: {},
    });
  }
  return sides;
}
