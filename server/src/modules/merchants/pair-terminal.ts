import type { Origin } from "#kit/audit.ts";
import { first, inTransaction, run } from "#kit/db.ts";
import { signal } from "#kit/security-signals.ts";
import { forgiveAttempt, takeNamelessAttempt } from "#modules/identity";
import { digestOf, newSecret } from "./api-key.ts";
import { tellOfTerminal } from "./create-terminal.ts";
import { endTill } from "./end-till.ts";
import { merchantErrors } from "./errors.ts";
import { selectTerminal } from "./sql.ts";
import { presentTerminal, type Terminal } from "./terminal.ts";
import { pairingCodeHash } from "./terminal-token.ts";
import { insertTerminalToken, takePairingCode } from "./terminal-tokens-sql.ts";

/**
 * Makes a device the till of a terminal; a till that was paired with it before is one no longer. The token is shown once. Throws
 * `pairing_code_invalid`, `sign_in_throttled` to a network that guesses.
 */
export async function pairTerminal(typed: string, from: Origin) {
  const attempt = await takeNamelessAttempt(from.ip);
  const paired = await inTransaction(async (tx) => {
    const place = await first(tx, takePairingCode, [pairingCodeHash(typed)]);
    if (!place) return undefined;
    const { merchantId, livemode, terminalId } = place;
    await endTill(tx, place, "paired_again");
    const token = newSecret(livemode, "tt");
    await run(tx, insertTerminalToken, [merchantId, livemode, terminalId, Buffer.from(digestOf(token), "hex")]);
    const terminal = (await first(tx, selectTerminal, [terminalId, merchantId, livemode])) as Terminal;
    await tellOfTerminal(tx, from, "terminal.paired", terminal);
    await forgiveAttempt(tx, attempt);
    return { token, terminal };
  });
  if (!paired) {
    signal("pairing_code_wrong", { address: from.ip });
    throw merchantErrors.pairing_code_invalid();
  }
  return { object: "terminal_token" as const, token: paired.token, terminal: presentTerminal(paired.terminal) };
}
