import { database, first, run, type Transaction } from "#kit/db.ts";
import { enqueue } from "#kit/jobs.ts";
import type { StoredEvent } from "#kit/outbox.ts";
import { forgetAtMerchant, forgetAtUser, selectOthers } from "./forget-name-sql.ts";
import { isMerchant } from "./sql.ts";

interface Erased {
  readonly id: string;
  readonly livemode: boolean;
}

export const forgetNameJob = "records.forget_name";

/**
 * Has users who were erased lose the name in others' records. When the projection is at their erasure every record that names them is committed, and
 * those to come find no name any more.
 */
export async function forgetErased(tx: Transaction, events: readonly StoredEvent[]): Promise<void> {
  for (const { type, ownerId: id, livemode } of events)
    if (type === "user.erased") await enqueue(tx, forgetNameJob, { id, livemode });
}

/** Takes an erased user's name out of others' records, so many at once. Whoever begins anew after a stop finds the first ones done. */
export async function forgetName({ id, livemode }: Erased, atOnce = 500): Promise<void> {
  for (let after = ""; ; ) {
    const others = await run(database(), selectOthers, [id, livemode, after, atOnce]);
    for (const other of others) await forgetAt(other.id, id, livemode, atOnce);
    const last = others.at(-1);
    if (!last) return;
    after = last.id;
  }
}

async function forgetAt(ownerId: string, erased: string, livemode: boolean, atOnce: number): Promise<void> {
  const statement = isMerchant(ownerId) ? forgetAtMerchant : forgetAtUser;
  for (let after = ""; ; ) {
    const walked = await first(database(), statement, [ownerId, livemode, erased, after, atOnce]);
    if (!walked?.last) return;
    after = walked.last;
  }
}
