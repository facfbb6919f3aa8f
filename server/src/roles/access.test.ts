import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { before, describe, test } from "node:test";
import pg from "pg";
import { now } from "#kit/clock.ts";
import { type Role, roles } from "#modules/identity";
import { belongingOf, knownBelongings, type Owners, owningEverything } from "#test/belongings.ts";
import { eventually } from "#test/elsewhere.ts";
import { aPayer, aShop, ok, type Payer, type Shop } from "#test/factories.ts";
import { type Answer, usePlatform } from "#test/platform.ts";

/** Walks the OpenAPI document: every endpoint, with everybody who may not. A new endpoint is walked, or fails the first test. */
interface Operation {
  readonly method: string;
  readonly path: string;
  readonly kinds: readonly string[];
  readonly permission: string | undefined;
}

interface Described {
  readonly security: readonly object[];
  readonly "x-permission"?: string;
}

/** Bodies that pass validation, for those who must be refused because of who they are. Others take none. */
const bodies: Readonly<Record<string, object>> = {
  "POST /v1/api_keys/{id}/roll": { overlap_seconds: 0 },
  "POST /v1/payments/{id}/confirm": { method: "wallet", pin: "402917" },
  "POST /v1/payments/{id}/confirm_on_device": { pin: "402917" },
  "PATCH /v1/users/me/devices/{id}": { name: "Mine now" },
  "PATCH /v1/stores/{id}": { name: "Mine now" },
  "PATCH /v1/terminals/{id}": { name: "Mine now" },
  "PATCH /v1/merchants/{id}": { name: "Mine now" },
  "PATCH /v1/api_keys/{id}": { name: "Mine now" },
  "PATCH /v1/users/me/passkeys/{id}": { name: "Mine now" },
  "POST /v1/users/me/devices/{id}/key": { public_key: "x".repeat(43), proof: "x".repeat(86) },
  "PATCH /v1/webhook_endpoints/{id}": { description: "Mine now" },
};
/** Where whoever asks has to give the password besides. */
const needPassword: ReadonlySet<string> = new Set(["DELETE /v1/users/me/passkeys/{id}"]);
const queries: Readonly<Record<string, string>> = {
  "GET /v1/statements/{id}/export": "?format=csv",
  "GET /v1/statements/{id}/lines": "?account=acc_0000000000000000000000000a",
};

const platform = usePlatform();
let operations: readonly Operation[] = [];
let owners: Owners;
let stranger: { readonly shop: Shop; readonly payer: Payer };

const nameOf = ({ method, path }: Operation): string => `${method} ${path}`;
const closed = () => operations.filter(({ kinds }) => kinds.length > 0);
const withObject = () => operations.filter(({ path }) => belongingOf(path) !== undefined);
const nobodys = "0".repeat(26);

/** Asks for one object, or for none where the path names none. */
function ask(operation: Operation, token: string | undefined, id = `pay_${nobodys}`): Promise<Answer> {
  const name = nameOf(operation);
  const path = operation.path.replace(/\{\w+\}/, id) + (queries[name] ?? "");
  const password = needPassword.has(name) && { password: stranger.payer.password };
  const body = operation.method === "GET" ? undefined : { ...bodies[name], ...password };
  return platform.call(operation.method, path, { ...(token && { token }), ...(body && { body }) });
}

/** Asserts what each of these operations answers, and shows all that answer otherwise. */
async function all(
  those: readonly Operation[],
  answer: (operation: Operation) => Promise<Answer>,
  expected: string,
): Promise<void> {
  assert.ok(those.length > 0);
  const found: string[] = [];
  for (const operation of those) {
    const { status, body } = await answer(operation);
    const got = `${status} ${body?.error?.code ?? ""}`;
    if (!new RegExp(`^(${expected})$`).test(got)) found.push(`${nameOf(operation)}: ${got}`);
  }
  assert.deepEqual(found, []);
}

