import { randomBytes, randomInt, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { configure, readMasterKey } from "@feiqian/server/kit/config.ts";
import { openKeyring } from "@feiqian/server/kit/crypto.ts";
import { closeDatabase, openDatabase } from "@feiqian/server/kit/db.ts";
import { formatAmount } from "@feiqian/server/kit/money.ts";
import { createStaff } from "@feiqian/server/modules/identity";
import { TOTP } from "otpauth";
import type { DemoMessage } from "./demo-process.ts";
import { writePrivately } from "./home.ts";

/**
 * Makes what a newcomer finds on the first start, over HTTP as any client would: merchants with keys, customers with money, and a first
 * scanned payment. Only the first members of staff, whom nobody could let in, are made beside it. Every login is random.
 */
const [baseUrl = "", credentialsFile = ""] = process.argv.slice(2);

/** The platform did not do what it was asked to. */
class Refused extends Error {
  override name = "Refused";
  readonly code: string;
  constructor(message: string, code: string) {
    super(message);
    this.code = code;
  }
}

const config = configure();
const { currency } = config;
const startMoney = 200_000;
const price = 2_500;

const staff = await engageStaff();
const operator = await signInAsStaff(staff.operator);
const merchants = await Promise.all(["1", "2"].map((number) => takeOnMerchant(`Demo merchant ${number}`)));
const users = await Promise.all(["1", "2"].map((number) => register(`Demo customer ${number}`)));
await Promise.all(users.map(topUp));
const [merchant, merchant2] = merchants as [Merchant, Merchant];
const [payer] = users as [User];
const credentials = {
  base_url: baseUrl,
  sandbox_url: null,
  merchant,
  merchant_2: merchant2,
  users: users.map(({ token: _token, ...login }) => login),
  staff: [staff.operator, staff.approver, staff.admin],
  webhook_secret: (await call("POST", "/v1/notify_secret/rotate", {}, merchant.api_key)).secret,
};
tell({ made: true });
const payment = await pay();
writePrivately(credentialsFile, `${JSON.stringify(credentials, null, 2)}\n`);
tell({ paid: { id: payment.id, amount: `${formatAmount(payment.amount, currency)} ${currency}` } });
process.disconnect?.();

type Merchant = Awaited<ReturnType<typeof takeOnMerchant>>;
type User = Awaited<ReturnType<typeof register>>;

function tell(message: DemoMessage): void {
  process.send?.(message);
}

/** An operator, an approver for what needs two people, and who asks for more staff. */
async function engageStaff() {
  openDatabase({ url: config.databaseUrl, connections: 2 });
  await openKeyring(readMasterKey(config.masterKeyFile));
  const engage = async (role: "operator" | "approver" | "admin") => {
    const password = secret();
    const email = `${role}-${randomBytes(3).toString("hex")}@example.com`;
    const { totpSecret } = await createStaff({ email, password, role });
    return { email, password, totp_secret: totpSecret, role };
  };
  const [operator, approver, admin] = await Promise.all([engage("operator"), engage("approver"), engage("admin")]);
  await closeDatabase();
  return { operator, approver, admin };
}

async function signInAsStaff({ email, password, totp_secret }: typeof staff.operator): Promise<string> {
  const totp = new TOTP({ secret: totp_secret }).generate();
  const { access_token } = await call("POST", "/v1/staff/sessions", { email, password, totp });
  return access_token;
}

/** A merchant with a store, a till and a key. */
async function takeOnMerchant(name: string) {
  const { id } = await call("POST", "/v1/merchants", { name, mcc: "5411", country: "CN", city: "Shanghai" }, operator);
  const store = await call("POST", "/v1/stores", { merchant: id, name: "Demo store" }, operator);
  const terminal = await call("POST", "/v1/terminals", { merchant: id, store: store.id, name: "Till 1" }, operator);
  const key = await call("POST", "/v1/api_keys", { merchant: id, name: "Demo key" }, operator);
  return { id, api_key: key.secret, store: store.id, terminal: terminal.id };
}

/** A customer with a phone and a payment PIN. */
async function register(name: string) {
  const phone = `+861${randomInt(3, 10)}${String(randomInt(1e9)).padStart(9, "0")}`;
  const password = secret();
  const { id } = await call("POST", "/v1/users", { phone, password, name });
  const device = { name: "Demo phone" };
  const session = await call("POST", "/v1/sessions", { phone, password, device });
  const payment_pin = await choosePin(password, session.access_token);
  return { id, phone, password, payment_pin, device: session.device.id, token: session.access_token };
}

/** Sets a random PIN; the platform refuses those that everybody tries first. */
async function choosePin(password: string, token: string): Promise<string> {
  for (;;) {
    const pin = String(randomInt(1e6)).padStart(6, "0");
    try {
      await call("PUT", "/v1/users/me/payment_pin", { pin, password }, token);
      return pin;
    } catch (error) {
      if (!(error instanceof Refused) || error.code !== "pin_too_simple") throw error;
    }
  }
}

/** Money from the customer's bank account into the wallet. The platform asks the bank behind the request, so the answer takes a moment. */
async function topUp({ token, payment_pin }: User): Promise<void> {
  const order = { amount: startMoney, currency, source: "ba_test_ok", pin: payment_pin };
  let topup = await call("POST", "/v1/topups", order, token);
  for (const until = Date.now() + 30_000; topup.status === "pending" && Date.now() < until; await sleep(50)) {
    topup = await call("GET", `/v1/topups/${topup.id}`, undefined, token);
  }
  if (topup.status !== "succeeded") throw new Error(`the first top-up is ${topup.status}`);
}

/** The customer shows a code, the till scans it. */
async function pay(): Promise<{ id: string; amount: number }> {
  const { code } = await call("POST", "/v1/payment_codes", { device: payer.device }, payer.token);
  const order = { amount: price, currency, out_trade_no: `demo-${randomUUID()}`, subject: "Demo purchase", code };
  const place = { store: merchant.store, terminal: merchant.terminal };
  const payment = await call("POST", "/v1/payments", { ...order, ...place }, merchant.api_key);
  if (payment.status !== "succeeded")
    throw new Error(`the first payment is ${payment.status}: ${payment.failure?.code}`);
  return payment;
}

/** One request. Throws {@link Refused} with the answer's own words. */
// oxlint-disable-next-line typescript/no-explicit-any -- a client without the contract's types
async function call(method: string, path: string, body?: unknown, token?: string): Promise<any> {
  const response = await fetch(baseUrl + path, {
    method,
    headers: {
      ...(body !== undefined && { "content-type": "application/json" }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(method === "POST" && { "idempotency-key": randomUUID() }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const answer = JSON.parse(await response.text());
  if (!response.ok) throw new Refused(`${method} ${path}: ${JSON.stringify(answer)}`, answer.error?.code);
  return answer;
}

function secret(): string {
  return randomBytes(15).toString("base64url");
}
