import { first, plainArray, type Queryable, run, sql, type Transaction, textArray } from "#kit/db.ts";
import type { WalletTransfer } from "./transfer.ts";

const columns = `owner_id as "ownerId", livemode, id, direction, amount, currency, counterparty_id as "counterpartyId",
  counterparty_name as "counterpartyName", counterparty_phone as "counterpartyPhone", note, created_at as "createdAt"`;

const insertTransfersStatement = sql(
  "wallets.insert_transfers",
  `insert into transfers (owner_id, livemode, id, direction, amount, currency,
       counterparty_id, counterparty_name, counterparty_phone, note, created_at)
   select * from unnest($1::text[], $2::bool[], $3::text[], $4::text[], $5::bigint[], $6::text[],
                        $7::text[], $8::text[], $9::text[], $10::text[], $11::timestamptz[])`,
);

/** Writes sides of transfers. */
export const insertTransfers = (tx: Transaction, sides: readonly WalletTransfer[]): Promise<unknown> =>
  run(tx, insertTransfersStatement, [
    plainArray(sides.map((side) => side.ownerId)),
    plainArray(sides.map((side) => side.livemode)),
    plainArray(sides.map((side) => side.id)),
    plainArray(sides.map((side) => side.direction)),
    plainArray(sides.map((side) => side.amount)),
    plainArray(sides.map((side) => side.currency)),
    plainArray(sides.map((side) => side.counterpartyId)),
    textArray(sides.map((side) => side.counterpartyName)),
    textArray(sides.map((side) => side.counterpartyPhone)),
    textArray(sides.map((side) => side.note)),
    plainArray(sides.map((side) => side.createdAt.toISOString())),
  ]);

const findTransferStatement = sql<WalletTransfer>(
  "wallets.find_transfer",
  `select ${columns} from transfers where owner_id = $1 and livemode = $2 and id = $3`,
);

/** One side of a transfer, or nothing. */
export const findTransfer = (
  on: Queryable,
  ownerId: string,
  livemode: boolean,
  id: string,
): Promise<WalletTransfer | undefined> => first(on, findTransferStatement, [ownerId, livemode, id]);

const listStatement = (order: "asc" | "desc") =>
  sql<WalletTransfer>(
    `wallets.list_transfers_${order}`,
    `select ${columns} from transfers
      where owner_id = $1 and livemode = $2
        and ($3::text is null or id < $3) and ($4::text is null or id > $4)
        and ($5::timestamptz is null or created_at >= $5) and ($6::timestamptz is null or created_at < $6)
        and ($7::text is null or direction = $7)
      order by id ${order} limit $8`,
  );
const listNewest = listStatement("desc");
const listOldest = listStatement("asc");

export interface TransferFilter {
  after: string | null;
  before: string | null;
  createdGte: string | null;
  createdLt: string | null;
  direction: string | null;
  ascending: boolean;
  limit: number;
}

/** A window of an owner's transfers in the order of their ids. */
export const listTransfers = (
  on: Queryable,
  ownerId: string,
  livemode: boolean,
  f: TransferFilter,
): Promise<WalletTransfer[]> =>
  run(on, f.ascending ? listOldest : listNewest, [
    ownerId,
    livemode,
    f.after,
    f.before,
    f.createdGte,
    f.createdLt,
    f.direction,
    f.limit,
  ]);

const databaseTimeStatement = sql<{ now: Date }>("wallets.database_time", "select clock_now() as now");

/** Now, by the database's clock. */
export const databaseTime = async (tx: Transaction): Promise<Date> =>
  ((await first(tx, databaseTimeStatement)) as { now: Date }).now;
