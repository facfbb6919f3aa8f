import { elapsed } from "./clock.ts";

/**
 * What this process counts and measures, for `GET /metrics` in Prometheus' text format. Everything stands in memory: to count costs some
 * nanoseconds. Whoever measures declares it beside its code. Labels are words of the code (a route, a job), never ids or what somebody sent.
 */
type Values = readonly string[];

interface Family {
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  /** Each line without the family's name in front: ``, `_sum`, `_bucket` … with labels and value. */
  readonly lines: () => string[] | Promise<string[]>;
}

const families = new Map<string, Family>();

function declare(name: string, family: Family): void {
  if (families.has(name)) throw new Error(`there are two metrics named ${name}`);
  families.set(name, family);
}

/** Should a label ever turn out not to be a word of the code: what comes after so many is counted together. */
const mostSeries = 5_000;

/** The series of a family by the values of their labels. */
class SeriesOf<Series> {
  readonly all = new Map<string, { readonly labels: string; readonly series: Series }>();
  readonly #names: Values;
  readonly #make: () => Series;

  constructor(names: Values, make: () => Series) {
    this.#names = names;
    this.#make = make;
  }

  of(values: Values): Series {
    const known = this.all.get(values.join("\n"));
    if (known) return known.series;
    if (this.all.size < mostSeries) return this.#add(values);
    const others = this.#names.map(() => "other");
    return this.all.get(others.join("\n"))?.series ?? this.#add(others);
  }

  #add(values: Values): Series {
    const series = this.#make();
    this.all.set(values.join("\n"), { labels: labelText(this.#names, values), series });
    return series;
  }
}

const labelText = (names: Values, values: Values): string =>
  names.map((name, i) => `${name}="${(values[i] ?? "").replace(/[\\"\n]/g, escapes)}"`).join(",");

const escapes = (sign: string): string => (sign === "\n" ? "\\n" : `\\${sign}`);
const braced = (labels: string): string => (labels === "" ? "" : `{${labels}}`);

class Count {
  value = 0;
  add(count = 1): void {
    this.value += count;
  }
}

/** Something that only grows. */
export function counter(name: string, help: string, labels: Values = []): (...values: string[]) => Count {
  const series = new SeriesOf(labels, () => new Count());
  declare(name, {
    help,
    type: "counter",
    lines: () => [...series.all.values()].map(({ labels, series: { value } }) => `${braced(labels)} ${value}`),
  });
  return (...values) => series.of(values);
}

class Distribution {
  readonly #bounds: readonly number[];
  readonly counts: Float64Array;
  sum = 0;

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number): void {
    let i = 0;
    while (i < this.#bounds.length && value > (this.#bounds[i] as number)) i++;
    this.counts[i] = (this.counts[i] as number) + 1;
    this.sum += value;
  }
}

/** How values are spread, by upper bounds that rise. */
export function histogram(
  name: string,
  help: string,
  labels: Values,
  bounds: readonly number[],
): (...values: string[]) => Distribution {
  const series = new SeriesOf(labels, () => new Distribution(bounds));
  declare(name, {
    help,
    type: "histogram",
    lines: () => [...series.all.values()].flatMap(({ labels, series }) => histogramLines(labels, series, bounds)),
  });
  return (...values) => series.of(values);
}

function histogramLines(labels: string, { counts, sum }: Distribution, bounds: readonly number[]): string[] {
  const before = labels === "" ? "" : `${labels},`;
  let total = 0;
  const buckets = [...bounds.map(String), "+Inf"].map((bound, i) => {
    total += counts[i] as number;
    return `_bucket{${before}le="${bound}"} ${total}`;
  });
  return [...buckets, `_sum${braced(labels)} ${sum}`, `_count${braced(labels)} ${total}`];
}

/** The values of a gauge's labels, and what it shows. */
export type Reading = readonly [labels: Values, value: number];

/** Something that goes up and down: it is looked at when somebody asks. */
export function gauge(
  name: string,
  help: string,
  labels: Values,
  read: () => readonly Reading[] | Promise<readonly Reading[]>,
  type: "gauge" | "counter" = "gauge",
): void {
  const present = (readings: readonly Reading[]) =>
    readings.map(([values, value]) => `${braced(labelText(labels, values))} ${value}`);
  declare(name, {
    help,
    type,
    lines: () => {
      const readings = read();
      return readings instanceof Promise ? readings.then(present) : present(readings);
    },
  });
}

/** For what has to be asked of the database: however often somebody looks, it is asked once in that time. */
export function atMostEvery<T>(ms: number, read: () => Promise<T>): () => Promise<T> {
  let last: { at: number; value: Promise<T> } | undefined;
  return () => {
    if (last && elapsed() < last.at + ms) return last.value;
    last = { at: elapsed(), value: read() };
    return last.value;
  };
}

const patienceMs = 2_000;

/** Everything as text. What can't be read now, or not soon, is left out: the rest is wanted most when something is wrong. */
export async function metricsText(): Promise<string> {
  const texts = [...families].map(async ([name, { help, type, lines }]) => {
    const shown = await soon(async () => lines());
    if (shown.length === 0) return "";
    return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${shown.map((line) => `${name}${line}\n`).join("")}`;
  });
  return (await Promise.all(texts)).join("");
}

async function soon(read: () => Promise<string[]>): Promise<string[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string[]>((resolve) => {
    timer = setTimeout(resolve, patienceMs, []);
  });
  try {
    return await Promise.race([read().catch(() => []), late]);
  } finally {
    clearTimeout(timer);
  }
}
