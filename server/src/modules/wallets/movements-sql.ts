import { first, type Queryable, run, sql, type Transaction } from "#kit/db.ts";
import type { Movement } from "./movement.ts";
import type { MovementStatus, NextMovementStatus } from "./states.ts";

const columns = `m.owner_id as "ownerId", m.livemode, m.id, m.type, m.status, m.amount, m.amount_owed as "amountOwed", m.currency,
  m.account, m.failure_code as "failureCode", m.late_money as "lateMoney", m.created_at as "createdAt",
  m.succeeded_at as "succeededAt", m.returned_at as "returnedAt"`;

const insertMovementStatement = sql<Movement>(
  "wallets.insert_movement",
  `insert into bank_movements as m (owner_id, livemode, id, type, status, amount, currency, account)
   values ($1, $2, $3, $4, 'pending', $5, $6, $7) returning ${columns}`,
);

/** Stores a movement that begins. */
export const insertMovement = async (
  tx: Transaction,
  m: Pick<Movement, "ownerId" | "livemode" | "id" | "type" | "amount" | "currency" | "account">,
): Promise<Movement> => {
  const values = [m.ownerId, m.livemode, m.id, m.type, m.amount, m.currency, m.account];
  return (await first(tx, insertMovementStatement, values)) as Movement;
};

const findMovementStatement = sql<Movement>(
  "wallets.find_movement",
  `select ${columns} from bank_movements m where m.owner_id = $1 and m.livemode = $2 and m.id = $3 and m.type = $4`,
);

/** One top-up or one withdrawal, or nothing. */
export const findMovement = (
  on: Queryable,
  ownerId: string,
  livemode: boolean,
  id: string,
  type: Movement["type"],
): Promise<Movement | undefined> => first(on, findMovementStatement, [ownerId, livemode, id, type]);

const moveMovementStatement = sql<Movement>(
  "wallets.move_movement",
  `update bank_movements m
      set status = $5, failure_code = $6, amount_owed = $7,
          succeeded_at = case $5 when 'succeeded' then clock_now() else m.succeeded_at end,
          returned_at = case $5 when 'returned' then clock_now() end
    where m.owner_id = $1 and m.livemode = $2 and m.id = $3 and m.status = $4
   returning ${columns}`,
);

/** Compare-and-set of a movement's state along the table of moves; nothing when it was no longer in `from`. */
export const moveMovement = <From extends MovementStatus>(
  tx: Transaction,
  { ownerId, livemode, id }: Pick<Movement, "ownerId" | "livemode" | "id">,
  from: From,
  to: NextMovementStatus<From>,
  { failureCode = null, amountOwed = 0 }: { failureCode?: string | null; amountOwed?: number } = {},
): Promise<Movement | undefined> =>
  first(tx, moveMovementStatement, [ownerId, livemode, id, from, to, failureCode, amountOwed]);

const setLateMoneyStatement = sql<Movement>(
  "wallets.set_late_money",
  `update bank_movements m set late_money = $4
    where m.owner_id = $1 and m.livemode = $2 and m.id = $3
   returning ${columns}`,
);

/** Notes what became of money that moved although it should not have. */
export const setLateMoney = (
  tx: Transaction,
  { ownerId, livemode, id }: Pick<Movement, "ownerId" | "livemode" | "id">,
  lateMoney: Movement["lateMoney"],
): Promise<Movement | undefined> => first(tx, setLateMoneyStatement, [ownerId, livemode, id, lateMoney]);

const listStatement = (order: "asc" | "desc") =>
  sql<Movement>(
    `wallets.list_movements_${order}`,
    `select ${columns} from bank_movements m
      where m.owner_id = $1 and m.livemode = $2 and m.type = $3
        and ($4::text is null or m.id < $4) and ($5::text is null or m.id > $5)
        and ($6::timestamptz is null or m.created_at >= $6) and ($7::timestamptz is null or m.created_at < $7)
        and ($8::text is null or m.status = $8)
      order by m.id ${order} limit $9`,
  );
const listNewest = listStatement("desc");
const listOldest = listStatement("asc");

export interface MovementFilter {
  type: Movement["type"];
  after: string | null;
  before: string | null;
  createdGte: string | null;
  createdLt: string | null;
  status: string | null;
  ascending: boolean;
  limit: number;
}

/** A window of an owner's top-ups or withdrawals in the order of their ids. */
export const listMovements = (
  on: Queryable,
  ownerId: string,
  livemode: boolean,
  f: MovementFilter,
): Promise<Movement[]> =>
  run(on, f.ascending ? listOldest : listNewest, [
    ownerId,
    livemode,
    f.type,
    f.after,
    f.before,
    f.createdGte,
    f.createdLt,
    f.status,
    f.limit,
  ]);

export const hasPendingMovements = sql<{ pending: boolean }>(
  "wallets.has_pending_movements",
  `select exists (select from bank_movements
                   where owner_id = $1 and livemode = $2 and (status = 'pending' or late_money = 'returning')) as pending`,
);
