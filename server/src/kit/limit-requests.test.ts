import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import type { callApi } from "#test/call.ts";
import { moveClock, useDatabase } from "#test/database.ts";
import { aMerchantToken, tokenOf, useHttp } from "#test/http.ts";
import { allow, authenticateBy, open } from "./access.ts";
import { Cache } from "./cache.ts";
import { openKeyring } from "./crypto.ts";
import type { Http } from "./http.ts";
import { limitsOfRoute, parsePolicies } from "./rate-limit-policies.ts";

useDatabase({ prepare: () => openKeyring(randomBytes(32)) });

function routes(app: Http): void {
  app.post("/v1/sessions", { config: open() }, async () => ({ object: "session" }));
  app.get("/v1/things", { config: allow(["merchant", "user", "staff"]) }, async (request) => request.actor);
  app.get("/healthz", { config: open() }, async () => ({ status: "ok" }));
}
const few = "sign_in=3/60,reads=5/60,users=4/60,staff=2/60,unknown=5/60";
const direct = useHttp(routes, { rateLimits: parsePolicies(few) });
const behind = useHttp(routes, { rateLimits: parsePolicies(few), trustedProxies: "127.0.0.0/8,2001:db8:1::/48" });

/** Statuses of so many requests in a row. */
async function ask(times: number, make: (i: number) => ReturnType<typeof callApi>): Promise<number[]> {
  const statuses = [];
  for (let i = 0; i < times; i++) statuses.push((await make(i)).status);
  return statuses;
}
const from = (address: string) => ({ "x-forwarded-for": address });
const signIn = (headers = {}, server = behind) => server.call("POST", "/v1/sessions", { headers });

test("a key has its quota and is told what is left; then it waits as long as it is told", async () => {
  const token = aMerchantToken();
  const first = await direct.call("GET", "/v1/things", { token });
  assert.equal(first.headers.get("ratelimit-policy"), '"reads";q=5;w=60');
  assert.equal(first.headers.get("ratelimit"), '"reads";r=4;t=12');
  assert.deepEqual(await ask(4, () => direct.call("GET", "/v1/things", { token })), [200, 200, 200, 200]);
  const refused = await direct.call("GET", "/v1/things", { token });
  assert.deepEqual(
    [refused.status, refused.body.error.code, refused.body.error.type],
    [429, "rate_limited", "rate_limit"],
  );
  assert.deepEqual(refused.body.error.details, { limit: "reads", quota: 5, seconds: 60 });
  assert.match(refused.headers.get("ratelimit") ?? "", /^"reads";r=0;t=(59|60)$/);
  const wait = Number(refused.headers.get("retry-after"));
  assert.ok(wait === 11 || wait === 12, `${wait} s`);
  assert.equal((await direct.call("GET", "/v1/things", { token: aMerchantToken() })).status, 200);
  await moveClock(wait);
  assert.deepEqual(await ask(2, () => direct.call("GET", "/v1/things", { token })), [200, 429]);
});

test("a user and a member of staff are counted by themselves, whatever address they come from", async () => {
  const user = tokenOf({ kind: "user", userId: "usr_1", livemode: false, sessionId: "ses_1" });
  const again = tokenOf({ kind: "user", userId: "usr_1", livemode: false, sessionId: "ses_2" });
  const staff = tokenOf({ kind: "staff", staffId: "stf_1", sessionId: "ses_3", role: "admin", permissions: new Set() });
  const read = (token: string) => (i: number) =>
    behind.call("GET", "/v1/things", { token, headers: from(`198.51.100.${i}`) });
  assert.deepEqual(await ask(3, read(user)), [200, 200, 200]);
  assert.deepEqual(await ask(2, read(again)), [200, 429]);
  assert.deepEqual(await ask(3, read(staff)), [200, 200, 429]);
});

