import { database } from "#kit/db.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { merchantStandings } from "#modules/merchants";
import { paymentErrors } from "./errors.ts";
import type { Payment, ProfitShare } from "./payment.ts";

/** Refuses shares that can't be paid out: unknown or repeated receivers, the merchant itself, more than the payment. */
export async function assertShares(payment: Payment, shares: readonly ProfitShare[]): Promise<void> {
  const receivers = shares.map(({ receiver }) => receiver);
  const standings = await merchantStandings(database(), receivers);
  receivers.forEach((receiver, i) => {
    const reason = whyNot(payment, receiver, standings.get(receiver)?.currency, receivers.indexOf(receiver) < i);
    if (reason) throw kitErrors.parameter_invalid({ param: `/profit_sharing/${i}/receiver`, details: { reason } });
  });
  if (tenThousandths(payment.amount, shares) > BigInt(payment.amount) * 10_000n) {
    throw paymentErrors.profit_sharing_too_large({ details: { most: payment.amount } });
  }
}

function whyNot(payment: Payment, receiver: string, currency: string | undefined, repeated: boolean): string | null {
  if (currency === undefined) return "is no merchant";
  if (currency !== payment.currency) return "keeps its money in another currency";
  if (receiver === payment.merchantId) return "is the merchant that is paid";
  return repeated ? "stands here twice" : null;
}

/** The sum of all shares, exact, in ten-thousandths of a minor unit. */
const tenThousandths = (amount: number, shares: readonly ProfitShare[]): bigint =>
  shares.reduce(
    (sum, share) =>
      sum + ("amount" in share ? BigInt(share.amount) * 10_000n : BigInt(amount) * BigInt(share.share_bps)),
    0n,
  );
