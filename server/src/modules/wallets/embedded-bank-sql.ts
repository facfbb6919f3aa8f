import { first, plainArray, type Queryable, run, sql, type Transaction } from "#kit/db.ts";
import type { BankOrder, BankOutcome } from "./bank-port.ts";

/** An order in the embedded bank's books. */
export interface BookedOrder extends BankOrder {
  readonly state: BankOutcome["state"];
  readonly stepsDone: number;
  readonly nextAt: Date | null;
}

const columns = `reference, kind, amount, currency, account, state, steps_done as "stepsDone", next_at as "nextAt"`;

const insertOrderStatement = sql(
  "embedded_bank.insert_order",
  `insert into embedded_bank_orders (reference, kind, amount, currency, account, next_at, created_at)
   values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing`,
);
const findOrderStatement = sql<BookedOrder>(
  "embedded_bank.find_order",
  `select ${columns} from embedded_bank_orders where reference = $1`,
);
const lockOrderStatement = sql<BookedOrder>(
  "embedded_bank.lock_order",
  `select ${columns} from embedded_bank_orders where reference = $1 for update`,
);
const moveOrderStatement = sql(
  "embedded_bank.move_order",
  "update embedded_bank_orders set state = $2, steps_done = $3, next_at = $4 where reference = $1",
);
const insertEntryStatement = sql(
  "embedded_bank.insert_entry",
  `insert into embedded_bank_entries (reference, step, account, platform_change, currency, booked_at)
   values ($1, $2, $3, $4, $5, $6)`,
);
const dueStatement = sql<{ reference: string }>(
  "embedded_bank.due",
  "select reference from embedded_bank_orders where next_at <= $1 order by next_at limit $2",
);
const untoldStatement = sql<BookedOrder>(
  "embedded_bank.untold",
  `select ${columns} from embedded_bank_orders where state <> told_state order by reference limit $1`,
);
const noteToldStatement = sql(
  "embedded_bank.note_told",
  `update embedded_bank_orders o set told_state = t.state
     from unnest($1::text[], $2::text[]) as t(reference, state)
    where o.reference = t.reference`,
);
const positionStatement = sql<{ position: number }>(
  "embedded_bank.position",
  "select coalesce(sum(platform_change), 0)::bigint as position from embedded_bank_entries where currency = $1",
);

/** An order that is there already stays as it is. */
export const insertOrder = (tx: Transaction, order: BankOrder, nextAt: Date, createdAt: Date): Promise<unknown> =>
  run(tx, insertOrderStatement, [
    order.reference,
    order.kind,
    order.amount,
    order.currency,
    order.account,
    nextAt,
    createdAt,
  ]);

export const findOrder = (on: Queryable, reference: string): Promise<BookedOrder | undefined> =>
  first(on, findOrderStatement, [reference]);

export const lockOrder = (tx: Transaction, reference: string): Promise<BookedOrder | undefined> =>
  first(tx, lockOrderStatement, [reference]);

export const moveOrder = (tx: Transaction, order: BookedOrder): Promise<unknown> =>
  run(tx, moveOrderStatement, [order.reference, order.state, order.stepsDone, order.nextAt]);

/** `change`: minor units that the platform's account gets. */
export const insertEntry = (tx: Transaction, order: BookedOrder, change: number, at: Date): Promise<unknown> =>
  run(tx, insertEntryStatement, [order.reference, order.stepsDone, order.account, change, order.currency, at]);

/** References of orders about which the bank changes its mind by now. */
export const dueOrders = async (on: Queryable, at: Date, limit: number): Promise<string[]> =>
  (await run(on, dueStatement, [at, limit])).map(({ reference }) => reference);

/** Orders whose state the platform was not told yet. */
export const untoldOrders = (on: Queryable, limit: number): Promise<BookedOrder[]> => run(on, untoldStatement, [limit]);

export const noteTold = (on: Queryable, orders: readonly BookedOrder[]): Promise<unknown> =>
  run(on, noteToldStatement, [
    plainArray(orders.map(({ reference }) => reference)),
    plainArray(orders.map(({ state }) => state)),
  ]);

/** What the platform has at the bank, by the bank's books, in minor units. */
export const position = async (on: Queryable, currency: string): Promise<number> =>
  ((await first(on, positionStatement, [currency])) as { position: number }).position;