test("who signs in is counted by address: an IPv4 address, an IPv6 /64", async () => {
  assert.deepEqual(await ask(4, () => signIn(from("203.0.113.1"))), [200, 200, 200, 429]);
  assert.equal((await signIn(from("203.0.113.2"))).status, 200);
  assert.deepEqual(await ask(4, (i) => signIn(from(`2001:db8:9:9::${i}`))), [200, 200, 200, 429]);
  assert.equal((await signIn(from("2001:db8:9:a::1"))).status, 200);
});

test("only a proxy that is trusted says where a request came from, and only what it added itself", async () => {
  assert.deepEqual(await ask(4, (i) => signIn(from(`203.0.113.${100 + i}`), direct)), [200, 200, 200, 429]);
  await moveClock(60);
  // The client wrote the first address, our proxies the ones behind it.
  const spoofed = (i: number) => signIn(from(`192.0.2.${i}, 203.0.113.50, 2001:db8:1::7`));
  assert.deepEqual(await ask(4, spoofed), [200, 200, 200, 429]);
  assert.equal((await signIn(from("203.0.113.50"))).status, 429);
});

test("health is asked as often as one likes", async () => {
  assert.deepEqual(new Set(await ask(50, () => direct.call("GET", "/healthz"))), new Set([200]));
  assert.equal((await direct.call("GET", "/healthz")).headers.get("ratelimit"), null);
});

const looked: string[] = [];
const known = new Set<string>();
const keys = new Cache<string, string>({
  name: "test.limited_keys",
  max: 1_000,
  ttlMs: 60_000,
  async load(token) {
    looked.push(token);
    return known.has(token) ? token : undefined;
  },
});
authenticateBy((token) => {
  if (!token.startsWith("key_")) return undefined;
  const asActor = (keyId: string | undefined) =>
    keyId === undefined
      ? undefined
      : ({ kind: "merchant", merchantId: "mch_1", livemode: false, keyId, scopes: null } as const);
  const found = keys.get(token);
  return found instanceof Promise ? found.then(asActor) : asActor(found);
});

test("a flood of guessed keys is looked up a few times and then refused; who is known gets through from the same address", async () => {
  await moveClock(60);
  for (const token of ["key_honest", "key_late"]) known.add(token);
  const headers = from("203.0.113.77");
  const read = (token: string, of = headers) => behind.call("GET", "/v1/things", { token, headers: of });
  assert.equal((await read("key_honest")).status, 200);
  looked.length = 0;
  const statuses = await ask(100, (i) => read(`key_guess${i}`));
  assert.deepEqual([statuses.slice(0, 5), new Set(statuses.slice(6))], [Array(5).fill(401), new Set([429])]);
  assert.ok(looked.length <= 6, `${looked.length} looked up`);
  const refused = await read("key_guess_again");
  assert.deepEqual(
    [refused.body.error.code, refused.headers.get("ratelimit-policy")],
    ["rate_limited", '"unknown";q=5;w=60'],
  );
  assert.equal((await read("key_honest")).status, 200);
  assert.equal((await read("key_late")).status, 429);
  assert.equal((await read("key_late", from("203.0.113.78"))).status, 200);
  await moveClock(60);
  assert.equal((await read("key_guess_at_last")).status, 401);
});

test("each route has its limits, by what it does and who asks", () => {
  const limits = (method: string, url: string, access = allow(["merchant", "user", "staff"]).access) =>
    Object.values(limitsOfRoute(method, url, access) ?? { none: 0 }).join(" ");
  assert.equal(limits("POST", "/v1/payments"), "payments users staff sign_in");
  assert.equal(limits("GET", "/v1/payments/:id"), "reads users staff open");
  assert.equal(limits("PATCH", "/v1/stores/:id"), "writes users staff sign_in");
  assert.equal(limits("GET", "/v1/records/export"), "exports exports exports open");
  assert.equal(limits("GET", "/v1/search"), "exports exports exports open");
  assert.match(limits("POST", "/v1/users", open().access), /sign_in$/);
  assert.match(limits("GET", "/v1/payments/:id/checkout", allow(["payer", "user"]).access), /payers$/);
  assert.equal(limits("GET", "/readyz", open().access), "0");
});
