import { generateKeyPairSync, sign } from "node:crypto";
import { createClient, type Feiqian, type RequestSigner, signRequest } from "@feiqian/sdk";
import { done } from "../done.ts";
import type { Row, World } from "./world.ts";

/** A client of a new key that must sign, with what it was changed to sign with. */
async function aSigner(
  { merchant, platform }: World,
  change: (signing: RequestSigner) => Partial<RequestSigner> = () => ({}),
) {
  const { secret, signature_key } = done(await merchant.apiKeys.create({ name: "Signer", require_signature: true }));
  const signing = {
    keyId: signature_key?.keyid ?? "",
    algorithm: "hmac-sha256",
    key: signature_key?.secret ?? "",
  } as const;
  const options = { baseUrl: platform.url, apiKey: secret, maxRetries: 0 };
  const client = createClient({ ...options, signing: { ...signing, ...change(signing) } });
  return { client, signing, options };
}

/** Sends with headers of one's own making, as somebody would who overheard or delayed a request. */
const withHeaders = (client: Feiqian, headers: Record<string, string>) => client.stores.list({}, { headers });

/** What keys are bound to. */
export const keyErrors: Row[] = [
  {
    code: "signature_missing",
    when: "a key that must sign does not",
    async provoke(world) {
      const { options } = await aSigner(world);
      return createClient(options).stores.list();
    },
  },
  {
    code: "signature_invalid",
    when: "it signs with another secret",
    async provoke(world) {
      const { client } = await aSigner(world, () => ({ key: "another" }));
      return client.stores.list();
    },
  },
  {
    code: "signature_expired",
    when: "a request arrives an hour after it was signed",
    async provoke(world) {
      const { options, signing } = await aSigner(world);
      const request = { method: "GET", url: `${world.platform.url}/v1/stores`, headers: {}, body: undefined };
      const signed = await signRequest(request, signing, { created: Math.floor(Date.now() / 1000) - 3_600 });
      return withHeaders(createClient(options), signed);
    },
  },
  {
    code: "signature_replayed",
    when: "a request that was overheard is sent again",
    async provoke(world) {
      const { options, signing } = await aSigner(world);
      const request = { method: "GET", url: `${world.platform.url}/v1/stores`, headers: {}, body: undefined };
      const signed = await signRequest(request, signing);
      await withHeaders(createClient(options), signed);
      return withHeaders(createClient(options), signed);
    },
  },
  {
    code: "address_not_allowed",
    when: "a key is used from elsewhere",
    async provoke({ merchant, clientOf }) {
      const { secret } = done(await merchant.apiKeys.create({ name: "Server", allowed_addresses: ["203.0.113.0/24"] }));
      return clientOf(secret).stores.list();
    },
  },
  {
    code: "key_restriction_wider",
    when: "a key that must sign makes one that need not",
    param: "/require_signature",
    async provoke(world) {
      const { client } = await aSigner(world);
      return client.apiKeys.create({ name: "Free", require_signature: false });
    },
  },
  {
    code: "signature_key_missing",
    when: "signatures are required of a key that has nothing to sign with",
    async provoke({ merchant }) {
      const { id } = await merchant.apiKeys.create({ name: "Plain" });
      return merchant.apiKeys.update(id, { require_signature: true });
    },
  },
];

/** A payer's client on a device of their own, and how it binds a key to the device. */
async function aPhone(world: World) {
  const { payer } = await world.aPayer();
  const { phone, password } = payer;
  const { access_token, device } = await world.visitor.sessions.create({
    phone,
    password,
    device: { name: "A phone" },
  });
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const public_key = publicKey.export({ format: "jwk" }).x ?? "";
  const keyId = device?.id ?? "";
  const proof = sign(null, Buffer.from(`feiqian device key\n${keyId}\n${public_key}`), privateKey).toString(
    "base64url",
  );
  const user = world.clientOf(access_token);
  const key = Uint8Array.from(privateKey.export({ format: "der", type: "pkcs8" }));
  const signing = { keyId, algorithm: "ed25519", key, tag: "feiqian-device" } as const;
  const signingAs = (changes: Partial<RequestSigner>) =>
    createClient({
      baseUrl: world.platform.url,
      apiKey: access_token,
      maxRetries: 0,
      signing: { ...signing, ...changes },
    });
  const bind = (by = user, changes: { proof?: string } = {}) =>
    by.users.me.devices.key(keyId, { public_key, proof, ...changes });
  return { payer, user, bind, signingAs };
}

const somebody = "+8613900000000";

/** What devices with a key are bound to. */
export const deviceErrors: Row[] = [
  {
    code: "device_signature_missing",
    when: "a device with a key does not sign a transfer",
    async provoke(world) {
      const { user, payer, bind } = await aPhone(world);
      await bind();
      return user.transfers.create({ to: { phone: somebody }, amount: 1, currency: "CNY", pin: payer.pin });
    },
  },
  {
    code: "device_signature_invalid",
    when: "it signs in another device's name",
    async provoke(world) {
      const { bind, signingAs } = await aPhone(world);
      await bind();
      return signingAs({ keyId: "dev_00000000000000000000000000" }).paymentCodes.create();
    },
  },
  {
    code: "device_key_exists",
    when: "a device is bound to a second key",
    async provoke(world) {
      const { bind, signingAs } = await aPhone(world);
      await bind();
      return bind(signingAs({}));
    },
  },
  {
    code: "device_key_proof_invalid",
    when: "a key is bound without its private half",
    provoke: async (world) => (await aPhone(world)).bind(undefined, { proof: "A".repeat(86) }),
  },
  {
    code: "device_session_needed",
    when: "a key is bound from elsewhere",
    async provoke(world) {
      const { bind, payer } = await aPhone(world);
      return bind(world.clientOf(payer.token));
    },
  },
  {
    code: "pairing_code_invalid",
    when: "a till shows a code that nobody made",
    provoke: ({ merchant }) => merchant.terminals.pair({ pairing_code: "0000-0000" }),
  },
  {
    code: "terminal_blocked",
    when: "a terminal that was lost is to be paired",
    async provoke({ merchant }) {
      const { id } = await aTerminal(merchant);
      await merchant.terminals.reportLost(id);
      return merchant.terminals.pairingCodes.create(id);
    },
  },
  {
    code: "terminal_refund_limit",
    when: "a till refunds more than its terminal may",
    async provoke({ merchant, clientOf, scan }) {
      const terminal = await aTerminal(merchant);
      const { pairing_code } = await merchant.terminals.pairingCodes.create(terminal.id);
      const { token } = await merchant.terminals.pair({ pairing_code });
      const payment = await merchant.payments.create(await scan({ terminal: terminal.id }));
      return clientOf(token).refunds.create({ payment: payment.id, out_refund_no: "till-1" });
    },
  },
];

async function aTerminal(merchant: Feiqian) {
  const store = await merchant.stores.create({ name: "Till street" });
  return merchant.terminals.create({ store: store.id, name: "Counter 1" });
}
