import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { Secret, TOTP } from "otpauth";
import { now } from "#kit/clock.ts";
import { database } from "#kit/db.ts";
import { sealedTables } from "#kit/sealed-columns.ts";
import { createStaff } from "#modules/identity";
import { owningEverything, type Served } from "#test/belongings.ts";
import { testCards } from "#test/cards.ts";
import { eventually } from "#test/elsewhere.ts";
import { aPayer, ok } from "#test/factories.ts";
import { type Client, callApi, usePlatform } from "#test/platform.ts";
import { aReceiver } from "#test/receiver.ts";

/** A whole little life of the platform, in a process that logs all it can; then somebody steals the database and the logs. */
const here = usePlatform({ ROLES: "worker" });
let logs = "";

/** The process that logs; it ends with the test. */
async function start(t: TestContext): Promise<Served> {
  const main = new URL("../src/main.ts", import.meta.url);
  const env = { ...process.env, ...here.env, ROLES: "api,worker", LOG_LEVEL: "trace" };
  const child = fork(main, { env, stdio: ["ignore", "pipe", "pipe", "ipc"] });
  t.after(() => child.kill("SIGKILL"));
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (text) => (logs += text));
  const [{ address }] = (await once(child, "message")) as [{ address: string }];
  const call: Client["call"] = (method, path, options) => callApi(address, method, path, options);
  let operator: Promise<string> | undefined;
  return { url: address, call, operator: () => (operator ??= staffToken(call)), approver: () => here.approver() };
}

/** What nobody may find, by what it is. */
const secrets = new Map<string, string>();
const hide = <Secret extends string>(what: string, secret: Secret): Secret => {
  secrets.set(what, secret);
  return secret;
};

async function staffToken(call: Client["call"]): Promise<string> {
  const email = hide("staff's email", `operator-${randomUUID()}@mail.example.com`);
  const password = hide("staff's password", randomBytes(16).toString("base64url"));
  const { totpSecret } = await createStaff({ email, password, role: "operator" });
  hide("staff's TOTP seed", totpSecret);
  const totp = new TOTP({ secret: totpSecret }).generate({ timestamp: now() });
  const { body } = await call("POST", "/v1/staff/sessions", { body: { email, password, totp }, key: null });
  return hide("staff's token", body.access_token);
}

async function live(t: TestContext, client: Served): Promise<void> {
  const { shop, payer } = await owningEverything(client);
  const asUser = (method: string, path: string, body?: object) =>
    client.call(method, path, { token: payer.token, ...(body && { body }) });
  const asShop = (path: string, body: object) => ok(client.call("POST", path, { token: shop.key, body }));
  hide("phone", payer.phone);
  hide("phone without its country", payer.phone.slice(3));
  hide("password", payer.password);
  hide("access token", payer.token);
  hide("API key", shop.key);
  hide("name", "欧阳不可见");
  await ok(asUser("PATCH", "/v1/users/me", { name: "欧阳不可见" }));
  const other = await aPayer(client, { name: "Ferdinand Lowenherz" });
  hide("other name", "Lowenherz");
  await ok(payer.transfer({ phone: other.phone }, 700, { note: "dinner" }));

  const email = hide("email", `Secret.Person.${randomUUID()}@mail.example.com`);
  hide("email in lower case", email.toLowerCase());
  const password = hide("second password", randomUUID());
  await ok(client.call("POST", "/v1/users", { body: { email, password, name: "Quentin Unseen" } }));
  hide("third name", "Unseen");
  const session = await ok(client.call("POST", "/v1/sessions", { body: { email, password }, key: null }));
  hide("refresh token", session.refresh_token.slice(-64));
  const token = hide("second access token", session.access_token as string);
  const totp = await ok(client.call("POST", "/v1/users/me/totp", { token, body: { password } }));
  const seed = hide("TOTP seed", (totp.secret ?? /secret=(\w+)/.exec(totp.uri ?? totp.otpauth_uri)?.[1]) as string);
  const code = TOTP.generate({ secret: Secret.fromBase32(seed), timestamp: now() });
  const confirmed = await ok(client.call("POST", "/v1/users/me/totp/confirm", { token, body: { code } }));
  for (const [n, recovery] of Object.entries<string>(confirmed.recovery_codes)) hide(`recovery code ${n}`, recovery);
  await client.call("POST", "/v1/one_time_codes", {
    body: { purpose: "register", email: `asked.${email}` },
    key: null,
  });

  // Cards: what is taken lies sealed, what is refused leaves nothing.
  hide("number of a card", testCards.mastercard);
  hide("number of a card in groups", "5555 5555 5555 4444");
  hide("holder", "MARGARETHE VON ANDERSWO");
  const card = { number: "5555 5555 5555 4444", exp_month: 12, exp_year: 2040 };
  await ok(asUser("POST", "/v1/cards", { ...card, holder: "MARGARETHE VON ANDERSWO" }));
  const track = hide("track 2", `${testCards.amex}=49121015432112345678`);
  hide("number in the track", testCards.amex);
  for (const more of [
    { cvv: "9731" },
    { track2: track },
    { number: `${testCards.amex}1` },
    { [`x${testCards.amex}`]: 1 },
  ])
    assert.equal((await asUser("POST", "/v1/cards", { ...card, ...more })).status, 400);
  const iban = hide("IBAN", "DE89370400440532013000");
  hide("account number in the IBAN", "0532013000");
  await ok(asUser("POST", "/v1/bank_accounts", { iban, holder: "MARGARETHE VON ANDERSWO" }));
  await ok(asUser("POST", "/v1/users/me/devices", { name: hide("device's name", "Phone of Margarethe") }));

  // Keys of programs.
  const keyBody = { name: "signs", require_signature: true, signature_key: { alg: "hmac-sha256" } };
  const signing = await asShop("/v1/api_keys", keyBody);
  hide("signing API key", signing.secret);
  const signature =
    JSON.stringify(signing)
      .match(/"secret":"([^"]+)"/g)
      ?.at(-1) ?? "";
  hide("signature secret", signature.slice(10, -1));
  const receiver = await aReceiver(t);
  const endpoint = await asShop("/v1/webhook_endpoints", { url: receiver.url, events: ["*"] });
  hide("webhook secret", endpoint.secret);
  const order = await ok(shop.order());
  hide("payment key", order.payment_key);
  const scanned = hide("payment code", await payer.code());
  await ok(shop.scan(scanned));
  await ok(shop.refund(await shop.paid({}, payer)));
  await receiver.got(3);

  // What goes wrong is logged.
  await client.call("POST", "/v1/sessions", {
    body: { email, password: hide("wrong password", "wr0ng-passphrase") },
    key: null,
  });
  await client.call("GET", "/v1/users/me", { token: `${token}x` });
  await database().query("update users set sealed_name = overlay(sealed_name placing 'AAAA' from 9) where id = $1", [
    payer.id,
  ]);
  assert.equal((await payer.get("/v1/users/me")).status, 500);
  await eventually(() => logs.includes("a request failed"));
}

