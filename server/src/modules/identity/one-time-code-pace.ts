import { blindIndex } from "#kit/crypto.ts";
import { first, inTransaction, type Transaction } from "#kit/db.ts";
import { networkOf } from "#kit/networks.ts";
import { identityErrors } from "./errors.ts";
import { selectTokenWait, takeToken } from "./one-time-code-sql.ts";

/**
 * Codes cost money and annoy: a handle gets one a minute from the same network, a few in a row and then three an hour from all of them; a
 * network, a campus perhaps, thirty in a row and then three a minute. The first bound is what a caller waits for between two.
 */
export const resendSeconds = 60;
const fromOneNetwork = { most: 1, backAfterSeconds: resendSeconds } as const;
const toOneHandle = { most: 6, backAfterSeconds: 1_200 } as const;
const ofOneNetwork = { most: 30, backAfterSeconds: 20 } as const;

/** Counts a code that is to be sent, or throws `one_time_codes_limited` without counting it. Asks nothing about the account. */
export function paceCodes(handle: string, address: string): Promise<void> {
  const network = networkOf(address);
  return inTransaction(async (tx) => {
    await take(tx, blindIndex(network, "one_time_codes.pace_network"), ofOneNetwork);
    await take(tx, blindIndex(`${handle} ${network}`, "one_time_codes.pace_both"), fromOneNetwork);
    await take(tx, blindIndex(handle, "one_time_codes.pace_handle"), toOneHandle);
  });
}

interface Bucket {
  most: number;
  backAfterSeconds: number;
}

async function take(tx: Transaction, key: string, { most, backAfterSeconds }: Bucket): Promise<void> {
  if (await first(tx, takeToken, [key, most, backAfterSeconds])) return;
  const wait = await first(tx, selectTokenWait, [key, most, backAfterSeconds]);
  throw identityErrors.one_time_codes_limited({ retryAfter: wait?.seconds ?? 1 });
}
