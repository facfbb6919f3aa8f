import { elapsed } from "@feiqian/server/kit/clock.ts";
import {
  closeDatabase,
  database,
  inTransaction,
  openDatabase,
  plainArray,
  type Queryable,
  run,
  sql,
} from "@feiqian/server/kit/db.ts";
import { derivedId, newId } from "@feiqian/server/kit/ids.ts";
import { type NewAccount, type NewTransfer, openAccounts, post } from "@feiqian/server/modules/ledger";
import { auditBooks } from "./audit.ts";

/**
 * (b) What the ledger posts a second in batches, one batch at a time on one connection: between many wallets, and from many wallets
 * to one account. Beside it the raw limit: the same rows inserted into a table of the same shape and indexes, with no logic at all.
 */
export interface TransfersOptions {
  /** A migrated database of its own. */
  url: string;
  /** How long each figure is measured, in several rounds. */
  seconds: number;
  signal: AbortSignal;
  tell: (figure: TransfersFigure) => void;
}

/** Transfers a second. */
export interface TransfersFigure {
  readonly batch: number;
  /** The same rows inserted, nothing else. */
  readonly raw: number;
  /** The same rows inserted and the same balances added to, with no question asked. */
  readonly unguarded: number;
  readonly spread: number;
  readonly hot: number;
}

export interface TransfersResult {
  readonly figures: readonly TransfersFigure[];
  readonly audited: number;
}

const batchSizes = [1, 50, 200, 1_000, 8_000];
/** The kinds take turns, so that a slow moment of the machine meets them all. */
const rounds = 4;
const walletCount = 10_000;
const currency = "CNY";
const livemode = false;

const wallets = Array.from({ length: walletCount }, (_, n) => derivedId("acc", "bench", "wallet", n));
const hotAccount = derivedId("acc", "bench", "hot");
const source = derivedId("acc", "bench", "source");

export async function measureTransfers(options: TransfersOptions): Promise<TransfersResult> {
  openDatabase({ url: options.url, connections: 4, statementTimeoutMs: 300_000 });
  try {
    await prepare();
    const figures: TransfersFigure[] = [];
    for (const batch of batchSizes) {
      const figure = await measureBatches(batch, options);
      figures.push(figure);
      options.tell(figure);
    }
    return { figures, audited: await auditBooks() };
  } finally {
    await closeDatabase();
  }
}

/** Opens wallets that may not go below zero and gives each so much that none does. */
async function prepare(): Promise<void> {
  const account = { currency, ownerId: null, livemode };
  const open: NewAccount[] = [
    ...wallets.map((id) => ({ ...account, id, code: "wallet", debitsMustNotExceedCredits: true })),
    { ...account, id: hotAccount, code: "merchant_pending", lanes: 8 },
    { ...account, id: source, code: "bank_clearing", lanes: 8 },
  ];
  await inTransaction((tx) => openAccounts(tx, open));
  for (let i = 0; i < walletCount; i += 2_000) {
    const funding = wallets.slice(i, i + 2_000).map((wallet) => transferOf(source, wallet, 1_000_000_000));
    await inTransaction((tx) => post(tx, funding, { careful: false, lane: 0 }));
  }
  await database().query("create table raw_transfers (like ledger_transfers including all)");
  await database().query("create table raw_accounts (like ledger_accounts including all) with (fillfactor = 60)");
  await database().query("insert into raw_accounts select * from ledger_accounts");
  await database().query("vacuum analyze");
  await database().query("checkpoint");
}

const transferOf = (debitAccountId: string, creditAccountId: string, amount: number): NewTransfer => ({
  id: newId("txn"),
  debitAccountId,
  creditAccountId,
  amount,
  currency,
  code: "payment",
});

const anyOf = (count: number): number => Math.floor(Math.random() * count);

function spreadTransfer(): NewTransfer {
  const from = anyOf(walletCount);
  const to = (from + 1 + anyOf(walletCount - 1)) % walletCount;
  return transferOf(wallets[from] as string, wallets[to] as string, 1 + anyOf(100));
}

