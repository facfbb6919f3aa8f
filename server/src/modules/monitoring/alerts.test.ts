import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { database } from "#kit/db.ts";
import { newId } from "#kit/ids.ts";
import { flushSignals, type SignalFacts, type SignalKind, signal } from "#kit/security-signals.ts";
import { walletAccount } from "#modules/wallets";
import { eventually } from "#test/elsewhere.ts";
import { aPayer, aShop, ok, times } from "#test/factories.ts";
import { type Answer, usePlatform, useSecondServer } from "#test/platform.ts";
import { watchRefunds } from "./jobs.ts";

const platform = usePlatform({ LOG_LEVEL: "fatal" });

const alerts = async (query: string) =>
  (await ok(platform.call("GET", `/v1/alerts?limit=100&${query}`, { token: await platform.operator() }))).data;

/** The newest alert that the query finds, once it looks like this. */
async function alert(query: string, looks: Record<string, unknown> = {}) {
  let seen: Answer["body"];
  await eventually(async () => {
    [seen] = await alerts(query);
    return seen && Object.entries(looks).every(([name, value]) => seen[name] === value);
  }, 60_000).catch(() => assert.deepEqual(seen, { ...seen, ...looks }));
  return seen;
}

const act = async (id: string, what: "acknowledge" | "resolve", body: object = {}) =>
  platform.call("POST", `/v1/alerts/${id}/${what}`, { token: await platform.operator(), body });

async function signals(count: number, kind: SignalKind, facts: SignalFacts) {
  for (const _ of times(count, (n) => n)) signal(kind, facts);
  await flushSignals();
}

const query = (subject: string) => `about=${subject}`;

describe("signals become alerts", () => {
  test("a burst of failed sign-ins over HTTP raises one alert, which goes on counting", async () => {
    const victim = await aPayer(platform);
    const guess = () =>
      platform.call("POST", "/v1/sessions", { body: { phone: victim.phone, password: "wrong guess 12" }, key: null });
    await Promise.all(times(40, guess));
    const raised = await alert("type=sign_in.network_guessing", { count: 40 });
    assert.equal(raised.severity, "warning");
    assert.equal(raised.status, "open");
    assert.equal(raised.details.address, "127.0.0.×");
    await Promise.all(times(10, guess));
    await alert("type=sign_in.network_guessing", { count: 50, id: raised.id });
    assert.equal((await alerts("type=sign_in.network_guessing")).length, 1);
    assert.doesNotMatch(JSON.stringify(await alerts("")), new RegExp(victim.phone.slice(-8)));
  });

  test("who keeps asking for what is not theirs is named", async () => {
    const curious = await aPayer(platform);
    await Promise.all(times(20, () => platform.call("GET", "/v1/alerts", { token: curious.token })));
    const raised = await alert(query(curious.id), { type: "permissions.probed", count: 20 });
    assert.equal(raised.details.route, "/v1/alerts");
  });

  test("fewer than the threshold, or spread over more time than the window, are no alert", async () => {
    const [few, slow, next] = [newId("usr"), newId("usr"), newId("usr")];
    await signals(9, "sign_in_failed", { subject: few });
    await signals(9, "sign_in_failed", { subject: slow });
    await platform.call("POST", "/v1/test_clock", {
      token: await platform.operator(),
      body: { advance_ms: 16 * 60_000 },
    });
    await signals(9, "sign_in_failed", { subject: slow });
    await signals(10, "sign_in_failed", { subject: next });
    await alert(query(next), { count: 10 });
    assert.deepEqual([await alerts(query(few)), await alerts(query(slow))], [[], []]);
  });

  test("a burst that is judged long after it happened is still one", async () => {
    const subject = newId("usr");
    await database().query(
      `insert into security_signals (kind, subject, details, count, created_at)
       select 'sign_in_failed', $1, '{}', 1, clock_now() - interval '5 hours' + n * interval '1 second' from generate_series(1, 12) n`,
      [subject],
    );
    await alert(query(subject), { type: "sign_in.account_guessed", count: 12 });
  });

  test("of two that have different subjects each has its alert", async () => {
    const [one, other] = [newId("usr"), newId("usr")];
    await signals(1, "pin_locked", { subject: one });
    await signals(1, "pin_locked", { subject: other });
    assert.notEqual((await alert(query(one))).id, (await alert(query(other))).id);
  });
});

