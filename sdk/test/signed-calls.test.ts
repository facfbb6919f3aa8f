import assert from "node:assert/strict";
import { generateKeyPairSync, randomUUID } from "node:crypto";
import { test } from "node:test";
import { createClient, type RequestSigner } from "@feiqian/sdk";
import { aShop } from "@feiqian/server/test/factories.ts";
import { usePlatform } from "@feiqian/server/test/platform.ts";
import { done } from "./done.ts";
import { aLossyServer } from "./lossy-server.ts";

/** The client's signatures, as the server sees them. */
const platform = usePlatform({ ROLES: "api" });

const order = () => ({ amount: 1_250, currency: "CNY", out_trade_no: `order-${randomUUID()}`, subject: "早餐 ☕" });

/** A client whose every call is signed, by a key that is refused without. */
async function aSigningClient(algorithm: RequestSigner["algorithm"], baseUrl = platform.url) {
  const { key: apiKey } = await aShop(platform);
  const shop = createClient({ baseUrl: platform.url, apiKey });
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const public_key = publicKey.export({ format: "jwk" }).x as string;
  const signature_key = algorithm === "ed25519" ? { alg: algorithm, public_key } : { alg: algorithm };
  const made = done(await shop.apiKeys.create({ name: "Signer", require_signature: true, signature_key }));
  const pkcs8 = Uint8Array.from(privateKey.export({ format: "der", type: "pkcs8" }));
  const key = made.signature_key?.secret ?? pkcs8;
  const signing = { keyId: made.signature_key?.keyid ?? "", algorithm, key };
  return createClient({ baseUrl, apiKey: made.secret, signing });
}

for (const algorithm of ["hmac-sha256", "ed25519"] as const)
  test(`a client that signs by ${algorithm} creates, reads, lists, changes and closes`, async () => {
    const feiqian = await aSigningClient(algorithm);
    const made = await feiqian.payments.create(order());
    assert.equal((await feiqian.payments.retrieve(made.id)).id, made.id);
    const listed = await feiqian.payments.list({ limit: 5, created_gte: "2020-01-01T00:00:00+08:00" });
    assert.deepEqual(
      listed.data.map(({ id }) => id),
      [made.id],
    );
    assert.equal((await feiqian.payments.close(made.id)).status, "closed");
    const store = await feiqian.stores.create({ name: "西湖 店" });
    assert.equal((await feiqian.stores.update(store.id, { name: "West Lake" })).name, "West Lake");
    assert.equal((await feiqian.apiKeys.list()).data.length, 2);
  });

test("an answer that was lost is asked for again: signed anew, given as it was", async (t) => {
  const network = await aLossyServer(platform.url);
  t.after(() => network.close());
  const feiqian = await aSigningClient("hmac-sha256", network.url);
  network.fates = ["lose_answer"];
  const made = await feiqian.payments.create(order()).withResponse();
  assert.equal(made.replayed, true);
});
