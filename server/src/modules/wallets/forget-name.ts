import { database, first, type Transaction } from "#kit/db.ts";
import { enqueue } from "#kit/jobs.ts";
import { forgetNames } from "./forget-name-sql.ts";

interface Erased {
  readonly id: string;
  readonly livemode: boolean;
}

export const forgetNameJob = "wallets.forget_name";

/** Has a user who is erased lose the name in others' transfers, behind the erasure. To be run by `onErased`. */
export const forgetNameLater = (tx: Transaction, { id, livemode }: Erased): Promise<void> =>
  enqueue(tx, forgetNameJob, { id, livemode });

/** Takes an erased user's name and phone out of others' transfers, so many at once. Whoever begins anew after a stop finds the first ones done. */
export async function forgetName({ id, livemode }: Erased, atOnce = 500): Promise<void> {
  for (let after = ""; ; ) {
    const walked = await first(database(), forgetNames, [id, livemode, after, atOnce]);
    if (!walked?.last) return;
    after = walked.last;
  }
}
