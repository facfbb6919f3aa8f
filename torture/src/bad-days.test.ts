import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Journal } from "@feiqian/bench/journal.ts";

import { assertOneStory, badDay } from "./bad-day.ts";
import { cuttingProxy } from "./cutting-proxy.ts";
import { faultPointNames } from "./fault-point-names.ts";
import type { ServerProcess } from "./server-process.ts";
import { openWorld, type World } from "./world.ts";

let world: World;
const journals: Journal[] = [];
/** A phone may have to wait half a minute for new codes before there is traffic again. */
const goneWithinMs = 45_000;
/** Traffic before and after the trouble. */
const calmMs = 400;

before(async () => {
  world = await openWorld({ payers: 10_000 });
});
after(() => world.close());

/** A day with a server that is there in the beginning, and is there again in the end. */
async function day(
  trouble: (server: ServerProcess) => Promise<ServerProcess>,
  env: Record<string, string> = {},
): Promise<void> {
  let server = await world.startServer(env);
  try {
    const journal = await badDay(world, async () => {
      await sleep(calmMs);
      server = await trouble(server);
      await sleep(calmMs);
    });
    journals.push(journal);
    assert.ok(journal.scans.length > 20, `only ${journal.scans.length} scans`);
    await assertOneStory(world, journals);
  } finally {
    await server.kill();
  }
}

/** Those that a scan passes. */
const scanPoints = faultPointNames().filter((name) => /^(feed|ledger)\.|^payments\.(after|before)_/.test(name));

const restart = (): Promise<ServerProcess> => world.startServer();

describe("the server is killed", () => {
  for (let n = 1; n <= 3; n++) {
    test(`at random amid a load of payments (${n}): answered is booked once, unanswered at most once`, () =>
      day(async (server) => {
        await sleep(Math.random() * 500);
        await server.kill();
        return restart();
      }));
  }

  for (const point of scanPoints) {
    test(`at ${point}: the same`, () =>
      day(
        async (server) => {
          assert.equal(await Promise.race([server.gone, sleep(goneWithinMs)]), "SIGKILL");
          return restart();
        },
        { FAULT_POINTS: `${point}=kill+5` },
      ));
  }
});

describe("a step fails", () => {
  for (const point of scanPoints.filter((name) => /^(payments|ledger)/.test(name))) {
    test(`error at ${point}: nobody is charged twice, and the process goes on`, () =>
      day(
        async (server) => {
          await sleep(500);
          assert.ok(server.isRunning);
          return server;
        },
        { FAULT_POINTS: `${point}=error+3*20` },
      ));
  }
});

test("connections are lost at the commit: the outcome is found out, not guessed", async () => {
  const proxy = await cuttingProxy(world.databaseUrl);
  try {
    await day(
      async (server) => {
        for (let n = 0; n < 10; n++) {
          proxy.cutCommits(2);
          await sleep(100);
        }
        return server;
      },
      { DATABASE_URL: proxy.url },
    );
    assert.ok(proxy.cut >= 10, `only ${proxy.cut} commits were cut`);
  } finally {
    await proxy.close();
  }
});

test("PostgreSQL is killed and comes back: the server heals by itself", () =>
  day(async (server) => {
    await world.crashPostgres();
    await sleep(1_000);
    assert.ok(server.isRunning);
    return server;
  }));

test("SIGTERM: accepts no more, finishes what it has, exits 0 within ten seconds", () =>
  day(async (server) => {
    const began = performance.now();
    assert.equal(await server.terminate(), "0");
    assert.ok(performance.now() - began < 10_000);
    return restart();
  }));

test("two processes on one port, one of them killed again and again: one story", () =>
  day(
    async (server) => {
      for (let n = 0; n < 3; n++) {
        const other = await world.startServer({ SHARE_PORT: "1" });
        await sleep(300);
        await other.kill();
      }
      return server;
    },
    { SHARE_PORT: "1" },
  ));
