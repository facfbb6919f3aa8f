import { createHmac } from "node:crypto";
import { digestKey } from "#kit/crypto.ts";
import { first, run, type Transaction } from "#kit/db.ts";
import { follow } from "#kit/feed.ts";
import { log } from "#kit/log.ts";
import type { Loop } from "#kit/loop.ts";
import { auditFeed, type Batch, insertBatch, lastBatch, type UnsealedRow } from "./audit-sql.ts";

/**
 * The chain over the audit log. What is committed is put into batches, in the order of position; each batch names its rows and the batch
 * before it, under a keyed digest: nobody who has the database alone can leave a row out, put one in, or make the chain anew.
 */
export const sealerName = "audit.seal";

/** What stands before the first batch. */
export const beginning = Buffer.alloc(32);

export const macOfBatch = ({ number, positions, macs, lastCreatedAt, previousMac }: Omit<Batch, "mac">): Buffer =>
  createHmac("sha256", digestKey("audit_log.batch"))
    .update(JSON.stringify([number, positions, lastCreatedAt.toISOString()]))
    .update(macs)
    .update(previousMac)
    .digest();

/** `41:5f3c…`: names all of the log up to here. To be kept outside the database: against it a log is checked that lost its end. */
export const writeHead = ({ number, mac }: Pick<Batch, "number" | "mac">): string => `${number}:${mac.toString("hex")}`;

/** Seals what is written, a batch at a time, a second behind. Of all workers one does it at a time. */
export const sealAuditLog = (): Loop =>
  follow(auditFeed, { name: sealerName, handle: sealBatch, longestPauseMs: 1_000 });

async function sealBatch(tx: Transaction, rows: readonly UnsealedRow[]): Promise<void> {
  const last = (await first(tx, lastBatch)) ?? { number: 0, mac: beginning };
  const batch = {
    number: last.number + 1,
    positions: rows.map(({ position }) => position),
    macs: Buffer.concat(rows.map(({ mac }) => mac)),
    lastCreatedAt: (rows.at(-1) as UnsealedRow).createdAt,
    previousMac: last.mac,
  };
  const mac = macOfBatch(batch);
  await run(tx, insertBatch, [
    batch.number,
    batch.positions,
    batch.macs,
    batch.lastCreatedAt.toISOString(),
    batch.previousMac,
    mac,
  ]);
  log.info({ head: writeHead({ number: batch.number, mac }), rows: rows.length }, "audit log sealed");
}
