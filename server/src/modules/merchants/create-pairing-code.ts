import { type Origin, recordAct } from "#kit/audit.ts";
import { first, run, type Transaction } from "#kit/db.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { merchantErrors } from "./errors.ts";
import { type Keeper, reachOf } from "./reach.ts";
import { selectTerminal } from "./sql.ts";
import { newPairingCode, pairingCodeHash } from "./terminal-token.ts";
import { putPairingCode } from "./terminal-tokens-sql.ts";

const livesForS = 600;

/** A code that pairs a till with this terminal, once, within ten minutes. It takes the place of one that was made before. */
export async function createPairingCode(tx: Transaction, actor: Keeper, id: string, from: Origin) {
  const reach = reachOf(actor);
  const terminal = await first(tx, selectTerminal, [id, reach.merchantId, reach.livemode]);
  if (!terminal) throw kitErrors.not_found();
  if (terminal.status !== "active") throw merchantErrors.terminal_blocked({ details: { status: terminal.status } });
  const { merchantId, livemode } = terminal;
  const code = newPairingCode();
  const [made] = await run(tx, putPairingCode, [merchantId, livemode, id, pairingCodeHash(code), livesForS]);
  const owner = { id: merchantId, livemode };
  await recordAct(tx, from, { action: "terminal.pairing_code_created", object: { type: "terminal", id }, owner });
  return {
    object: "pairing_code" as const,
    terminal: id,
    pairing_code: code,
    livemode,
    expires_at: (made as { expiresAt: Date }).expiresAt.toISOString(),
  };
}
