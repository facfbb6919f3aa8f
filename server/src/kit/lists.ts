import { kitErrors } from "./kit-errors.ts";

/** What a list route was asked for, after validation. */
export interface ListQuery {
  limit?: number;
  starting_after?: string;
  ending_before?: string;
  created_gte?: string;
  created_lt?: string;
}

export interface List<T> {
  object: "list";
  data: T[];
  has_more: boolean;
  url: string;
}

/** Which rows a page wants: behind one id or before another, both exclusive; made in a span of time; so many, in this direction. */
export interface Window {
  readonly after: string | null;
  readonly before: string | null;
  readonly createdGte: string | null;
  readonly createdLt: string | null;
  readonly limit: number;
  readonly ascending: boolean;
}

/** A window as values of a statement, in the order of its fields. */
export const valuesOf = ({ after, before, createdGte, createdLt, limit, ascending }: Window): unknown[] => [
  after,
  before,
  createdGte,
  createdLt,
  limit,
  ascending,
];

/**
 * Turns a list query into a page of rows, newest first. `fetch` is asked for one more than the limit;
 * ids sort by time, so a page stays right while rows arrive.
 */
export async function page<Row, T>(
  url: string,
  query: ListQuery,
  fetch: (window: Window) => Promise<Row[]>,
  present: (row: Row) => T,
): Promise<List<T>> {
  if (query.starting_after && query.ending_before) {
    throw kitErrors.parameter_invalid({
      param: "ending_before",
      details: { reason: "not together with starting_after" },
    });
  }
  const limit = query.limit ?? 20;
  const ascending = query.ending_before !== undefined;
  const rows = await fetch({
    after: query.starting_after ?? null,
    before: query.ending_before ?? null,
    createdGte: query.created_gte ?? null,
    createdLt: query.created_lt ?? null,
    limit: limit + 1,
    ascending,
  });
  const has_more = rows.length > limit;
  const shown = rows.slice(0, limit);
  if (ascending) shown.reverse();
  return { object: "list", data: shown.map(present), has_more, url };
}
