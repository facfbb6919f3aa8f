import { plainArray, rowArray, run, type Transaction } from "#kit/db.ts";
import { type CodeUse, insertUses as insertUsesStatement, judgeAliases, selectUses } from "./sql.ts";

/** An alias as the paying transaction sees it. */
export interface AliasState {
  readonly userId: string;
  readonly livemode: boolean;
  readonly usable: boolean;
  /** What the payer's code is refused with. A locked or revoked alias answers exactly as a wrong code. */
  readonly reason: "payment_code_invalid" | "payment_code_expired" | "account_frozen" | null;
}

const reasons = {
  usable: null,
  ended: "payment_code_expired",
  revoked: "payment_code_invalid",
  locked: "payment_code_invalid",
  frozen: "account_frozen",
} as const;

/**
 * Reads many aliases in one statement, judged by the database's clock, which is given too (see `stepIsCurrent`). An alias that does not
 * exist is not in the map.
 */
export async function readAliases(
  tx: Transaction,
  aliases: readonly number[],
): Promise<{ now: Date; states: Map<number, AliasState> }> {
  const [time, ...rows] = await run(tx, judgeAliases, [plainArray(aliases)]);
  const states = new Map<number, AliasState>();
  for (const { alias, userId, livemode, state } of rows) {
    states.set(alias, { userId, livemode, usable: state === "usable", reason: reasons[state] });
  }
  return { now: new Date(time?.nowMs as number), states };
}

/** Uses codes up: the primary key is what lets each be used once. Raises 23505 when one of them is used already. */
export async function insertUses(tx: Transaction, uses: readonly CodeUse[], usedAt: Date): Promise<void> {
  if (uses.length === 0) return;
  await run(tx, insertUsesStatement, [
    rowArray(uses, (use) => [use.alias, use.step, use.n, use.merchantId, use.livemode, use.paymentId]),
    usedAt,
  ]);
}

/** Which of these codes were used, and by which payments. */
export const findUses = (
  tx: Transaction,
  codes: readonly Pick<CodeUse, "alias" | "step" | "n">[],
): Promise<CodeUse[]> =>
  run(tx, selectUses, [
    plainArray(codes.map((code) => code.alias)),
    plainArray(codes.map((code) => code.step)),
    plainArray(codes.map((code) => code.n)),
  ]);
