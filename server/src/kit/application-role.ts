import { createHmac, hash, pbkdf2Sync, randomBytes } from "node:crypto";
import pg from "pg";
import { database, first, sql } from "./db.ts";
import { log } from "./log.ts";

/**
 * The role that servers run as. Another one, the owner, makes and changes tables; this one reads and writes rows, and of what must
 * never change it only inserts. So whoever takes over a server, or finds a way to put SQL into a statement, can't rewrite the past.
 */
export const insertOnly = ["ledger_transfers", "ledger_batches", "audit_log", "audit_batches"] as const;
/** Told, never written. */
export const readOnly = ["schema_migrations"] as const;
/** Ours, and the job queue's. */
const schemas = ["public", "graphile_worker"] as const;

export class RoleError extends Error {
  override name = "RoleError";
}

/**
 * Sees to it that the role of `applicationUrl` exists and has its rights in this database, on the tables that there are: after every
 * migration. `owner` is connected as the role that owns them. Does nothing when the two are the same role.
 */
export async function bindApplicationRole(owner: pg.Client, applicationUrl: string): Promise<void> {
  const { username, password } = new URL(applicationUrl);
  const [name, secret] = [decodeURIComponent(username), decodeURIComponent(password)];
  const { rows } = await owner.query<{ me: string; exists: boolean; database: string }>(
    `select current_user as me, current_database() as database, exists (select from pg_roles where rolname = $1) as exists`,
    [name],
  );
  const [{ me, exists, database }] = rows as [(typeof rows)[number]];
  if (!name || name === me) return;
  const role = pg.escapeIdentifier(name);
  if (!exists) await makeRole(owner, name, secret);
  else if ((await owner.query(deviations, [name, schemas, insertOnly, readOnly])).rowCount === 0) return;
  // One message of many statements is one transaction.
  await owner.query([...rightsOf(role, pg.escapeIdentifier(database)), openQueue].join(";"));
}

/** Gives a row when the role has other rights than it should have in this database, or can't see the rows of a table. */
const deviations = `
  select where has_database_privilege($1, current_database(), 'temporary') or has_schema_privilege($1, 'public', 'create')
   union all
  select from pg_class c join pg_namespace n on n.oid = c.relnamespace,
       lateral (select has_table_privilege($1, c.oid, 'select') as reads, has_table_privilege($1, c.oid, 'insert') as inserts,
                       has_table_privilege($1, c.oid, 'update') as updates, has_table_privilege($1, c.oid, 'delete') as deletes,
                       has_table_privilege($1, c.oid, 'truncate') as truncates) may
   where n.nspname = any($2)
     and case
           when c.relkind = 'S' then not (has_sequence_privilege($1, c.oid, 'select') and has_sequence_privilege($1, c.oid, 'usage'))
           when c.relkind in ('r', 'p') then not reads or truncates or inserts = (c.relname = any($4))
             or updates = (c.relname = any($3) or c.relname = any($4)) or deletes = (c.relname = any($3) or c.relname = any($4))
             or (c.relrowsecurity and not exists (select from pg_policy where polrelid = c.oid))
         end`;

/** Made without any right; its password travels as what PostgreSQL would store of it, so that no log shows it. */
async function makeRole(owner: pg.Client, name: string, password: string): Promise<void> {
  const login = password ? `password ${pg.escapeLiteral(scramVerifier(password))}` : "";
  try {
    await owner.query(
      `create role ${pg.escapeIdentifier(name)} login nosuperuser nocreatedb nocreaterole noreplication nobypassrls ${login}`,
    );
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === "42710" || code === "23505") return; // Another process made it at the same moment.
    if (code !== "42501") throw error;
    throw new RoleError(
      `there is no role "${name}", and the role of MIGRATION_DATABASE_URL may not make it; run: create role ${name} login password '…'`,
      { cause: error },
    );
  }
}

const rightsOf = (role: string, databaseName: string): string[] => [
  // Temporary tables are made with the right of everybody.
  `revoke temporary on database ${databaseName} from public`,
  "revoke create on schema public from public",
  ...schemas.flatMap((schema) => [
    `revoke all on schema ${schema} from ${role}`,
    `revoke all on all tables in schema ${schema} from ${role}`,
    `grant usage on schema ${schema} to ${role}`,
    `grant select, insert, update, delete on all tables in schema ${schema} to ${role}`,
    // Feeds look at what a sequence stands at; nobody sets one.
    `grant select, usage on all sequences in schema ${schema} to ${role}`,
    `grant execute on all functions in schema ${schema} to ${role}`,
  ]),
  `revoke update, delete on ${insertOnly.join(", ")} from ${role}`,
  `revoke insert, update, delete on ${readOnly.join(", ")} from ${role}`,
];

/** The job queue hides its rows from everybody but the owner of its tables (row level security); who has the rights on them may see them. */
const openQueue = `do $$
declare
  hidden regclass;
begin
  for hidden in
    select oid::regclass from pg_class
     where relnamespace = 'graphile_worker'::regnamespace and relkind in ('r', 'p') and relrowsecurity
       and not exists (select from pg_policy where polrelid = pg_class.oid and polname = 'whoever_has_rights')
  loop
    execute format('create policy whoever_has_rights on %s using (true) with check (true)', hidden);
  end loop;
end
$$`;

/** What PostgreSQL stores of a password (RFC 5803). */
function scramVerifier(password: string): string {
  const [salt, iterations] = [randomBytes(16), 4_096];
  const salted = pbkdf2Sync(password.normalize("NFKC"), salt, iterations, 32, "sha256");
  const keyed = (text: string) => createHmac("sha256", salted).update(text).digest();
  const stored = hash("sha256", keyed("Client Key"), "base64");
  return `SCRAM-SHA-256$${iterations}:${salt.toString("base64")}$${stored}:${keyed("Server Key").toString("base64")}`;
}

interface Excess {
  role: string;
  superuser: boolean;
  creates: boolean;
  owned: string[];
  changeable: string[];
}
const excess = sql<Excess>(
  "application_role.excess",
  `select current_user as role,
          (select rolsuper or rolcreaterole or rolbypassrls from pg_roles where rolname = current_user) as superuser,
          has_schema_privilege('public', 'create') as creates,
          array(select relname::text from pg_class
                 where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and pg_has_role(relowner, 'member')
                 order by relname limit 3) as owned,
          array(select name from unnest($1::text[]) name
                 where has_table_privilege(name, 'update, delete, truncate') or has_any_column_privilege(name, 'update')) as changeable`,
);

/**
 * Throws {@link RoleError} when this process's role may do more than it needs, in live mode; in test mode it is only said.
 */
export async function assertBoundRole(mode: "test" | "live"): Promise<void> {
  const found = await first(database(), excess, [insertOnly]);
  const why = found && excessOf(found);
  if (!why) return;
  const text = `the role "${found.role}" of DATABASE_URL ${why}; name a role of its own there, and the owner of the tables in MIGRATION_DATABASE_URL (docs/database.md)`;
  if (mode === "live") throw new RoleError(text);
  log.warn({ role: found.role }, text);
}

function excessOf({ superuser, creates, owned, changeable }: Excess): string | undefined {
  if (superuser) return "is a superuser, or may make roles or pass row security";
  if (owned.length > 0) return `owns tables (${owned.join(", ")} …)`;
  if (creates) return "may make tables";
  if (changeable.length > 0) return `may change what is only written once (${changeable.join(", ")})`;
  return undefined;
}
