import { aPayer, aShop, ok, onPlan, type Payer, type Shop, times } from "@feiqian/server/test/factories.ts";
import type { MerchantsServer } from "./merchants-server.ts";
import type { World } from "./world.ts";

/** Who plays, as it travels to the players' processes. */
export interface Stage {
  readonly url: string;
  readonly currency: string;
  readonly shops: readonly StageShop[];
  readonly payers: readonly StagePayer[];
}

export interface StageShop {
  readonly id: string;
  readonly key: string;
  /** Payloads of static QR codes: the payer enters the amount. */
  readonly qr: string;
}

export type StagePayer = Pick<Payer, "id" | "phone" | "password" | "token" | "pin">;

/** Settings of the servers: limits that nobody reaches, and scans above 100.00 that their payer has to confirm. */
export const stageSettings = {
  SMALL_PAYMENT_LIMIT: "10000",
  DAILY_CODE_LIMIT: "1000000000",
  DAILY_STATIC_CODE_LIMIT: "1000000000",
  DAILY_TRANSFER_LIMIT: "1000000000",
  DAILY_ORDER_LIMIT: "1000000000",
  LOG_LEVEL: "warn",
};

/** Shops on plans that differ in who bears the fee and what becomes of it, and payers, two of whom have next to nothing. */
export async function setStage(
  world: World,
  server: MerchantsServer,
  { payers = 16, money = 2_000_000 } = {},
): Promise<Stage> {
  const plans = [
    { rate_bps: 60 },
    { rate_bps: 38, fee_bearer: "payer" },
    { rate_bps: 100, fixed: 3, refund_fee: "kept" },
    { rate_bps: 60, refund_debt: "allowed" },
  ];
  const shops: Shop[] = [];
  for (const plan of plans) shops.push(await aShop(world, await onPlan(world, plan)));
  for (const shop of shops) await tell(world, server, shop);
  const people: Payer[] = [];
  for (const n of times(payers, Number)) people.push(await aPayer(world, { money: n < 2 ? 5_000 : money }));
  return {
    url: world.url,
    currency: "CNY",
    shops: await Promise.all(
      shops.map(async (shop) => ({ id: shop.id, key: shop.key, qr: (await ok(shop.qrCode())).payload })),
    ),
    payers: people.map(({ id, phone, password, token, pin }) => ({ id, phone, password, token, pin })),
  };
}

/** A shop hears of its payments and refunds. */
async function tell(world: World, server: MerchantsServer, { id, key }: Shop): Promise<void> {
  const body = { url: `${server.url}/${id}`, events: ["payment.*", "refund.*"] };
  server.expect(id, (await ok(world.call("POST", "/v1/webhook_endpoints", { token: key, body }))).secret);
}
