import type { Story } from "../actor.ts";
import { refundRace } from "./refund.ts";

/** A payer scans a shop's static code and enters the amount. */
export async function collect(story: Story): Promise<void> {
  const shop = story.shop();
  const payer = story.payer();
  const amount = story.uniqueAmount();
  const outcome = await story.command({
    kind: "collect",
    by: payer.id,
    path: "/v1/collect",
    body: { qr: shop.qr, amount, pin: payer.pin },
    number: String(amount),
    amount,
  });
  if (outcome.kind === "succeeded" && story.random.chance(0.4))
    await refundRace(story, shop, String(outcome.object.id), amount);
}
