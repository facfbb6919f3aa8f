import type { Story } from "../actor.ts";

export const accounts = [
  "ba_test_ok",
  "ba_test_late",
  "ba_test_refused",
  "ba_test_late_refused",
  "ba_test_returned",
  "ba_test_lost_answer",
  "ba_test_late_money",
  "ba_test_late_money_closed",
  "ba_test_late_payout",
];

/** Money from a bank account that confirms, delays, refuses or takes back. */
export async function topUp(story: Story): Promise<void> {
  const { id: by, pin } = story.payer();
  const amount = story.uniqueAmount();
  const body = { amount, currency: story.stage.currency, source: story.random.pick(accounts), pin };
  await story.command({ kind: "topup", by, path: "/v1/topups", body, number: String(amount), amount });
}

/** Money to such an account, now and then more than there is. */
export async function withdraw(story: Story): Promise<void> {
  const { id: by, pin } = story.payer();
  const amount = story.uniqueAmount() + (story.random.chance(0.05) ? 500_000_000 : 0);
  const body = { amount, currency: story.stage.currency, destination: story.random.pick(accounts), pin };
  await story.command({ kind: "withdrawal", by, path: "/v1/withdrawals", body, number: String(amount), amount });
}
