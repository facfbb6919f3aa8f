import { now } from "./clock.ts";
import { blindIndex } from "./crypto.ts";
import { database, plainArray, run } from "./db.ts";
import { log } from "./log.ts";
import type { LimitName, Policies, Policy } from "./rate-limit-policies.ts";
import { addToLevels } from "./rate-limits-sql.ts";

/**
 * How often something may be asked, by leaky buckets: each request adds one, the quota leaks out in the policy's seconds, and a full bucket
 * takes no more. A process counts by itself. Once it has taken in a sixteenth of a quota it tells the others through the database, many buckets in
 * one statement, and hears how full they are; more than an eighth it takes in untold only by waiting for that (docs/adr/0026).
 */
export interface Bucket {
  readonly name: LimitName;
  readonly subject: string;
  readonly policy: Policy;
  /** How full it is as far as this process knows, at. */
  level: number;
  /** Milliseconds of the platform's clock. */
  at: number;
  /** Requests that the others have not been told of. */
  untold: number;
}

/** Most buckets of one limit in this process; of more the one that was made first is forgotten. */
const mostBuckets = 10_000;
/** Between two rounds of telling, while nobody waits. */
const pauseMs = 200;
/** After the database did not take it, processes count by themselves for so long. */
const aloneMs = 1_000;

const share = ({ quota }: Policy): number => Math.max(1, Math.floor(quota / 8));

export class RateLimits {
  readonly #policies: Policies;
  readonly #buckets = new Map<LimitName, Map<string, Bucket>>();
  #due = new Set<Bucket>();
  #telling: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #aloneUntil = 0;

  constructor(policies: Policies) {
    this.#policies = policies;
  }

  /** The bucket that counts this, leaked as of now; nothing where the limit is off. */
  bucket(name: LimitName, subject: string): Bucket | undefined {
    const policy = this.#policies[name];
    if (!policy) return undefined;
    let buckets = this.#buckets.get(name);
    if (!buckets) this.#buckets.set(name, (buckets = new Map()));
    const at = now();
    const known = buckets.get(subject);
    if (known) {
      leak(known, at);
      return known;
    }
    if (buckets.size >= mostBuckets) this.#forgetOldest(buckets);
    const fresh = { name, subject, policy, level: 0, at, untold: 0 };
    buckets.set(subject, fresh);
    return fresh;
  }

  #forgetOldest(buckets: Map<string, Bucket>): void {
    const [subject, bucket] = buckets.entries().next().value as [string, Bucket];
    buckets.delete(subject);
    this.#due.delete(bucket);
  }

  /** Has one more gone in? At once, unless the others must be asked first. */
  take(bucket: Bucket): boolean | Promise<boolean> {
    if (!hasRoom(bucket)) return false;
    if (bucket.untold >= share(bucket.policy) && now() >= this.#aloneUntil) return this.#takeAfterTelling(bucket);
    this.add(bucket);
    return true;
  }

  /** Counts one, room or not. */
  add(bucket: Bucket): void {
    bucket.level = Math.min(bucket.level + 1, bucket.policy.quota);
    bucket.untold++;
    if (bucket.untold * 2 >= share(bucket.policy)) this.#tellSoon(bucket);
  }

  async #takeAfterTelling(bucket: Bucket): Promise<boolean> {
    this.#due.add(bucket);
    await this.tell();
    leak(bucket, now());
    return this.take(bucket);
  }

  #tellSoon(bucket: Bucket): void {
    this.#due.add(bucket);
    this.#timer ??= setTimeout(() => void this.tell(), pauseMs).unref();
  }

  /** Tells the others what is due. Never throws: while the database does not take it, this process counts by itself. */
  tell(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    // What comes due while a round is under way goes with the next one.
    this.#telling = (this.#telling ?? Promise.resolve()).then(() => this.#tellNow());
    return this.#telling;
  }

  async #tellNow(): Promise<void> {
    if (this.#due.size === 0) return;
    const due = [...this.#due].map((bucket) => ({ bucket, taken: Math.min(bucket.untold, bucket.policy.quota) }));
    this.#due = new Set();
    try {
      const told = new Map(due.map((one) => [idOf(one.bucket), one]));
      const levels = await run(database(), addToLevels, [
        plainArray([...told.keys()]),
        plainArray(due.map(({ taken }) => taken)),
        plainArray(due.map(({ bucket: { policy } }) => policy.quota / policy.seconds)),
      ]);
      for (const { bucket: id, level } of levels) {
        const { bucket, taken } = told.get(id) as (typeof due)[number];
        bucket.untold = Math.max(0, bucket.untold - taken);
        bucket.level = level + bucket.untold;
        bucket.at = now();
      }
    } catch (error) {
      if (now() >= this.#aloneUntil) log.warn({ err: error }, "rate limits are counted by each process alone");
      this.#aloneUntil = now() + aloneMs;
    }
  }
}

const hasRoom = ({ level, policy }: Bucket): boolean => level + 1 <= policy.quota;

function leak(bucket: Bucket, at: number): void {
  const { quota, seconds } = bucket.policy;
  const passed = Math.max(0, at - bucket.at);
  // Nobody has asked here for as long as the whole quota takes to leak out: there is nothing left to tell.
  if (passed >= seconds * 1_000) bucket.untold = 0;
  bucket.level = Math.max(0, bucket.level - (quota / (seconds * 1_000)) * passed);
  bucket.at = at;
}

/** 128 bits in hexadecimal, as PostgreSQL reads a uuid. */
const idOf = ({ name, subject }: Bucket): string =>
  blindIndex(`${name} ${subject}`, "rate_limits.bucket", "hex").slice(0, 32);

/** How many more there is room for now. */
export const remaining = ({ policy, level }: Bucket): number => Math.max(0, Math.floor(policy.quota - level));

/** Whole seconds until so many have leaked out that the level is no higher than this. */
export const secondsUntil = ({ policy, level }: Bucket, wanted: number): number =>
  Math.max(0, Math.ceil(((level - wanted) * policy.seconds) / policy.quota));
