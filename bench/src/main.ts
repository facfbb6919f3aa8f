import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { startTemporaryPostgres } from "@feiqian/quickstart/postgres.ts";
import { describeMachine } from "./machine.ts";
import { measureMovements } from "./movements.ts";
import { measureAllPayments } from "./payment-series.ts";
import { isKept, present, type Results, rate, ratiosOf } from "./report.ts";
import { createDatabase, createMigratedDatabase, logSettings, makeLogFiles } from "./stage.ts";
import { measureTpcb, measureTpcbAgain } from "./tpcb.ts";
import { measureTransfers } from "./transfers.ts";
import { measureWebhooks } from "./webhooks.ts";

const usage = `Measures the platform on this machine, on a PostgreSQL of its own that is removed afterwards.

  npm run bench                         everything, some seven minutes
  npm run bench -- --quick              shorter, less exact
  npm run bench -- --only payments      one part: tpcb, transfers, webhooks, movements or payments (again for more)
  npm run bench -- --json FILE          where to write the figures (preset: .feiqian/bench.json)
  npm run bench -- --profile FOLDER     also profiles the servers' CPU, at some cost of speed

Ends with 0 when the books balance and every promise is kept, with 2 when a figure misses its promise, with 1 when something is wrong.`;

const parts = ["tpcb", "transfers", "webhooks", "movements", "payments"] as const;
type Part = (typeof parts)[number];

interface Flags {
  readonly quick: boolean;
  readonly json: string;
  readonly only: ReadonlySet<Part>;
  readonly profile: string | undefined;
}

function readFlags(): Flags | undefined {
  const { values } = parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      json: { type: "string", default: join(import.meta.dirname, "../../.feiqian/bench.json") },
      only: { type: "string", multiple: true, default: [...parts] },
      profile: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const unknown = values.only.find((part) => !parts.includes(part as Part));
  if (unknown !== undefined) throw new Error(`there is no part "${unknown}", only ${parts.join(", ")}`);
  return { quick: values.quick, json: values.json, only: new Set(values.only as Part[]), profile: values.profile };
}

const say = (text: string): void => console.log(text);

/** Measures the parts one after the other; what they need is opened on `stage` and closed with it. */
async function measure(flags: Flags, stage: AsyncDisposableStack, signal: AbortSignal): Promise<Results> {
  const { quick, only, profile } = flags;
  const postgres = stage.adopt(await startTemporaryPostgres({ settings: logSettings }), (server) => server.stop());
  await makeLogFiles(postgres.url);
  const results: Results = {
    at: new Date().toISOString(),
    quick,
    machine: await describeMachine(postgres.url),
    ratios: [],
  };
  const tpcbUrl = only.has("tpcb") ? await createDatabase(postgres.url, "bench_tpcb") : undefined;
  const tpcb = { url: tpcbUrl ?? "", seconds: quick ? 4 : 10, signal };
  if (tpcbUrl) {
    say("(a) TPC-B, by pgbench");
    results.tpcb = await measureTpcb({
      ...tpcb,
      tell: ({ clients, protocol, perSecond }) => say(`    ${clients} clients, ${protocol}: ${rate(perSecond)}`),
    });
  }
  if (only.has("transfers")) {
    say("(b) ledger transfers a second: raw insert, unguarded sums, spread, hot");
    results.transfers = await measureTransfers({
      url: (await createMigratedDatabase(postgres, "bench_ledger")).url,
      seconds: quick ? 2 : 6,
      signal,
      tell: ({ batch, ...rates }) => say(`    by ${batch}: ${Object.values(rates).map(rate).join(", ")}`),
    });
  }
  if (only.has("webhooks")) {
    say("(e) webhooks to an endpoint beside one that hangs");
    results.webhooks = await measureWebhooks({ postgres, seconds: quick ? 3 : 20, rate: 1_500, signal });
  }
  if (only.has("movements")) {
    say("(g) transfers between wallets, and refunds");
    results.movements = await measureMovements({
      postgres,
      seconds: quick ? 3 : 8,
      signal,
      tell: ({ what, perSecond }) => say(`    ${what}: ${rate(perSecond)} a second`),
    });
  }
  if (only.has("payments")) {
    say("(c) scanned payments over HTTP");
    results.payments = await measureAllPayments({
      postgres,
      quick,
      profile,
      signal,
      tpcb: async () => results.tpcb && measureTpcbAgain(tpcb, results.tpcb, ["simple"]),
      stage,
      say,
    });
  }
  if (results.tpcb && only.size > 1) await measureTpcbAgain(tpcb, results.tpcb);
  return { ...results, ratios: ratiosOf(results) };
}

async function main(): Promise<number> {
  const flags = readFlags();
  if (!flags) {
    say(usage);
    return 0;
  }
  const stopping = new AbortController();
  const interrupted = Promise.withResolvers<never>();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      stopping.abort();
      interrupted.reject(new Error("interrupted; everything that was started is stopped"));
    });
  }
  await using stage = new AsyncDisposableStack();
  const results = await Promise.race([measure(flags, stage, stopping.signal), interrupted.promise]);
  say(`\n${present(results)}`);
  mkdirSync(dirname(flags.json), { recursive: true, mode: 0o700 });
  writeFileSync(flags.json, `${JSON.stringify(results, undefined, 1)}\n`);
  say(`\nEvery balance was audited after each part. Figures: ${flags.json}`);
  return results.ratios.every(isKept) ? 0 : 2;
}

main().then(
  (code) => process.exit(code),
  (error: Error) => {
    console.error(error.message);
    process.exit(1);
  },
);
