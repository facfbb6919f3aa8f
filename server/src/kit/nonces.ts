import { hash } from "node:crypto";
import { now } from "./clock.ts";
import { database, isUniqueViolation, plainArray, run, sql } from "./db.ts";
import { GroupCommit } from "./group-commit.ts";
import { kitErrors } from "./kit-errors.ts";

/** A nonce of a signature that was found to be genuine. */
interface Nonce {
  readonly slot: number;
  readonly id: string;
}

/** A signature counts for five minutes before and after its moment, so those of one slot die when the next but one begins. */
const slotSeconds = 900;
const slots = 4;

/**
 * Nothing waits for the disk here: the log is written in its order, so whatever the request goes on to commit is not on disk before its
 * nonce is, and when a crash takes the nonce it has taken the effect as well.
 */
const insertion = `
  insert into signature_nonces (slot, id)
  select n.slot, n.id
    from (select set_config('synchronous_commit', 'off', true) as mode) quick, unnest($1::smallint[], $2::uuid[]) as n(slot, id)
   where quick.mode = 'off'`;
const insertNonces = sql("nonces.insert", insertion);
const insertFreshNonces = sql<{ id: string }>(
  "nonces.insert_fresh",
  `${insertion} on conflict do nothing returning replace(id::text, '-', '') as id`,
);
const emptySlot = sql("nonces.empty_slot", "select empty_signature_nonces($1::smallint)");

const claims = new GroupCommit<Nonce, boolean>({ name: "signature_nonces", commit: claim, maxBatch: 1_024 });

/** Uses a nonce of a key up, for every process and over restarts; gives whether it was fresh. `created` is the signature's moment in seconds. */
export const takeNonce = (keyId: string, nonce: string, created: number): Promise<boolean> =>
  claims.submit({
    slot: Math.floor(created / slotSeconds) % slots,
    id: hash("sha256", `${keyId} ${nonce}`, "hex").slice(0, 32),
  });

/** The first try takes all for fresh; to look at each costs half as much again, and replays are rare. */
async function claim(nonces: readonly Nonce[], attempt: number): Promise<(boolean | Error)[]> {
  // In one order everywhere, so that two processes that are shown the same ones do not wait for each other.
  const sorted = nonces.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const values = [plainArray(sorted.map(({ slot }) => slot)), plainArray(sorted.map(({ id }) => id))];
  if (attempt === 1) {
    try {
      await run(database(), insertNonces, values);
      return nonces.map(() => true);
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
    }
  }
  const fresh = new Set((await run(database(), insertFreshNonces, values)).map(({ id }) => id));
  return nonces.map(({ id }) => {
    if (fresh.delete(id)) return true;
    // The answer to the first attempt was lost: it may have been ours.
    return attempt === 1 ? false : kitErrors.database_unavailable({ retryAfter: 1 });
  });
}

/** Forgets what no signature can repeat any more. */
export async function forgetOldNonces(): Promise<void> {
  const current = Math.floor(now() / 1000 / slotSeconds);
  await run(database(), emptySlot, [(current + 2) % slots]);
}
