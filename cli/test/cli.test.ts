import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { createClient } from "@feiqian/sdk";
import { aPayer, aShop, type Payer, type Shop } from "@feiqian/server/test/factories.ts";
import { usePlatform } from "@feiqian/server/test/platform.ts";
import { useFeiqian } from "./feiqian.ts";

const platform = usePlatform();
const { run, folder, env } = useFeiqian();
const profileFile = join(env.FEIQIAN_CONFIG_HOME, "profile.json");

let world: Promise<{ shop: Shop; payer: Payer }> | undefined;
/** A platform as `npm start` leaves it, and its login. */
const loggedIn = () =>
  (world ??= (async () => {
    const [shop, payer] = await Promise.all([aShop(platform), aPayer(platform)]);
    const login = { id: payer.id, phone: payer.phone, password: payer.password, payment_pin: payer.pin };
    const credentials = {
      base_url: platform.url,
      merchant: { id: shop.id, api_key: shop.key },
      users: [login],
      webhook_secret: `whsec_${Buffer.alloc(32, 7).toString("base64")}`,
    };
    mkdirSync(join(folder, ".feiqian"));
    writeFileSync(join(folder, ".feiqian/credentials.json"), JSON.stringify(credentials));
    const signedIn = await run(["login", "--local"]);
    assert.equal(signedIn.code, 0, signedIn.err);
    return { shop, payer };
  })());

const json = async (words: string[]) => {
  const { code, out, err } = await run([...words, "--json"]);
  assert.equal(code, 0, err);
  return JSON.parse(out);
};

test("login --local takes the key of a local start; only the user may read what is saved", async () => {
  const { shop } = await loggedIn();
  assert.equal(statSync(profileFile).mode & 0o777, 0o600);
  assert.equal(statSync(env.FEIQIAN_CONFIG_HOME).mode & 0o777, 0o700);
  assert.equal(JSON.parse(readFileSync(profileFile, "utf8")).api_key, shop.key);
});

test("login asks for address and key; a key that the platform does not know is not saved", async () => {
  const { shop } = await loggedIn();
  const elsewhere = { FEIQIAN_CONFIG_HOME: join(folder, "elsewhere") };
  const wrong = await run(["login"], { ...elsewhere, input: `${platform.url}\nsk_test_${"x".repeat(43)}\n` });
  assert.deepEqual([wrong.code, wrong.out], [3, ""]);
  assert.match(wrong.err, /credentials_unknown/);
  assert.equal((await run(["payments", "list"], elsewhere)).code, 3);
  const right = await run(["login", "--base-url", platform.url], { ...elsewhere, input: `${shop.key}\n` });
  assert.equal(right.code, 0, right.err);
  assert.doesNotMatch(right.out + right.err, /sk_test/);
  assert.equal((await run(["payments", "list"], elsewhere)).code, 0);
  assert.equal((await run(["logout"], elsewhere)).code, 0);
  assert.equal((await run(["payments", "list"], elsewhere)).code, 3);
});

test("pay --code charges a customer; payments list and get show it; amounts are decimal", async () => {
  const { payer } = await loggedIn();
  const order = `order-${randomUUID()}`;
  const paid = await run(["pay", "12.50", "--code", await payer.code(), "--order", order, "--subject", "早餐 ☕"]);
  assert.equal(paid.code, 0, paid.err);
  assert.match(paid.out, /^Id +pay_\w+$/m);
  assert.match(paid.out, /^Status +succeeded$/m);
  assert.match(paid.out, /^Amount +12\.50 CNY$/m);
  const [found] = await json(["payments", "list", "--order", order]);
  assert.deepEqual([found.amount, found.subject, found.status], [1_250, "早餐 ☕", "succeeded"]);
  assert.deepEqual(await json(["payments", "get", found.id]), found);
});

test("pay without a code makes an order, with what its payer needs; payments close gives it up", async () => {
  await loggedIn();
  const made = await run(["pay", "3"]);
  assert.equal(made.code, 0, made.err);
  assert.match(made.out, /^Status +requires_payment$/m);
  assert.match(made.out, /^Payment key +pk_\S+$/m);
  const [, id = ""] = /^Id +(\S+)$/m.exec(made.out) ?? [];
  const closed = await run(["payments", "close", id]);
  assert.match(closed.out, /^Status +closed$/m);
  const paid = await json(["pay", "1", "--demo"]);
  const late = await run(["payments", "close", paid.id]);
  assert.deepEqual([late.code, late.err.includes("state_conflict")], [1, true]);
});