describe("an alert", () => {
  test("that was acknowledged counts on in silence, and opens again when the threshold is reached again", async () => {
    const subject = newId("stf");
    await signals(6, "staff_sign_in_failed", { subject });
    const raised = await alert(query(subject), { status: "open", count: 6, severity: "critical" });
    const seen = await ok(act(raised.id, "acknowledge"));
    assert.equal(seen.status, "acknowledged");
    assert.match(seen.acknowledged_by, /^stf_/);
    await signals(4, "staff_sign_in_failed", { subject });
    await alert(query(subject), { status: "acknowledged", count: 10, id: raised.id });
    await signals(1, "staff_sign_in_failed", { subject });
    await alert(query(subject), { status: "open", count: 11, id: raised.id, acknowledged_by: null });
    const { rows } = await database().query("select type from events where object_id = $1 order by position", [
      raised.id,
    ]);
    assert.deepEqual(
      rows.map(({ type }) => type),
      ["alert.raised", "alert.acknowledged", "alert.reopened"],
    );
  });

  test("that was resolved is over: what happens then makes another, once there is enough of it", async () => {
    const subject = newId("stf");
    await signals(5, "staff_sign_in_failed", { subject });
    const first = await alert(query(subject), { status: "open" });
    const resolved = await ok(act(first.id, "resolve", { note: "a forgotten password" }));
    assert.equal(resolved.status, "resolved");
    assert.equal(resolved.note, "a forgotten password");
    assert.deepEqual(await ok(act(first.id, "resolve", { note: "again" })), resolved);
    assert.deepEqual(await ok(act(first.id, "acknowledge")), resolved);
    await signals(4, "staff_sign_in_failed", { subject });
    await signals(1, "staff_sign_in_failed", { subject });
    const second = await alert(query(subject), { status: "open", count: 5 });
    assert.notEqual(second.id, first.id);
    assert.deepEqual(await ok(platform.call("GET", `/v1/alerts/${first.id}`, await asOperator())), resolved);
  });

  test("speaks the reader's language, and says what is wrong with a note", async () => {
    const subject = newId("trm");
    await signals(1, "revoked_terminal_used", { subject });
    const { id, message } = await alert(query(subject));
    const options = { ...(await asOperator()), headers: { "accept-language": "zh-CN" } };
    const inChinese = await ok(platform.call("GET", `/v1/alerts/${id}`, options));
    assert.match(message, /terminal/);
    assert.match(inChinese.message, /终端/);
    const refused = await act(id, "resolve", {});
    assert.deepEqual([refused.status, refused.body.error.param], [400, "/note"]);
    assert.equal((await act(newId("alr"), "resolve", { note: "x" })).status, 404);
  });

  test("is for staff alone", async () => {
    const [shop, payer] = [await aShop(platform), await aPayer(platform)];
    for (const token of [shop.key, payer.token]) {
      assert.equal((await platform.call("GET", "/v1/alerts", { token })).status, 403);
      assert.equal(
        (await platform.call("POST", `/v1/alerts/${newId("alr")}/resolve`, { token, body: {} })).status,
        403,
      );
    }
  });

  const asOperator = async () => ({ token: await platform.operator() });
});

test("a merchant that gives back far more than it used to, or than it sells, is named; a usual one is not", async () => {
  const shops = { more: newId("mch"), usual: newId("mch"), few: newId("mch"), drained: newId("mch") };
  const day = (merchant: string, daysAgo: number, volume: number, refunds: number, refunded: number) =>
    database().query(
      `insert into statistics (merchant_id, livemode, slot, currency, method, store_id, succeeded, failed, volume, refunds, refunded)
       values ($1, false, clock_now() - $2 * interval '1 day' - interval '1 minute', 'CNY', '', '', 10, 0, $3, $4, $5)`,
      [merchant, daysAgo, volume, refunds, refunded],
    );
  await Promise.all([
    ...times(20, (n) => day(shops.more, n + 2, 100_000, 2, 1_000)),
    day(shops.more, 0, 100_000, 12, 30_000),
    ...times(20, (n) => day(shops.usual, n + 2, 100_000, 12, 30_000)),
    day(shops.usual, 0, 100_000, 12, 30_000),
    day(shops.few, 0, 100_000, 3, 90_000),
    ...times(20, (n) => day(shops.drained, n + 2, 100_000, 30, 90_000)),
    day(shops.drained, 0, 100_000, 30, 110_000),
  ]);
  await watchRefunds();
  await flushSignals();
  const raised = await alert(query(shops.more), { type: "refunds.unusual", merchant: shops.more });
  assert.deepEqual([raised.details.refunded, raised.details.volume], [30_000, 100_000]);
  await alert(query(shops.drained), { type: "refunds.unusual" });
  assert.deepEqual([await alerts(query(shops.usual)), await alerts(query(shops.few))], [[], []]);
});

test("a balance that somebody changed past the ledger raises a critical alert that names the account", async () => {
  const payer = await aPayer(platform);
  const account = walletAccount(payer.id, "CNY");
  await database().query("update ledger_accounts set credits_posted = credits_posted + 1 where id = $1", [account]);
  const raised = await alert(query(account), { type: "ledger.difference", severity: "critical" });
  assert.equal(raised.details.kind, "balance");
});

describe("with a second worker", () => {
  useSecondServer(platform);

  test("every signal counts once", async () => {
    const subjects = times(5, () => newId("key"));
    for (const _ of times(8, (n) => n)) {
      for (const subject of subjects) signal("signature_failed", { subject });
      await flushSignals();
    }
    for (const subject of subjects) await alert(query(subject), { type: "keys.signatures_failing", count: 8 });
  });
});
