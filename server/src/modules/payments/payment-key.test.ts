import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { database } from "#kit/db.ts";
import { aPayer, aShop, ok } from "#test/factories.ts";
import { type Client, callApi, usePlatform } from "#test/platform.ts";
import { openPaymentKey, paymentKey } from "./payment-key.ts";

const platform = usePlatform();

test("a payment key stands in no log line, no event and no row, whatever goes well or wrong with it", async () => {
  const server = await aTalkativeServer({ FAULT_POINTS: "payments.order_paid_after_ledger=error" });
  const shop = await aShop(server);
  const payer = await aPayer(server);
  const [order, other] = [await ok(shop.order()), await ok(shop.order({ subject: "other" }))];
  const keys: string[] = [order.payment_key, other.payment_key];
  const look = (id: string, key: string) =>
    server.call("GET", `/v1/payments/${id}/checkout?x=${key}`, { headers: { "payment-key": key }, token: payer.token });
  assert.equal((await look(order.id, order.payment_key)).status, 400);
  assert.equal((await payer.confirm({ id: order.id, payment_key: other.payment_key })).status, 401);
  assert.equal((await payer.confirm(order, { body: { method: order.payment_key } })).status, 400);
  assert.equal((await payer.confirm(order)).status, 500);
  await ok(payer.confirm(order));
  await server.stop();
  assert.match(server.said(), /a request failed/);
  const told = [server.said(), ...(await everyRow())];
  assert.ok(told.some((text) => text.includes(order.id)));
  for (const key of keys) {
    const secret = key.slice(-43);
    const leak = told.find((text) => text.includes(secret) || text.includes(Buffer.from(secret).toString("hex")));
    assert.equal(leak, undefined);
  }
});

test("a key says where its payment lies and opens only that one: another id, merchant or mode is another key", () => {
  const place = { id: `pay_${"0".repeat(26)}`, merchantId: `mch_${"1".repeat(26)}`, livemode: false };
  const key = paymentKey(place);
  assert.equal(paymentKey({ ...place }), key);
  assert.deepEqual(openPaymentKey(place.id, key), place);
  const others = [{ id: `pay_${"2".repeat(26)}` }, { merchantId: `mch_${"2".repeat(26)}` }, { livemode: true }];
  for (const other of others) assert.notEqual(paymentKey({ ...place, ...other }).slice(-43), key.slice(-43));
  const wrong = [
    "",
    "pk_",
    key.slice(0, -1),
    `${key}A`,
    ` ${key}`,
    key.replace("pk_test", "pk_live"),
    key.toUpperCase(),
  ];
  for (const text of wrong) assert.throws(() => openPaymentKey(place.id, text), { code: "payment_key_invalid" });
  assert.throws(() => openPaymentKey(`pay_${"2".repeat(26)}`, key), { code: "payment_key_invalid" });
});

/** Another process on the same database that logs all it can. */
async function aTalkativeServer(
  env: Record<string, string>,
): Promise<Client & { said(): string; stop(): Promise<void> }> {
  const main = new URL("../../main.ts", import.meta.url);
  const child = fork(main, { env: { ...process.env, ...platform.env, LOG_LEVEL: "trace", ...env }, silent: true });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (data: Buffer) => lines.push(String(data)));
  const [{ address }] = (await once(child, "message")) as [{ address: string }];
  return {
    call: (method, path, options) => callApi(address, method, path, options),
    operator: () => platform.operator(),
    approver: () => platform.approver(),
    said: () => lines.join(""),
    async stop() {
      child.kill("SIGTERM");
      await once(child, "close");
    },
  };
}

/** Every row of every table, as text. */
async function everyRow(): Promise<string[]> {
  const { rows: tables } = await database().query(
    "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')",
  );
  const rows: string[] = [];
  for (const { name } of tables) {
    const found = await database().query(`select t::text as row from ${name} t`);
    rows.push(...found.rows.map(({ row }) => row));
  }
  return rows;
}
