import assert from "node:assert/strict";
import { randomBytes, randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";
import pg from "pg";
import { type ClonedDatabase, cloneDatabase } from "#test/database.ts";
import { assertBoundRole, bindApplicationRole, insertOnly, RoleError } from "./application-role.ts";
import { closeDatabase, openDatabase } from "./db.ts";
import { migrate } from "./migrate.ts";

let database: ClonedDatabase;
let owner: pg.Client;
let application: pg.Client;
const connect = async (url: string) => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client;
};
before(async () => {
  database = await cloneDatabase();
  // Rights on a database as such are not copied with it.
  await migrate(database.url, database.applicationUrl);
  owner = await connect(database.url);
  application = await connect(database.applicationUrl);
});
after(async () => {
  await owner.end();
  await application.end();
  await database.drop();
});

const isRefused = (statement: string, on = application) =>
  assert.rejects(on.query(statement), { code: "42501" }, statement);

describe("the role that servers run as", () => {
  test("can't change or remove what is only written once, nor keep others from it", async () => {
    for (const table of insertOnly) {
      const { rows } = await owner.query(
        "select attname from pg_attribute where attrelid = $1::regclass and attnum > 0",
        [table],
      );
      for (const { attname } of rows) await isRefused(`update ${table} set ${attname} = default`);
      for (const act of [
        `delete from ${table}`,
        `truncate ${table}`,
        `alter table ${table} disable trigger all`,
        `alter table ${table} add column note text`,
        `alter table ${table} owner to current_user`,
        `drop table ${table}`,
        `create index on ${table} (${rows[0].attname})`,
        `create policy mine on ${table} using (true)`,
        `create rule mine as on insert to ${table} do instead nothing`,
        `grant update on ${table} to current_user`,
        `do $$ begin lock table ${table} in access exclusive mode; end $$`,
        `comment on table ${table} is 'mine'`,
      ]) {
        // PostgreSQL warns instead of refusing a grant of nothing.
        if (act.startsWith("grant")) await application.query(act).catch(() => {});
        else await isRefused(act);
      }
      await isRefused(`delete from ${table}`);
    }
  });

  test("makes, changes and removes no table, function, type or schema, not even a temporary one", async () => {
    for (const act of [
      "create table mine (n integer)",
      "create temporary table mine (n integer)",
      "create schema mine",
      "create function mine() returns integer language sql as 'select 1'",
      "create type mine as (n integer)",
      "create view mine as select 1",
      "create materialized view mine as select 1",
      "create extension pgcrypto",
      "alter table payments add column note text",
      "alter function clock_now() rename to mine",
      "drop table payments",
      "truncate payments",
      "create trigger mine before insert on payments execute function suppress_redundant_updates_trigger()",
      "select setval('audit_log_position_seq', 1)",
      "update schema_migrations set checksum = ''",
      "set session_replication_role = replica",
      "set role postgres",
      "create role mine",
      "copy payments to '/tmp/payments'",
      "select pg_read_file('/etc/passwd')",
      "alter system set fsync = off",
    ])
      await assert.rejects(
        application.query(act),
        (error: { code: string }) => ["42501", "22023"].includes(error.code),
        act,
      );
  });

  test("has rows and nothing else of every table that there is", async () => {
    const { rows } = await owner.query<{ table: string; rights: string }>(
      `select c.relname as table, coalesce(string_agg(distinct privilege_type, ' ' order by privilege_type), '') as rights
         from pg_class c join pg_namespace n on n.oid = c.relnamespace
              left join lateral aclexplode(c.relacl) a on a.grantee = $1::regrole
        where n.nspname in ('public', 'graphile_worker') and c.relkind in ('r', 'p', 'v', 'm') group by c.oid, c.relname`,
      [application.user],
    );
    assert.ok(rows.length > 30);
    for (const { table, rights } of rows) {
      const expected = (insertOnly as readonly string[]).includes(table)
        ? "INSERT SELECT"
        : table === "schema_migrations"
          ? "SELECT"
          : "DELETE INSERT SELECT UPDATE";
      assert.equal(rights, expected, table);
    }
    const { rows: columns } = await owner.query(
      "select attrelid::regclass::text from pg_attribute where attacl is not null and attrelid >= 16384",
    );
    assert.deepEqual(columns, [], "no right on a column alone");
  });

  test("gets its rights on a table of a later migration, and loses what somebody gave it", async () => {
    await owner.query("create table later (id text primary key, position bigint generated always as identity)");
    await isRefused("select * from later");
    await owner.query(`grant delete, truncate on ledger_transfers to ${application.user}`);
    await migrate(database.url, database.applicationUrl);
    await application.query("insert into later (id) values ('1')");
    await application.query("select last_value from later_position_seq");
    await isRefused("truncate later");
    await isRefused("delete from ledger_transfers");
    await isRefused("truncate ledger_transfers");
  });
});

test("a role that is not there is made with its password, and its rights in this database only", async () => {
  const url = new URL(database.url);
  url.username = `feiqian_test_${randomUUID()}`;
  url.password = encodeURIComponent(`${randomBytes(8).toString("base64")} %:ü`);
  const name = url.username;
  try {
    await Promise.all([1, 2, 3].map(() => migrate(database.url, url.href)));
    const client = await connect(url.href);
    await client.query("select * from audit_log");
    await isRefused("delete from audit_log", client);
    await client.end();
    const { rows } = await owner.query(
      "select rolpassword, rolsuper, rolcreaterole from pg_authid where rolname = $1",
      [name],
    );
    assert.match(rows[0].rolpassword, /^SCRAM-SHA-256\$/);
    assert.deepEqual([rows[0].rolsuper, rows[0].rolcreaterole], [false, false]);
  } finally {
    await owner.query(`drop owned by "${name}"; drop role "${name}"`);
  }
});

test("who may not make the missing role is told what to run", async () => {
  const url = new URL(database.url);
  url.username = `feiqian_test_${randomUUID()}`;
  await assert.rejects(bindApplicationRole(application, url.href), (error) => {
    assert(error instanceof RoleError);
    return error.message.includes(`create role ${url.username} login`);
  });
});

test("a live server refuses to run as a role that may do more, and says why; a test server says it", async () => {
  const open = async (url: string) => {
    openDatabase({ url });
    try {
      await assertBoundRole("test");
      await assertBoundRole("live");
    } finally {
      await closeDatabase();
    }
  };
  await open(database.applicationUrl);
  await assert.rejects(open(database.url), /is a superuser.*MIGRATION_DATABASE_URL/);
  for (const [give, take, why] of [
    ["alter table later owner to %", "alter table later owner to current_user", /owns tables \(later/],
    ["grant create on schema public to %", "revoke create on schema public from %", /may make tables/],
    ["grant update (reason) on audit_log to %", "revoke update (reason) on audit_log from %", /may change .*audit_log/],
    [
      "grant truncate on ledger_transfers to %",
      "revoke truncate on ledger_transfers from %",
      /may change .*ledger_transfers/,
    ],
  ] as const) {
    await owner.query("create table if not exists later (n integer)");
    await owner.query(give.replace("%", String(application.user)));
    await assert.rejects(open(database.applicationUrl), why);
    await owner.query(take.replace("%", String(application.user)));
  }
  await open(database.applicationUrl);
});
