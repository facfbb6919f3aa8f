import { type Origin, recordAct } from "#kit/audit.ts";
import { first, type Transaction } from "#kit/db.ts";
import { newId } from "#kit/ids.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { emit } from "#kit/outbox.ts";
import { type Keeper, reachOf } from "./reach.ts";
import type { TerminalInput } from "./schemas.ts";
import { insertTerminal } from "./sql.ts";
import { presentTerminal, type Terminal } from "./terminal.ts";

/** Adds a terminal to a store within the actor's reach; it has the store's merchant and mode. */
export async function createTerminal(
  tx: Transaction,
  actor: Keeper,
  input: TerminalInput,
  from: Origin,
): Promise<Terminal> {
  const { merchantId, livemode } = reachOf(actor, { merchant: input.merchant });
  const terminal = await first(tx, insertTerminal, [
    input.store,
    merchantId,
    livemode,
    newId("trm"),
    input.name,
    input.refund_limit ?? 0,
  ]);
  if (!terminal) throw kitErrors.not_found({ param: "/store" });
  await tellOfTerminal(tx, from, "terminal.created", terminal);
  return terminal;
}

/** Tells of what became of a terminal, and writes down who did it. */
export async function tellOfTerminal(
  tx: Transaction,
  from: Origin,
  type: "terminal.created" | "terminal.updated" | "terminal.paired" | "terminal.lost",
  terminal: Terminal,
  before?: Terminal,
): Promise<void> {
  const { id, merchantId, livemode } = terminal;
  const object = presentTerminal(terminal);
  await emit(tx, [{ ownerId: merchantId, livemode, type, objectId: id, object }]);
  await recordAct(tx, from, {
    action: type,
    object: { type: "terminal", id },
    owner: { id: merchantId, livemode },
    before: before && presentTerminal(before),
    after: object,
  });
}
