import assert from "node:assert/strict";
import { test } from "node:test";
import { database } from "@feiqian/server/kit/db.ts";
import { playRound } from "../round.ts";
import { check } from "./index.ts";

/** What is done to the database behind the platform's back: each statement gives the id of the object that it spoils. */
const sabotage: Readonly<Record<string, string>> = {
  "refunds never pass what their payment took": `
    insert into refunds select (jsonb_populate_record(r, jsonb_build_object('id', r.id || 'x', 'out_refund_no', 'twice'))).*
      from refunds r where status = 'succeeded' limit 1 returning payment_id as object`,
  "an object's events tell its whole life in order": `
    delete from events where id = (select id from events where type = 'payment.closed' limit 1) returning object_id as object`,
  "every event reaches its merchant": `
    delete from events where id = (select id from events where type = 'payment.requires_payment' limit 1) returning id as object`,
  "the audit log is whole": `
    update audit_log set actor_id = 'nobody' where position = (select min(position) from audit_log) returning '-' as object`,
  "a transfer has two sides that say the same": `
    delete from transfers t using (select id from transfers where direction = 'in' limit 1) o
     where t.id = o.id and direction = 'in' returning t.id as object`,
  "books balance": `
    update ledger_accounts set credits_posted = credits_posted + 1
     where code = 'fees' and lane = 3 and not livemode returning id as object`,
  "a wallet holds what its objects say": `
    update ledger_accounts set credits_posted = credits_posted + 1
     where id = (select id from ledger_accounts where code = 'wallet' limit 1) returning owner_id as object`,
  "the bank's own books equal ours": `
    update embedded_bank_entries set platform_change = platform_change + 1
     where reference = (select reference from embedded_bank_entries limit 1) returning 'bank_clearing' as object`,
  "statements add up": `
    update ledger_history h set credits_posted = credits_posted + 1
     where (account_id, created_at, batch) = (
       select account_id, created_at, batch from ledger_history
        where account_id in (select id from ledger_accounts where code = 'wallet') order by created_at desc, batch desc limit 1)
    returning account_id as object`,
  "statistics equal a recount": `
    update statistics set volume = volume + 1
     where merchant_id = (select merchant_id from statistics limit 1) returning merchant_id as object`,
  "records add up to what the balance changed by": `
    delete from records where id = (select id from records where result = 'succeeded' and owner_id < 'usr' limit 1)
    returning owner_id as object`,
};

test("who breaks one thing in the database is found out: the promise is named, and the object", () =>
  playRound({ seed: "checks", seconds: 6, actors: 6, calm: true }, async (round) => {
    assert.deepEqual(round.violations, []);
    const spoilt: { promise: string; object: string }[] = [];
    for (const [promise, statement] of Object.entries(sabotage)) {
      const { rows } = await database().query<{ object: string }>(statement);
      assert.ok(rows[0], `nothing was played by which "${promise}" can be broken`);
      spoilt.push({ promise, object: rows[0].object });
    }
    const found = await check(round);
    const missed = spoilt.filter(
      (one) => !found.some(({ promise, object }) => promise === one.promise && object.startsWith(one.object)),
    );
    assert.deepEqual(missed, []);
  }));

test("what the journal knows and the books do not is found out", () =>
  playRound({ seed: "journal", seconds: 4, actors: 4, calm: true }, async (round) => {
    const { entries } = round;
    const transfer = [...entries.values()].find(
      ({ command, answers }) => command.kind === "transfer" && answers.some(({ status }) => status === 200),
    );
    const order = [...entries.values()].find(
      ({ command, answers }) => command.kind === "order" && answers.some(({ status }) => status === 200),
    );
    assert.ok(transfer && order);
    await database().query("delete from transfers where note = $1", [transfer.command.number]);
    await database().query("update payments set amount = amount + 1 where out_trade_no = $1", [order.command.number]);
    const found = await check(round);
    const promises = (id: string) => found.filter(({ object }) => object === id).map(({ promise }) => promise);
    assert.deepEqual(promises(transfer.id), ["what was answered is there once"]);
    assert.deepEqual(promises(order.id), ["what was answered is there as it was answered"]);
  }));
