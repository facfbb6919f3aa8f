import type { Postgres } from "@feiqian/quickstart/postgres.ts";
import { configure, readMasterKey } from "@feiqian/server/kit/config.ts";
import { openKeyring } from "@feiqian/server/kit/crypto.ts";
import { closeDatabase, openDatabase } from "@feiqian/server/kit/db.ts";
import { startLoadClient } from "./load-client.ts";
import { measurePayments, type PaymentFigure, type PaymentRun, type Scene } from "./payments.ts";
import { best, type PaymentResults, rate } from "./report.ts";
import { settleTown, type Town } from "./seed.ts";
import { startServers } from "./servers.ts";
import { createMigratedDatabase, makeFolder } from "./stage.ts";

export interface SeriesOptions {
  postgres: Postgres;
  quick: boolean;
  /** Folder for CPU profiles of the servers. */
  profile: string | undefined;
  signal: AbortSignal;
  /** What is opened here is closed with it. */
  stage: AsyncDisposableStack;
  say: (text: string) => void;
}

const processCounts = [1, 2];
const connectionCounts = [1, 32, 128, 512];
const warmUpConnections = 128;
/** Few enough that their codes do not expire on a slow machine. */
const warmUpCount = 10_000;
const many = 100;
const turns = 3;

/** (c) and (d): every number of connections on one process and on two, then hot against spread and the paced load on the better. */
export async function measureAllPayments(options: SeriesOptions): Promise<PaymentResults> {
  const { quick, signal, say } = options;
  const { town, startScene } = await prepare(options);
  const load: PaymentFigure[] = [];
  const firstOfDay: PaymentFigure[] = [];
  const measure = async (scene: Scene, run: Partial<PaymentRun> & { connections: number }): Promise<PaymentFigure> => {
    const figure = await measurePayments(scene, {
      merchants: many,
      warmUpMs: 1_000,
      durationMs: run.count === undefined ? (quick ? 3_000 : 8_000) : undefined,
      ...run,
    });
    say(describe(figure));
    return figure;
  };
  const withScene = async <T>(processes: number, work: (scene: Scene) => Promise<T>): Promise<T> => {
    const { scene, stop } = await startScene(processes);
    try {
      const passes = Math.ceil((town.phones.length * processes) / warmUpCount);
      for (let pass = 1; pass <= passes; pass++) {
        const figure = await measure(scene, { connections: warmUpConnections, warmUpMs: 0, count: warmUpCount });
        // By then the first process's code is compiled, and still every payer is new to it.
        if (firstOfDay.length === 0 && pass === Math.floor(town.phones.length / warmUpCount)) firstOfDay.push(figure);
      }
      return await work(scene);
    } finally {
      await stop();
    }
  };
  for (const processes of processCounts) {
    say(`    ${processes} server ${processes === 1 ? "process" : "processes"}`);
    await withScene(processes, async (scene) => {
      for (const connections of connectionCounts) load.push(await measure(scene, { connections }));
    });
  }
  const top = best(load) as PaymentFigure;
  const results: PaymentResults = { payers: town.phones.length, load, firstOfDay, hot: [], spread: [] };
  const { connections } = top;
  await withScene(top.processes, async (scene) => {
    say("(d) one merchant against many, in turns");
    for (let turn = 1; turn <= (quick ? 1 : turns); turn++) {
      results.spread.push(await measure(scene, { connections }));
      results.hot.push(await measure(scene, { connections, merchants: 1 }));
    }
    say(`    half of the best load, evenly paced`);
    results.paced = await measure(scene, { connections, rate: Math.floor(top.perSecond / 2) });
  });
  signal.throwIfAborted();
  return results;
}

const describe = ({ connections, merchants, perSecond, latency, rate: asked }: PaymentFigure): string =>
  `    ${connections} connections, ${merchants} ${merchants === 1 ? "merchant" : "merchants"}${asked ? `, ${asked} asked for` : ""}: ` +
  `${rate(perSecond)} a second, p50 ${latency.p50.toFixed(1)} ms, p99 ${latency.p99.toFixed(1)} ms`;

interface Prepared {
  readonly town: Town;
  startScene(processes: number): Promise<{ scene: Scene; stop: () => Promise<void> }>;
}

/** Makes the database, its people and the load's process. */
async function prepare({ postgres, quick, profile, signal, stage, say }: SeriesOptions): Promise<Prepared> {
  const { folder, masterKeyFile, remove } = await makeFolder();
  stage.defer(remove);
  const databaseUrl = await createMigratedDatabase(postgres.url, "bench_payments");
  const { issuerPrefix } = configure({ DATABASE_URL: databaseUrl, MASTER_KEY_FILE: masterKeyFile, LOG_LEVEL: "warn" });
  openDatabase({ url: databaseUrl, connections: 4, statementTimeoutMs: 300_000 });
  stage.defer(closeDatabase);
  await openKeyring(readMasterKey(masterKeyFile));
  const town = await settleTown(quick ? 30_000 : 50_000, many);
  say(`    ${rate(town.phones.length)} payers and ${many} merchants are ready`);
  const client = startLoadClient({ issuerPrefix, phones: town.phones, databaseUrl });
  stage.defer(() => client.stop());
  const settings = profile ? { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${profile}` } : {};
  return {
    town,
    async startScene(processes) {
      const servers = await startServers({ count: processes, databaseUrl, masterKeyFile, folder, settings });
      const stop = () => servers.stop();
      stage.defer(stop);
      return { scene: { client, servers, postgresPid: postgres.pid, tills: town.tills, signal }, stop };
    },
  };
}
