import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, test } from "node:test";
import { prepareZXingModule, readBarcodes } from "zxing-wasm/reader";
import { newId } from "#kit/ids.ts";
import { independently } from "#test/emvco.ts";
import { aPayer, aShop, ok, type Shop } from "#test/factories.ts";
import { usePlatform } from "#test/platform.ts";

const platform = usePlatform();

const revoke = (shop: Shop, id: string) => platform.call("DELETE", `/v1/qr_codes/${id}`, { token: shop.key });
const refused = async (answer: ReturnType<Shop["get"]>) => {
  const { status, body } = await answer;
  return [status, body.error?.code, body.error?.param];
};

describe("QR codes of a merchant", () => {
  test("a static code says where and for what it is, and an independent parser agrees", async () => {
    const shop = await aShop(platform, { name: "飞钱演示店", city: "杭州" });
    const store = await ok(platform.call("POST", "/v1/stores", { token: shop.key, body: { name: "西湖店" } }));
    const code = await ok(shop.qrCode({ amount: 500, store: store.id, subject: "Coffee", metadata: { door: "1" } }));
    assert.deepEqual(
      [code.object, code.type, code.status, code.amount, code.currency, code.payment, code.store, code.subject],
      ["qr_code", "static", "active", 500, "CNY", null, store.id, "Coffee"],
    );
    assert.deepEqual([code.merchant, code.livemode, code.revoked_at, code.expires_at], [shop.id, false, null, null]);
    assert.deepEqual(code.metadata, { door: "1" });
    const { crcIsValid, valueOf, templateOf } = independently(code.payload);
    assert.equal(crcIsValid, true);
    assert.deepEqual([valueOf("01"), valueOf("54"), templateOf("62")["03"]], ["11", "5.00", "XiHuDian"]);
    assert.deepEqual(templateOf("64"), { "00": "ZH", "01": "飞钱演示店", "02": "杭州" });
    assert.equal(templateOf("26")["02"], code.id);
    assert.deepEqual((await shop.get(`/v1/qr_codes/${code.id}`)).body, code);
  });

  test("an order's answer carries its QR code, and the code made of the order is the same", async () => {
    const shop = await aShop(platform);
    const order = await ok(shop.order({ amount: 1_250, out_trade_no: "INV-20261121" }));
    const { valueOf, templateOf } = independently(order.qr);
    assert.deepEqual([valueOf("01"), valueOf("54"), templateOf("62")["01"]], ["12", "12.50", "INV-20261121"]);
    const code = await ok(shop.qrCode({ type: "dynamic", payment: order.id }));
    assert.deepEqual([code.payload, code.payment, code.expires_at], [order.qr, order.id, order.expires_at]);
    assert.deepEqual(await ok(shop.qrCode({ type: "dynamic", payment: order.id, amount: 1_250 })), code);
    assert.equal((await shop.get(`/v1/payments/${order.id}`)).body.qr, undefined);
  });

  test("a dynamic code's status is what became of its order", async () => {
    const shop = await aShop(platform);
    const payer = await aPayer(platform);
    const [paid, closed, waiting] = [await ok(shop.order()), await ok(shop.order()), await ok(shop.order())];
    const made = await Promise.all(
      [paid, closed, waiting].map(({ id }) => ok(shop.qrCode({ type: "dynamic", payment: id }))),
    );
    await ok(payer.confirm(paid));
    await ok(shop.close(closed));
    const statuses = await Promise.all(made.map(async ({ id }) => (await shop.get(`/v1/qr_codes/${id}`)).body.status));
    assert.deepEqual(statuses, ["used", "expired", "active"]);
    const { data } = (await shop.get("/v1/qr_codes?type=dynamic")).body;
    assert.deepEqual(
      new Map(data.map((c: { id: string; status: string }) => [c.id, c.status])),
      new Map(made.map(({ id }, i) => [id, statuses[i]])),
    );
    assert.deepEqual(await refused(shop.qrCode({ type: "dynamic", payment: paid.id })), [
      409,
      "state_conflict",
      "/payment",
    ]);
  });

  test("lists come newest first, by kind and store, in pages", async () => {
    const shop = await aShop(platform);
    const store = await ok(platform.call("POST", "/v1/stores", { token: shop.key, body: { name: "North" } }));
    const [a, b, c] = [await ok(shop.qrCode()), await ok(shop.qrCode({ store: store.id })), await ok(shop.qrCode())];
    const ids = async (query: string) =>
      (await shop.get(`/v1/qr_codes${query}`)).body.data.map(({ id }: { id: string }) => id);
    assert.deepEqual(new Set(await ids("")), new Set([a.id, b.id, c.id]));
    assert.deepEqual(await ids(`?store=${store.id}`), [b.id]);
    assert.deepEqual(await ids("?type=dynamic"), []);
    const { body } = await shop.get("/v1/qr_codes?limit=2");
    assert.equal(body.has_more, true);
    assert.equal((await ids(`?starting_after=${body.data[1].id}`)).length, 1);
  });

  test("a revoked code stays revoked, and both events tell of it", async () => {
    const shop = await aShop(platform);
    const code = await ok(shop.qrCode());
    const revoked = await ok(revoke(shop, code.id));
    assert.equal(revoked.status, "revoked");
    assert.deepEqual(await ok(revoke(shop, code.id)), revoked);
    assert.deepEqual((await shop.get(`/v1/qr_codes/${code.id}`)).body, revoked);
    const { data } = (await shop.get(`/v1/events?object=${code.id}`)).body;
    assert.deepEqual(data.map((e: { type: string }) => e.type).sort(), ["qr_code.created", "qr_code.revoked"]);
    assert.deepEqual(data.find((e: { type: string }) => e.type === "qr_code.revoked").data.object, revoked);
  });

  test("nobody else sees or ends a merchant's code, nor makes one of its orders", async () => {
    const [shop, other] = [await aShop(platform), await aShop(platform)];
    const code = await ok(shop.qrCode());
    const order = await ok(shop.order());
    for (const path of ["", "/png", "/svg"])
      assert.equal((await other.get(`/v1/qr_codes/${code.id}${path}`)).status, 404);
    assert.equal((await revoke(other, code.id)).status, 404);
    assert.deepEqual((await other.get("/v1/qr_codes")).body.data, []);
    assert.deepEqual(await refused(other.qrCode({ type: "dynamic", payment: order.id })), [
      404,
      "not_found",
      "/payment",
    ]);
    const payer = await aPayer(platform);
    assert.equal((await payer.get(`/v1/qr_codes/${code.id}`)).status, 403);
    const token = (
      await ok(
        platform.call("POST", "/v1/api_keys", { token: shop.key, body: { name: "small", scopes: ["qr_codes:read"] } }),
      )
    ).secret;
    assert.equal((await platform.call("GET", `/v1/qr_codes/${code.id}`, { token })).status, 200);
    assert.deepEqual(await refused(platform.call("POST", "/v1/qr_codes", { token, body: { type: "static" } })), [
      403,
      "scope_missing",
      null,
    ]);
  });

  test("what can't be a code is refused, and the error names the field", async () => {
    const [shop, other] = [await aShop(platform), await aShop(platform)];
    const order = await ok(shop.order({ amount: 700 }));
    const scanned = await shop.paid();
    const foreignStore = await ok(platform.call("POST", "/v1/stores", { token: other.key, body: { name: "Theirs" } }));
    for (const [terms, status, code, param] of [
      [{ type: "both" }, 400, "parameter_invalid", "/type"],
      [{ amount: 0 }, 400, "parameter_invalid", "/amount"],
      [{ amount: 1.5 }, 400, "parameter_invalid", "/amount"],
      [{ amount: 1_000_000_000_000 }, 400, "parameter_invalid", "/amount"],
      [{ amount: Number.MAX_SAFE_INTEGER }, 400, "parameter_invalid", "/amount"],
      [{ payment: order.id }, 400, "parameter_invalid", "/payment"],
      [{ store: foreignStore.id }, 400, "store_unusable", "/store"],
      [{ terminal: newId("trm") }, 400, "terminal_unusable", "/terminal"],
      [{ label: "x" }, 400, "parameter_unknown", "/label"],
      [{ type: "dynamic" }, 400, "parameter_missing", "/payment"],
      [{ type: "dynamic", payment: newId("pay") }, 404, "not_found", "/payment"],
      [{ type: "dynamic", payment: scanned.id }, 409, "state_conflict", "/payment"],
      [{ type: "dynamic", payment: order.id, amount: 701 }, 400, "amount_mismatch", "/amount"],
      [{ type: "dynamic", payment: order.id, store: newId("sto") }, 400, "parameter_invalid", "/store"],
      [{ type: "dynamic", payment: order.id, subject: "x" }, 400, "parameter_invalid", "/subject"],
    ] as const) {
      assert.deepEqual(await refused(shop.qrCode(terms)), [status, code, param], JSON.stringify(terms));
    }
  });

  test("an order too large for a code has none", async () => {
    const shop = await aShop(platform);
    const order = await ok(shop.order({ amount: 1_000_000_000_000 }));
    assert.equal("qr" in order, false);
    assert.deepEqual(await refused(shop.qrCode({ type: "dynamic", payment: order.id })), [
      400,
      "parameter_invalid",
      "/payment",
    ]);
  });

  test("a scanner reads the PNG back to the payload; the SVG is one; too small a size is refused", async () => {
    const wasm = readFileSync(createRequire(import.meta.url).resolve("zxing-wasm/reader/zxing_reader.wasm"));
    prepareZXingModule({
      overrides: { wasmBinary: wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.length) },
    });
    const shop = await aShop(platform, { name: "飞钱演示店", city: "杭州" });
    const code = await ok(shop.qrCode({ amount: 1 }));
    for (const query of ["", "?size=300&margin=2"]) {
      const answer = await fetch(platform.url + code.png_url + query, {
        headers: { authorization: `Bearer ${shop.key}` },
      });
      assert.equal(answer.headers.get("content-type"), "image/png");
      const [found] = await readBarcodes(new Uint8Array(await answer.arrayBuffer()), { formats: ["QRCode"] });
      assert.equal(found?.text, code.payload);
    }
    const svg = await shop.get(`${code.svg_url}?size=256`);
    assert.equal(svg.headers.get("content-type")?.startsWith("image/svg+xml"), true);
    assert.match(svg.body, /^<svg [^>]*width="256" height="256"/);
    const small = await shop.get(`${code.png_url}?size=64`);
    assert.deepEqual([small.status, small.body.error.param], [400, "size"]);
    assert.equal((await shop.get(`${code.png_url}?size=5000`)).body.error.param, "size");
    assert.equal((await shop.get(`${code.png_url}?margin=99`)).body.error.param, "margin");
  });
});
