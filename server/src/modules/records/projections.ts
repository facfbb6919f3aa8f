import { type Static, type TSchema, Type } from "typebox";
import { Compile } from "typebox/compile";
import type { StoredEvent } from "#kit/outbox.ts";
import { Amount, Currency, Id, Time } from "#kit/schemas.ts";
import type { Party } from "./counterparties.ts";
import type { MoneyRecord } from "./record.ts";

/** A record before it has an id and before the other side has a name. */
export interface Draft
  extends Omit<MoneyRecord, "id" | "livemode" | "createdAt" | "counterpartyId" | "counterpartyName"> {
  readonly counterparty: Party | null;
}

/** Makes records of an event; throws {@link MalformedEvent} when its object is not what its type promises. */
type Projection = (event: StoredEvent) => readonly Draft[];

/** The object of an event lacks something that a record needs. Its message names the place, never the content. */
export class MalformedEvent extends Error {
  override name = "MalformedEvent";
}

/** What an event of this type must have, and what becomes of it. More fields than these are welcome: objects grow. */
function projection<S extends TSchema>(
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

const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** What PostgreSQL can store. How long a text may be is the business of the module that took it. */
const AnyText = Type.String({ pattern: "^[^\\u0000\\ud800-\\udfff]*$" });

const paymentFields = {
  id: Id("pay"),
  currency: Currency,
  out_trade_no: AnyText,
  subject: Nullable(AnyText),
  payer: Nullable(Id("usr")),
  store: Nullable(Id("sto")),
  terminal: Nullable(Id("trm")),
  method: Nullable(AnyText),
  metadata: Type.Record(Type.String(), Type.String()),
};

const SucceededPayment = Type.Object({
  ...paymentFields,
  amount_captured: Amount,
  fee: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
  fee_bearer: Type.Enum(["merchant", "payer"]),
  succeeded_at: Time,
});

const FailedPayment = Type.Object({
  ...paymentFields,
  amount: Amount,
  failure: Type.Object({ code: AnyText }),
});

const paid = projection(SucceededPayment, (payment, { ownerId }) => {
  const { fee, fee_bearer: bearer } = payment;
  const time = timeOf(payment.succeeded_at);
  const facts = { time, result: "succeeded" as const, amount: payment.amount_captured, failureCode: null };
  return bothSides(payment, ownerId, facts, {
    payerFee: bearer === "payer" ? fee : 0,
    merchantFee: bearer === "merchant" ? fee : 0,
  });
});

const refused = projection(FailedPayment, (payment, { ownerId, createdAt: time }) => {
  const { amount, failure } = payment;
  const facts = { time, result: "failed" as const, amount, failureCode: failure.code };
  return bothSides(payment, ownerId, facts, { payerFee: 0, merchantFee: 0 });
});

/** Which events become records, and how. The owner of a payment's event is the merchant. */
export const projections: ReadonlyMap<string, Projection> = new Map([
  ["payment.succeeded", paid],
  ["payment.failed", refused],
]);

/** What the schema lets pass and a clock never shows: leap seconds, times before 1970. */
function timeOf(text: string): Date {
  const time = new Date(text);
  if (!(time.getTime() >= 0)) throw new MalformedEvent("a time is not one that can be kept");
  return time;
}

/**
 * The payer sees the shop and what it was for. The order number, the terminal and the metadata stay with the merchant: they are
 * its own notes, written for its own systems, and may say of the customer what the customer should not read.
 */
function bothSides(
  payment: Static<typeof FailedPayment> | Static<typeof SucceededPayment>,
  merchantId: string,
  facts: Pick<Draft, "time" | "result" | "amount" | "failureCode">,
  { payerFee, merchantFee }: { payerFee: number; merchantFee: number },
): Draft[] {
  const { id: paymentId, payer, currency, subject, store: storeId, method } = payment;
  const shared = {
    ...facts,
    type: "payment" as const,
    currency,
    subject,
    sourceId: paymentId,
    paymentId,
    storeId,
    method,
  };
  const sides: Draft[] = [
    {
      ...shared,
      ownerId: merchantId,
      direction: "in",
      fee: merchantFee,
      counterparty: payer === null ? null : { kind: "user", id: payer },
      outTradeNo: payment.out_trade_no,
      terminalId: payment.terminal,
      metadata: payment.metadata,
    },
  ];
  if (payer !== null) {
    sides.push({
      ...shared,
      ownerId: payer,
      direction: "out",
      fee: payerFee,
      counterparty: { kind: "merchant", id: merchantId },
      outTradeNo: null,
      terminalId: null,
      metadata: {},
    });
  }
  return sides;
}
