import { database, first, sql } from "@feiqian/server/kit/db.ts";
import { audit } from "@feiqian/server/modules/ledger";

const countTransfers = sql<{ count: number }>("bench.count_transfers", "select count(*) from ledger_transfers");

/** Has the ledger's auditor recompute every balance. Gives how many transfers it looked at; throws when anything differs. */
export async function auditBooks(): Promise<number> {
  const { differences } = await audit(5);
  if (differences.length > 0) throw new Error(`the auditor found: ${JSON.stringify(differences, undefined, 2)}`);
  return (await first(database(), countTransfers))?.count ?? 0;
}
