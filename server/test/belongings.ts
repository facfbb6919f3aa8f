import { anAuthenticator } from "#test/authenticator.ts";
import { testCards } from "#test/cards.ts";
import { aPayer, aShop, ok, type Payer, type Shop } from "#test/factories.ts";
import type { Client } from "#test/platform.ts";

/** A platform, and where it listens. */
export interface Served extends Client {
  readonly url: string;
}

/** A merchant and a user who own one of everything there is. */
export interface Owners {
  readonly shop: Shop;
  readonly payer: Payer;
  /** Token of a till of the shop. */
  readonly till: string;
  /** Ids by the path under which they are found: `/v1/payments/{id}`. */
  readonly ids: Readonly<Record<string, readonly string[]>>;
}

type Maker = (owners: Pick<Owners, "shop" | "payer">, as: As) => Promise<readonly string[]>;
interface As {
  readonly platform: Client;
  /** Of the pages that may ask for passkeys. */
  readonly origin: string;
  /** Asks with the merchant's key, or with the user's token. */
  readonly merchant: (method: string, path: string, body?: object) => Promise<any>;
  readonly user: (method: string, path: string, body?: object) => Promise<any>;
}

const idOf = async (made: Promise<{ id: string }>): Promise<readonly string[]> => [(await made).id];
const firstOf = async (listed: Promise<{ data: readonly { id: string }[] }>): Promise<readonly string[]> =>
  (await listed).data.slice(0, 1).map(({ id }) => id);
/** What a merchant has one of, and a user too. */
const ofBoth = async (as: As, path: string): Promise<readonly string[]> => [
  ...(await firstOf(as.merchant("GET", path))),
  ...(await firstOf(as.user("GET", path))),
];

/** How to come to own something that is found under a path. An endpoint whose path is missing here fails the test of access. */
const makers: Readonly<Record<string, Maker>> = {
  "/v1/payments/{id}": async ({ shop, payer }) => [
    (await shop.paid({}, payer)).id,
    (await shop.held({}, payer)).id,
    (await ok(shop.order())).id,
  ],
  "/v1/receipts/{payment}": ({ shop, payer }) => idOf(shop.paid({}, payer)),
  "/v1/refunds/{id}": async ({ shop, payer }) => idOf(ok(shop.refund(await shop.paid({}, payer)))),
  "/v1/qr_codes/{id}": ({ shop }) => idOf(ok(shop.qrCode())),
  "/v1/merchants/{id}": async ({ shop }) => [shop.id],
  "/v1/api_keys/{id}": (_, as) =>
    idOf(as.merchant("POST", "/v1/api_keys", { name: "another", scopes: ["payments:read"] })),
  "/v1/stores/{id}": (_, as) => idOf(as.merchant("POST", "/v1/stores", { name: "West Lake" })),
  "/v1/terminals/{id}": async (_, as) => {
    const store = await as.merchant("POST", "/v1/stores", { name: "East Lake" });
    return idOf(as.merchant("POST", "/v1/terminals", { store: store.id, name: "Counter 1" }));
  },
  "/v1/webhook_endpoints/{id}": (_, as) =>
    idOf(as.merchant("POST", "/v1/webhook_endpoints", { url: "http://127.0.0.1:65000/", events: ["payment.*"] })),
  "/v1/webhook_deliveries/{id}": async (_, as) => {
    const endpoint = await as.merchant("POST", "/v1/webhook_endpoints", {
      url: "http://127.0.0.1:65000/other",
      events: ["store.*"],
    });
    const delivery = await as.merchant("POST", `/v1/webhook_endpoints/${endpoint.id}/test`);
    return [delivery.id];
  },
  "/v1/events/{id}": (_, as) => ofBoth(as, "/v1/events?limit=1"),
  "/v1/records/{id}": (_, as) => ofBoth(as, "/v1/records?limit=1"),
  "/v1/statements/{id}": (_, as) => ofBoth(as, "/v1/statements?limit=1"),
  "/v1/ledger/accounts/{id}": (_, as) => firstOf(as.merchant("GET", "/v1/ledger/accounts?limit=1")),
  "/v1/ledger/transfers/{id}": async ({ shop, payer }, as) => {
    const paid = await shop.paid({}, payer);
    const page = await as.merchant("GET", `/v1/payments/${paid.id}?expand[]=ledger_transfers`);
    return [page.ledger_transfers[0].id];
  },
  "/v1/users/me/passkeys/{id}": async ({ payer }, as) => {
    const { public_key } = await as.user("POST", "/v1/users/me/passkeys/options", { password: payer.password });
    const credential = anAuthenticator(as.origin).create(public_key);
    return idOf(as.user("POST", "/v1/users/me/passkeys", { name: "Phone", credential }));
  },
  "/v1/users/me/devices/{id}": (_, as) => idOf(as.user("POST", "/v1/users/me/devices", { name: "Phone" })),
  "/v1/devices/{id}": (_, as) => idOf(as.user("POST", "/v1/users/me/devices", { name: "Watch" })),
  "/v1/users/me/sessions/{id}": (_, as) => firstOf(as.user("GET", "/v1/users/me/sessions?limit=1")),
  "/v1/transfers/{id}": async ({ payer }, as) => {
    await ok(payer.transfer({ phone: (await aPayer(as.platform)).phone }, 5));
    return firstOf(as.user("GET", "/v1/transfers?limit=1"));
  },
  "/v1/cards/{id}": (_, as) =>
    idOf(as.user("POST", "/v1/cards", { number: testCards.visa, exp_month: 12, exp_year: 2040 })),
  "/v1/bank_accounts/{id}": async (_, as) => [
    ...(await idOf(as.user("POST", "/v1/bank_accounts", { number: "10002000300", country: "CN" }))),
    ...(await idOf(as.merchant("POST", "/v1/bank_accounts", { number: "10002000301", country: "CN" }))),
  ],
  "/v1/topups/{id}": ({ payer }) => idOf(ok(payer.topUp(500))),
  "/v1/withdrawals/{id}": ({ payer }) => idOf(ok(payer.withdraw(500))),
};

/** The path of {@link makers} that an endpoint's path belongs to; nothing when it names no object. */
export function belongingOf(path: string): string | undefined {
  const end = path.indexOf("}");
  return end < 0 ? undefined : path.slice(0, end + 1);
}

export const knownBelongings: ReadonlySet<string> = new Set(Object.keys(makers));

export async function owningEverything(platform: Served): Promise<Owners> {
  const shop = await aShop(platform);
  const payer = await aPayer(platform, { money: 1_000_000 });
  const asking =
    (token: string) =>
    (method: string, path: string, body: object = {}): Promise<any> =>
      ok(platform.call(method, path, { token, ...(method !== "GET" && { body }) }));
  const origin = platform.url.replace("127.0.0.1", "localhost");
  const as = { platform, origin, merchant: asking(shop.key), user: asking(payer.token) };
  const ids: Record<string, readonly string[]> = {};
  for (const [path, make] of Object.entries(makers)) ids[path] = await make({ shop, payer }, as);
  const terminal = ids["/v1/terminals/{id}"]?.[0];
  const { pairing_code } = await as.merchant("POST", `/v1/terminals/${terminal}/pairing_codes`);
  const { token: till } = await ok(platform.call("POST", "/v1/terminals/pair", { body: { pairing_code } }));
  return { shop, payer, till, ids };
}
