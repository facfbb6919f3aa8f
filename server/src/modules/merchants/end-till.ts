import { invalidate } from "#kit/cache.ts";
import { first, run, type Transaction } from "#kit/db.ts";
import { terminalTokenCache } from "./authenticate-terminal.ts";
import { deletePairingCode, endTerminalToken } from "./terminal-tokens-sql.ts";

interface Till {
  readonly merchantId: string;
  readonly livemode: boolean;
  readonly terminalId: string;
}

/** Ends a till's token, at once in every process, and a pairing code that waits. */
export async function endTill(
  tx: Transaction,
  { merchantId, livemode, terminalId }: Till,
  reason: "paired_again" | "lost" | "unpaired",
): Promise<void> {
  await run(tx, deletePairingCode, [merchantId, livemode, terminalId]);
  const ended = await first(tx, endTerminalToken, [merchantId, livemode, terminalId, reason]);
  if (ended) await invalidate(tx, terminalTokenCache, ended.digest);
}
