import { type Actor, ownerOf } from "#kit/actor.ts";
import { database, run, type Statement } from "#kit/db.ts";
import { type List, type ListQuery, page } from "#kit/lists.ts";

/** Whose cards and bank accounts: a user's or a merchant's, in one mode. */
export type Owner = ReturnType<typeof ownerOf>;

/** What lies in the vault of an owner, as a row. */
export interface VaultRow {
  readonly id: string;
  readonly ownerId: string;
  readonly livemode: boolean;
  readonly sealedNumber: string;
  readonly sealedHolder: string | null;
  readonly lastFour: string;
  readonly createdAt: Date;
  readonly sealedSubjectKey: string | null;
}

/** A window of what an owner has, newest first. */
export const listOf = <Row extends VaultRow, T>(
  actor: Actor,
  url: string,
  query: ListQuery,
  { asc, desc }: Readonly<Record<"asc" | "desc", Statement<Row>>>,
  present: (row: Row) => T,
): Promise<List<T>> => {
  const { ownerId, livemode } = ownerOf(actor);
  return page(
    url,
    query,
    ({ after, before, createdGte, createdLt, limit, ascending }) =>
      run(database(), ascending ? asc : desc, [ownerId, livemode, after, before, createdGte, createdLt, limit]),
    present,
  );
};
