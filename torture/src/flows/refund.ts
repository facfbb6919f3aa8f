import type { Story } from "../actor.ts";
import type { Command } from "../command-journal.ts";
import type { StageShop } from "../stage.ts";

/** Refunds of one payment at once: whole, part, more together than there is. */
export async function refundRace(story: Story, shop: StageShop, payment: string, amount: number): Promise<void> {
  const { random } = story;
  const number = story.number();
  const amounts = random.weighted<(number | undefined)[]>([
    [2, [undefined]],
    [2, [undefined, undefined]],
    [2, [random.int(1, amount)]],
    [4, Array.from({ length: random.int(2, 6) }, () => random.int(1, Math.ceil(amount / 2)))],
    [1, [amount, undefined, random.int(1, amount)]],
  ]);
  await Promise.all(amounts.map((part, n) => story.command(refund(shop, payment, part, `${number}-${n}`))));
  if (random.chance(0.3)) await story.command(refund(shop, payment, undefined, `${number}-rest`));
}

const refund = (shop: StageShop, payment: string, amount: number | undefined, number: string): Command => ({
  kind: "refund",
  by: shop.id,
  path: "/v1/refunds",
  body: { payment, out_refund_no: number, ...(amount !== undefined && { amount }) },
  number,
  payment,
  ...(amount !== undefined && { amount }),
});
