import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, test } from "node:test";
import { armFaultPoints, disarmFaultPoints } from "#kit/fault-points.ts";
import { aheadOfBank, ask, bankRounds, hear, holds, pass } from "#test/bank.ts";
import { aPayer, booksBalance, ok, type Payer, times } from "#test/factories.ts";
import { type Answer, usePlatform } from "#test/platform.ts";
import { embeddedBank } from "./embedded-bank.ts";
import { recordOutcome } from "./record-outcome.ts";

const platform = usePlatform({ ROLES: "api" });

let payer: Payer;
let given: number;
beforeEach(async () => {
  payer = await aPayer(platform, { money: 10_000 });
  given = await aheadOfBank();
});
afterEach(async () => {
  disarmFaultPoints();
  assert.equal(await aheadOfBank(), given, "our books and the bank's differ");
  await booksBalance();
});

const refusal = ({ status, body }: Answer) => [status, body.error?.code, body.error?.param];
const topUp = async (source: string, amount = 700) => (await ok(payer.topUp(amount, source))).id as string;
const withdraw = async (to: string, amount = 700) => (await ok(payer.withdraw(amount, to))).id as string;
const read = (id: string) => ok(payer.get(`/v1/${id.startsWith("top") ? "topups" : "withdrawals"}/${id}`));
const status = async (id: string) => (await read(id)).status;
const wallet = async () => (await ok(payer.get("/v1/wallet"))).balances[0];
/** Types of an object's events in the order in which they happened. */
async function told(id: string): Promise<string[]> {
  const { data } = await ok(payer.get(`/v1/events?object=${id}`));
  const byTime = (a: { created_at: string }, b: { created_at: string }) => (a.created_at < b.created_at ? -1 : 1);
  return data.sort(byTime).map(({ type }: { type: string }) => type);
}

