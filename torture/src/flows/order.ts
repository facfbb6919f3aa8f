import { setTimeout as sleep } from "node:timers/promises";
import type { Story } from "../actor.ts";
import type { Command, Outcome } from "../command-journal.ts";
import type { StagePayer, StageShop } from "../stage.ts";
import { accounts } from "./bank.ts";
import { refundRace } from "./refund.ts";

/** An order as its merchant hands it to payers. */
interface Order {
  readonly id: string;
  readonly shop: StageShop;
  readonly amount: number;
  readonly key: string;
  readonly qr: string | undefined;
}

/** An order that several clients confirm at once while its merchant may close it; afterwards refunds race for what was paid. */
export async function order(story: Story): Promise<void> {
  const made = await makeOrder(story);
  if (!made) return;
  const { random } = story;
  const payers = random.some(story.stage.payers, random.int(0, 4));
  const acts = payers.map(
    (payer) => () => story.command(random.chance(0.3) ? collectOrder(payer, made) : confirm(payer, made)),
  );
  const byBank = random.chance(0.3);
  if (byBank) acts.push(() => story.command(confirmByBank(story.payer(), made, random.pick(accounts))));
  if (random.chance(0.3)) acts.push(() => story.command(close(made)));
  const outcomes = await Promise.all(random.some(acts, acts.length).map((act) => act()));
  if (byBank) await sleep(random.int(0, 1_500));
  else if (!outcomes.some(isPaid)) return;
  if (random.chance(0.5)) await refundRace(story, made.shop, made.id, made.amount);
  else if (random.chance(0.2)) await story.command(close(made));
}

/** An order whose time is up before, while, or after somebody pays. */
export async function expiringOrder(story: Story): Promise<void> {
  const { random } = story;
  const made = await makeOrder(story, { expires_at: story.time(random.int(500, 2_500)) });
  if (!made || random.chance(0.3)) return;
  await sleep(random.int(0, 2_600));
  await story.command(confirm(story.payer(), made));
}

export async function makeOrder(story: Story, terms: Record<string, unknown> = {}): Promise<Order | undefined> {
  const shop = story.shop();
  const amount = story.amount();
  const number = story.number();
  const body = { amount, currency: story.stage.currency, out_trade_no: number, ...terms };
  const outcome = await story.command({ kind: "order", by: shop.id, path: "/v1/payments", body, number, amount });
  return openOrder(outcome, shop, amount);
}

function openOrder(outcome: Outcome, shop: StageShop, amount: number): Order | undefined {
  if (outcome.kind !== "succeeded") return undefined;
  const { id, payment_key: key, qr } = outcome.object;
  if (typeof id !== "string" || typeof key !== "string") return undefined;
  return { id, shop, amount, key, qr: typeof qr === "string" ? qr : undefined };
}

export const confirm = ({ id: by, pin }: StagePayer, { id, key, amount }: Order): Command => ({
  kind: "confirm",
  by,
  path: `/v1/payments/${id}/confirm`,
  body: { payment_key: key, method: "wallet", pin },
  payment: id,
  amount,
});

/** The bank is asked once this is answered: what it says comes later. */
const confirmByBank = ({ id: by }: StagePayer, { id, key, amount }: Order, source: string): Command => ({
  kind: "confirm_by_bank",
  by,
  path: `/v1/payments/${id}/confirm`,
  body: { payment_key: key, method: "bank", source },
  payment: id,
  amount,
});

const collectOrder = (payer: StagePayer, order: Order): Command =>
  order.qr === undefined
    ? confirm(payer, order)
    : {
        kind: "collect_order",
        by: payer.id,
        path: "/v1/collect",
        body: { qr: order.qr, pin: payer.pin },
        payment: order.id,
        amount: order.amount,
      };

const close = ({ id, shop }: Order): Command => ({
  kind: "close",
  by: shop.id,
  path: `/v1/payments/${id}/close`,
  body: {},
  payment: id,
});

export const isPaid = (outcome: Outcome): boolean =>
  outcome.kind === "succeeded" && outcome.object.status === "succeeded";
