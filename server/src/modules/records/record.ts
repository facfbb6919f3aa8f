import { type Language, presentFailure } from "#kit/errors.ts";

/** Closed sets; what becomes a record of which type stands in `projections.ts`. */
export const recordTypes = [
  "payment",
  "refund",
  "transfer",
  "topup",
  "topup_return",
  "withdrawal",
  "withdrawal_return",
] as const;
export const directions = ["in", "out"] as const;
export const recordResults = ["succeeded", "failed"] as const;

/** What moved, or failed to, as one of its sides may see it. Amounts in minor units, never signed: the direction tells. */
export interface MoneyRecord {
  readonly ownerId: string;
  readonly livemode: boolean;
  readonly id: string;
  /** When it happened, by the database's clock; not when it was noted here. */
  readonly time: Date;
  readonly type: (typeof recordTypes)[number];
  readonly direction: (typeof directions)[number];
  readonly result: (typeof recordResults)[number];
  readonly amount: number;
  /** What this owner bears of the fee, negative when a refund gives it back; the other side's share is none of their business. */
  readonly fee: number;
  readonly currency: string;
  readonly failureCode: string | null;
  readonly counterpartyId: string | null;
  readonly counterpartyName: string | null;
  readonly subject: string | null;
  /** What moved: a payment, refund, transfer, top-up or withdrawal. */
  readonly sourceId: string;
  readonly paymentId: string | null;
  readonly outTradeNo: string | null;
  readonly storeId: string | null;
  readonly terminalId: string | null;
  readonly method: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly createdAt: Date;
}

type Movement = Pick<MoneyRecord, "result" | "direction" | "amount" | "fee">;

/** What left the owner or came: out with the fee on top, in with the fee taken off, nothing when it failed. */
export function netOf({ result, direction, amount, fee }: Movement): number {
  if (result === "failed") return 0;
  return direction === "out" ? amount + fee : amount - fee;
}

/** The record object of the interface. */
export function presentRecord(record: MoneyRecord, language: Language) {
  return {
    id: record.id,
    object: "record" as const,
    time: record.time.toISOString(),
    type: record.type,
    direction: record.direction,
    result: record.result,
    failure: record.failureCode === null ? null : presentFailure(record.failureCode, language),
    amount: record.amount,
    fee: record.fee,
    net: netOf(record),
    currency: record.currency,
    counterparty: record.counterpartyId === null ? null : { id: record.counterpartyId, name: record.counterpartyName },
    subject: record.subject,
    source: record.sourceId,
    payment: record.paymentId,
    out_trade_no: record.outTradeNo,
    store: record.storeId,
    terminal: record.terminalId,
    method: record.method,
    livemode: record.livemode,
    metadata: record.metadata,
    created_at: record.createdAt.toISOString(),
  };
}