describe("top-ups", () => {
  test("the answer is pending and nothing is in the wallet before the bank has confirmed", async () => {
    const begun = await ok(payer.topUp(700, "ba_test_ok"));
    assert.deepEqual(begun, {
      id: begun.id,
      object: "topup",
      source: "ba_test_ok",
      amount_owed: 0,
      status: "pending",
      amount: 700,
      currency: "CNY",
      channel: "bank",
      failure: null,
      late_money: null,
      livemode: false,
      created_at: begun.created_at,
      succeeded_at: null,
      returned_at: null,
    });
    assert.equal(await payer.balance(), 10_000);
    await ask();
    const done = await read(begun.id);
    assert.deepEqual({ ...done, succeeded_at: null }, { ...begun, status: "succeeded" });
    assert.equal(await payer.balance(), 10_700);
    assert.deepEqual(await told(begun.id), ["topup.pending", "topup.succeeded"]);
  });

  test("a bank that confirms late, or refuses late, is believed when it does, whether asked or not", async () => {
    const [asked, heard, no] = [
      await topUp("ba_test_late"),
      await topUp("ba_test_late"),
      await topUp("ba_test_late_refused"),
    ];
    await bankRounds();
    for (const id of [asked, heard, no]) assert.equal(await status(id), "pending");
    await pass(61);
    await ask();
    assert.deepEqual([await status(asked), await status(no)], ["succeeded", "failed"]);
    await hear();
    assert.equal(await status(heard), "succeeded");
    assert.equal((await read(no)).failure.code, "bank_refused");
    assert.equal(await payer.balance(), 11_400);
  });

  test("a refusal fails the top-up and leaves the wallet alone", async () => {
    const id = await topUp("ba_test_refused");
    await bankRounds();
    const failed = await read(id);
    assert.deepEqual([failed.status, failed.failure.code, failed.succeeded_at], ["failed", "bank_refused", null]);
    assert.equal(await payer.balance(), 10_000);
    assert.deepEqual(await told(id), ["topup.pending", "topup.failed"]);
  });

  test("money that the bank takes back leaves the wallet again", async () => {
    const id = await topUp("ba_test_returned");
    await bankRounds();
    assert.equal(await payer.balance(), 10_700);
    await pass(61);
    await bankRounds();
    const returned = await read(id);
    assert.deepEqual([returned.status, returned.amount_owed], ["returned", 0]);
    assert.ok(returned.returned_at > returned.succeeded_at);
    assert.equal(await payer.balance(), 10_000);
    assert.deepEqual(await told(id), ["topup.pending", "topup.succeeded", "topup.returned"]);
  });

  test("what was spent before the bank took it back is owed, and the wallet is never below zero", async () => {
    const friend = await aPayer(platform, { money: 0 });
    const id = await topUp("ba_test_returned", 5_000);
    await bankRounds();
    await ok(payer.transfer(friend, 12_000));
    await pass(61);
    await bankRounds();
    assert.deepEqual([(await read(id)).amount_owed, await payer.balance(), await friend.balance()], [2_000, 0, 12_000]);
  });

  test("a confirmation that was missed and a return that was heard are both booked, in their order", async () => {
    const id = await topUp("ba_test_returned");
    armFaultPoints("wallets.after_bank=error");
    await ask();
    await pass(61);
    await hear();
    assert.deepEqual(await told(id), ["topup.pending", "topup.succeeded", "topup.returned"]);
    assert.equal(await payer.balance(), 10_000);
  });

  test("money that comes after a refusal is booked as suspense, sent back through the bank, and told", async () => {
    const before = await holds("suspense");
    const id = await topUp("ba_test_late_money");
    await bankRounds();
    assert.deepEqual([await status(id), (await read(id)).late_money], ["failed", null]);
    await pass(61);
    await hear();
    assert.deepEqual([(await read(id)).late_money, (await holds("suspense")) - before], ["returning", 700]);
    await bankRounds();
    assert.deepEqual([(await read(id)).late_money, (await holds("suspense")) - before], ["returned", 0]);
    assert.deepEqual([await status(id), await payer.balance()], ["failed", 10_000]);
    const events = ["topup.pending", "topup.failed", "topup.late_money_received", "topup.late_money_returned"];
    assert.deepEqual(await told(id), events);
  });

  test("late money that can't be sent back is held, and said to be", async () => {
    const before = await holds("suspense");
    const id = await topUp("ba_test_late_money_closed");
    await bankRounds();
    await pass(61);
    await bankRounds();
    assert.deepEqual([(await read(id)).late_money, (await holds("suspense")) - before], ["held", 700]);
    assert.equal((await told(id)).at(-1), "topup.late_money_held");
  });

  test("the bank tells everything twice and more: each thing happens once", async () => {
    const id = await topUp("ba_test_late_money");
    const terms = {
      reference: id,
      kind: "collect",
      amount: 700,
      currency: "CNY",
      account: "ba_test_late_money",
    } as const;
    const say = (state: "succeeded" | "refused") => recordOutcome({ ...terms, state, reason: null });
    await bankRounds();
    await pass(61);
    await Promise.all(times(8, (n) => say(n % 2 ? "succeeded" : "refused")));
    await bankRounds();
    await Promise.all(times(8, () => say("succeeded")));
    await bankRounds();
    assert.equal((await told(id)).length, 4);
    assert.equal(await payer.balance(), 10_000);
  });

  test("money that nobody had asked for goes back once; other terms than ours are not believed", async () => {
    const order = { kind: "collect", amount: 300, currency: "CNY", account: "ba_test_ok", reason: null } as const;
    const id = await topUp("ba_test_late", 700);
    await recordOutcome({ ...order, reference: id, state: "succeeded" });
    assert.equal(await status(id), "pending");
    // As a bank would do whose order we have lost: it has the money, and only then do we hear of it.
    const before = await holds("suspense");
    const reference = `top_lost_${randomUUID()}`;
    const signal = AbortSignal.timeout(1_000);
    const outcome = await embeddedBank().send({ ...order, reference }, signal);
    await Promise.all(times(4, () => recordOutcome(outcome)));
    assert.equal((await holds("suspense")) - before, 300);
    await bankRounds();
    assert.equal((await holds("suspense")) - before, 0);
    await pass(61);
    await bankRounds();
  });
});