describe("everybody who may not", () => {
  before(async () => {
    const document = await ok(platform.call("GET", "/v1/openapi.json"));
    operations = Object.entries<Record<string, Described>>(document.paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, { security, "x-permission": permission }]) => ({
        method: method.toUpperCase(),
        path,
        kinds: security.flatMap((scheme) => Object.keys(scheme)),
        permission,
      })),
    );
    stranger = { shop: await aShop(platform), payer: await aPayer(platform) };
    owners = await owningEverything(platform);
  });

  test("of everything that a path can name this test knows how to own one", () => {
    const unknown = withObject()
      .filter(({ kinds }) => kinds.some((kind) => kind === "merchant" || kind === "user"))
      .filter(({ path }) => !knownBelongings.has(belongingOf(path) as string));
    assert.deepEqual(unknown.map(nameOf), []);
  });

  describe("who shows nothing, or something that is worth nothing, is not let in", () => {
    const needsToken = () => closed().filter(({ kinds }) => !kinds.includes("payer"));

    test("no token", () => all(needsToken(), (operation) => ask(operation, undefined), "401 credentials_missing"));

    test("a token of nobody's", () =>
      all(closed(), (operation) => ask(operation, `sk_test_${"x".repeat(40)}`), "401 credentials_unknown"));

    test("a token that somebody made", () => {
      const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
      const claims = { sub: owners.payer.id, aud: "feiqian:user", exp: Math.ceil(now() / 1_000) + 600 };
      const forged = `${part({ alg: "none", typ: "at+jwt" })}.${part(claims)}.`;
      return all(closed(), (operation) => ask(operation, forged), "401 credentials_unknown");
    });

    test("a key of another mode", () =>
      all(
        closed().filter(({ kinds }) => kinds.includes("merchant")),
        (operation) => ask(operation, owners.shop.key.replace("sk_test_", "sk_live_")),
        "401 live_key_refused",
      ));

    test("without a session a payer shows the key of that payment", async () => {
      const [mine, other] = [await ok(owners.shop.order()), await ok(stranger.shop.order())];
      const payers = operations.filter(({ kinds }) => kinds.includes("payer"));
      await all(payers, (operation) => ask(operation, undefined, mine.id), "40[01] payment_key_missing");
      for (const key of [other.payment_key, `${mine.payment_key}x`, "pk_"]) {
        const shown = ({ method, path }: Operation) =>
          platform.call(method, path.replace("{id}", mine.id), {
            headers: { "payment-key": key },
            ...(method === "POST" && { body: { method: "wallet" } }),
          });
        await all(payers, shown, "40[0134] (payment_key_invalid|parameter_invalid)");
      }
    });
  });

  describe("who is somebody else is not let in", () => {
    const tokens = async (): Promise<Record<string, string>> => ({
      merchant: owners.shop.key,
      user: owners.payer.token,
      terminal: owners.till,
      staff: await platform.operator(),
    });

    for (const kind of ["merchant", "user", "terminal", "staff"])
      test(`${kind} where it is not allowed`, async () => {
        const token = (await tokens())[kind];
        await all(
          closed().filter(({ kinds }) => !kinds.includes(kind)),
          (operation) => ask(operation, token),
          "403 actor_not_allowed",
        );
      });

    test("a restricted key without the scope", async () => {
      const keyWith = async (scopes: readonly string[]): Promise<string> =>
        (
          await ok(
            platform.call("POST", "/v1/api_keys", { token: owners.shop.key, body: { name: "restricted", scopes } }),
          )
        ).secret;
      const [one, other] = [await keyWith(["payments:read"]), await keyWith(["keys:read"])];
      await all(
        closed().filter(({ kinds, permission }) => permission && kinds.includes("merchant")),
        (operation) => ask(operation, operation.permission === "payments:read" ? other : one),
        "403 scope_missing",
      );
    });

    test("staff without the permission", async () => {
      const lackingMuch = ["admin", "support", "finance"] as const;
      const tokens = new Map<string, string>();
      for (const role of lackingMuch) tokens.set(role, (await platform.signIn(role)).token);
      await all(
        closed().filter(({ kinds, permission }) => permission && kinds.includes("staff")),
        (operation) => {
          const has = (role: Role) => (roles[role] as readonly string[]).includes(operation.permission as string);
          const lacking = lackingMuch.find((role) => !has(role));
          assert.ok(lacking, `each of these roles has ${operation.permission}`);
          return ask(operation, tokens.get(lacking));
        },
        "403 scope_missing",
      );
    });
  });

  describe("what belongs to somebody else is not found", () => {
    for (const kind of ["merchant", "user"] as const)
      test(`another ${kind}'s`, async () => {
        const token = kind === "merchant" ? stranger.shop.key : stranger.payer.token;
        const those = withObject().filter(({ kinds }) => kinds.includes(kind));
        for (const { path } of those) assert.ok(owners.ids[belongingOf(path) as string]?.length, path);
        for (const at of [0, 1, 2]) {
          const having = those.filter(({ path }) => owners.ids[belongingOf(path) as string]?.[at] !== undefined);
          if (having.length === 0) continue;
          const id = ({ path }: Operation) => owners.ids[belongingOf(path) as string]?.[at];
          await all(having, (operation) => ask(operation, token, id(operation)), "404 not_found");
        }
      });

    test("and the owner finds it, unchanged", async () => {
      const read = operations.filter(({ method, path }) => method === "GET" && path.endsWith("}"));
      for (const operation of read.filter(({ path }) => knownBelongings.has(belongingOf(path) as string)))
        for (const id of owners.ids[belongingOf(operation.path) as string] ?? []) {
          const answers = await Promise.all(
            [owners.shop.key, owners.payer.token].map((token) => ask(operation, token, id)),
          );
          const found = answers.filter(({ status }) => status === 200);
          assert.ok(found.length > 0, `${nameOf(operation)} ${id}`);
          for (const { body } of found) assert.doesNotMatch(JSON.stringify(body), /Mine now/);
        }
    });

    test("in no list of a stranger's", async () => {
      const ids = Object.values(owners.ids).flat();
      const lists = operations.filter(
        ({ method, path }) => method === "GET" && !path.includes("{") && path !== "/v1/stream",
      );
      for (const operation of lists)
        for (const [kind, token] of [
          ["merchant", stranger.shop.key],
          ["user", stranger.payer.token],
        ] as const) {
          if (!operation.kinds.includes(kind)) continue;
          const query = operation.path.endsWith("/export")
            ? "?format=csv"
            : operation.path === "/v1/search"
              ? `?q=${ids[0]}`
              : "";
          const { body } = await platform.call("GET", operation.path + query, { token });
          const text = JSON.stringify(body);
          assert.deepEqual(
            ids.filter((id) => text.includes(id)),
            [],
            `${nameOf(operation)} as ${kind}`,
          );
        }
    });

    test("nor can it be named in a request", async () => {
      const { ids } = owners;
      const one = (path: string): string => ids[path]?.[0] as string;
      const order = { amount: 100, currency: "CNY" };
      const named: readonly [kind: "merchant" | "user", path: string, body: object][] = [
        ["merchant", "/v1/refunds", { payment: one("/v1/payments/{id}"), out_refund_no: "r1" }],
        ["merchant", "/v1/payments", { ...order, out_trade_no: "o1", store: one("/v1/stores/{id}") }],
        ["merchant", "/v1/payments", { ...order, out_trade_no: "o2", terminal: one("/v1/terminals/{id}") }],
        ["merchant", "/v1/qr_codes", { type: "static", store: one("/v1/stores/{id}") }],
        ["merchant", "/v1/qr_codes", { type: "dynamic", payment: ids["/v1/payments/{id}"]?.[2] }],
        ["merchant", "/v1/terminals", { name: "Counter 2", store: one("/v1/stores/{id}") }],
        ["merchant", "/v1/api_keys", { name: "mine", merchant: owners.shop.id }],
        ["merchant", "/v1/stores", { name: "mine", merchant: owners.shop.id }],
        ["user", "/v1/payment_codes", { device: one("/v1/devices/{id}") }],
      ];
      for (const [kind, path, body] of named) {
        const token = kind === "merchant" ? stranger.shop.key : stranger.payer.token;
        const { status, body: answer } = await platform.call("POST", path, { token, body });
        assert.match(
          `${status} ${answer.error?.code}`,
          /^(404 not_found|403 actor_not_allowed|400 (parameter_\w+|store_unusable|terminal_unusable))$/,
          JSON.stringify([path, body, answer]),
        );
      }
    });
  });

  test("test keys do not find live data", async () => {
    const ids = Object.values(owners.ids).flat();
    const live = await makeLive(ids);
    assert.ok(live.size >= 12, `only ${live.size} objects became live`);
    const those = withObject().filter(({ method, kinds }) => method === "GET" && kinds.includes("merchant"));
    for (const operation of those)
      for (const id of owners.ids[belongingOf(operation.path) as string] ?? []) {
        if (!live.has(id)) continue;
        await eventually(async () => (await ask(operation, owners.shop.key, id)).status === 404).catch(() =>
          assert.fail(`${nameOf(operation)} shows ${id}`),
        );
      }
  });

  test("what has expired is worth nothing", async () => {
    const staff = await platform.operator();
    const body = { advance_ms: 11 * 60_000 };
    await ok(platform.call("POST", "/v1/test_clock", { token: stranger.shop.key, body, key: randomUUID() }));
    for (const [kind, token] of [
      ["user", owners.payer.token],
      ["staff", staff],
    ] as const)
      await all(
        closed().filter(({ kinds }) => kinds.includes(kind)),
        (operation) => ask(operation, token),
        "401 token_expired",
      );
  });
});

/** Gives rows of these ids to live mode, past all rules of the database; gives those that it did. */
async function makeLive(ids: readonly string[]): Promise<Set<string>> {
  const admin = new pg.Client({ connectionString: platform.databaseUrl });
  await admin.connect();
  await admin.query("set session_replication_role = replica");
  const { rows } = await admin.query<{ table: string }>(`
    select i.table_name as table from information_schema.columns i join information_schema.columns m using (table_schema, table_name)
     where i.table_schema = 'public' and i.column_name = 'id' and i.data_type = 'text' and m.column_name = 'livemode'`);
  const live = new Set<string>();
  for (const { table } of rows.filter((row) => row.table !== "devices")) {
    const update = `update ${table} set livemode = true where id = any($1) and not livemode returning id`;
    for (const { id } of (await admin.query<{ id: string }>(update, [ids])).rows) live.add(id);
  }
  await admin.end();
  return live;
}
