import { hash } from "node:crypto";

/** Chance that repeats: the same seed gives the same draws. Forks draw for themselves, whatever their parent draws in between. */
export class Random {
  readonly #seed: string;
  #state: number;

  constructor(seed: string) {
    this.#seed = seed;
    this.#state = Number.parseInt(hash("sha256", seed, "hex").slice(0, 8), 16);
  }

  fork(name: string | number): Random {
    return new Random(`${this.#seed}/${name}`);
  }

  /** 0 to 1, without 1 (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number between the two, both included. */
  int(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(from: readonly T[]): T {
    if (from.length === 0) throw new RangeError("nothing to pick from");
    return from[this.int(0, from.length - 1)] as T;
  }

  /** As {@link pick}, as many as there are up to `count`, each once. */
  some<T>(from: readonly T[], count: number): T[] {
    const left = [...from];
    const taken: T[] = [];
    while (taken.length < count && left.length > 0) taken.push(...left.splice(this.int(0, left.length - 1), 1));
    return taken;
  }

  /** Of pairs of a thing and how often it comes compared with the others. */
  weighted<T>(from: readonly (readonly [weight: number, thing: T])[]): T {
    let at = this.next() * from.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, thing] of from) if ((at -= weight) < 0) return thing;
    return (from.at(-1) as readonly [number, T])[1];
  }
}
