import { Cache } from "#kit/cache.ts";
import { database, first } from "#kit/db.ts";
import { selectStore, selectTerminal } from "./sql.ts";
import type { Store } from "./store.ts";
import type { Terminal } from "./terminal.ts";

/** Whose, and of which mode: what a merchant's key stands for. */
interface Owner {
  readonly merchantId: string;
  readonly livemode: boolean;
}

export const storeCache = "merchants.stores";
export const terminalCache = "merchants.terminals";

/** Under what a store or terminal is cached: it is found only by its owner. */
export const placeKey = ({ merchantId, livemode }: Owner, id: string): string => `${id} ${merchantId} ${livemode}`;

const values = (key: string): unknown[] => key.split(" ");

const stores = new Cache<string, Store>({
  name: storeCache,
  max: 20_000,
  ttlMs: 5_000,
  load: (key) => first(database(), selectStore, values(key)),
});

const terminals = new Cache<string, Terminal>({
  name: terminalCache,
  max: 50_000,
  ttlMs: 5_000,
  load: (key) => first(database(), selectTerminal, values(key)),
});

type Cached<T> = T | undefined | Promise<T | undefined>;

/** A store of this merchant and mode, from the cache. */
export const storeOf = (owner: Owner, id: string): Cached<Store> => stores.get(placeKey(owner, id));

/** A terminal of this merchant and mode, from the cache. */
export const terminalOf = (owner: Owner, id: string): Cached<Terminal> => terminals.get(placeKey(owner, id));

/**
 * Where a payment is taken: the store that is named, or the one the terminal stands in. Says what is wrong with the names: the merchant
 * has no such active terminal in this mode; it has no such store, or the terminal stands in another.
 */
export async function placeOf(
  owner: Owner,
  storeId: string | undefined,
  terminalId: string | undefined,
): Promise<{ storeId: string | null } | "no_store" | "no_terminal"> {
  if (terminalId === undefined) {
    if (storeId === undefined) return { storeId: null };
    return (await storeOf(owner, storeId)) ? { storeId } : "no_store";
  }
  const terminal = await terminalOf(owner, terminalId);
  if (terminal?.status !== "active") return "no_terminal";
  return storeId === undefined || storeId === terminal.storeId ? { storeId: terminal.storeId } : "no_store";
}
