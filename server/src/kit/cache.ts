import { elapsed } from "./clock.ts";
import { afterCommit, type Transaction } from "./db.ts";
import { notify, onNotification } from "./notifications.ts";

export interface CacheOptions<Key extends string, Value> {
  /** Unique in the process: {@link invalidate} names it. */
  name: string;
  /** Most entries; the least recently used one goes first. */
  max: number;
  /** The longest time that a change can stay unnoticed, should its notification be lost. */
  ttlMs: number;
  load: (key: Key) => Promise<Value | undefined>;
}

interface Entry<Value> {
  value: Value;
  until: number;
}

/** How long "there is no such thing" is believed. */
const absentMs = 1_000;
const caches = new Map<string, Cache<string, unknown>>();

let loadGuard: (() => never) | undefined;

/** Runs `act` with what is here: what would have to be loaded before its first pause throws what `refuse` throws. */
export function guardLoads<T>(refuse: () => never, act: () => T): T {
  loadGuard = refuse;
  try {
    return act();
  } finally {
    loadGuard = undefined;
  }
}

/** What is read often and changes rarely, kept in this process. A hit is synchronous; concurrent misses of a key load it once. */
export class Cache<Key extends string, Value> {
  readonly #options: CacheOptions<Key, Value>;
  readonly #present = new Map<Key, Entry<Value>>();
  /** Kept apart, so that guessing at keys does not push out what is there. */
  readonly #absent = new Map<Key, Entry<undefined>>();
  readonly #loading = new Map<Key, Promise<Value | undefined>>();

  constructor(options: CacheOptions<Key, Value>) {
    if (caches.has(options.name)) throw new Error(`there are two caches named ${options.name}`);
    this.#options = options;
    caches.set(options.name, this as unknown as Cache<string, unknown>);
  }

  get(key: Key): Value | undefined | Promise<Value | undefined> {
    const found = this.#present.get(key);
    if (found && found.until > elapsed()) {
      if (this.#present.size > this.#options.max / 2) this.#moveToEnd(key, found);
      return found.value;
    }
    const absent = this.#absent.get(key);
    if (absent && absent.until > elapsed()) return undefined;
    return this.#loading.get(key) ?? this.#load(key);
  }

  /** Entries go from the front. While there is plenty of room the order does not matter, and moving costs more than the look. */
  #moveToEnd(key: Key, entry: Entry<Value>): void {
    this.#present.delete(key);
    this.#present.set(key, entry);
  }

  /** Forgets one key in this process; what is being loaded for it will not be kept. */
  forget(key: Key): void {
    this.#present.delete(key);
    this.#absent.delete(key);
    this.#loading.delete(key);
  }

  clear(): void {
    this.#present.clear();
    this.#absent.clear();
    this.#loading.clear();
  }

  #load(key: Key): Promise<Value | undefined> {
    loadGuard?.();
    const loading = this.#options.load(key).then(
      (value) => {
        // Forgotten meanwhile: the value may be older than the change.
        if (this.#loading.get(key) === loading) {
          this.#loading.delete(key);
          this.#keep(key, value);
        }
        return value;
      },
      (error) => {
        if (this.#loading.get(key) === loading) this.#loading.delete(key);
        throw error;
      },
    );
    this.#loading.set(key, loading);
    return loading;
  }

  #keep(key: Key, value: Value | undefined): void {
    const { max, ttlMs } = this.#options;
    this.forget(key);
    if (value === undefined) put(this.#absent, key, { value, until: elapsed() + Math.min(absentMs, ttlMs) }, max);
    else put(this.#present, key, { value, until: elapsed() + ttlMs }, max);
  }
}

function put<Key, E>(entries: Map<Key, E>, key: Key, entry: E, max: number): void {
  if (entries.size >= max) entries.delete(entries.keys().next().value as Key);
  entries.set(key, entry);
}

/**
 * Makes every process forget a key once the transaction commits: this one before the commit is answered, the others as they hear of it.
 * For rare writes only, never on the hot path.
 */
export function invalidate(tx: Transaction, cacheName: string, key: string): Promise<void> {
  afterCommit(tx, () => forget(cacheName, key));
  return notify(tx, "cache", `${cacheName} ${key}`);
}

const forget = (cacheName: string, key: string): void => caches.get(cacheName)?.forget(key);

onNotification("cache", {
  heard: (text) => {
    const at = text.indexOf(" ");
    forget(text.slice(0, at), text.slice(at + 1));
  },
  missed: () => {
    for (const cache of caches.values()) cache.clear();
  },
});
