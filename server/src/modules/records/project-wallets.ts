import { Type } from "typebox";
import { Amount, Currency, Id, Time } from "#kit/schemas.ts";
import type { Party } from "./counterparties.ts";
import { AnyText, type Draft, Failure, Nullable, type Projection, projection, Sum, timeOf } from "./projection.ts";

const moved = { currency: Currency, amount: Amount };

/** The owner of these events is the user. */
const Transfer = Type.Object({
  ...moved,
  id: Id("trf"),
  direction: Type.Enum(["in", "out"]),
  counterparty: Type.Object({ id: Id("usr") }),
  note: Nullable(AnyText),
  created_at: Time,
});

/** What a user's record of their own wallet has none of. */
const withoutSale = { fee: 0, paymentId: null, outTradeNo: null, storeId: null, terminalId: null, metadata: {} };

export const transferSucceeded = projection(
  Transfer,
  ({ id, counterparty, note, created_at, ...rest }, { ownerId }) => [
    {
      ...withoutSale,
      type: "transfer",
      result: "succeeded",
      ownerId,
      sourceId: id,
      time: timeOf(created_at),
      direction: rest.direction,
      amount: rest.amount,
      currency: rest.currency,
      counterparty: { kind: "user", id: counterparty.id },
      subject: note,
      failureCode: null,
      method: null,
    },
  ],
);

const BankAccount = Type.String({ pattern: "^ba_[0-9a-z_]{1,61}$" });
const TopUp = { ...moved, id: Id("top"), source: BankAccount, channel: Nullable(AnyText) };
const Withdrawal = { ...moved, id: Id("wdl"), destination: BankAccount, channel: Nullable(AnyText) };

type Moved = Pick<Draft, "type" | "direction" | "result" | "time" | "amount" | "currency" | "sourceId" | "method">;

function ofBank(ownerId: string, account: string, facts: Moved, failureCode: string | null = null): Draft[] {
  const counterparty: Party = { kind: "bank_account", id: account };
  return [{ ...withoutSale, ...facts, ownerId, counterparty, subject: null, failureCode }];
}

/** What a bank had to settle becomes a record when it is settled; what came back is one of its own. */
export const bankProjections: readonly (readonly [type: string, Projection])[] = [
  [
    "topup.succeeded",
    projection(Type.Object({ ...TopUp, succeeded_at: Time }), (o, { ownerId }) =>
      ofBank(ownerId, o.source, { ...facts(o), type: "topup", direction: "in", ...succeeded(o.succeeded_at) }),
    ),
  ],
  [
    "topup.failed",
    projection(Type.Object({ ...TopUp, failure: Failure }), (o, { ownerId, createdAt: time }) =>
      ofBank(
        ownerId,
        o.source,
        { ...facts(o), type: "topup", direction: "in", time, result: "failed" },
        o.failure.code,
      ),
    ),
  ],
  [
    "topup.returned",
    // What the wallet no longer held did not leave it: the user owes it.
    projection(Type.Object({ ...TopUp, returned_at: Time, amount_owed: Sum }), (o, { ownerId }) =>
      o.amount_owed >= o.amount
        ? []
        : ofBank(ownerId, o.source, {
            ...facts(o),
            amount: o.amount - o.amount_owed,
            type: "topup_return",
            direction: "out",
            ...succeeded(o.returned_at),
          }),
    ),
  ],
  [
    "withdrawal.succeeded",
    projection(Type.Object({ ...Withdrawal, succeeded_at: Time }), (o, { ownerId }) =>
      ofBank(ownerId, o.destination, {
        ...facts(o),
        type: "withdrawal",
        direction: "out",
        ...succeeded(o.succeeded_at),
      }),
    ),
  ],
  [
    "withdrawal.failed",
    projection(Type.Object({ ...Withdrawal, failure: Failure }), (o, { ownerId, createdAt: time }) =>
      ofBank(
        ownerId,
        o.destination,
        { ...facts(o), type: "withdrawal", direction: "out", time, result: "failed" },
        o.failure.code,
      ),
    ),
  ],
  [
    "withdrawal.returned",
    projection(Type.Object({ ...Withdrawal, returned_at: Time }), (o, { ownerId }) =>
      ofBank(ownerId, o.destination, {
        ...facts(o),
        type: "withdrawal_return",
        direction: "in",
        ...succeeded(o.returned_at),
      }),
    ),
  ],
];

const facts = (o: { id: string; amount: number; currency: string; channel: string | null }) => ({
  sourceId: o.id,
  amount: o.amount,
  currency: o.currency,
  method: o.channel,
});

const succeeded = (at: string) => ({ time: timeOf(at), result: "succeeded" as const });
