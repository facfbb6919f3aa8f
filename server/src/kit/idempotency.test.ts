import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { Type } from "typebox";
import { useDatabase } from "#test/database.ts";
import { elsewhere, eventually } from "#test/elsewhere.ts";
import { aMerchantToken, tokenOf, useHttp } from "#test/http.ts";
import { allow } from "./access.ts";
import { openKeyring } from "./crypto.ts";
import { database, run, sql } from "./db.ts";
import { once, Refused } from "./idempotency.ts";
import { newId } from "./ids.ts";
import { kitErrors } from "./kit-errors.ts";
import { purgeIdempotencyKeys } from "./purge-idempotency-keys.ts";
import { Strict } from "./schemas.ts";

const masterKey = randomBytes(32);
const { url } = useDatabase({
  prepare: async () => {
    await openKeyring(masterKey);
    await database().query("create table effects (what text)");
  },
});

const effect = sql("test.effect", "insert into effects values ($1)");
const Act = {
  body: Strict({
    what: Type.String(),
    note: Type.Optional(Type.String()),
    more: Type.Optional(Type.Record(Type.String(), Type.Integer())),
  }),
};
/** What the next command of this name waits for. */
const gates = new Map<string, Promise<void>>();

const server = useHttp((app) => {
  const act = once<typeof Act>(async (request, tx) => {
    const { what } = request.body;
    await run(tx, effect, [what]);
    await gates.get(what);
    if (what.startsWith("refused")) throw new Refused(kitErrors.state_conflict({ details: { status: "closed" } }));
    if (what.startsWith("wrong")) throw kitErrors.not_found();
    if (what.startsWith("busy")) throw kitErrors.state_conflict({ retryAfter: 1 });
    if (what.startsWith("broken")) throw new Error("broken");
    return { made: newId("pay"), what };
  });
  app.post("/v1/acts", { schema: Act, config: allow(["merchant", "user", "staff"]) }, act);
  const preHandler = async ({ body: { what } }: { body: { what: string } }) => {
    if ((await effectsOf(what)) > 0) throw kitErrors.state_conflict({ details: { status: "done" } });
  };
  app.post("/v1/single_acts", { schema: Act, config: allow("merchant"), preHandler }, act);
  app.post("/v1/other_acts", { schema: Act, config: allow("merchant") }, act);
  app.post(
    "/v1/moves",
    { schema: Act, config: allow("merchant") },
    once<typeof Act>(async (request) => ({ moved: request.body.what }), { required: true, status: 201 }),
  );
  app.post(
    "/v1/secrets",
    { schema: Act, config: allow("merchant") },
    once<typeof Act>(async () => ({ secret: "sk_test_very_secret" }), { secret: true }),
  );
});

const token = aMerchantToken();
const act = (body: object, options: { key?: string | null; token?: string; path?: string } = {}) =>
  server.call("POST", options.path ?? "/v1/acts", { token, body, ...options });
const effectsOf = async (what: string): Promise<number> =>
  (await database().query("select from effects where what = $1", [what])).rowCount ?? 0;
const replayed = ({ headers }: { headers: Headers }) => headers.get("idempotent-replayed") === "true";

test("a repetition gets the same status and bytes, says so, and does nothing again", async () => {
  const key = newId("req");
  const [first, second] = [await act({ what: "repeat" }, { key }), await act({ what: "repeat" }, { key })];
  assert.deepEqual([first.status, second.status], [200, 200]);
  assert.deepEqual(second.body, first.body);
  assert.deepEqual([replayed(first), replayed(second)], [false, true]);
  assert.equal(second.headers.get("content-type"), first.headers.get("content-type"));
  assert.equal(await effectsOf("repeat"), 1);
});

test("the same request in another order of fields, or with blanks, is the same request", async () => {
  const key = newId("req");
  await act({ what: "order", more: { a: 1, b: 2 } }, { key });
  const again = await server.call("POST", "/v1/acts?", {
    token,
    key,
    body: '{ "more": {"b":2, "a":1}, "what" : "order" }',
  });
  assert.ok(replayed(again));
});

test("a repetition of what would be refused by now gets its first answer; another body learns that the key is taken", async () => {
  const path = "/v1/single_acts";
  const key = newId("req");
  const first = await act({ what: "single" }, { key, path });
  const again = await act({ what: "single" }, { key, path });
  assert.deepEqual([again.status, again.body, replayed(again)], [200, first.body, true]);
  const reused = await act({ what: "single", note: "other" }, { key, path });
  assert.deepEqual([reused.status, reused.body.error.code], [422, "idempotency_key_reused"]);
  for (const other of [
    await act({ what: "single" }, { path }),
    await act({ what: "single" }, { key, path, token: aMerchantToken() }),
  ])
    assert.deepEqual([other.status, other.body.error.code], [409, "state_conflict"]);
  assert.equal(await effectsOf("single"), 1);
});

