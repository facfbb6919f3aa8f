import type { Story } from "../actor.ts";
import type { Command } from "../command-journal.ts";
import type { StagePayer } from "../stage.ts";

/** Money to another wallet, often both directions at once, now and then more than there is. */
export async function transfer(story: Story): Promise<void> {
  const { random } = story;
  const [one, other] = random.some(story.stage.payers, 2) as [StagePayer, StagePayer];
  const number = story.number();
  const sends: Command[] = [];
  for (let n = 0, count = random.int(1, 3); n < count; n++) {
    const [from, to] = random.chance(0.5) ? [one, other] : [other, one];
    const amount = random.chance(0.05) ? 500_000_000 : story.amount();
    sends.push(send(story, from, to, amount, `${number}-${n}`));
  }
  await Promise.all(sends.map((command) => story.command(command)));
}

const send = (story: Story, from: StagePayer, to: StagePayer, amount: number, note: string): Command => ({
  kind: "transfer",
  by: from.id,
  path: "/v1/transfers",
  body: {
    to: story.random.chance(0.5) ? { user: to.id } : { phone: to.phone },
    amount,
    currency: story.stage.currency,
    pin: from.pin,
    note,
  },
  number: note,
  amount,
});