test("pay --hold holds the money; payments capture takes a part, payments cancel gives it back", async () => {
  const { payer } = await loggedIn();
  const before = await payer.balance();
  const rental = await json(["pay", "200", "--demo", "--hold"]);
  assert.deepEqual([rental.status, await payer.balance()], ["authorized", before - 20_000]);
  const taken = await run(["payments", "capture", rental.id, "--amount", "6.50"]);
  assert.equal(taken.code, 0, taken.err);
  assert.match(taken.out, /^Captured +6\.50 CNY$/m);
  assert.equal(await payer.balance(), before - 650);
  const second = await json(["pay", "200", "--demo", "--hold"]);
  assert.equal((await json(["payments", "cancel", second.id])).status, "closed");
  assert.equal(await payer.balance(), before - 650);
  assert.equal((await run(["payments", "capture", second.id])).code, 1);
});

test("a table's columns stand under one another, Chinese characters take two", async () => {
  const { payer } = await loggedIn();
  for (const subject of ["咖啡", "tea"])
    assert.equal((await run(["pay", "1", "--code", await payer.code(), "--subject", subject])).code, 0);
  const { out } = await run(["payments", "list", "--limit", "2", "--lang", "zh"]);
  const [head = "", tea = "", coffee = ""] = out.split("\n");
  const columnOf = (line: string, word: string) =>
    Array.from(line.slice(0, line.indexOf(word))).reduce((sum, one) => sum + (one > "\u2e80" ? 2 : 1), 0);
  assert.match(head, /编号 +状态 +金额/);
  assert.equal(columnOf(tea, "tea"), columnOf(coffee, "咖啡"));
  assert.equal(columnOf(head, "创建时间"), columnOf(tea, tea.match(/20\d\d-/)?.[0] ?? ""));
});

test("text of others can't drive the terminal", async () => {
  const { payer } = await loggedIn();
  const order = `order-${randomUUID()}`;
  const paid = await run([
    "pay",
    "1",
    "--code",
    await payer.code(),
    "--order",
    order,
    "--subject",
    "a\u009b31m\u202eb",
  ]);
  assert.equal(paid.code, 0, paid.err);
  for (const words of [
    ["payments", "list"],
    ["payments", "get", JSON.parse((await run(["payments", "list", "--json"])).out)[0].id],
  ]) {
    const { out } = await run(words);
    assert.doesNotMatch(out, /[\u0080-\u009f\u202e]/);
    assert.match(out, /a\ufffd31m\ufffdb/);
  }
});

test("a refusal ends with 1 and says code, message and request, in either language, for people and programs", async () => {
  await loggedIn();
  const poor = await aPayer(platform, { money: 1 });
  const en = await run(["pay", "5", "--code", await poor.code()]);
  assert.deepEqual([en.code, en.out], [1, ""]);
  assert.match(
    en.err,
    /^Error: The wallet holds less than .+\.\n {2}insufficient_funds · payment pay_\w+ · request req_\w+\n$/,
  );
  const zh = await run(["pay", "5", "--code", await poor.code()], { LANG: "zh_CN.UTF-8" });
  assert.match(zh.err, /^错误：余额不足。\n {2}insufficient_funds · 付款 pay_\w+ · 请求 req_\w+\n$/);
  const program = await run(["pay", "5", "--code", await poor.code(), "--json"]);
  const { error } = JSON.parse(program.err);
  assert.deepEqual(
    [program.code, error.code, error.type, error.status],
    [1, "insufficient_funds", "payment_refused", 402],
  );
});

test("exit codes: 2 for the command line, 3 for who is not let in, 4 for a platform that is away", async () => {
  const { payer } = await loggedIn();
  const wrong = [
    ["nothing"],
    ["payments"],
    ["pay"],
    ["pay", "1.234", "--code", "1"],
    ["pay", "-1"],
    ["pay", "1", "--code", "1", "--demo"],
    ["pay", "1", "--currency", "XXX"],
    ["payments", "list", "--limit", "0"],
    ["payments", "list", "--status", "paid"],
    ["payments", "list", "--colour"],
    ["trigger", "sun.rises"],
    ["listen", "--forward-to", "localhost"],
  ];
  for (const words of wrong) {
    const { code, out, err } = await run(words);
    assert.deepEqual([code, out], [2, ""], `${words.join(" ")}: ${err}`);
    assert.match(err, /^Error: .+/);
  }
  assert.equal((await run(["payments", "list"], { FEIQIAN_API_KEY: "sk_test_nobody" })).code, 3);
  assert.equal((await run(["payments", "list"], { FEIQIAN_API_KEY: payer.token })).code, 3);
  assert.equal((await run(["payments", "get", "pay_none"])).code, 1);
  const nobody = createServer().listen(0, "127.0.0.1");
  await once(nobody, "listening");
  const { port } = nobody.address() as AddressInfo;
  nobody.close();
  const away = await run(["payments", "list"], { FEIQIAN_BASE_URL: `http://127.0.0.1:${port}` });
  assert.equal(away.code, 4);
  assert.match(away.err, /could not be reached\.\n {2}.*ECONNREFUSED/);
});