describe("withdrawals", () => {
  test("the money is held at once and leaves the wallet when the bank has confirmed", async () => {
    const id = await withdraw("ba_test_late", 4_000);
    assert.deepEqual([await status(id), await payer.balance()], ["pending", 6_000]);
    await bankRounds();
    assert.deepEqual(refusal(await payer.withdraw(6_001)), [402, "insufficient_funds", null]);
    await pass(61);
    await bankRounds();
    assert.deepEqual([await status(id), await payer.balance()], ["succeeded", 6_000]);
    assert.deepEqual(await told(id), ["withdrawal.pending", "withdrawal.succeeded"]);
  });

  test("a refusal gives the money back to the wallet, at once or late", async () => {
    const ids = [await withdraw("ba_test_refused"), await withdraw("ba_test_late_refused")];
    assert.equal(await payer.balance(), 8_600);
    await bankRounds();
    await pass(61);
    await bankRounds();
    for (const id of ids) {
      const failed = await read(id);
      assert.deepEqual([failed.status, failed.failure.code], ["failed", "bank_refused"]);
    }
    assert.equal(await payer.balance(), 10_000);
  });

  test("money that the bank sends back is in the wallet again", async () => {
    const id = await withdraw("ba_test_returned");
    await bankRounds();
    assert.equal(await payer.balance(), 9_300);
    await pass(61);
    await bankRounds();
    assert.deepEqual([await status(id), await payer.balance()], ["returned", 10_000]);
    assert.deepEqual(await told(id), ["withdrawal.pending", "withdrawal.succeeded", "withdrawal.returned"]);
  });

  test("a bank that pays after it refused: the books follow, the user keeps the money, the operator is told", async () => {
    const before = await holds("suspense");
    const id = await withdraw("ba_test_late_payout");
    await bankRounds();
    await pass(61);
    await bankRounds();
    assert.deepEqual(
      [await status(id), (await read(id)).late_money, await payer.balance()],
      ["failed", "held", 10_000],
    );
    assert.equal((await holds("suspense")) - before, -700);
    assert.equal((await told(id)).at(-1), "withdrawal.late_money_paid");
  });

  test("twelve at once of a wallet that holds enough for three: three are held", async () => {
    const answers: Answer[] = [];
    for (let n = 0; n < 3; n++)
      answers.push(...(await Promise.all(times(4, () => payer.withdraw(3_000, "ba_test_late")))));
    assert.equal(answers.filter((answer) => answer.status === 200).length, 3);
    assert.equal(await payer.balance(), 1_000);
    await bankRounds();
    await pass(61);
    await bankRounds();
    assert.deepEqual([await payer.balance(), (await wallet()).available], [1_000, 1_000]);
  });
});

describe("crashes and lost answers", () => {
  const crashes = ["wallets.before_bank", "bank.after_books", "wallets.after_bank", "wallets.outcome_before_commit"];
  for (const point of crashes) {
    test(`a crash at ${point}: the bank is asked by our reference and the money moves once`, async () => {
      const [up, down] = [await topUp("ba_test_ok", 500), await withdraw("ba_test_ok", 200)];
      armFaultPoints(`${point}=error*2`);
      await ask();
      disarmFaultPoints();
      assert.deepEqual([await status(up), await status(down)], ["pending", "pending"]);
      await ask();
      assert.equal(await status(up), "pending", "not asked again at once");
      await pass(16);
      await ask();
      assert.deepEqual([await status(up), await status(down)], ["succeeded", "succeeded"]);
      assert.equal(await payer.balance(), 10_300);
    });
  }

  test("an answer that is lost leaves the top-up pending until the bank is asked", async () => {
    const id = await topUp("ba_test_lost_answer");
    await ask();
    assert.equal(await status(id), "pending");
    await pass(16);
    await ask();
    assert.deepEqual([await status(id), await payer.balance()], ["succeeded", 10_700]);
  });

  test("four workers at once do each order once", async () => {
    const ids = [];
    for (let n = 0; n < 12; n++) ids.push(await topUp("ba_test_ok", 100));
    await Promise.all(times(4, () => ask()));
    for (const id of ids) assert.equal(await status(id), "succeeded");
    assert.equal(await payer.balance(), 11_200);
  });

  test("a crash while the bank tells makes it tell again, to no harm", async () => {
    const id = await topUp("ba_test_late");
    await bankRounds();
    await pass(61);
    armFaultPoints("bank.after_telling=error");
    await assert.rejects(hear());
    disarmFaultPoints();
    assert.equal(await status(id), "succeeded");
    assert.ok((await hear()) > 0);
    assert.equal(await hear(), 0);
    assert.equal(await payer.balance(), 10_700);
  });
});

