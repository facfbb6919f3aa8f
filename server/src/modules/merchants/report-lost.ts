import type { Origin } from "#kit/audit.ts";
import { invalidate } from "#kit/cache.ts";
import { first, run, type Transaction } from "#kit/db.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { tellOfTerminal } from "./create-terminal.ts";
import { endTill } from "./end-till.ts";
import { placeKey, terminalCache } from "./places.ts";
import { type Keeper, reachOf } from "./reach.ts";
import { selectTerminal } from "./sql.ts";
import type { Terminal } from "./terminal.ts";
import { loseTerminal } from "./terminal-tokens-sql.ts";

/** The switch for a till that is gone: nothing works from it any more, from this moment on. Once more changes nothing. */
export async function reportLost(tx: Transaction, actor: Keeper, id: string, from: Origin): Promise<Terminal> {
  const reach = reachOf(actor);
  const before = await first(tx, selectTerminal, [id, reach.merchantId, reach.livemode]);
  if (!before) throw kitErrors.not_found();
  if (before.status === "lost") return before;
  const { merchantId, livemode } = before;
  await run(tx, loseTerminal, [merchantId, livemode, id]);
  await endTill(tx, { merchantId, livemode, terminalId: id }, "lost");
  const terminal = (await first(tx, selectTerminal, [id, merchantId, livemode])) as Terminal;
  await invalidate(tx, terminalCache, placeKey(terminal, id));
  await tellOfTerminal(tx, from, "terminal.lost", terminal, before);
  return terminal;
}
