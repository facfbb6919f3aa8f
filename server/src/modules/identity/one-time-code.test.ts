import assert from "node:assert/strict";
import { test } from "node:test";
import { database, inTransaction } from "#kit/db.ts";
import type { ApiError } from "#kit/errors.ts";
import { advance, aPhone, codeSentTo, messagesTo, ok, refused, statementsOf, times, useServer } from "#test/people.ts";
import { checkOneTimeCode, forgetOldCodes, sendOneTimeCode, useOneTimeCode } from "./one-time-code.ts";

const { ask, aUser } = useServer();

const [home, cafe, far] = ["203.0.113.1", "198.51.100.2", "2001:db8::1"];
const send = (phone: string, purpose: "register" | "sign_in" | "reset_password" = "register", from = home) =>
  sendOneTimeCode({ phone, purpose, language: "en" }, from).then(
    () => "sent",
    (error: ApiError) => error.code,
  );
const check = (phone: string, code: string, purpose: "register" | "sign_in" = "register", from = home) =>
  checkOneTimeCode({ phone, purpose, code }, from);
const verdict = (phone: string, code: string, purpose: "register" | "sign_in" = "register", from = home) =>
  check(phone, code, purpose, from).then(
    () => "right",
    (error: ApiError) => error.code,
  );
const another = (code: string) => String((Number(code) + 1) % 1_000_000).padStart(6, "0");

test("a code is six digits, reaches its phone and is right there, for its purpose, once", async () => {
  const phone = aPhone();
  assert.equal(await send(phone), "sent");
  const code = await codeSentTo(phone);
  assert.match(code, /^\d{6}$/);
  assert.match((await messagesTo(phone))[0]?.text ?? "", new RegExp(code));
  assert.equal(await verdict(aPhone(), code), "one_time_code_invalid");
  assert.equal(await verdict(phone, code, "sign_in"), "one_time_code_invalid");
  const right = await check(phone, code);
  await inTransaction((tx) => useOneTimeCode(tx, right));
  assert.equal(await verdict(phone, code), "one_time_code_invalid");
});

test("of twenty who use one code at once, one does", async () => {
  const phone = aPhone();
  await send(phone);
  const right = await check(phone, await codeSentTo(phone));
  const uses = await Promise.allSettled(times(20, () => inTransaction((tx) => useOneTimeCode(tx, right))));
  assert.equal(uses.filter(({ status }) => status === "fulfilled").length, 1);
});

test("an act that fails has not used its code up", async () => {
  const phone = aPhone();
  await send(phone);
  const code = await codeSentTo(phone);
  const right = await check(phone, code);
  await assert.rejects(
    inTransaction(async (tx) => {
      await useOneTimeCode(tx, right);
      throw new Error("the act failed");
    }),
    /the act failed/,
  );
  assert.equal(await verdict(phone, code), "right");
});

test("after five wrong guesses the right one is wrong too, however many come at once", async () => {
  const phone = aPhone();
  await send(phone);
  const code = await codeSentTo(phone);
  const guesses = await Promise.all(times(40, () => verdict(phone, another(code))));
  assert.ok(!guesses.includes("right"));
  await advance(300);
  assert.equal(await verdict(phone, code), "one_time_code_invalid");
  assert.equal(await send(phone), "sent");
  await advance(10);
  assert.equal(await verdict(phone, await codeSentTo(phone)), "right");
});

test("the guess that is counted last is the fifth", async () => {
  const phone = aPhone();
  await send(phone);
  const code = await codeSentTo(phone);
  for (const _ of times(4, () => 0)) assert.equal(await verdict(phone, another(code)), "one_time_code_invalid");
  assert.equal(await verdict(phone, code), "right");
});

test("who guesses from elsewhere, or asks for codes there, takes nothing from the one who asked", async () => {
  const phone = aPhone();
  await send(phone);
  const code = await codeSentTo(phone);
  for (const from of [cafe, far, "192.0.2.77", "192.0.2.78"])
    assert.equal(await verdict(phone, another(code), "register", from), "one_time_code_invalid");
  assert.equal(await verdict(phone, code, "register", cafe), "one_time_code_invalid", "three guesses from elsewhere");
  assert.equal(await send(phone, "register", cafe), "sent");
  assert.equal(await verdict(phone, code), "right");
});

test("who goes from one network to another while the code travels can use it", async () => {
  const phone = aPhone();
  await send(phone, "register", home);
  assert.equal(await verdict(phone, await codeSentTo(phone), "register", far), "right");
});

test("a code lives ten minutes, and the daily job forgets it", async () => {
  const phone = aPhone();
  await send(phone);
  const code = await codeSentTo(phone);
  await advance(595);
  assert.equal(await verdict(phone, code), "right");
  await advance(6);
  assert.equal(await verdict(phone, code), "one_time_code_invalid");
  await forgetOldCodes();
  const { rows } = await database().query("select count(*)::int as n from one_time_codes");
  assert.equal(rows[0].n, 0);
});

