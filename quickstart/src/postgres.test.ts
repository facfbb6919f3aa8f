import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  lchownSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { mkdir } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { type Postgres, startPostgres } from "./postgres.ts";
import { PostgresError } from "./postgres-cluster.ts";
import { databaseUser } from "./system-user.ts";

/** A killed process takes a moment to be gone. */
async function ended(pid: number): Promise<void> {
  const deadline = performance.now() + 5_000;
  while (isAlive(pid) && performance.now() < deadline) await sleep(5);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe("the embedded PostgreSQL", () => {
  const folder = aFolder();
  let server: Postgres;
  after(() => server?.stop());

  test("starts on an empty folder, in UTF-8 with an order that no system changes", async () => {
    server = await startPostgres({ folder });
    const [row] = await query(
      server.url,
      `select current_database() name, pg_encoding_to_char(encoding) encoding, datlocprovider::text provider, datlocale locale
         from pg_database where datname = current_database()`,
    );
    assert.deepEqual(row, { name: "feiqian", encoding: "UTF8", provider: "b", locale: "C.UTF-8" });
  });

  test("keeps its password to itself: mode 0600, no trace of it after initdb, and no entry without it", async () => {
    assert.equal(statSync(join(folder, "password")).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(folder).sort(), ["data", "log", "password", "port"]);
    const wrong = new URL(server.url);
    wrong.password = "guess";
    await assert.rejects(query(wrong.href, "select 1"), { code: "28P01" });
    assert.doesNotMatch(readFileSync(join(folder, "data/pg_hba.conf"), "utf8"), /^[^#].*trust/m);
  });

  test("listens on the loopback address only, and on no socket file", async () => {
    const settings = await query(
      server.url,
      "select name, setting from pg_settings where name in ('listen_addresses', 'unix_socket_directories')",
    );
    assert.deepEqual(settings, [
      { name: "listen_addresses", setting: "127.0.0.1" },
      { name: "unix_socket_directories", setting: "" },
    ]);
  });

  test("is durable unless asked otherwise", async () => {
    const [row] = await query(server.url, "select current_setting('fsync') f, current_setting('synchronous_commit') s");
    assert.deepEqual(row, { f: "on", s: "on" });
  });

  test("a second start in the folder attaches instead of failing", async () => {
    const second = await startPostgres({ folder });
    assert.deepEqual([second.attached, second.pid, second.url], [true, server.pid, server.url]);
  });

  test("after kill -9 it comes back at the same address with what was committed", async () => {
    await query(server.url, "create table kept as select 42 as answer");
    process.kill(server.pid, "SIGKILL");
    await ended(server.pid);
    const before = server;
    server = await startPostgres({ folder });
    assert.deepEqual([server.attached, server.url], [false, before.url]);
    assert.deepEqual(await query(server.url, "select answer from kept"), [{ answer: 42 }]);
  });

  test("the launcher may die by kill -9: the next one finds the orphan", async () => {
    await server.stop();
    const launcher = spawn(process.execPath, ["--input-type=module-typescript", "-e", launcherProgram, folder], {
      cwd: import.meta.dirname,
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [pid] = await once(launcher.stdout, "data");
    launcher.kill("SIGKILL");
    await once(launcher, "exit");
    server = await startPostgres({ folder });
    assert.deepEqual([server.attached, server.pid], [true, Number(pid)]);
    assert.deepEqual(await query(server.url, "select answer from kept"), [{ answer: 42 }]);
  });

  test("stops cleanly and is gone then", async () => {
    await server.stop();
    assert.equal(server.isRunning(), false);
    assert.equal(existsSync(join(folder, "data/postmaster.pid")), false);
  });

  test("a pid file whose process is long gone does not hinder it", async () => {
    await leavePidFile(folder, 999_999);
    server = await startPostgres({ folder });
    assert.equal(server.attached, false);
    await server.stop();
  });

  test("nor does one whose number belongs to another process by now, which it leaves alone", async () => {
    const user = databaseUser(join(folder, "data"));
    const stranger = spawn("sleep", ["60"], { ...(user && { uid: user.uid, gid: user.gid }), cwd: "/" });
    await leavePidFile(folder, stranger.pid as number);
    server = await startPostgres({ folder });
    assert.equal(server.attached, false);
    assert.equal(stranger.exitCode, null);
    stranger.kill();
    await server.stop();
  });

  test("takes another port when somebody has the one of the last time", async () => {
    const thief = createServer().listen(server.port, "127.0.0.1");
    await once(thief, "listening");
    const before = server.port;
    server = await startPostgres({ folder });
    assert.notEqual(server.port, before);
    assert.deepEqual(await query(server.url, "select answer from kept"), [{ answer: 42 }]);
    await server.stop();
    thief.close();
  });

  test("says so when the port it was told to take is taken", async () => {
    const thief = createServer().listen(0, "127.0.0.1");
    await once(thief, "listening");
    const { port } = thief.address() as { port: number };
    await assert.rejects(startPostgres({ folder, port }), { name: "PostgresError", message: /port \d+ is taken/ });
    thief.close();
  });

  test("refuses data of another major version and names both", async () => {
    writeFileSync(join(folder, "data/PG_VERSION"), "17\n");
    await assert.rejects(startPostgres({ folder }), (error) => {
      assert(error instanceof PostgresError);
      assert.match(error.message, /made by PostgreSQL 17; this version brings PostgreSQL 18/);
      return true;
    });
  });
});

test("two in two folders at once don't disturb each other", async () => {
  const servers = await Promise.all([aFolder(), aFolder()].map((folder) => startPostgres({ folder, durable: false })));
  const [one, two] = servers as [Postgres, Postgres];
  assert.notEqual(one.port, two.port);
  await one.stop();
  assert.equal(two.isRunning(), true);
  assert.deepEqual(await query(two.url, "select 1 as up"), [{ up: 1 }]);
  await two.stop();
});

test("three starts at once in one empty folder end in one server", async () => {
  const folder = aFolder();
  const programs = Array.from({ length: 3 }, () =>
    spawn(process.execPath, ["--input-type=module-typescript", "-e", launcherProgram, folder], {
      cwd: import.meta.dirname,
      stdio: ["ignore", "pipe", "inherit"],
    }),
  );
  const pids = await Promise.all(programs.map(async (program) => Number((await once(program.stdout, "data"))[0])));
  assert.equal(new Set(pids).size, 1);
  for (const program of programs) program.kill();
  const server = await startPostgres({ folder });
  assert.equal(server.pid, pids[0]);
  await server.stop();
});

test("what an interrupted first start left is swept away", async () => {
  const folder = aFolder();
  await mkdir(join(folder, "initdb.999999/base"), { recursive: true });
  writeFileSync(join(folder, "initdb.999999.password"), "left");
  const server = await startPostgres({ folder, durable: false });
  assert.deepEqual(readdirSync(folder).sort(), ["data", "log", "password", "port"]);
  await server.stop();
});

test("data whose password is lost are not used", async () => {
  const folder = aFolder();
  await startPostgres({ folder, durable: false }).then((server) => server.stop());
  rmSync(join(folder, "password"));
  await assert.rejects(startPostgres({ folder }), { name: "PostgresError", message: /password is missing/ });
});

describe("started by root", { skip: process.getuid?.() !== 0 && "not root" }, () => {
  test("runs as another user, who owns the data and nothing beside", async () => {
    const folder = aFolder();
    const server = await startPostgres({ folder, durable: false });
    const { uid } = statSync(`/proc/${server.pid}`);
    assert.notEqual(uid, 0);
    assert.equal(statSync(join(folder, "data")).uid, uid);
    assert.deepEqual([statSync(folder).uid, statSync(join(folder, "password")).uid], [0, 0]);
    await server.stop();
  });

  test("goes on as the user whose data they are", async () => {
    const folder = aFolder();
    await startPostgres({ folder, durable: false }).then((server) => server.stop());
    const owner = 54_321;
    for (const path of ["", ...readdirSync(join(folder, "data"), { recursive: true, encoding: "utf8" })])
      lchownSync(join(folder, "data", path), owner, owner);
    const server = await startPostgres({ folder, durable: false });
    assert.equal(statSync(`/proc/${server.pid}`).uid, owner);
    await server.stop();
  });

  test("names the user and the folder when the folder is out of that user's reach", async () => {
    const closed = join(aFolder(), "closed");
    await mkdir(closed, { mode: 0o700 });
    await assert.rejects(startPostgres({ folder: join(closed, "postgres") }), {
      name: "PostgresError",
      message: /runs as user \w+, who can't enter .*closed\/postgres/,
    });
  });
});

/** Starts a server as a launcher would, prints its process number and stays. */
const launcherProgram = `
  import { startPostgres } from "./postgres.ts";
  const server = await startPostgres({ folder: process.argv[1] as string });
  console.log(server.pid);
  setInterval(() => {}, 1_000);
`;

function aFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "feiqian-test-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

/** As a power cut leaves it: the file of a server that never shut down. */
async function leavePidFile(folder: string, pid: number): Promise<void> {
  const data = join(folder, "data");
  writeFileSync(join(data, "postmaster.pid"), `${pid}\n${data}\n1700000000\n5432\n\n127.0.0.1\n 1 1\nready   \n`);
}
