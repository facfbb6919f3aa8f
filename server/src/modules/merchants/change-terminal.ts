import type { Origin } from "#kit/audit.ts";
import { invalidate } from "#kit/cache.ts";
import { first, inTransaction } from "#kit/db.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { tellOfTerminal } from "./create-terminal.ts";
import { placeKey, terminalCache } from "./places.ts";
import { type Keeper, reachOf } from "./reach.ts";
import type { TerminalChange } from "./schemas.ts";
import { selectTerminal, updateTerminal } from "./sql.ts";
import type { Terminal } from "./terminal.ts";

/** Changes a terminal within the actor's reach. It moves between stores of its own merchant and mode only. */
export function changeTerminal(actor: Keeper, id: string, change: TerminalChange, from: Origin): Promise<Terminal> {
  const { merchantId, livemode } = reachOf(actor);
  return inTransaction(async (tx) => {
    const values = [id, merchantId, livemode, change.name, change.status, change.store, change.refund_limit];
    const before = await first(tx, selectTerminal, [id, merchantId, livemode]);
    const terminal = await first(tx, updateTerminal, values);
    if (!terminal) throw kitErrors.not_found({ param: before && "/store" });
    await tellOfTerminal(tx, from, "terminal.updated", terminal, before);
    await invalidate(tx, terminalCache, placeKey(terminal, terminal.id));
    return terminal;
  });
}
