import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Answer,
  advance,
  aPhone,
  asLive,
  codeSentTo,
  codesOf,
  messagesTo,
  ok,
  refused,
  times,
  useServer,
} from "#test/people.ts";

const { ask, aUser, signInFromNewDevice } = useServer();
const password = "correct horse battery";
const askForCode = (who: object) => ask("POST", "/v1/one_time_codes", { ...who, purpose: "register" });
const another = (code: string) => String((Number(code) + 1) % 1_000_000).padStart(6, "0");

test("on a live server a phone is registered with the code that reached it, and counts as proven", async () => {
  const phone = aPhone();
  await asLive(async () => {
    refused(await ask("POST", "/v1/users", { phone, password }), 400, "one_time_code_missing");
    ok(await askForCode({ phone }));
    const code = await codeSentTo(phone);
    const user = ok(await ask("POST", "/v1/users", { phone, password, code }));
    assert.deepEqual([user.phone, user.phone_verified, user.email_verified], [phone, true, false]);
    assert.equal((await signInFromNewDevice({ phone, password })).user.id, user.id);
    refused(await ask("POST", "/v1/users", { phone, password, code }), 403, "one_time_code_invalid");
  });
});

test("an email is registered the same way, and the code of one belongs to no other", async () => {
  const email = "Code.Reader@example.com";
  ok(await askForCode({ email }));
  const code = await codeSentTo(email);
  const body = { email, password, code };
  refused(await ask("POST", "/v1/users", { ...body, email: "other@example.com" }), 403, "one_time_code_invalid");
  refused(await ask("POST", "/v1/users", { ...body, phone: aPhone() }), 400, "parameter_invalid");
  const user = ok(await ask("POST", "/v1/users", body));
  assert.deepEqual([user.email_verified, user.phone_verified], [true, false]);
});

test("on a live server nobody learns whether a phone has an account: every answer is the same to the byte", async () => {
  await asLive(async () => {
    const taken = aPhone();
    ok(await askForCode({ phone: taken }));
    ok(await ask("POST", "/v1/users", { phone: taken, password, code: await codeSentTo(taken) }));
    await advance(1_200);
    const free = aPhone();
    const shapes = new Set<string>();
    const look = ({ status, headers, body }: Answer) => {
      const { request_id: _id, ...error } = body.error ?? {};
      shapes.add(JSON.stringify([status, error, [...headers.keys()].sort()]));
    };
    for (const phone of [taken, free]) {
      look(await ask("POST", "/v1/users", { phone, password }));
      look(await ask("POST", "/v1/users", { phone, password, code: "123456" }));
    }
    assert.equal(shapes.size, 2, "one without a code, one with a wrong one");
    for (const phone of [taken, free]) {
      ok(await askForCode({ phone }));
      const wrong = phone === free ? another(await codeSentTo(free)) : "123456";
      look(await ask("POST", "/v1/users", { phone, password, code: wrong }));
    }
    assert.equal(shapes.size, 2);
    assert.equal((await messagesTo(taken))[0]?.kind, "account_exists");
  });
});

test("of ten registrations with one code at once, one is made", async () => {
  const phone = aPhone();
  ok(await askForCode({ phone }));
  const code = await codeSentTo(phone);
  const answers = await Promise.all(times(5, () => ask("POST", "/v1/users", { phone, password, code })));
  assert.deepEqual(codesOf(answers), ["ok", ...times(4, () => "one_time_code_invalid")].sort());
});

test("what is wrong with the rest of a registration does not cost the code", async () => {
  const phone = aPhone();
  ok(await askForCode({ phone }));
  const code = await codeSentTo(phone);
  refused(await ask("POST", "/v1/users", { phone, password: "password123", code }), 400, "password_breached");
  ok(await ask("POST", "/v1/users", { phone, password, code }));
});

test("in test mode a code may be left out, and a phone that is taken says so", async () => {
  const { phone, user } = await aUser();
  assert.equal(user.phone_verified, false);
  refused(await ask("POST", "/v1/users", { phone, password }), 409, "phone_taken");
  ok(await askForCode({ phone }));
  assert.equal((await messagesTo(phone))[0]?.kind, "account_exists");
});
