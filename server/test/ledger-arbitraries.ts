import fc from "fast-check";
import { newId } from "#kit/ids.ts";
import type { NewTransfer, TransferKind } from "#modules/ledger";

/** Random work for a ledger: mostly sensible, often enough wrong in some way. Described by numbers, so that failures shrink. */
export type TransferSketch =
  | {
      does: "move";
      kind: "posted" | "pending";
      timeoutS: number | null;
      from: number;
      to: number;
      amount: number;
      twist: Twist;
      linked: boolean;
    }
  | { does: "resolve"; kind: "post" | "void"; which: number; amount: number; twist: Twist; linked: boolean }
  | { does: "repeat"; which: number; twist: Twist };

type Twist = (typeof twists)[number];
const twists = [
  "none",
  "timeout",
  "currency",
  "accounts",
  "amount",
  "pending",
  "code",
  "reference",
  "event",
  "kind",
] as const;

const twist = fc.oneof({ weight: 25, arbitrary: fc.constant<Twist>("none") }, fc.constantFrom(...twists));
const linked = fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) });
const amount = fc.oneof({ weight: 30, arbitrary: fc.integer({ min: 1, max: 60 }) }, fc.constantFrom(0, -1, 200));
const timeoutS = fc.constantFrom(null, null, 100, 1_000);
const which = fc.oneof({ weight: 3, arbitrary: fc.nat({ max: 4 }) }, fc.nat({ max: 30 }));

/** Of so many accounts, most transfers are between the first `usual`. */
export const transferSketch = (accounts: number, usual: number): fc.Arbitrary<TransferSketch> => {
  const account = fc.oneof({ weight: 30, arbitrary: fc.nat({ max: usual - 1 }) }, fc.nat({ max: accounts - 1 }));
  const move = { does: fc.constant("move" as const), from: account, to: account, amount, twist, linked };
  const resolve = { does: fc.constant("resolve" as const), which, amount, linked };
  return fc.oneof(
    { weight: 6, arbitrary: fc.record({ ...move, kind: fc.constant("posted" as const), timeoutS: fc.constant(null) }) },
    { weight: 4, arbitrary: fc.record({ ...move, kind: fc.constant("pending" as const), timeoutS }) },
    { weight: 4, arbitrary: fc.record({ ...resolve, kind: fc.constantFrom("post" as const, "void" as const), twist }) },
    {
      weight: 2,
      arbitrary: fc.record({ does: fc.constant("repeat" as const), which, twist: fc.constantFrom(...twists) }),
    },
  );
};

/** Makes the transfer that a sketch means; resolutions and repetitions are of ones in `earlier`. */
export function drawTransfer(
  sketch: TransferSketch,
  accounts: readonly string[],
  earlier: readonly NewTransfer[],
): NewTransfer {
  const base = { id: newId("txn"), code: "test" };
  switch (sketch.does) {
    case "move": {
      const [debitAccountId, creditAccountId] = [accounts[sketch.from], accounts[sketch.to]] as [string, string];
      const { kind, timeoutS, amount, linked } = sketch;
      const transfer = { ...base, kind, timeoutS, debitAccountId, creditAccountId, amount, currency: "CNY", linked };
      return twisted(transfer, sketch.twist, accounts, earlier);
    }
    case "resolve": {
      const held = earlier.filter((transfer) => transfer.kind === "pending");
      const pendingId = (held.at(-1 - (sketch.which % Math.max(held.length, 1))) ?? earlier.at(-1))?.id ?? newId("txn");
      return twisted(
        { ...base, kind: sketch.kind, pendingId, linked: sketch.linked },
        sketch.twist,
        accounts,
        earlier,
        sketch.amount,
      );
    }
    case "repeat": {
      const again = earlier.at(-1 - (sketch.which % Math.max(earlier.length, 1)));
      return twisted(again ?? { ...base, kind: "void" }, sketch.twist, accounts, earlier);
    }
  }
}

function twisted(
  transfer: NewTransfer,
  twist: Twist,
  accounts: readonly string[],
  earlier: readonly NewTransfer[],
  amount = 7,
): NewTransfer {
  switch (twist) {
    case "none":
      return transfer;
    case "timeout":
      return { ...transfer, timeoutS: amount % 2 === 0 ? 100 : 1_000 };
    case "currency":
      return { ...transfer, currency: "USD" };
    case "accounts":
      return { ...transfer, debitAccountId: accounts[amount % accounts.length], creditAccountId: accounts[0] };
    case "amount":
      return { ...transfer, amount };
    case "pending":
      return { ...transfer, pendingId: amount % 3 === 0 ? transfer.id : earlier.at(-1)?.id };
    case "code":
      return { ...transfer, code: "other" };
    case "reference":
      return { ...transfer, reference: 'pay "{1}", \\ 茶' };
    case "event":
      return { ...transfer, eventAt: new Date("2026-11-20T23:59:59.999Z") };
    case "kind":
      return { ...transfer, kind: nextKind[transfer.kind ?? "posted"] };
  }
}

const nextKind = { posted: "pending", pending: "post", post: "void", void: "posted" } as const satisfies Record<
  TransferKind,
  TransferKind
>;
