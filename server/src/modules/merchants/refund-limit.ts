import { first, type Transaction } from "#kit/db.ts";
import { lockRefundLimit } from "./terminal-tokens-sql.ts";

/**
 * Minor units that a till may refund in a business day; nothing for one that is no longer active. Until the transaction ends no other refund
 * of this till reads it.
 */
export const refundLimitOf = async (
  tx: Transaction,
  { merchantId, livemode, terminalId }: { merchantId: string; livemode: boolean; terminalId: string },
): Promise<number> => (await first(tx, lockRefundLimit, [merchantId, livemode, terminalId]))?.refundLimit ?? 0;
