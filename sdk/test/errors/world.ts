import { randomUUID } from "node:crypto";
import { createClient, type Feiqian, type PaymentsCreateParams } from "@feiqian/sdk";
import { aPayer, aShop, type Payer, type Shop } from "@feiqian/server/test/factories.ts";
import type { TestPlatform } from "@feiqian/server/test/platform.ts";

/** A shop's clerk, customers and staff, each with a client that tries nothing twice. */
export interface World {
  readonly platform: TestPlatform;
  readonly shop: Shop;
  readonly merchant: Feiqian;
  readonly payer: Payer;
  readonly user: Feiqian;
  readonly staff: Feiqian;
  readonly visitor: Feiqian;
  readonly clientOf: (token?: string, path?: string) => Feiqian;
  readonly aPayer: (money?: number) => Promise<{ payer: Payer; user: Feiqian }>;
  readonly aShop: (terms?: Record<string, unknown>) => Promise<{ shop: Shop; merchant: Feiqian }>;
  /** Terms of a scan that would succeed. */
  readonly scan: (terms?: Partial<PaymentsCreateParams>) => Promise<PaymentsCreateParams>;
  /** Terms of an order that would wait for its payer. */
  readonly order: (terms?: Partial<PaymentsCreateParams>) => PaymentsCreateParams;
  /** Moves the platform's clock forward. */
  readonly wait: (seconds: number) => Promise<void>;
}

/** One documented error, and how a client comes to see it. */
export interface Row {
  readonly code: string;
  readonly when: string;
  /** The field that is named; `undefined`: the catalogue's own, or none. */
  readonly param?: string;
  readonly provoke: (world: World) => Promise<unknown>;
}

export async function aWorld(platform: TestPlatform): Promise<World> {
  const clientOf = (token?: string, path = "") =>
    createClient({ baseUrl: platform.url + path, maxRetries: 0, ...(token && { apiKey: token }) });
  const newPayer = async (money = 100_000) => {
    const payer = await aPayer(platform, { money });
    return { payer, user: clientOf(payer.token) };
  };
  const newShop = async (terms: Record<string, unknown> = {}) => {
    const shop = await aShop(platform, terms);
    return { shop, merchant: clientOf(shop.key) };
  };
  const order = (terms: Partial<PaymentsCreateParams> = {}): PaymentsCreateParams => ({
    amount: 1_250,
    currency: "CNY",
    out_trade_no: `order-${randomUUID()}`,
    ...terms,
  });
  const [{ shop, merchant }, { payer, user }] = await Promise.all([newShop(), newPayer()]);
  return {
    platform,
    shop,
    merchant,
    payer,
    user,
    staff: clientOf(await platform.operator()),
    visitor: clientOf(),
    clientOf,
    aPayer: newPayer,
    aShop: newShop,
    order,
    scan: async (terms = {}) => order({ code: terms.code ?? (await (await newPayer()).payer.code()), ...terms }),
    wait: async (seconds) => {
      await merchant.testClock.advance({ advance_ms: seconds * 1000 });
    },
  };
}

/** Closes a user's wallet, which must be empty, as staff do. */
export async function closeWallet({ staff }: World, owner: string): Promise<void> {
  const { data } = await staff.ledger.accounts.list({ code: "wallet", owner });
  for (const { id } of data) await staff.ledger.accounts.close(id);
}

/** What types don't allow and other clients may send all the same. */
export const wrongly = <T>(params: object): T => params as T;
