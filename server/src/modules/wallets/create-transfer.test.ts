import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, test } from "node:test";
import { inTransaction } from "#kit/db.ts";
import { armFaultPoints, disarmFaultPoints } from "#kit/fault-points.ts";
import { aPayer, aShop, booksBalance, ok, type Payer, times } from "#test/factories.ts";
import { type Answer, usePlatform } from "#test/platform.ts";
import { createTransfer } from "./create-transfer.ts";

const platform = usePlatform({ DAILY_TRANSFER_LIMIT: "300000" });

/** Five wrong PINs at once lock it, and whether one is wrong is known only afterwards: so a client sends four at once. */
async function atOnce(requests: readonly (() => Promise<Answer>)[], most = 4): Promise<Answer[]> {
  const answers: Answer[] = [];
  let next = 0;
  const lane = async () => {
    while (next < requests.length) {
      const n = next++;
      answers[n] = await (requests[n] as () => Promise<Answer>)();
    }
  };
  await Promise.all(times(most, lane));
  return answers;
}
const refusal = ({ status, body }: Answer) => [status, body.error?.code];
const succeeded = (answers: readonly Answer[]) => answers.filter(({ status }) => status === 200).length;
const transfersOf = async (payer: Payer) => (await ok(payer.get("/v1/transfers?limit=100"))).data;
const limitOf = async (payer: Payer) =>
  (await ok(payer.get("/v1/wallet"))).limits.find(({ type }: { type: string }) => type === "transfer_daily");