describe("requests", () => {
  test("repeated with its key a top-up or withdrawal happens once", async () => {
    const key = randomUUID();
    const answers = await Promise.all(times(4, () => payer.topUp(700, "ba_test_ok", { key })));
    const again = await payer.topUp(700, "ba_test_ok", { key });
    const ids = new Set([...answers, again].filter((answer) => answer.status === 200).map(({ body }) => body.id));
    assert.equal(ids.size, 1);
    assert.equal(again.headers.get("idempotent-replayed"), "true");
    await bankRounds();
    assert.equal(await payer.balance(), 10_700);
    assert.deepEqual(refusal(await payer.withdraw(1, "ba_test_ok", { key: null }))[1], "idempotency_key_missing");
  });

  test("bad fields are named; a wrong PIN moves nothing", async () => {
    assert.deepEqual(refusal(await payer.topUp(1, "ba_test_nobody")), [400, "bank_account_unknown", "/source"]);
    assert.deepEqual(refusal(await payer.withdraw(1, "ba_nobody")), [400, "bank_account_unknown", "/destination"]);
    assert.deepEqual(refusal(await payer.topUp(1, "ba_toString")), [400, "parameter_invalid", "/source"]);
    assert.deepEqual(refusal(await payer.topUp(0)), [400, "parameter_invalid", "/amount"]);
    assert.deepEqual(refusal(await payer.topUp(Number.MAX_SAFE_INTEGER)), [400, "parameter_invalid", "/amount"]);
    assert.deepEqual(refusal(await payer.topUp(1, "ba_test_ok", { currency: "USD" }))[2], "/currency");
    assert.deepEqual(refusal(await payer.withdraw(1, "ba_test_ok", { pin: "918273" })), [403, "pin_invalid", "/pin"]);
    assert.deepEqual(refusal(await payer.topUp(1, "ba_test_ok", { pin: "918273" })), [403, "pin_invalid", "/pin"]);
    assert.equal(await payer.balance(), 10_000);
  });

  test("somebody else's are not found, nor one as the other; lists show the own, by status", async () => {
    const other = await aPayer(platform, { money: 0 });
    const [up, down] = [await topUp("ba_test_refused"), await withdraw("ba_test_ok")];
    await bankRounds();
    for (const path of [`/v1/topups/${up}`, `/v1/withdrawals/${down}`]) {
      assert.equal((await other.get(path)).status, 404);
      assert.equal((await payer.get(path)).status, 200);
    }
    assert.equal((await payer.get(`/v1/topups/${down}`)).status, 404);
    const ids = async (path: string) => (await ok(payer.get(path))).data.map(({ id }: { id: string }) => id);
    assert.deepEqual(await ids("/v1/topups"), [up]);
    assert.deepEqual(await ids("/v1/withdrawals?status=succeeded"), [down]);
    assert.deepEqual(await ids("/v1/withdrawals?status=failed"), []);
    assert.deepEqual((await ok(other.get("/v1/topups"))).data, []);
  });
});
