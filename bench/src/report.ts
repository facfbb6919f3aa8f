import type { MovementFigure } from "./movements.ts";
import type { PaymentFigure } from "./payments.ts";
import { bestOf, protocols, type TpcbResult } from "./tpcb.ts";
import type { TransfersResult } from "./transfers.ts";
import type { WebhooksResult } from "./webhooks.ts";

export interface Results {
  readonly at: string;
  readonly quick: boolean;
  readonly machine: Readonly<Record<"cpus" | "cpu" | "memoryGb" | "system" | "node" | "postgres", string | number>>;
  tpcb?: TpcbResult;
  transfers?: TransfersResult;
  payments?: PaymentResults;
  webhooks?: WebhooksResult;
  movements?: readonly MovementFigure[];
  ratios: Ratio[];
}

/** How the requests of a series are signed. */
export const signatures = ["hmac-sha256", "ed25519", "none"] as const;
export type SignedFigures = Record<(typeof signatures)[number], PaymentFigure[]>;

export interface PaymentResults {
  readonly payers: number;
  /** One figure for each number of processes and connections. */
  readonly load: readonly PaymentFigure[];
  /** Every payment is its payer's first of the day: the allowance is opened, the phone's key is read and unsealed. */
  readonly firstOfDay: PaymentFigure;
  /** One merchant, and many, in turns. */
  readonly hot: readonly PaymentFigure[];
  readonly spread: readonly PaymentFigure[];
  /** Half of the best load, evenly paced. */
  readonly paced: PaymentFigure;
  /** The best load once more, signed and unsigned in turns. */
  readonly signed: SignedFigures;
  /** Transfers from which the auditor recomputed every balance, each time it did. */
  readonly audited: readonly number[];
}

/** A promise about speed, and what came of it. */
export interface Ratio {
  readonly name: string;
  readonly value: number;
  readonly atLeast?: number;
  readonly atMost?: number;
}

export const best = (figures: readonly PaymentFigure[]): PaymentFigure =>
  figures.reduce((a, b) => (b.perSecond > a.perSecond ? b : a));

/** The middle one of the quotients of two series that were measured in turns: a machine that changes its speed changes it for both. */
function medianQuotient(above: readonly PaymentFigure[], below: readonly number[]): number {
  const quotients = above
    .map(({ perSecond }, turn) => perSecond / (below[turn] ?? Number.NaN))
    .toSorted((a, b) => a - b);
  return quotients[quotients.length >> 1] ?? Number.NaN;
}

/** TPC-B in each turn: the better one of right before and right after. */
function tpcbInTurns({ again }: TpcbResult): number[] {
  const rates = again.filter(({ protocol }) => protocol === "simple").map(({ perSecond }) => perSecond);
  return rates.map((before, turn) => Math.max(before, rates[turn + 1] ?? 0));
}

export const averageOf = (figures: readonly PaymentFigure[]): number =>
  figures.reduce((sum, { perSecond }) => sum + perSecond, 0) / figures.length;

/** What was promised of what was measured. */
export function ratiosOf({ tpcb, transfers, payments, webhooks }: Results): Ratio[] {
  const ratios: Ratio[] = [];
  const add = (name: string, value: number, bound: Pick<Ratio, "atLeast" | "atMost"> = {}) =>
    ratios.push({ name, value, ...bound });
  if (tpcb && payments) {
    const { signed, load, spread } = payments;
    const { perSecond } = best([...load, ...spread, ...signed.none]);
    const simple = bestOf(tpcb, "simple").perSecond;
    const inTurns = tpcbInTurns(tpcb);
    add("payments ÷ TPC-B, each at its best", perSecond / simple, { atLeast: 2 });
    add("payments ÷ TPC-B, in turns", medianQuotient(signed.none, inTurns));
    add("payments ÷ TPC-B with prepared statements", perSecond / bestOf(tpcb, "prepared").perSecond);
    add("payments signed by HMAC ÷ TPC-B", best(signed["hmac-sha256"]).perSecond / simple, { atLeast: 2 });
    add("payments signed by HMAC ÷ TPC-B, in turns", medianQuotient(signed["hmac-sha256"], inTurns));
  }
  const thousand = transfers?.figures.find(({ batch }) => batch === 1_000);
  if (thousand) {
    add("transfers by 1,000 ÷ raw insert, spread", thousand.spread / thousand.raw, { atLeast: 0.7 });
    add("transfers by 1,000 ÷ raw insert, hot", thousand.hot / thousand.raw);
    add("transfers by 1,000 ÷ insert and sums unguarded, spread", thousand.spread / thousand.unguarded);
  }
  if (payments) {
    add("one hot merchant ÷ many", averageOf(payments.hot) / averageOf(payments.spread), { atLeast: 1 });
    const unsigned = payments.signed.none.map(({ perSecond }) => perSecond);
    for (const by of ["hmac-sha256", "ed25519"] as const)
      add(`signed by ${by} ÷ unsigned, in turns`, medianQuotient(payments.signed[by], unsigned));
    add("p99 at half of the best load, ms", payments.paced.latency.p99, { atMost: 20 });
  }
  if (webhooks) add("webhooks a second to one endpoint beside one that hangs", webhooks.perSecond, { atLeast: 1_000 });
  return ratios;
}

export const isKept = ({
  value,
  atLeast = Number.NEGATIVE_INFINITY,
  atMost = Number.POSITIVE_INFINITY,
}: Ratio): boolean => value >= atLeast && value <= atMost;

