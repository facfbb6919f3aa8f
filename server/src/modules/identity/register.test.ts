import assert from "node:assert/strict";
import { test } from "node:test";
import { database, first, sql } from "#kit/db.ts";
import { findUser, onRegistered, userByPhone, userNames } from "#modules/identity";
import { aPhone, codesOf, ok, refused, times, useServer } from "#test/people.ts";

const { ask, aUser } = useServer();
const password = "correct horse battery";

test("somebody registers by phone and gets the user object", async () => {
  const phone = aPhone();
  const user = ok(
    await ask("POST", "/v1/users", { phone, password, name: "张三" }, { headers: { "accept-language": "zh-CN" } }),
  );
  assert.match(user.id, /^usr_[0-9a-z]{26}$/);
  const { id: _id, created_at, ...rest } = user;
  const unverified = { phone_verified: false, email_verified: false };
  assert.deepEqual(rest, {
    object: "user",
    phone,
    email: null,
    ...unverified,
    name: "张三",
    locale: "zh-CN",
    livemode: false,
  });
  assert.match(created_at, /^\d{4}-\d\d-\d\dT.*Z$/);
});

test("an email keeps its local part and gets a lower-case domain", async () => {
  const user = ok(await ask("POST", "/v1/users", { email: "Ann.Lee@EXAMPLE.com", password, locale: "en" }));
  assert.equal(user.email, "Ann.Lee@example.com");
  assert.equal(user.locale, "en");
});

test("a phone or an email belongs to one account, however it is written", async () => {
  const { phone } = await aUser();
  assert.equal(refused(await ask("POST", "/v1/users", { phone, password }), 409, "phone_taken").param, "/phone");
  ok(await ask("POST", "/v1/users", { email: "bo@example.org", password }));
  refused(await ask("POST", "/v1/users", { email: "Bo@Example.ORG", password }), 409, "email_taken");
  refused(await ask("POST", "/v1/users", { email: "BO@example.org", phone: aPhone(), password }), 409, "email_taken");
});

test("ten registrations of a phone at once make one account", async () => {
  const phone = aPhone();
  const answers = await Promise.all(times(10, () => ask("POST", "/v1/users", { phone, password })));
  assert.deepEqual(codesOf(answers), ["ok", ...times(9, () => "phone_taken")].sort());
});

test("what is wrong with a registration is named", async () => {
  const phone = aPhone();
  const wrong: [body: object, code: string, param: string][] = [
    [{ password }, "parameter_missing", "/phone"],
    [{ phone }, "parameter_missing", "/password"],
    [{ phone: "13812345678", password }, "parameter_invalid", "/phone"],
    [{ phone: "+0123456789", password }, "parameter_invalid", "/phone"],
    [{ phone: "+1234567890123456", password }, "parameter_invalid", "/phone"],
    [{ phone: ["+8613812345678"], password }, "parameter_invalid", "/phone"],
    [{ email: "nobody", password }, "parameter_invalid", "/email"],
    [{ phone, password: "" }, "parameter_invalid", "/password"],
    [{ phone, password: "q7w-k2p" }, "password_too_short", "/password"],
    [{ phone, password: "password123" }, "password_breached", "/password"],
    [{ phone, password: `feiqian${phone.slice(3)}` }, "password_predictable", "/password"],
    [{ phone, password, code: "12345" }, "parameter_invalid", "/code"],
    [{ phone, password: "x".repeat(129) }, "parameter_invalid", "/password"],
    [{ phone, password, name: "a\u0000b" }, "parameter_invalid", "/name"],
    [{ phone, password, name: "x".repeat(65) }, "parameter_invalid", "/name"],
    [{ phone, password, locale: "fr" }, "parameter_invalid", "/locale"],
    [{ phone, password, role: "admin" }, "parameter_unknown", "/role"],
  ];
  for (const [body, code, param] of wrong) {
    assert.equal(refused(await ask("POST", "/v1/users", body), 400, code).param, param, JSON.stringify(body));
  }
});

test("a password may be anything of 8 to 128 characters, and the same characters typed otherwise are the same", async () => {
  for (const chosen of ["八个汉字就够了吗", " a b c d e", `${"😀".repeat(127)}!`, "87654329"]) {
    const phone = aPhone();
    ok(await ask("POST", "/v1/users", { phone, password: chosen }));
    ok(await ask("POST", "/v1/sessions", { phone, password: chosen }));
  }
  const phone = aPhone();
  ok(await ask("POST", "/v1/users", { phone, password: "caf\u00e9 cr\u00e8me" }));
  ok(await ask("POST", "/v1/sessions", { phone, password: "cafe\u0301 cre\u0300me" }));
});

test("a name of blanks is none, and a profile changes field by field", async () => {
  const user = await aUser({ name: "   ", locale: "zh-CN" });
  assert.equal(user.user.name, null);
  assert.equal(ok(await user.ask("PATCH", "/v1/users/me", { name: "Ming Wang" })).name, "Ming Wang");
  const changed = ok(await user.ask("PATCH", "/v1/users/me", { locale: "en" }));
  assert.deepEqual([changed.name, changed.locale], ["Ming Wang", "en"]);
  assert.equal(ok(await user.ask("PATCH", "/v1/users/me", { name: null })).name, null);
  assert.deepEqual(ok(await user.ask("GET", "/v1/users/me")), { ...user.user, locale: "en" });
  refused(await user.ask("PATCH", "/v1/users/me", { phone: aPhone() }), 400, "parameter_unknown");
});

test("what the role composed for a registration happens in its transaction: refused there, nothing is left", async () => {
  const seen: string[] = [];
  const unwanted = aPhone();
  onRegistered(async (_tx, user) => {
    seen.push(user.id);
    if (user.phone === unwanted) throw new Error("no wallet for this one");
  });
  const user = ok(await ask("POST", "/v1/users", { phone: aPhone(), password }));
  assert.deepEqual(seen, [user.id]);
  refused(await ask("POST", "/v1/users", { phone: unwanted, password }), 500, "internal_error");
  assert.equal(await findUser(database(), seen[1] as string), undefined);
  assert.equal(await userByPhone(database(), unwanted), undefined);
});

const eventOf = sql<{ type: string; object: Record<string, unknown> }>(
  "test.event_of",
  "select type, object from events where owner_id = $1 order by position limit 1",
);

test("the event of a registration shows masks only", async () => {
  const { id, phone } = await aUser({ email: `alison${Date.now()}@example.com`, name: "李娜娜" });
  const event = await first(database(), eventOf, [id]);
  assert.equal(event?.type, "user.created");
  assert.equal(event.object.phone, `${phone.slice(3, 6)}****${phone.slice(-4)}`);
  assert.equal(event.object.name, "**娜");
  assert.match(event.object.email as string, /^a\*\*\*\d@example\.com$/);
});

test("other modules find users by phone and see masked names of many at once", async () => {
  const [a, b] = [await aUser({ name: "张三" }), await aUser()];
  const found = await userByPhone(database(), a.phone);
  assert.deepEqual([found?.id, found?.name, found?.livemode], [a.id, "张三", false]);
  const names = await userNames(database(), [a.id, b.id, "usr_00000000000000000000000000"]);
  assert.equal(names.size, 2);
  assert.equal(names.get(a.id)?.name, "*三");
  assert.equal(names.get(b.id)?.name, null);
  assert.equal(names.get(b.id)?.phone, `${b.phone.slice(3, 6)}****${b.phone.slice(-4)}`);
  assert.equal((await userNames(database(), [])).size, 0);
});
