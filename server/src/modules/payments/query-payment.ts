import type { MerchantActor } from "#kit/actor.ts";
import { database } from "#kit/db.ts";
import { askBankNow } from "#modules/wallets";
import { openAttempt } from "./attempts-sql.ts";

/** Between two questions to a channel about one attempt, in seconds: who asks more often gets what is known. */
const pauseS = 3;

/** Asks the channel about an attempt that it has not answered, if there is one. Outside any transaction. */
export async function queryAttempt(
  { merchantId, livemode }: Pick<MerchantActor, "merchantId" | "livemode">,
  id: string,
  options: { pauseS: number } = { pauseS },
): Promise<void> {
  const open = await openAttempt(database(), { merchantId, livemode, id });
  if (open) await askBankNow(open.id, options);
}
