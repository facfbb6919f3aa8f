import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { database, inTransaction } from "#kit/db.ts";
import { derivedId, newId } from "#kit/ids.ts";
import { useDatabase } from "#test/database.ts";
import { aTransfer, booksAreRight, historyIsWritten, passTime } from "#test/ledger.ts";
import { drawTransfer, type TransferSketch, transferSketch } from "#test/ledger-arbitraries.ts";
import { LedgerModel, type ModelAccount } from "#test/ledger-model.ts";
import { balancesOf, closeAccount, findAccount, openAccounts } from "./accounts.ts";
import { expirePending } from "./expire.ts";
import { balanceAt, projectHistory } from "./history.ts";
import { listEntries } from "./history-sql.ts";
import { carefully, post } from "./post.ts";
import type { NewTransfer } from "./transfer.ts";

useDatabase();

/** Run again with `LEDGER_SEED` what failed; `LEDGER_RUNS` for a longer search. */
const seed = Number(process.env.LEDGER_SEED ?? randomInt(2 ** 31));
const numRuns = Number(process.env.LEDGER_RUNS ?? 40);

type Step =
  | { does: "post"; transfers: TransferSketch[]; careful: boolean; lane: number }
  | { does: "wait" | "sweep" }
  | { does: "close"; account: number };

/** The accounts of a run; the last one is never opened. */
const cast: (Partial<ModelAccount> & { lanes?: number; history?: boolean })[] = [
  { lanes: 4 },
  { lanes: 2 },
  { limited: "debits" },
  { limited: "debits" },
  { limited: "debits" },
  { limited: "credits" },
  { currency: "USD" },
  { livemode: true },
  { history: false },
];

const batch = fc.record({
  does: fc.constant("post" as const),
  transfers: fc.array(transferSketch(cast.length + 1, 6), { minLength: 1, maxLength: 12 }),
  careful: fc.boolean(),
  lane: fc.nat({ max: 5 }),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: batch },
  { weight: 4, arbitrary: fc.record({ does: fc.constantFrom("wait" as const, "sweep" as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ does: fc.constant("close" as const), account: fc.nat({ max: cast.length - 1 }) }),
  },
);

/** A ledger and a model of it that do the same things. */
class Run {
  readonly ids = [...cast, {}].map(() => newId("acc"));
  readonly model = new LedgerModel();
  /** What was accepted so far. */
  readonly transfers: NewTransfer[] = [];
  readonly moments: { at: Date; sums: Map<string, number[]> }[] = [];

  async open(): Promise<void> {
    const accounts = cast.map(({ currency = "CNY", livemode = false, limited, lanes, history }, i) => ({
      id: this.ids[i] as string,
      code: "test",
      ownerId: null,
      currency,
      livemode,
      lanes,
      history,
      debitsMustNotExceedCredits: limited === "debits",
      creditsMustNotExceedDebits: limited === "credits",
    }));
    await inTransaction((tx) => openAccounts(tx, accounts));
    for (const [i, { currency = "CNY", livemode = false, limited = null }] of cast.entries()) {
      this.model.open(this.ids[i] as string, { currency, livemode, limited });
    }
    const [bank, fees, ...wallets] = this.ids.slice(0, 5) as [string, string, ...string[]];
    const funding = wallets.map((wallet) => aTransfer(bank, wallet, 150));
    await this.#post([...funding, aTransfer(this.ids[5] as string, fees, 150)], { careful: false, lane: 0 });
  }

  async take(step: Step): Promise<void> {
    switch (step.does) {
      case "post": {
        const transfers: NewTransfer[] = [];
        for (const sketch of step.transfers) {
          transfers.push(drawTransfer(sketch, this.ids, [...this.transfers, ...transfers]));
        }
        await this.#post(transfers, step);
        break;
      }
      case "wait":
        await passTime(60);
        this.model.now += 60;
        break;
      case "sweep":
        await this.#sweep();
        break;
      case "close": {
        const id = this.ids[step.account] as string;
        const closed = inTransaction((tx) => closeAccount(tx, id));
        if (this.model.close(id)) assert.equal((await closed).closed, true);
        else await assert.rejects(closed, { code: "ledger_account_not_empty" });
      }
    }
    await this.#compareBalances();
  }

  async #post(transfers: NewTransfer[], { careful, lane }: { careful: boolean; lane: number }): Promise<void> {
    const results = await carefully((tx, again) => post(tx, transfers, { careful: again, lane }), { careful });
    assert.deepEqual(results, this.model.post(transfers));
    this.transfers.push(...transfers.filter((_, i) => results[i] === "ok"));
  }

  /** The sweep is free to choose its order; the model follows it. */
  async #sweep(): Promise<void> {
    await expirePending(1_000);
    const { rows } = await database().query<{ pending_id: string }>(
      `select pending_id from ledger_transfers where code = 'expired' and pending_id = any($1)
        order by created_at, position`,
      [this.transfers.map(({ id }) => id)],
    );
    const swept = rows.map((row) => row.pending_id).filter((id) => this.model.stateOf(id) === "pending");
    assert.deepEqual([...swept].sort(), this.model.due().sort());
    for (const id of swept) this.model.expire(id);
  }

  async #compareBalances(): Promise<void> {
    const found = await balancesOf(database(), this.ids);
    const { sums } = this.model;
    assert.deepEqual(
      Object.fromEntries(
        [...found].map(([id, b]) => [id, [b.debitsPending, b.debitsPosted, b.creditsPending, b.creditsPosted]]),
      ),
      Object.fromEntries(sums),
    );
    const { rows } = await database().query("select clock_now() as now");
    this.moments.push({ at: rows[0].now, sums });
    // Stamps are milliseconds: what comes next is stamped later than this moment.
    await passTime(1);
    this.model.now += 1;
  }

  async compareHistory(): Promise<void> {
    await historyIsWritten();
    const window = { after: undefined, before: undefined, createdGte: undefined, createdLt: undefined };
    for (const id of this.ids.slice(0, cast.length)) {
      const account = await findAccount(database(), id);
      if (!account.history) continue;
      const entries = await listEntries(database(), id, { ...window, ascending: true, limit: 10_000 });
      const expected = this.model.entriesOf(id);
      assert.deepEqual(
        entries.map((e) => [e.transferId, e.debitsPending, e.debitsPosted, e.creditsPending, e.creditsPosted]),
        expected.map(({ transfer, expired, sums }) => [
          expired ? derivedId("txn", "expired", transfer) : transfer,
          ...sums,
        ]),
      );
      for (const { at, sums } of this.moments) {
        const b = await balanceAt(account, at.toISOString());
        assert.deepEqual([b.debitsPending, b.debitsPosted, b.creditsPending, b.creditsPosted], sums.get(id));
      }
    }
  }
}

test("random batches, chains, repetitions, time-outs and lanes: every result, balance and past is the model's", async (t) => {
  t.diagnostic(`LEDGER_SEED=${seed}`);
  const projector = projectHistory();
  t.after(() => projector.stop());
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 15 }), async (steps) => {
      const run = new Run();
      await run.open();
      for (const next of steps) await run.take(next);
      await run.compareHistory();
    }),
    // Time for a failure to shrink, not for ever.
    { seed, numRuns, interruptAfterTimeLimit: 240_000 },
  );
  await booksAreRight();
});
