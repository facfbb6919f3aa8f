/** Buckets of one octave: the wider the value, the wider its bucket, never more than 1/128 of it. */
const perOctave = 128;
const bucketCount = 26 * perOctave;

/**
 * Counts every latency, in whole microseconds: exact below 256 µs, to within 0.8 % above. Nothing is sampled or thrown away;
 * 2^31 µs (36 minutes) is the most.
 */
export class Histogram {
  readonly counts: Uint32Array;
  #total = 0;
  #most = 0;

  constructor(counts: Uint32Array = new Uint32Array(bucketCount), mostUs = 0) {
    this.counts = counts;
    this.#most = mostUs;
    for (const count of counts) this.#total += count;
  }

  get total(): number {
    return this.#total;
  }

  /** The highest value, exactly. */
  get mostUs(): number {
    return this.#most;
  }

  record(us: number): void {
    const value = us > 0 ? (us < 0x7fff_ffff ? Math.round(us) : 0x7fff_ffff) : 0;
    (this.counts[bucketOf(value)] as number)++;
    this.#total++;
    if (value > this.#most) this.#most = value;
  }

  /** The value that a share (0 to 1) of all does not pass; the upper edge of its bucket, so never flattering. */
  percentile(share: number): number {
    const wanted = Math.max(1, Math.ceil(this.#total * share));
    let seen = 0;
    for (let bucket = 0; bucket < bucketCount; bucket++) {
      seen += this.counts[bucket] as number;
      if (seen >= wanted) return Math.min(highestOf(bucket), this.#most);
    }
    return this.#most;
  }

  /** The buckets that hold something: highest value in µs, and how many. */
  toJSON(): [us: number, count: number][] {
    return [...this.counts].flatMap((count, bucket) =>
      count > 0 ? [[highestOf(bucket), count] as [number, number]] : [],
    );
  }
}

function bucketOf(value: number): number {
  if (value < 2 * perOctave) return value;
  const shift = 24 - Math.clz32(value);
  return shift * perOctave + (value >>> shift);
}

function highestOf(bucket: number): number {
  if (bucket < 2 * perOctave) return bucket;
  const shift = Math.floor(bucket / perOctave) - 1;
  return (bucket - shift * perOctave + 1) * 2 ** shift - 1;
}