/** How a secret may be written in a column, a log line or a message. */
function spellings(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const escaped = [...secret].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`).join("");
  // In base64 a text looks different after nought, one or two other bytes; at its ends stands what is beside it.
  const base64 = [0, 1, 2].flatMap((before) => {
    const whole = Buffer.concat([Buffer.alloc(before), bytes])
      .toString("base64")
      .replace(/=+$/, "");
    const sure = whole.slice(before === 0 ? 0 : before + 1, Math.floor(((before + bytes.length) * 8) / 6));
    return [sure, sure.replaceAll("+", "-").replaceAll("/", "_")];
  });
  const hex = bytes.toString("hex");
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    escaped,
    hex,
    hex.toUpperCase(),
    encodeURIComponent(secret),
    ...base64,
  ];
}

/** Every row of every table as text. */
async function dump(): Promise<Map<string, string>> {
  const { rows: tables } = await database().query(
    `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema')`,
  );
  const texts = new Map<string, string>();
  for (const { name } of tables) {
    const { rows } = await database().query(`select t::text as text from ${name} t`);
    texts.set(name, rows.map(({ text }) => text).join("\n"));
  }
  return texts;
}

test("whoever steals the database and the logs after a whole little life finds nothing to read in them", async (t) => {
  await live(t, await start(t));
  const places = await dump();
  places.set("the logs", logs);
  assert.ok(secrets.size > 30 && (places.get("public.events")?.length ?? 0) > 10_000 && logs.length > 1_000);
  const found: string[] = [];
  for (const [place, text] of places)
    for (const [what, secret] of secrets) {
      assert.ok(secret.length >= 4, `${what} is known`);
      if (spellings(secret).some((spelling) => text.includes(spelling))) found.push(`${what} in ${place}`);
    }
  // Six digits may stand anywhere by chance: a PIN is looked for as a value.
  for (const [place, text] of places) if (/["(,]402917[",)]/.test(text)) found.push(`PIN in ${place}`);
  assert.deepEqual(found, []);
});

test("a test like this would find what lies open", () => {
  const secret = "Lowenherz";
  const openly = [
    secret,
    Buffer.from(secret).toString("hex"),
    `\\u004c\\u006f\\u0077\\u0065\\u006e\\u0068\\u0065\\u0072\\u007a`,
  ];
  for (const before of ["", "a", "ab", "abc"])
    openly.push(Buffer.from(`${before}${secret} and more`).toString("base64"));
  for (const text of openly)
    assert.ok(
      spellings(secret).some((spelling) => text.includes(spelling)),
      text,
    );
});

test("every column that holds sealed values is declared, so that they can be sealed anew", async () => {
  const declared = new Set(
    [...sealedTables().values()].flatMap(({ table, columns }) =>
      Object.keys(columns).map((column) => `${table}.${column}`),
    ),
  );
  const { rows } = await database().query<{ table: string; column: string; type: string }>(
    `select c.table_name as table, c.column_name as column, c.data_type as type from information_schema.columns c
       join information_schema.tables t using (table_schema, table_name)
      where c.table_schema = 'public' and t.table_type = 'BASE TABLE'
        and (c.data_type = 'text' or c.column_name like 'sealed\\_%')`,
  );
  const missing: string[] = [];
  for (const { table, column, type } of rows) {
    const name = `${table}.${column}`;
    if (declared.has(name) || name === "data_keys.sealed_key") continue;
    const byName = column.startsWith("sealed_") && type === "text";
    const { rows: sealed } = await database().query(
      `select 1 from ${table} where ${column}::text ~ '^[vs]1\\.' limit 1`,
    );
    if (byName || sealed.length > 0) missing.push(name);
  }
  assert.deepEqual(missing, []);
});