const hotTransfer = (): NewTransfer => transferOf(wallets[anyOf(walletCount)] as string, hotAccount, 1 + anyOf(100));

async function measureBatches(batch: number, { seconds, signal }: TransfersOptions): Promise<TransfersFigure> {
  const done = { raw: 0, unguarded: 0, spread: 0, hot: 0 };
  const spentMs = { raw: 0, unguarded: 0, spread: 0, hot: 0 };
  for (let round = 0; round < rounds; round++) {
    for (const name of kindNames) {
      const { make, write } = kinds[name];
      const until = spentMs[name] + (seconds * 1000) / rounds;
      while (spentMs[name] < until) {
        signal.throwIfAborted();
        const transfers = Array.from({ length: batch }, make);
        const begun = elapsed();
        await write(transfers);
        spentMs[name] += elapsed() - begun;
        done[name] += batch;
      }
    }
  }
  const rate = (name: (typeof kindNames)[number]): number => (done[name] * 1000) / spentMs[name];
  return { batch, raw: rate("raw"), unguarded: rate("unguarded"), spread: rate("spread"), hot: rate("hot") };
}

async function postBatch(transfers: readonly NewTransfer[]): Promise<void> {
  const results = await inTransaction((tx) => post(tx, transfers, { careful: false, lane: 0 }));
  const refused = results.find((result) => result !== "ok");
  if (refused) throw new Error(`the ledger refused a transfer: ${refused}`);
}

const insertStatement = sql(
  "bench.insert_raw",
  `insert into raw_transfers (id, kind, debit_account_id, debit_lane, credit_account_id, credit_lane, amount, currency,
       linked, code, position, created_at)
   select id, 'posted', debit_account_id, 0, credit_account_id, 0, amount, currency, false, code, 0, now()
     from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[])
       as t(id, debit_account_id, credit_account_id, amount, currency, code)`,
);

/** One statement that commits by itself: nothing can insert rows in batches with less. */
const insertRaw = (transfers: readonly NewTransfer[], on: Queryable = database()): Promise<unknown> =>
  run(on, insertStatement, [
    plainArray(transfers.map((t) => t.id)),
    plainArray(transfers.map((t) => t.debitAccountId as string)),
    plainArray(transfers.map((t) => t.creditAccountId as string)),
    plainArray(transfers.map((t) => t.amount as number)),
    plainArray(transfers.map((t) => t.currency as string)),
    plainArray(transfers.map((t) => t.code)),
  ]);

const addStatement = sql(
  "bench.add_raw",
  `update raw_accounts a set debits_posted = a.debits_posted + c.debits, credits_posted = a.credits_posted + c.credits
     from unnest($1::text[], $2::bigint[], $3::bigint[]) as c(id, debits, credits) where a.id = c.id and a.lane = 0`,
);

/** What double entry must write at the least: the transfers, and each account's sums once. */
function writeUnguarded(transfers: readonly NewTransfer[]): Promise<unknown> {
  const changes = new Map<string, { debits: number; credits: number }>();
  const changeOf = (id = "") => changes.get(id) ?? changes.set(id, { debits: 0, credits: 0 }).get(id);
  for (const { debitAccountId, creditAccountId, amount = 0 } of transfers) {
    (changeOf(debitAccountId) as { debits: number }).debits += amount;
    (changeOf(creditAccountId) as { credits: number }).credits += amount;
  }
  return inTransaction(async (tx) => {
    await insertRaw(transfers, tx);
    const sums = [...changes.values()];
    await run(tx, addStatement, [
      plainArray([...changes.keys()]),
      plainArray(sums.map(({ debits }) => debits)),
      plainArray(sums.map(({ credits }) => credits)),
    ]);
  });
}

/** What is measured beside each other. */
const kinds = {
  raw: { make: spreadTransfer, write: (transfers: readonly NewTransfer[]) => insertRaw(transfers) },
  unguarded: { make: spreadTransfer, write: writeUnguarded },
  spread: { make: spreadTransfer, write: postBatch },
  hot: { make: hotTransfer, write: postBatch },
};
const kindNames = ["raw", "unguarded", "spread", "hot"] as const;