test("another body or another path under the same key is refused, and does nothing", async () => {
  const key = newId("req");
  await act({ what: "mine" }, { key });
  for (const answer of [
    await act({ what: "other" }, { key }),
    await act({ what: "mine", note: "" }, { key }),
    await act({ what: "mine" }, { key, path: "/v1/other_acts" }),
  ])
    assert.deepEqual(
      [answer.status, answer.body.error.code, answer.body.error.param],
      [422, "idempotency_key_reused", "Idempotency-Key"],
    );
  assert.deepEqual([await effectsOf("mine"), await effectsOf("other")], [1, 0]);
});

test("a key belongs to its owner and mode alone", async () => {
  const key = newId("req");
  const merchantId = newId("mch");
  const modes = [true, false].map((livemode) =>
    tokenOf({ kind: "merchant", merchantId, keyId: newId("key"), livemode, scopes: null }),
  );
  for (const other of [...modes, aMerchantToken()])
    assert.equal(replayed(await act({ what: "owned" }, { key, token: other })), false);
  assert.equal(await effectsOf("owned"), 3);
  const rolled = tokenOf({ kind: "merchant", merchantId, keyId: newId("key"), livemode: true, scopes: null });
  assert.ok(replayed(await act({ what: "owned" }, { key, token: rolled })), "another key of the same merchant repeats");
});

test("while the first is running a second one is told to come again, and then gets its answer", async () => {
  const key = newId("req");
  const gate = Promise.withResolvers<void>();
  gates.set("slow", gate.promise);
  const first = act({ what: "slow" }, { key });
  await eventually(async () => (await act({ what: "slow" }, { key })).status === 409);
  const second = await act({ what: "slow" }, { key });
  assert.deepEqual([second.body.error.code, second.headers.get("retry-after")], ["idempotency_in_progress", "1"]);
  gate.resolve();
  const answer = await first;
  assert.deepEqual((await act({ what: "slow" }, { key })).body, answer.body);
  assert.equal(await effectsOf("slow"), 1);
});

test("fifty at once with one key: one runs, the others are told or get its answer", async () => {
  const key = newId("req");
  const answers = await Promise.all(Array.from({ length: 50 }, () => act({ what: "crowd" }, { key })));
  const done = answers.filter(({ status }) => status === 200);
  assert.ok(done.length >= 1);
  assert.equal(new Set(done.map(({ body }) => body.made)).size, 1);
  assert.ok(answers.every(({ status }) => status === 200 || status === 409));
  assert.equal(await effectsOf("crowd"), 1);
});

test("of two processes with one key one runs and the other repeats its answer", async () => {
  const key = newId("req");
  const other = elsewhere(
    url(),
    `import { once } from "#kit/idempotency.ts";
     import { createHttp } from "#kit/http.ts";
     import { allow, authenticateBy } from "#kit/access.ts";
     import { openKeyring } from "#kit/crypto.ts";
     await openKeyring(Buffer.from("${masterKey.toString("hex")}", "hex"));
     authenticateBy(() => ({ kind: "merchant", merchantId: "mch_shared", keyId: "key_1", livemode: false, scopes: null }));
     const app = createHttp();
     app.post("/v1/acts", { config: allow("merchant") }, once(async (request, tx) => {
       await tx.query("insert into effects values ($1)", [request.body.what]);
       await new Promise((resolve) => setTimeout(resolve, 10));
       return { made: "elsewhere" };
     }));
     console.log(await app.listen({ host: "127.0.0.1", port: 0 }));
     await new Promise(() => {});`,
  );
  const address = await new Promise<string>((resolve) =>
    other.process.stdout?.once("data", (line) => resolve(String(line).trim())),
  );
  const shared = tokenOf({ kind: "merchant", merchantId: "mch_shared", keyId: "key_2", livemode: false, scopes: null });
  const there = async () => {
    const headers = { authorization: "Bearer x", "content-type": "application/json", "idempotency-key": key };
    const answer = await fetch(`${address}/v1/acts`, { method: "POST", headers, body: '{"what":"shared"}' });
    return { status: answer.status, body: await answer.json() };
  };
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, i) => (i % 2 ? there() : act({ what: "shared" }, { key, token: shared }))),
  );
  other.process.kill();
  const made = answers.filter(({ status }) => status === 200).map(({ body }) => body.made);
  assert.equal(new Set(made).size, 1);
  assert.ok(
    answers.every(({ status }) => status === 200 || status === 409),
    JSON.stringify(answers),
  );
  assert.equal(await effectsOf("shared"), 1);
});

