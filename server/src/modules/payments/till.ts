import type { MerchantActor, TerminalActor } from "#kit/actor.ts";
import { businessDay, startOfBusinessDay } from "#kit/business-day.ts";
import { config } from "#kit/config.ts";
import { first, type Transaction } from "#kit/db.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { merchantErrors, refundLimitOf } from "#modules/merchants";
import type { ScanInput } from "./pay-by-code.ts";
import { refundedAtTill } from "./refunds-sql.ts";

/** A merchant's key, or one of its tills. */
export type Seller = MerchantActor | TerminalActor;

/** What a till says of a scan. The rest is for the merchant's own servers: addresses to be told, who shares, when a hold ends. */
const said: ReadonlySet<string> = new Set([
  "amount",
  "currency",
  "out_trade_no",
  "subject",
  "code",
  "metadata",
  "terminal",
  "store",
]);

/** A till takes payments at its own place only, by codes that it scans. Throws `actor_not_allowed` for what it may not ask for. */
export function scanAtTill({ terminalId, storeId }: TerminalActor, input: ScanInput): ScanInput {
  const field = Object.keys(input).find((name) => !said.has(name));
  if (field) throw kitErrors.actor_not_allowed({ param: `/${field}` });
  const { terminal = terminalId, store = storeId } = input;
  if (terminal !== terminalId) throw kitErrors.actor_not_allowed({ param: "/terminal" });
  if (store !== storeId) throw kitErrors.actor_not_allowed({ param: "/store" });
  return { ...input, terminal, store };
}

/** The merchant for whom somebody sells. */
export function merchantOf(seller: Seller): MerchantActor {
  if (seller.kind === "merchant") return seller;
  const { merchantId, livemode, terminalId } = seller;
  return { kind: "merchant", merchantId, livemode, keyId: terminalId, scopes: null };
}

/** Whether a till sees this: what was taken in its own store. A merchant's key sees everything of the merchant's. */
export const isInStore = (seller: Seller, { storeId }: { storeId: string | null }): boolean =>
  seller.kind === "merchant" || storeId === seller.storeId;

/**
 * Refunds of one till in one business day stay within its terminal's limit, those that wait or succeeded. The terminal's row is locked, so that
 * none is counted too late. Throws `terminal_refund_limit`.
 */
export async function keepRefundLimit(tx: Transaction, till: TerminalActor, amount: number, at: Date): Promise<void> {
  const limit = await refundLimitOf(tx, till);
  const { timeZone } = config();
  const since = new Date(startOfBusinessDay(businessDay(at.getTime(), timeZone), timeZone));
  const sum = await first(tx, refundedAtTill, [till.merchantId, till.livemode, till.terminalId, since]);
  if ((sum?.amount ?? 0) + amount > limit) throw merchantErrors.terminal_refund_limit();
}
