import { type Queryable, run, sql } from "#kit/db.ts";

const appliedMigrationsStatement = sql<{ name: string }>(
  "monitoring.applied_migrations",
  "select name from schema_migrations order by name",
);

/** Names of the migrations that the database has. */
export const appliedMigrations = async (on: Queryable): Promise<string[]> =>
  (await run(on, appliedMigrationsStatement)).map(({ name }) => name);
