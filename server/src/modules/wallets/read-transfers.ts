import type { UserActor } from "#kit/actor.ts";
import { database } from "#kit/db.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { type List, type ListQuery, page } from "#kit/lists.ts";
import { presentTransfer, type WalletTransfer } from "./transfer.ts";
import { findTransfer, listTransfers } from "./transfers-sql.ts";

/** The user's own side of a transfer; one between others is not found. */
export async function readTransfer({ userId, livemode }: UserActor, id: string): Promise<WalletTransfer> {
  const transfer = await findTransfer(database(), userId, livemode, id);
  if (!transfer) throw kitErrors.not_found();
  return transfer;
}

/** The user's own transfers, newest first. */
export const readTransfers = (
  { userId, livemode }: UserActor,
  query: ListQuery & { direction?: string },
): Promise<List<ReturnType<typeof presentTransfer>>> =>
  page(
    "/v1/transfers",
    query,
    (window) => listTransfers(database(), userId, livemode, { ...window, direction: query.direction ?? null }),
    presentTransfer,
  );
