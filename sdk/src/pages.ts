import type { Answer, RawAnswer } from "./api.ts";
import type { List } from "./generated/types.ts";

/** One page of a list, from which one can go on. */
export interface Page<T> extends List<T>, AsyncIterable<T> {
  /** The page after this one; nothing when this is the last. */
  next(): Promise<Page<T> | undefined>;
}

/**
 * A list that was asked for. Awaited, it is its first page; iterated (`for await`), it is every object on all pages, each page fetched
 * when it is needed. Newest first; with `ending_before` from there towards the newest.
 */
export interface PageRequest<T> extends Promise<Page<T>>, AsyncIterable<T> {
  withResponse(): Promise<RawAnswer<Page<T>>>;
}

type Ask<T> = (query: object) => Answer<List<T>>;

export function pagesOf<T>(ask: Ask<T>, query: object): PageRequest<T> {
  const answer = ask(query);
  const page = answer.then((list) => pageOf(ask, query, list));
  return Object.assign(page, {
    async *[Symbol.asyncIterator]() {
      yield* await page;
    },
    async withResponse() {
      page.catch(() => {});
      const raw = await answer.withResponse();
      return { ...raw, data: pageOf(ask, query, raw.data) };
    },
  });
}

function pageOf<T>(ask: Ask<T>, query: object, list: List<T>): Page<T> {
  const backwards = "ending_before" in query && query.ending_before !== undefined;
  const next = async () => {
    const last = backwards ? list.data[0] : list.data.at(-1);
    if (!list.has_more || last === undefined) return undefined;
    const following = { ...query, [backwards ? "ending_before" : "starting_after"]: idOf(last) };
    return pageOf(ask, following, await ask(following));
  };
  async function* walk() {
    yield* backwards ? list.data.toReversed() : list.data;
    for (let page = await next(); page; page = await page.next()) yield* backwards ? page.data.toReversed() : page.data;
  }
  return { ...list, next, [Symbol.asyncIterator]: walk };
}

/** Cursors are ids. */
function idOf(item: unknown): string {
  if (item && typeof item === "object" && "id" in item && typeof item.id === "string") return item.id;
  throw new TypeError("This list has no cursor: its objects have no id.");
}
