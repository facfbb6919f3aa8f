import type { Postgres } from "@feiqian/quickstart/postgres.ts";
import { configure, readMasterKey } from "@feiqian/server/kit/config.ts";
import { openKeyring } from "@feiqian/server/kit/crypto.ts";
import { closeDatabase, openDatabase } from "@feiqian/server/kit/db.ts";
import { auditBooks } from "./audit.ts";
import { startLoadClient } from "./load-client.ts";
import { measurePayments, type PaymentFigure, type PaymentRun, type Scene } from "./payments.ts";
import { best, type PaymentResults, rate, type SignedFigures, signatures } from "./report.ts";
import { settleTown, signingTills } from "./seed.ts";
import { startServers } from "./servers.ts";
import { createMigratedDatabase, makeFolder } from "./stage.ts";

export interface SeriesOptions {
  postgres: Postgres;
  quick: boolean;
  /** Folder for CPU profiles of the servers. */
  profile: string | undefined;
  signal: AbortSignal;
  /** Measures TPC-B once more, in turns with the payments. */
  tpcb: () => Promise<void>;
  /** What is opened here is closed with it. */
  stage: AsyncDisposableStack;
  say: (text: string) => void;
}

const processCounts = [1, 2];
const mostConnections = 512;
const connectionCounts = [1, 32, 128, mostConnections];
const many = 100;
const warmUpConnections = 128;
/** Few enough that their codes do not expire on a slow machine. */
const warmUpCount = 10_000;

/**
 * (f) in turns with TPC-B, before anything else has used up what the disk grants for a while; then (c) and (d): every number of connections on
 * one process and on two, then hot against spread and the paced load on the better.
 */
export async function measureAllPayments(options: SeriesOptions): Promise<PaymentResults> {
  const { quick, say } = options;
  const { payers, startScene } = await settle(options);
  const length = { warmUpMs: quick ? 500 : 1_000, durationMs: quick ? 3_000 : 8_000, merchants: many };
  const measure = async (scene: Scene, run: Partial<PaymentRun> & { connections: number }): Promise<PaymentFigure> => {
    const figure = await measurePayments(scene, { ...length, ...run });
    say(describe(figure));
    return figure;
  };
  const warmUp = { connections: warmUpConnections, merchants: many, warmUpMs: 0, count: warmUpCount };
  const audited: number[] = [];
  /** Starts so many servers, lets each meet every payer, and has the books audited after the work. */
  const onServers = async <T>(
    processes: number,
    work: (scene: Scene, warm: PaymentFigure[]) => Promise<T>,
  ): Promise<T> => {
    say(`    ${processes} server ${processes === 1 ? "process" : "processes"}`);
    const { scene, stop } = await startScene(processes);
    const warm: PaymentFigure[] = [];
    while (warm.length * warmUpCount < payers * processes) warm.push(await measurePayments(scene, warmUp));
    const result = await work(scene, warm);
    audited.push(await auditBooks());
    await stop();
    return result;
  };

  say("(f) in turns: TPC-B, requests signed by HMAC, by Ed25519, unsigned");
  const signed: SignedFigures = { "hmac-sha256": [], ed25519: [], none: [] };
  let firstOfDay: PaymentFigure | undefined;
  await onServers(1, async (scene, warm) => {
    // By the last part of the first warm-up the server's code is compiled, and still every payer is new to it.
    firstOfDay = warm.at(-1);
    const tills = {
      "hmac-sha256": await signingTills(scene.tills, "hmac-sha256"),
      ed25519: await signingTills(scene.tills, "ed25519"),
      none: scene.tills,
    };
    // What checks signatures is compiled as it is used, as the rest was by now.
    for (const by of signatures) await measurePayments({ ...scene, tills: tills[by] }, warmUp);
    for (let turn = 1; turn <= (quick ? 3 : 5); turn++) {
      await options.tpcb();
      for (const by of signatures)
        signed[by].push(await measure({ ...scene, tills: tills[by] }, { connections: mostConnections }));
    }
    await options.tpcb();
  });
  const load: PaymentFigure[] = [];
  for (const processes of processCounts) {
    await onServers(processes, async (scene) => {
      for (const connections of connectionCounts) load.push(await measure(scene, { connections }));
    });
  }
  const { connections, processes, perSecond } = best(load);
  const hot: PaymentFigure[] = [];
  const spread: PaymentFigure[] = [];
  say("(d) one merchant against many, in turns; then half of the best load, evenly paced");
  const paced = await onServers(processes, async (scene) => {
    for (let turn = 1; turn <= (quick ? 1 : 3); turn++) {
      spread.push(await measure(scene, { connections }));
      hot.push(await measure(scene, { connections, merchants: 1 }));
    }
    return measure(scene, { connections, rate: Math.floor(perSecond / 2) });
  });
  return { payers, load, firstOfDay: firstOfDay as PaymentFigure, hot, spread, paced, signed, audited };
}

const describe = ({ connections, merchants, perSecond, latency, rate: asked }: PaymentFigure): string =>
  `    ${connections} connections, ${merchants} ${merchants === 1 ? "merchant" : "merchants"}${asked ? `, ${asked} asked for` : ""}: ` +
  `${rate(perSecond)} a second, p50 ${latency.p50.toFixed(1)} ms, p99 ${latency.p99.toFixed(1)} ms`;

interface Settled {
  readonly payers: number;
  readonly startScene: (processes: number) => Promise<{ scene: Scene; stop: () => Promise<void> }>;
}

/** Makes the database, its people and the load's process. */
async function settle({ postgres, quick, profile, signal, stage, say }: SeriesOptions): Promise<Settled> {
  const { folder, masterKeyFile, remove } = await makeFolder();
  stage.defer(remove);
  const { url: databaseUrl, applicationUrl } = await createMigratedDatabase(postgres, "bench_payments");
  const { issuerPrefix } = configure({ DATABASE_URL: databaseUrl, MASTER_KEY_FILE: masterKeyFile, LOG_LEVEL: "warn" });
  openDatabase({ url: databaseUrl, connections: 4, statementTimeoutMs: 300_000 });
  stage.defer(closeDatabase);
  await openKeyring(readMasterKey(masterKeyFile));
  const { phones, tills } = await settleTown(quick ? 30_000 : 50_000, many);
  say(`    ${rate(phones.length)} payers and ${many} merchants are ready`);
  const client = startLoadClient({ issuerPrefix, phones, databaseUrl });
  stage.defer(() => client.stop());
  const settings = profile ? { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${profile}` } : {};
  return {
    payers: phones.length,
    async startScene(processes) {
      const servers = await startServers({
        count: processes,
        databaseUrl: applicationUrl,
        masterKeyFile,
        folder,
        settings,
      });
      const stop = () => servers.stop();
      stage.defer(stop);
      return { scene: { client, servers, postgresPid: postgres.pid, tills, signal }, stop };
    },
  };
}