test("what fails validation, authentication or by a thrown error does not use up the key", async () => {
  const key = newId("req");
  assert.equal((await act({ what: 1 }, { key })).status, 400);
  assert.equal((await act({ what: "x" }, { key, token: "unknown" })).status, 401);
  assert.equal((await act({ what: "wrong" }, { key })).status, 404);
  assert.equal((await act({ what: "broken" }, { key })).status, 500);
  assert.deepEqual([await effectsOf("wrong"), await effectsOf("broken")], [0, 0]);
  const answer = await act({ what: "at last" }, { key });
  assert.deepEqual([answer.status, replayed(answer)], [200, false]);
});

test("a refusal is a fact: what it did stays, and it is repeated to the letter, with its request id", async () => {
  const key = newId("req");
  const [first, second] = [await act({ what: "refused" }, { key }), await act({ what: "refused" }, { key })];
  assert.deepEqual([first.status, first.body.error.code], [409, "state_conflict"]);
  assert.equal(first.body.error.request_id, first.headers.get("request-id"));
  assert.deepEqual([second.status, second.body], [first.status, first.body]);
  assert.ok(replayed(second));
  assert.equal(await effectsOf("refused"), 1);
});

test("a conflict is the answer of its key, whatever becomes of the object; it did nothing", async () => {
  const path = "/v1/single_acts";
  const [key, another] = [newId("req"), newId("req")];
  await act({ what: "taken" }, { path });
  const first = await act({ what: "taken" }, { key, path });
  assert.deepEqual([first.status, first.body.error.code, replayed(first)], [409, "state_conflict", false]);
  await database().query("delete from effects where what = 'taken'");
  const second = await act({ what: "taken" }, { key, path });
  assert.deepEqual([second.status, second.body, replayed(second)], [409, first.body, true]);
  assert.equal((await act({ what: "taken", note: "other" }, { key, path })).status, 422);
  assert.equal(await effectsOf("taken"), 0);
  assert.equal((await act({ what: "taken" }, { key: another, path })).status, 200);
});

test("a conflict that says when to come back does not use up the key", async () => {
  const key = newId("req");
  for (let n = 0; n < 2; n++) {
    const busy = await act({ what: "busy" }, { key });
    assert.deepEqual([busy.status, busy.headers.get("retry-after"), replayed(busy)], [409, "1", false]);
  }
});

test("where money moves the key is required; elsewhere it may be left out, and then nothing is remembered", async () => {
  const { status, body } = await act({ what: "x" }, { key: null, path: "/v1/moves" });
  assert.deepEqual([status, body.error.code, body.error.param], [400, "idempotency_key_missing", "Idempotency-Key"]);
  assert.equal((await act({ what: "x" }, { path: "/v1/moves" })).status, 201);
  await act({ what: "twice" }, { key: null });
  await act({ what: "twice" }, { key: null });
  assert.equal(await effectsOf("twice"), 2);
});

test("a key is 1 to 255 visible characters", async () => {
  for (const key of ["x".repeat(255), "~!", newId("req")])
    assert.equal((await act({ what: "keys" }, { key })).status, 200);
  for (const key of ["x".repeat(256), "two words", "é"]) {
    const { status, body } = await act({ what: "keys" }, { key });
    assert.deepEqual([status, body.error.code], [400, "idempotency_key_invalid"], key);
  }
});

test("an answer that holds a secret is kept sealed, and repeated in the clear", async () => {
  const key = newId("req");
  const first = await act({ what: "x" }, { key, path: "/v1/secrets" });
  const { rows } = await database().query("select answer from idempotency_keys order by created_at desc limit 1");
  assert.match(rows[0].answer, /./);
  assert.doesNotMatch(rows[0].answer, /very_secret/);
  const second = await act({ what: "x" }, { key, path: "/v1/secrets" });
  assert.deepEqual([second.body, replayed(second)], [first.body, true]);
});

test("keys older than 30 days are forgotten, younger ones kept", async () => {
  const [old, young] = [newId("req"), newId("req")];
  const age = (days: number) =>
    database().query("update idempotency_keys set created_at = clock_now() - $1 * interval '1 day'", [days]);
  await act({ what: "aged" }, { key: young });
  await age(29);
  await act({ what: "aged" }, { key: old });
  await database().query(
    "update idempotency_keys set created_at = clock_now() - interval '31 days' where created_at > clock_now() - interval '1 day'",
  );
  assert.equal(await purgeIdempotencyKeys(), 1);
  assert.equal(await purgeIdempotencyKeys(), 0);
  assert.equal(replayed(await act({ what: "aged" }, { key: young })), true);
  assert.equal(replayed(await act({ what: "aged" }, { key: old })), false);
});
