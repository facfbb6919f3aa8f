import type { Transaction } from "#kit/db.ts";
import { derivedId } from "#kit/ids.ts";
import { type NewAccount, openAccounts } from "#modules/ledger";

/** What a merchant has earned and is not settled yet; what it may be paid out; what it owes since refunds took more than it had. */
export type MerchantPurpose = "pending" | "available" | "debt";

/** The platform's own: its fees; what its bank holds for it; money that nobody can be given until somebody has looked at it. */
export type PlatformPurpose = "fees" | "bank_clearing" | "suspense";

/** Opened with the merchant; `debt` is opened by the first one. */
const purposes = ["pending", "available"] as const;
const platformPurposes: readonly PlatformPurpose[] = ["fees", "bank_clearing", "suspense"];
const modes = [true, false];

/** Ids of accounts cost a hash each, and every payment needs some: the last ones used are kept. */
const kept = new Map<string, string>();
const mostKept = 50_000;

function accountId(kind: string, owner: string, purpose: string, currency: string, livemode: boolean): string {
  const name = `${owner} ${purpose} ${currency} ${livemode}`;
  let id = kept.get(name);
  if (id === undefined) {
    id = derivedId("acc", kind, owner, purpose, currency, livemode ? "live" : "test");
    if (kept.size >= mostKept) kept.clear();
    kept.set(name, id);
  }
  return id;
}

/** The ledger account of a merchant. */
export const merchantAccount = (
  merchantId: string,
  purpose: MerchantPurpose,
  currency: string,
  livemode: boolean,
): string => accountId("merchant", merchantId, purpose, currency, livemode);

/** The ledger account of the platform itself. */
export const platformAccount = (purpose: PlatformPurpose, currency: string, livemode: boolean): string =>
  accountId("platform", "platform", purpose, currency, livemode);

/**
 * Opens a merchant's accounts in both modes. Many pay one merchant at once, so `pending` has lanes and no floor (purse.ts keeps it);
 * nothing leaves `available` that is not there.
 */
export const openMerchantAccounts = (tx: Transaction, merchantId: string, currency: string): Promise<unknown> =>
  openAccounts(
    tx,
    modes.flatMap((livemode) =>
      purposes.map((purpose): NewAccount => {
        const account = {
          id: merchantAccount(merchantId, purpose, currency, livemode),
          code: `merchant_${purpose}`,
          currency,
          ownerId: merchantId,
          livemode,
        };
        return purpose === "pending" ? { ...account, lanes: 8 } : { ...account, debitsMustNotExceedCredits: true };
      }),
    ),
  );

/** Opens the platform's accounts of a currency in both modes; those that are open stay as they are. */
export const openPlatformAccounts = (tx: Transaction, currency: string): Promise<unknown> =>
  openAccounts(
    tx,
    modes.flatMap((livemode) =>
      platformPurposes.map((purpose) => ({
        id: platformAccount(purpose, currency, livemode),
        code: purpose,
        currency,
        ownerId: null,
        livemode,
        lanes: 16,
      })),
    ),
  );
