import type { UserActor } from "#kit/actor.ts";
import { database } from "#kit/db.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { type List, type ListQuery, page } from "#kit/lists.ts";
import type { Movement } from "./movement.ts";
import { findMovement, listMovements } from "./movements-sql.ts";

/** A top-up or withdrawal of the user; anybody else's is not found. */
export async function readMovement(
  { userId, livemode }: UserActor,
  type: Movement["type"],
  id: string,
): Promise<Movement> {
  const movement = await findMovement(database(), userId, livemode, id, type);
  if (!movement) throw kitErrors.not_found();
  return movement;
}

/** The user's own top-ups or withdrawals, newest first. */
export const readMovements = <T>(
  { userId, livemode }: UserActor,
  type: Movement["type"],
  query: ListQuery & { status?: string },
  present: (movement: Movement) => T,
): Promise<List<T>> =>
  page(
    `/v1/${type}s`,
    query,
    (window) => listMovements(database(), userId, livemode, { ...window, type, status: query.status ?? null }),
    present,
  );