/** Lines of columns: the first to the left, the others to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join("  ");
  return [line(head), widths.map((width) => "─".repeat(width)).join("──"), ...rows.map(line)].join("\n");
}

export const rate = (perSecond: number): string => Math.round(perSecond).toLocaleString("en");
const ms = (value: number): string => value.toFixed(value < 10 ? 2 : 1);

/** The tables for people. */
export function present(results: Results): string {
  const { tpcb, transfers, payments, webhooks, movements, machine } = results;
  const parts = [
    `${machine.cpus} × ${machine.cpu}, ${machine.memoryGb} GB, ${machine.system}, Node ${machine.node}, PostgreSQL ${machine.postgres}, fsync on`,
  ];
  if (tpcb) parts.push(presentTpcb(tpcb));
  if (transfers) parts.push(presentTransfers(transfers));
  if (payments) parts.push(presentPayments(payments));
  if (webhooks) parts.push(presentWebhooks(webhooks));
  if (movements) parts.push(presentMovements(movements));
  if (results.ratios.length > 0) parts.push(presentRatios(results.ratios));
  return parts.join("\n\n");
}

function presentTpcb({ client, scale, figures, again }: TpcbResult): string {
  const clients = [...new Set(figures.map((figure) => figure.clients))];
  const rows = protocols.map((protocol) => [
    protocol,
    ...clients.map((n) => rate(figures.find((f) => f.clients === n && f.protocol === protocol)?.perSecond ?? 0)),
    again.flatMap((figure) => (figure.protocol === protocol ? [rate(figure.perSecond)] : [])).join(" "),
  ]);
  const head = ["protocol", ...clients.map((n) => `${n} clients`), "the best again, later"];
  return `(a) TPC-B a second, ${client}, scale ${scale}\n${table(head, rows)}`;
}

function presentTransfers({ figures }: TransfersResult): string {
  const rows = figures.map(({ batch, raw, unguarded, spread, hot }) => [
    rate(batch),
    rate(spread),
    rate(hot),
    rate(unguarded),
    rate(raw),
    (spread / raw).toFixed(2),
    (spread / unguarded).toFixed(2),
  ]);
  const head = ["batch of", "spread", "hot", "unguarded", "raw insert", "spread ÷ raw", "÷ unguarded"];
  return `(b) Ledger transfers a second, one batch at a time\n${table(head, rows)}`;
}

function presentPayments({ payers, load, firstOfDay, hot, spread, paced, signed }: PaymentResults): string {
  const named: [string, PaymentFigure][] = [
    ...load.map((figure): [string, PaymentFigure] => ["(c) scans", figure]),
    ["    first of the day", firstOfDay],
    ...spread.map((figure): [string, PaymentFigure] => ["(d) spread", figure]),
    ...hot.map((figure): [string, PaymentFigure] => ["(d) hot", figure]),
    ["    half load, paced", paced],
    ...signatures.flatMap((by) =>
      signed[by].map((figure): [string, PaymentFigure] => [by === "none" ? "(f) unsigned" : `(f) ${by}`, figure]),
    ),
  ];
  const rows = named.map(([name, figure]) => [
    name,
    String(figure.processes),
    String(figure.connections),
    String(figure.merchants),
    rate(figure.perSecond),
    ms(figure.latency.p50),
    ms(figure.latency.p99),
    ms(figure.latency.p999),
    ms(figure.latency.max),
    `${Math.round(figure.cpuUs.server)}+${Math.round(figure.cpuUs.postgres)}+${Math.round(figure.cpuUs.load)}`,
    figure.backlog.seconds.toFixed(1),
  ]);
  const head = [
    "",
    "processes",
    "connections",
    "merchants",
    "a second",
    "p50 ms",
    "p99",
    "p99.9",
    "max",
    "CPU µs",
    "behind s",
  ];
  return `Scanned payments over HTTP, ${rate(payers)} payers. CPU a payment: server + PostgreSQL + load. Behind: how long records and history took after the end.\n${table(head, rows)}`;
}

function presentWebhooks({ written, perSecond, messages, doubles, latency, cpuUs }: WebhooksResult): string {
  const row = [
    "(e) webhooks",
    rate(written),
    rate(perSecond),
    rate(messages),
    rate(doubles),
    ...Object.values(latency).map(ms),
    `${rate(cpuUs.server)}+${rate(cpuUs.postgres)}`,
  ];
  const head = ["", "events a second", "arrived a second", "messages", "doubles", "p50 ms", "p99", "max", "CPU µs"];
  return `Webhooks to one endpoint, while another hangs. From the commit to the receiver. CPU an event: server + PostgreSQL.\n${table(head, [row])}`;
}

function presentMovements(figures: readonly MovementFigure[]): string {
  const rows = figures.map(({ what, connections, perSecond, latency }) => [
    `(g) ${what}`,
    String(connections),
    rate(perSecond),
    ...Object.values(latency).map(ms),
  ]);
  return `Over HTTP, one server process\n${table(["", "connections", "a second", "p50 ms", "p99", "max"], rows)}`;
}

function presentRatios(ratios: readonly Ratio[]): string {
  const rows = ratios.map((ratio) => [
    ratio.name,
    ratio.value.toFixed(2),
    ratio.atLeast !== undefined ? `≥ ${ratio.atLeast}` : ratio.atMost !== undefined ? `≤ ${ratio.atMost}` : "",
    ratio.atLeast === undefined && ratio.atMost === undefined ? "" : isKept(ratio) ? "kept" : "MISSED",
  ]);
  return table(["", "measured", "promised", ""], rows);
}
