import { macOfRow } from "#kit/audit-row.ts";
import { now } from "#kit/clock.ts";
import { first, inTransaction, run, type Transaction } from "#kit/db.ts";
import { beginning, macOfBatch, sealerName, writeHead } from "./audit-chain.ts";
import { type Batch, type StoredAuditRow, selectBatches, selectCursor, selectSpan } from "./audit-sql.ts";

/** What is wrong with the audit log. Rows are named by id where they are there, by position where they are not. */
export type Tampering =
  | { readonly kind: "row_changed"; readonly id: string; readonly position: number }
  | { readonly kind: "row_replaced"; readonly id: string; readonly position: number; readonly batch: number }
  | { readonly kind: "row_removed"; readonly position: number; readonly batch: number }
  | { readonly kind: "row_inserted"; readonly id: string; readonly position: number }
  | { readonly kind: "batch_changed"; readonly batch: number }
  | { readonly kind: "batch_removed"; readonly batch: number }
  | { readonly kind: "end_removed"; readonly batch: number }
  | { readonly kind: "head_differs"; readonly batch: number };

export interface Verification {
  /** Empty when the log is as it was written. */
  readonly tampering: readonly Tampering[];
  readonly batches: number;
  readonly rows: number;
  /** Rows of whole batches that were purged after their time. */
  readonly purged: number;
  /** Written and not sealed yet, and since when the oldest one waits. */
  readonly unsealed: { readonly rows: number; readonly since: Date | null };
  /** Of the last batch; nothing while there is none. */
  readonly head: string | null;
}

/** Acts are kept so long at least (PCI DSS 10.5.1 asks for twelve months); batches whose last row is older may be gone, oldest first. */
export const keptDays = 366;
const batchesAtOnce = 20;
const rowsAtOnce = 2_000;

/**
 * Compares the audit log with its chain, in one snapshot, so that it may run amid traffic. `knownHead` is a head that was written down
 * before, outside the database: that the log was cut off behind it is seen from that alone, if rows, batches and the sealer's cursor all went.
 */
export function verifyAuditLog(knownHead?: string): Promise<Verification> {
  return inTransaction((tx) => new Verifier(tx, knownHead).run(), { isolation: "repeatable read" });
}

class Verifier {
  readonly #tx: Transaction;
  readonly #known: { number: number; head: string } | undefined;
  readonly #found: Tampering[] = [];
  #rows = 0;
  #purged = 0;
  #mayBePurged = true;
  /** The batch before, as far as there is one, and the position that it ends at. */
  #last: Pick<Batch, "number" | "mac"> = { number: 0, mac: beginning };
  #end = Number.MIN_SAFE_INTEGER;

  constructor(tx: Transaction, knownHead: string | undefined) {
    this.#tx = tx;
    this.#known = knownHead === undefined ? undefined : { number: Number.parseInt(knownHead, 10), head: knownHead };
  }

  async run(): Promise<Verification> {
    for (;;) {
      const batches = await run(this.#tx, selectBatches, [this.#last.number, batchesAtOnce]);
      for (const batch of batches) await this.#checkBatch(batch);
      if (batches.length < batchesAtOnce) break;
    }
    const unsealed = await this.#checkEnd();
    const { number } = this.#last;
    return {
      tampering: this.#found,
      batches: number,
      rows: this.#rows,
      purged: this.#purged,
      unsealed,
      head: number === 0 ? null : writeHead(this.#last),
    };
  }

  async #checkBatch(batch: Batch): Promise<void> {
    const { number, positions, macs, mac, previousMac } = batch;
    const missing = number - this.#last.number - 1;
    for (let n = this.#last.number + 1; n < number; n++) this.#found.push({ kind: "batch_removed", batch: n });
    const isWhole = mac.equals(macOfBatch(batch)) && (missing > 0 || previousMac.equals(this.#last.mac));
    if (!isWhole) this.#found.push({ kind: "batch_changed", batch: number });
    if (this.#known?.number === number && this.#known.head !== writeHead(batch))
      this.#found.push({ kind: "head_differs", batch: number });

    const end = Math.max(positions.at(-1) ?? 0, this.#end);
    const sealed = new Map(positions.map((position, i) => [position, macs.subarray(i * 32, i * 32 + 32)]));
    const from = positions[0] ?? 0;
    let seen = 0;
    await this.#eachRow(this.#end, end, (row) => {
      const expected = sealed.get(row.position);
      sealed.delete(row.position);
      seen++;
      if (this.#isForged(row)) return;
      // Rows of a batch that is gone belong to nothing that is left.
      if (expected === undefined && (missing === 0 || row.position > from)) this.#insertedAt(row);
      else if (expected && !expected.equals(row.mac))
        this.#found.push({ kind: "row_replaced", id: row.id, position: row.position, batch: number });
    });
    if (seen === 0 && isWhole && this.#mayBePurged && isPastItsTime(batch)) this.#purged += positions.length;
    else {
      this.#mayBePurged = false;
      for (const position of sealed.keys()) this.#found.push({ kind: "row_removed", position, batch: number });
    }
    this.#last = batch;
    this.#end = end;
  }

  /** What stands behind the last batch: rows that wait for the sealer, unless it has been past them. */
  async #checkEnd(): Promise<Verification["unsealed"]> {
    const { number } = this.#last;
    if (this.#known && this.#known.number > number) this.#found.push({ kind: "end_removed", batch: number + 1 });
    const cursor = (await first(this.#tx, selectCursor, [sealerName]))?.position ?? 0;
    let rows = 0;
    let since: Date | null = null;
    let wasPassed = false;
    await this.#eachRow(this.#end, Number.MAX_SAFE_INTEGER, (row) => {
      this.#isForged(row);
      if (row.position <= cursor) wasPassed = true;
      else rows++;
      if (row.position > cursor && (!since || row.createdAt < since)) since = row.createdAt;
    });
    if (wasPassed && this.#found.every(({ kind }) => kind !== "end_removed"))
      this.#found.push({ kind: "end_removed", batch: number + 1 });
    return { rows, since };
  }

  async #eachRow(after: number, upTo: number, look: (row: StoredAuditRow) => void): Promise<void> {
    for (let from = { position: after, id: "~" }; ; ) {
      const rows = await run(this.#tx, selectSpan, [from.position, from.id, upTo, rowsAtOnce]);
      for (const row of rows) look(row);
      this.#rows += rows.length;
      const last = rows.at(-1);
      if (!last || rows.length < rowsAtOnce) return;
      from = last;
    }
  }

  /** A row that says something else than what its writer, who had the key, signed. */
  #isForged(row: StoredAuditRow): boolean {
    if (row.mac.equals(macOfRow(row))) return false;
    this.#found.push({ kind: "row_changed", id: row.id, position: row.position });
    return true;
  }

  #insertedAt({ id, position }: StoredAuditRow): void {
    this.#found.push({ kind: "row_inserted", id, position });
  }
}

const isPastItsTime = ({ lastCreatedAt }: Batch): boolean => lastCreatedAt.getTime() < now() - keptDays * 86_400_000;
