import type { Asking } from "#kit/access.ts";
import type { TerminalActor } from "#kit/actor.ts";
import { Cache } from "#kit/cache.ts";
import { database, first } from "#kit/db.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { signal } from "#kit/security-signals.ts";
import { digestOf } from "./api-key.ts";
import { merchantErrors } from "./errors.ts";
import { terminalOf } from "./places.ts";
import { merchantProfile } from "./profile.ts";
import { servesLive } from "./reach.ts";
import { isTerminalToken } from "./terminal-token.ts";
import { selectTerminalToken } from "./terminal-tokens-sql.ts";

export const terminalTokenCache = "merchants.terminal_tokens";

type Till = Pick<TerminalActor, "merchantId" | "livemode" | "terminalId">;

/** By the token's digest. */
const tills = new Cache<string, Till & { ended: boolean }>({
  name: terminalTokenCache,
  max: 50_000,
  ttlMs: 5_000,
  load: (digest) => first(database(), selectTerminalToken, [Buffer.from(digest, "hex")]),
});

/**
 * Says which till a bearer token is; nothing for a token that is none. Throws `credentials_unknown` for one that does not exist or has
 * ended, `merchant_suspended`, `terminal_blocked`.
 */
export function authenticateTerminal(token: string, request: Asking): Promise<TerminalActor> | undefined {
  if (!token.startsWith("tt_")) return undefined;
  if (!isTerminalToken(token)) throw kitErrors.credentials_unknown();
  if (token.startsWith("tt_live_") && !servesLive()) throw merchantErrors.live_key_refused();
  return admit(digestOf(token), request);
}

async function admit(digest: string, request: Asking): Promise<TerminalActor> {
  const till = await tills.get(digest);
  if (!till) throw kitErrors.credentials_unknown();
  const { merchantId, livemode, terminalId } = till;
  if (till.ended) {
    signal("revoked_terminal_used", { subject: terminalId, merchantId, livemode, address: request.ip });
    throw kitErrors.credentials_unknown();
  }
  const [merchant, terminal] = await Promise.all([merchantProfile(merchantId), terminalOf(till, terminalId)]);
  if (merchant.status === "suspended") throw merchantErrors.merchant_suspended();
  if (terminal?.status !== "active") throw merchantErrors.terminal_blocked({ details: { status: terminal?.status } });
  return { kind: "terminal", merchantId, livemode, terminalId, storeId: terminal.storeId };
}
