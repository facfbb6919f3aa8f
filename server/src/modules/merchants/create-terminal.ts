import { first, type Transaction } from "#kit/db.ts";
import { newId } from "#kit/ids.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { emit } from "#kit/outbox.ts";
import { type Keeper, reachOf } from "./reach.ts";
import type { TerminalInput } from "./schemas.ts";
import { insertTerminal } from "./sql.ts";
import { presentTerminal, type Terminal } from "./terminal.ts";

/** Adds a terminal to a store within the actor's reach; it has the store's merchant and mode. */
export async function createTerminal(tx: Transaction, actor: Keeper, input: TerminalInput): Promise<Terminal> {
  const { merchantId, livemode } = reachOf(actor, { merchant: input.merchant });
  const terminal = await first(tx, insertTerminal, [input.store, merchantId, livemode, newId("trm"), input.name]);
  if (!terminal) throw kitErrors.not_found({ param: "/store" });
  await tellOfTerminal(tx, "terminal.created", terminal);
  return terminal;
}

export const tellOfTerminal = (
  tx: Transaction,
  type: "terminal.created" | "terminal.updated",
  terminal: Terminal,
): Promise<void> =>
  emit(tx, [
    {
      ownerId: terminal.merchantId,
      livemode: terminal.livemode,
      type,
      objectId: terminal.id,
      object: presentTerminal(terminal),
    },
  ]);
