import { setTimeout as sleep } from "node:timers/promises";
import type { Story } from "../actor.ts";
import type { Command } from "../command-journal.ts";
import type { StageShop } from "../stage.ts";
import { confirm, isPaid, makeOrder } from "./order.ts";
import { refundRace } from "./refund.ts";
import { charge, freshCode } from "./scan.ts";

/** Money is held, by a scan or by an order, and then captured, given back, both at once, or forgotten until the hold ends. */
export async function hold(story: Story): Promise<void> {
  const held = story.random.chance(0.5) ? await holdByScan(story) : await holdByOrder(story);
  if (!held) return;
  const { shop, payment, amount } = held;
  const { random } = story;
  const part = () => (random.chance(0.4) ? undefined : random.int(1, amount));
  const acts = random.weighted([
    [4, [capture(shop, payment, part())]],
    [2, [capture(shop, payment, part()), capture(shop, payment, part())]],
    [2, [cancel(shop, payment)]],
    [2, [capture(shop, payment, part()), cancel(shop, payment)]],
    [1, [capture(shop, payment, amount + 1)]],
    [2, []],
  ]);
  if (random.chance(0.3)) await sleep(random.int(0, 1_500));
  const outcomes = await Promise.all(acts.map((act) => story.command(act)));
  const captured = outcomes.find(isPaid);
  if (captured?.kind === "succeeded" && random.chance(0.4))
    await refundRace(story, shop, payment, Number(captured.object.amount_captured));
}

interface Held {
  readonly shop: StageShop;
  readonly payment: string;
  readonly amount: number;
}

/** Some end after a second or two, which may be before anybody has captured them. */
async function holdByScan(story: Story): Promise<Held | undefined> {
  const shop = story.shop();
  const amount = story.amount();
  const ends = story.random.chance(0.3) ? { expires_at: story.time(story.random.int(500, 2_500)) } : {};
  const code = await freshCode(story, story.payer());
  if (code === undefined) return undefined;
  const terms = { capture: "manual", ...ends };
  const outcome = await story.command(charge(story, shop, code, amount, story.number(), terms));
  if (outcome.kind !== "succeeded") return undefined;
  return { shop, payment: String(outcome.object.id), amount };
}

async function holdByOrder(story: Story): Promise<Held | undefined> {
  const order = await makeOrder(story, { capture: "manual" });
  if (!order) return undefined;
  const outcome = await story.command(confirm(story.payer(), order));
  return outcome.kind === "succeeded" ? { shop: order.shop, payment: order.id, amount: order.amount } : undefined;
}

const capture = ({ id: by }: StageShop, payment: string, amount: number | undefined): Command => ({
  kind: "capture",
  by,
  path: `/v1/payments/${payment}/capture`,
  body: amount === undefined ? {} : { amount },
  payment,
  ...(amount !== undefined && { amount }),
});

const cancel = ({ id: by }: StageShop, payment: string): Command => ({
  kind: "cancel",
  by,
  path: `/v1/payments/${payment}/cancel`,
  body: {},
  payment,
});