describe("transfers", () => {
  test("money moves at once from wallet to wallet; each side reads its own view, the other one masked", async () => {
    const [ann, ben] = [await aPayer(platform, { name: "Ann Lee" }), await aPayer(platform, { name: "王小明" })];
    const sent = await ok(ann.transfer(ben, 1_234, { note: "晚饭" }));
    assert.deepEqual(sent, {
      id: sent.id,
      object: "transfer",
      status: "succeeded",
      direction: "out",
      amount: 1_234,
      currency: "CNY",
      counterparty: { id: ben.id, name: "**明", phone: `139****${ben.phone.slice(-4)}` },
      note: "晚饭",
      livemode: false,
      created_at: sent.created_at,
    });
    const got = await ok(ben.get(`/v1/transfers/${sent.id}`));
    const counterparty = { id: ann.id, name: "Ann L.", phone: `139****${ann.phone.slice(-4)}` };
    assert.deepEqual(got, { ...sent, direction: "in", counterparty });
    assert.deepEqual(await ok(ann.get(`/v1/transfers/${sent.id}`)), sent);
    assert.deepEqual([await ann.balance(), await ben.balance()], [98_766, 101_234]);
    for (const [side, view] of [[ann, sent] as const, [ben, got] as const]) {
      const { data } = await ok(side.get(`/v1/events?object=${sent.id}`));
      assert.deepEqual(
        data.map(({ type, data: { object } }: { type: string; data: object & { object: object } }) => [type, object]),
        [["transfer.succeeded", view]],
      );
    }
    await booksBalance();
  });

  test("lists show the own transfers only, by direction and page by page; a third user finds nothing", async () => {
    const [ann, ben, eve] = [await aPayer(platform), await aPayer(platform), await aPayer(platform)];
    const out = [await ok(ann.transfer(ben, 1)), await ok(ann.transfer(ben, 2))];
    const back = await ok(ben.transfer(ann, 3));
    const ids = (list: { id: string }[]) => list.map(({ id }) => id).sort();
    assert.deepEqual(ids(await transfersOf(ann)), ids([...out, back]));
    assert.deepEqual(ids((await ok(ann.get("/v1/transfers?direction=in"))).data), [back.id]);
    const newest = await ok(ann.get("/v1/transfers?limit=2"));
    const rest = await ok(ann.get(`/v1/transfers?limit=2&starting_after=${newest.data[1].id}`));
    assert.deepEqual([newest.has_more, rest.has_more], [true, false]);
    assert.deepEqual(ids([...newest.data, ...rest.data]), ids([...out, back]));
    assert.deepEqual(await transfersOf(eve), []);
    assert.deepEqual(refusal(await eve.get(`/v1/transfers/${back.id}`)), [404, "not_found"]);
  });

  test("fifty transfers of a wallet that holds enough for ten: exactly ten succeed", async () => {
    const [ann, ben] = [await aPayer(platform, { money: 10_500 }), await aPayer(platform, { money: 0 })];
    const answers = await atOnce(times(50, () => () => ann.transfer(ben, 1_000)));
    assert.equal(succeeded(answers), 10);
    for (const answer of answers.filter(({ status }) => status !== 200))
      assert.deepEqual(refusal(answer), [402, "insufficient_funds"]);
    assert.deepEqual([await ann.balance(), await ben.balance()], [500, 10_000]);
    assert.equal((await transfersOf(ben)).length, 10);
    await booksBalance();
  });

  test("fifty past the PIN at the same moment: no more than the wallet holds, whoever comes first", async () => {
    const [ann, ben] = [await aPayer(platform, { money: 4_300 }), await aPayer(platform, { money: 0 })];
    const actor = { kind: "user" as const, userId: ann.id, livemode: false, sessionId: "ses_0" };
    const input = { to: { user: ben.id }, amount: 1_000, currency: "CNY" };
    const sends = times(50, () => inTransaction((tx) => createTransfer(tx, actor, input)));
    const sent = (await Promise.allSettled(sends)).filter(({ status }) => status === "fulfilled");
    assert.equal(sent.length, 4);
    assert.deepEqual([await ann.balance(), await ben.balance()], [300, 4_000]);
    await booksBalance();
  });

  test("two users send to each other many times at once: no deadlock, no money lost", async () => {
    const [ann, ben] = [await aPayer(platform), await aPayer(platform)];
    const [there, back] = await Promise.all([
      atOnce(times(30, () => () => ann.transfer(ben, 700))),
      atOnce(times(30, () => () => ben.transfer(ann, 300))),
    ]);
    assert.deepEqual([succeeded(there), succeeded(back)], [30, 30]);
    assert.deepEqual([await ann.balance(), await ben.balance()], [100_000 - 30 * 400, 100_000 + 30 * 400]);
    await booksBalance();
  });

  test("repeated with its key a transfer moves money once; the refusal of an empty wallet is repeated to the letter", async () => {
    const [ann, ben] = [await aPayer(platform, { money: 1_000 }), await aPayer(platform)];
    const key = randomUUID();
    const answers = await atOnce(times(8, () => () => ann.transfer(ben, 600, { key })));
    const bodies = answers.filter(({ status }) => status !== 409).map(({ body }) => JSON.stringify(body));
    assert.equal(new Set(bodies).size, 1);
    assert.equal(await ann.balance(), 400);
    assert.deepEqual(refusal(await ann.transfer(ben, 601, { key })), [422, "idempotency_key_reused"]);
    const poor = randomUUID();
    const first = await ann.transfer(ben, 401, { key: poor });
    await ok(ben.transfer(ann, 5_000));
    const again = await ann.transfer(ben, 401, { key: poor });
    assert.deepEqual([again.status, again.body], [402, first.body]);
    assert.equal(again.headers.get("idempotent-replayed"), "true");
    assert.deepEqual(refusal(await ann.transfer(ben, 1, { key: null })), [400, "idempotency_key_missing"]);
  });

  test("nobody sends to oneself, to nobody, or in another currency; bad fields are named", async () => {
    const [ann, ben] = [await aPayer(platform), await aPayer(platform)];
    const bad = async (answer: Promise<Answer>) => {
      const { status, body } = await answer;
      return [status, body.error.code, body.error.param];
    };
    const nobody = `usr_${"0".repeat(26)}`;
    assert.deepEqual(await bad(ann.transfer(ann, 1)), [400, "recipient_is_sender", "/to"]);
    assert.deepEqual(await bad(ann.transfer({ phone: ann.phone }, 1)), [400, "recipient_is_sender", "/to"]);
    assert.deepEqual(await bad(ann.transfer({ id: nobody }, 1)), [404, "recipient_not_found", "/to/user"]);
    assert.deepEqual(await bad(ann.transfer({ phone: "+8613900000000" }, 1)), [
      404,
      "recipient_not_found",
      "/to/phone",
    ]);
    assert.deepEqual(await bad(ann.transfer(ben, 1, { currency: "JPY" })), [400, "parameter_invalid", "/currency"]);
    assert.deepEqual(await bad(ann.transfer(ben, 0)), [400, "parameter_invalid", "/amount"]);
    assert.deepEqual(await bad(ann.transfer(ben, 1.5)), [400, "parameter_invalid", "/amount"]);
    assert.deepEqual(await bad(ann.transfer(ben, 1, { note: "" })), [400, "parameter_invalid", "/note"]);
    assert.deepEqual(await bad(ann.transfer(ben, 1, { pin: "12345" })), [400, "parameter_invalid", "/pin"]);
    assert.deepEqual(await bad(ann.transfer(ben, 1, { fee: 1 })), [400, "parameter_unknown", "/fee"]);
    const both = { to: { user: ben.id, phone: ben.phone } };
    assert.deepEqual((await bad(ann.transfer(ben, 1, both)))[0], 400);
    assert.deepEqual(refusal(await ann.transfer(ben, Number.MAX_SAFE_INTEGER)), [402, "insufficient_funds"]);
    assert.deepEqual([await ann.balance(), await ben.balance()], [100_000, 100_000]);
  });

  test("a wrong PIN moves nothing and counts", async () => {
    const [ann, ben] = [await aPayer(platform), await aPayer(platform)];
    const wrong = await ann.transfer(ben, 1, { pin: "918273" });
    assert.deepEqual([...refusal(wrong), wrong.body.error.details.attempts_left], [403, "pin_invalid", 4]);
    assert.equal(await ann.balance(), 100_000);
  });

  test("a crash after the ledger leaves nothing behind; the same request then pays once", async () => {
    const [ann, ben] = [await aPayer(platform), await aPayer(platform)];
    const key = randomUUID();
    armFaultPoints("wallets.transfer_after_ledger=error");
    const failed = await ann.transfer(ben, 500, { key });
    disarmFaultPoints();
    assert.equal(failed.status, 500);
    assert.deepEqual([await ann.balance(), await transfersOf(ben)], [100_000, []]);
    await ok(ann.transfer(ben, 500, { key }));
    assert.deepEqual([await ann.balance(), await ben.balance()], [99_500, 100_500]);
    await booksBalance();
  });

  test("the day's limit can't be raced, shows in the wallet, and is whole again the next day", async () => {
    const [ann, ben] = [await aPayer(platform, { money: 900_000 }), await aPayer(platform)];
    assert.deepEqual([(await limitOf(ann)).limit, (await limitOf(ann)).left], [300_000, 300_000]);
    const answers = await atOnce(times(8, () => () => ann.transfer(ben, 100_000)));
    assert.equal(succeeded(answers), 3);
    assert.deepEqual(refusal(answers.find(({ status }) => status !== 200) as Answer), [402, "limit_exceeded"]);
    const { left, resets_at } = await limitOf(ann);
    assert.equal(left, 0);
    const shop = await aShop(platform);
    await ok(shop.scan(await ann.code(), { amount: 1_000 }));
    await ok(platform.call("POST", "/v1/test_clock", { token: shop.key, body: { now: resets_at } }));
    const { phone, password } = ann;
    const { access_token: token } = await ok(platform.call("POST", "/v1/sessions", { body: { phone, password } }));
    const body = { to: { user: ben.id }, amount: 300_000, currency: "CNY", pin: ann.pin };
    await ok(platform.call("POST", "/v1/transfers", { token, body }));
    await booksBalance();
  });
});
