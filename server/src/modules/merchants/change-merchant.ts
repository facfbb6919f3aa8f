import type { Origin } from "#kit/audit.ts";
import { invalidate } from "#kit/cache.ts";
import { first, type Transaction } from "#kit/db.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { planFor, tellOfMerchant } from "./create-merchant.ts";
import type { Merchant } from "./merchant.ts";
import { profileCache } from "./profile.ts";
import type { MerchantChange } from "./schemas.ts";
import { selectMerchant, updateMerchant } from "./sql.ts";

/** Changes what may change of a merchant. Its keys open nothing from a suspension on; payments under way are finished. */
export async function changeMerchant(
  tx: Transaction,
  id: string,
  change: MerchantChange,
  from: Origin,
): Promise<Merchant> {
  const before = await first(tx, selectMerchant, [id]);
  if (!before) throw kitErrors.not_found();
  if (change.pricing_plan !== undefined) await planFor(tx, change.pricing_plan, before.currency);
  const merchant = await first(tx, updateMerchant, [
    id,
    change.name,
    change.status,
    change.pricing_plan,
    change.fee_bearer !== undefined,
    change.fee_bearer,
  ]);
  if (!merchant) throw kitErrors.not_found();
  await tellOfMerchant(tx, from, "merchant.updated", merchant, before);
  await invalidate(tx, profileCache, id);
  return merchant;
}
