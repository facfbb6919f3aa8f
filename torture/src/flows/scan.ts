import type { Story } from "../actor.ts";
import type { Command, Outcome } from "../command-journal.ts";
import type { StagePayer, StageShop } from "../stage.ts";
import { isPaid } from "./order.ts";
import { refundRace } from "./refund.ts";

/** A till scans a payment code, now and then the same one as another till; larger sums wait for their payer, who may not agree. */
export async function scan(story: Story): Promise<void> {
  const { random } = story;
  const payer = story.payer();
  const code = await freshCode(story, payer);
  if (code === undefined) return;
  const amount = random.chance(0.2) ? random.int(10_001, 20_000) : story.amount();
  const shop = story.shop();
  const tills = random.chance(0.15) ? [shop, story.shop()] : [shop];
  const number = story.number();
  const outcomes = await Promise.all(
    tills.map((till, n) => story.command(charge(story, till, code, amount, `${number}-${n}`))),
  );
  for (const [n, outcome] of outcomes.entries()) await goOn(story, tills[n] as StageShop, payer, outcome, amount);
}

async function goOn(story: Story, shop: StageShop, payer: StagePayer, outcome: Outcome, amount: number): Promise<void> {
  if (outcome.kind !== "succeeded") return;
  const id = String(outcome.object.id);
  let paid = isPaid(outcome);
  if (outcome.object.status === "processing" && story.random.chance(0.8)) {
    paid = isPaid(
      await story.command({
        kind: "confirm_on_device",
        by: payer.id,
        path: `/v1/payments/${id}/confirm_on_device`,
        body: { pin: payer.pin },
        payment: id,
        amount,
      }),
    );
  }
  if (paid && story.random.chance(0.3)) await refundRace(story, shop, id, amount);
}

export async function freshCode(story: Story, payer: StagePayer): Promise<string | undefined> {
  const made = await story.ask(payer.id, "/v1/payment_codes");
  return typeof made?.code === "string" ? made.code : undefined;
}

export const charge = (
  story: Story,
  shop: StageShop,
  code: string,
  amount: number,
  number: string,
  more: Record<string, unknown> = {},
): Command => ({
  kind: "scan",
  by: shop.id,
  path: "/v1/payments",
  body: { amount, currency: story.stage.currency, out_trade_no: number, code, ...more },
  number,
  amount,
});