test("a network gets one code a minute for a phone; the next takes the place of the one before", async () => {
  const phone = aPhone();
  assert.equal(await send(phone), "sent");
  const first = await codeSentTo(phone);
  const tooSoon = await ask("POST", "/v1/one_time_codes", { phone, purpose: "register" });
  ok(tooSoon);
  const again = await ask("POST", "/v1/one_time_codes", { phone, purpose: "register" });
  refused(again, 429, "one_time_codes_limited");
  assert.ok(Number(again.headers.get("retry-after")) > 50 && Number(again.headers.get("retry-after")) <= 60);
  await advance(60);
  assert.equal(await send(phone), "sent");
  const second = await codeSentTo(phone);
  assert.equal(await verdict(phone, first), first === second ? "right" : "one_time_code_invalid");
  assert.equal(await verdict(phone, second), "right");
});

test("all networks together get six codes for a phone and then three an hour; one network gets thirty and then three a minute", async () => {
  const phone = aPhone();
  const sent = await Promise.all(times(12, (n) => send(phone, "register", `192.0.2.${n}`)));
  assert.equal(sent.filter((answer) => answer === "sent").length, 6);
  await advance(1_199);
  assert.equal(await send(phone, "register", "192.0.2.99"), "one_time_codes_limited");
  await advance(2);
  assert.equal(await send(phone, "register", "192.0.2.99"), "sent");
  const many = await Promise.all(times(40, () => send(aPhone(), "register", "192.0.2.200")));
  assert.equal(many.filter((answer) => answer === "sent").length, 30);
});

test("asking for a code tells nothing about accounts, and who can't use one gets none", async () => {
  const { phone: taken } = await aUser();
  const free = aPhone();
  const answers = new Set<string>();
  for (const purpose of ["register", "reset_password", "verify", "change_phone"]) {
    for (const phone of [taken, free]) {
      const { status, headers, body } = await ask("POST", "/v1/one_time_codes", { phone, purpose });
      assert.equal(status, 200);
      answers.add(JSON.stringify([{ ...body, purpose: "" }, [...headers.keys()].sort()]));
      await advance(1_200);
    }
  }
  assert.equal(answers.size, 1);
  const sentTo = async (phone: string) => (await messagesTo(phone)).map(({ kind, values }) => values?.purpose ?? kind);
  assert.deepEqual((await sentTo(taken)).reverse(), ["account_exists", "reset_password", "verify", "account_exists"]);
  assert.deepEqual((await sentTo(free)).reverse(), ["register", "change_phone"]);
});

test("a code for a taken phone and one for an unknown phone take the same statements and make the same rows", async () => {
  const { phone: taken } = await aUser();
  for (const purpose of ["register", "reset_password"] as const) {
    const workFor = async (phone: string) => {
      await database().query("delete from messages");
      await database().query("delete from one_time_codes");
      const from = `192.0.2.${phone.slice(-2)}`;
      const statements = await statementsOf(async () => assert.equal(await send(phone, purpose, from), "sent"));
      const { rows: codes } = await database().query("select pg_column_size(c.*) as size from one_time_codes c");
      const { rows: messages } = await database().query("select from messages");
      return { statements, codes, messages: messages.length };
    };
    const work = await workFor(taken);
    assert.ok(work.statements.includes("messages.insert"));
    assert.deepEqual(await workFor(aPhone()), work);
    await advance(1_200);
  }
});

test("a code is asked for by phone or by email, as its purpose wants", async () => {
  const wrong: [body: object, code: string, param: string][] = [
    [{ purpose: "register" }, "parameter_missing", "/phone"],
    [{ purpose: "change_phone", email: "a@example.com" }, "parameter_missing", "/phone"],
    [{ purpose: "change_email", phone: aPhone() }, "parameter_missing", "/email"],
    [{ purpose: "sign_in", phone: aPhone() }, "parameter_invalid", "/purpose"],
    [{ phone: aPhone() }, "parameter_missing", "/purpose"],
    [{ phone: aPhone(), email: "a@example.com", purpose: "register" }, "parameter_invalid", "/email"],
  ];
  for (const [body, code, param] of wrong)
    assert.equal(refused(await ask("POST", "/v1/one_time_codes", body), 400, code).param, param);
  ok(await ask("POST", "/v1/one_time_codes", { email: "Ann@Example.com", purpose: "register" }));
  assert.match(await codeSentTo("ann@example.com"), /^\d{6}$/);
});

test("a stolen dump shows neither the phone nor the code", async () => {
  const phone = aPhone();
  await send(phone);
  const code = await codeSentTo(phone);
  const { rows } = await database().query(
    "select c::text as text from one_time_codes c union all select m::text from messages m",
  );
  assert.ok(rows.length > 0);
  for (const { text } of rows) assert.ok(!text.includes(phone) && !new RegExp(`\\b${code}\\b`).test(text));
});
