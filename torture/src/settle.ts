import { setTimeout as sleep } from "node:timers/promises";
import { elapsed } from "@feiqian/server/kit/clock.ts";
import { database } from "@feiqian/server/kit/db.ts";
import type { Stage } from "./stage.ts";
import type { World } from "./world.ts";

const minuteMs = 60_000;

/** Moves the platform's clock; gives how far it is ahead of this machine's. Servers may be gone for a while. */
export async function moveClock(world: World, { shops }: Stage, byMs: number): Promise<number> {
  const request = { token: shops[0]?.key ?? "", key: crypto.randomUUID(), body: { advance_ms: byMs } };
  for (const end = elapsed() + minuteMs; ; await sleep(100)) {
    const answer = await world.call("POST", "/v1/test_clock", request).catch(() => undefined);
    if (answer?.status === 200) return answer.body.offset_ms;
    if (elapsed() > end) throw new Error(`the clock could not be moved: ${JSON.stringify(answer?.body)}`);
  }
}

/** What is still on its way: by name the number of rows. Cursors are behind by positions. */
const unsettled: Readonly<Record<string, string>> = {
  "bank orders that we have not heard the end of": "select count(*) from bank_instructions where next_at is not null",
  "bank orders that the bank has not told of": `
    select count(*) from embedded_bank_orders
     where state <> told_state or next_at <= clock_now() or (next_at is not null and state = 'pending')`,
  "events that a reader has not reached": `
    select count(*) from event_cursors
     where consumer in ('records', 'webhooks') and position < (select coalesce(max(position), 0) from events)`,
  "batches that the ledger's history lacks": `
    select count(*) from event_cursors
     where consumer = 'ledger.history' and position < (select coalesce(max(position), 0) from ledger_batches)`,
  "acts that are not sealed": `
    select count(*) from event_cursors
     where consumer = 'audit.seal' and position < (select coalesce(max(position), 0) from audit_log)`,
  "notifications that wait": "select count(*) from webhook_deliveries where status = 'pending'",
  "refunds that wait": "select count(*) from refunds where status = 'pending'",
};
const unended: Readonly<Record<string, string>> = {
  ...unsettled,
  "payments that wait":
    "select count(*) from payments where status in ('requires_payment', 'processing', 'authorized')",
  "bank orders with more to come": "select count(*) from embedded_bank_orders where next_at is not null",
  "holds that nobody ended": "select count(*) from ledger_pending where state = 'pending'",
};

/**
 * After the players have gone: the bank's late answers come, then orders and holds run out, and what runs behind the requests comes to
 * rest. Gives what has not.
 */
export async function settle(world: World, stage: Stage): Promise<string[]> {
  // Late money comes after a minute and goes back in a bank order of its own; a bank that is not heard is asked ever more rarely.
  for (let n = 0; n < 3 || (n < 30 && (await rest(unsettled, 1_000)).length > 0); n++) {
    await rest(unsettled, 1_000);
    await moveClock(world, stage, 61_000);
  }
  await moveClock(world, stage, 8 * 24 * 60 * minuteMs);
  return rest(unended);
}

async function rest(conditions: Readonly<Record<string, string>>, withinMs = minuteMs): Promise<string[]> {
  for (const end = elapsed() + withinMs; ; await sleep(100)) {
    const left: string[] = [];
    for (const [what, query] of Object.entries(conditions)) {
      const { rows } = await database().query<{ count: number }>(query);
      if (Number(rows[0]?.count) > 0) left.push(`${rows[0]?.count} ${what}`);
    }
    if (left.length === 0 || elapsed() > end) return left;
  }
}