test("refund gives back a part, then the rest, then says that nothing is left", async () => {
  const { payer } = await loggedIn();
  const before = await payer.balance();
  const { id } = await json(["pay", "10", "--code", await payer.code()]);
  const part = await run(["refund", id, "--amount", "2.50", "--reason", "cold"]);
  assert.equal(part.code, 0, part.err);
  assert.match(part.out, /^Amount +2\.50 CNY$/m);
  assert.equal((await json(["refund", id])).amount, 750);
  assert.equal(await payer.balance(), before);
  const none = await run(["refund", id]);
  assert.equal(none.code, 1);
});

test("trigger makes the event that it is asked for; events list and get show it", async () => {
  await loggedIn();
  const { err } = await run(["trigger", "nothing"]);
  const types = err.match(/[a-z]+\.[a-z_]+(?=[,.])/g) ?? [];
  assert.ok(types.length >= 5, err);
  for (const type of types) {
    const { object } = await json(["trigger", type]);
    const [event] = await json(["events", "list", "--type", type, "--object", object]);
    assert.equal(event.type, type);
    assert.deepEqual(await json(["events", "get", event.id]), event);
    const shown = await run(["events", "get", event.id]);
    assert.match(shown.out, new RegExp(`^id +${object}$`, "m"));
  }
});

test("pay --demo and trigger need no local login: a customer is registered and topped up for it", async () => {
  const { shop } = await loggedIn();
  const elsewhere = {
    FEIQIAN_CONFIG_HOME: join(folder, "nowhere"),
    FEIQIAN_BASE_URL: platform.url,
    FEIQIAN_API_KEY: shop.key,
  };
  const paid = await run(["pay", "1500", "--demo", "--json"], elsewhere);
  assert.equal(paid.code, 0, paid.err);
  assert.deepEqual([JSON.parse(paid.out).status, JSON.parse(paid.out).amount], ["succeeded", 150_000]);
  const live = await run(["pay", "1", "--demo"], { ...elsewhere, FEIQIAN_API_KEY: `sk_live_${"a".repeat(43)}` });
  assert.notEqual(live.code, 0);
});

test("events resend sends an event to the endpoints again", async () => {
  const { shop } = await loggedIn();
  const feiqian = createClient({ baseUrl: platform.url, apiKey: shop.key });
  const endpoint = await feiqian.webhookEndpoints.create({ url: "https://shop.example.com/", events: ["refund.*"] });
  const { object } = await json(["trigger", "payment.closed"]);
  const [event] = await json(["events", "list", "--object", object]);
  assert.deepEqual(await json(["events", "resend", event.id]), []);
  const [delivery] = await json(["events", "resend", event.id, "--endpoint", endpoint.id]);
  assert.deepEqual([delivery.endpoint, delivery.event], [endpoint.id, event.id]);
  assert.equal((await run(["events", "resend", "evt_none"])).code, 1);
});

test("every command has help in both languages, and names its options", async () => {
  const { out } = await run(["--help"]);
  const names = [...out.matchAll(/^ {2}([a-z]+(?: [a-z]+)?) {2,}\S/gm)].flatMap(([, name]) => name ?? []);
  assert.ok(names.includes("payments list") && names.includes("listen"));
  for (const name of names) {
    const words = [...name.split(" "), "--help"];
    const [en, zh] = await Promise.all([run(words), run([...words, "--lang", "zh"])]);
    assert.deepEqual([en.code, zh.code], [0, 0]);
    assert.match(en.out, new RegExp(`^Usage: feiqian ${name}`));
    assert.match(zh.out, /用法.*\n\n\p{Script=Han}/u);
  }
});
