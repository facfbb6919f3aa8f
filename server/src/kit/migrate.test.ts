import assert from "node:assert/strict";
import { test } from "node:test";
import pg from "pg";
import { cloneDatabase } from "#test/database.ts";
import { MigrationChanged, migrate, migrationFiles } from "./migrate.ts";

type Testing = { after: (end: () => Promise<void>) => void };

async function aDatabase(t: Testing, { empty = false } = {}): Promise<{ url: string; client: pg.Client }> {
  const { url, drop } = await cloneDatabase();
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  t.after(async () => {
    await client.end();
    await drop();
  });
  if (empty)
    await client.query("drop schema public cascade; drop schema graphile_worker cascade; create schema public");
  return { url, client };
}

test("a new database gets every migration in order, and a second run nothing", async (t) => {
  const { url, client } = await aDatabase(t, { empty: true });
  const files = await migrationFiles();
  assert.ok(files.length > 0);
  assert.deepEqual(await migrate(url), files);
  assert.deepEqual(await migrate(url), []);
  const { rows } = await client.query("select name from schema_migrations order by name");
  assert.deepEqual(
    rows.map(({ name }) => name),
    files,
  );
  await client.query("select from graphile_worker.jobs");
});

test("processes that start together migrate once", async (t) => {
  const { url } = await aDatabase(t, { empty: true });
  const done = await Promise.all([migrate(url), migrate(url), migrate(url)]);
  assert.deepEqual(done.flat(), await migrationFiles());
});

test("an old migration that was changed stops the start and is named", async (t) => {
  const { url, client } = await aDatabase(t);
  await client.query("update schema_migrations set checksum = 'other' where name = '0001_kit.sql'");
  await assert.rejects(
    migrate(url),
    (error) => error instanceof MigrationChanged && /0001_kit\.sql was changed/.test(error.message),
  );
});

test("a database of a newer version stops the start and says so", async (t) => {
  const { url, client } = await aDatabase(t);
  await client.query("insert into schema_migrations (name, checksum) values ('9999_future.sql', '')");
  await assert.rejects(
    migrate(url),
    (error) => error instanceof MigrationChanged && /newer version/.test(error.message),
  );
});

test("a migration that fails leaves nothing of itself and is named", async (t) => {
  const { url, client } = await aDatabase(t, { empty: true });
  await client.query("create table events (in_the_way integer)");
  await assert.rejects(migrate(url), /migration 0001_kit\.sql failed: relation "events" already exists/);
  const { rows } = await client.query(
    "select to_regclass('test_clock') as clock, (select count(*) from schema_migrations)::integer as applied",
  );
  assert.deepEqual(rows, [{ clock: null, applied: 0 }]);
  await client.query("drop table events");
  assert.equal((await migrate(url)).length, (await migrationFiles()).length);
});
