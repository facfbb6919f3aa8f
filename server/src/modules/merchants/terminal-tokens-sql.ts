import { sql } from "#kit/db.ts";
import type { Terminal } from "./terminal.ts";

/** Statements on the pairing of tills. */
export const putPairingCode = sql<{ expiresAt: Date }>(
  "merchants.put_pairing_code",
  `insert into pairing_codes (merchant_id, livemode, terminal_id, code_hash, expires_at)
   values ($1, $2, $3, $4, clock_now() + $5 * interval '1 second')
   on conflict (merchant_id, livemode, terminal_id) do update
      set code_hash = excluded.code_hash, expires_at = excluded.expires_at
   returning expires_at as "expiresAt"`,
);

/** Of several tills that show one code the first gets it. Gives nothing for one that is unknown, used or too old. */
export const takePairingCode = sql<Pick<Terminal, "merchantId" | "livemode"> & { terminalId: string }>(
  "merchants.take_pairing_code",
  `delete from pairing_codes where code_hash = $1 and expires_at > clock_now()
   returning merchant_id as "merchantId", livemode, terminal_id as "terminalId"`,
);

export const deletePairingCode = sql(
  "merchants.delete_pairing_code",
  "delete from pairing_codes where merchant_id = $1 and livemode = $2 and terminal_id = $3",
);

export const insertTerminalToken = sql(
  "merchants.insert_terminal_token",
  "insert into terminal_tokens (merchant_id, livemode, terminal_id, secret_hash) values ($1, $2, $3, $4)",
);

export const endTerminalToken = sql<{ digest: string }>(
  "merchants.end_terminal_token",
  `update terminal_tokens set ended_at = clock_now(), ended_for = $4
    where merchant_id = $1 and livemode = $2 and terminal_id = $3 and ended_at is null
   returning encode(secret_hash, 'hex') as digest`,
);

/** One that has ended is given too: its use is worth a signal. */
export const selectTerminalToken = sql<{ merchantId: string; livemode: boolean; terminalId: string; ended: boolean }>(
  "merchants.select_terminal_token",
  `select merchant_id as "merchantId", livemode, terminal_id as "terminalId", ended_at is not null as ended
     from terminal_tokens where secret_hash = $1`,
);

/** Whatever it was before. */
export const loseTerminal = sql(
  "merchants.lose_terminal",
  "update terminals set status = 'lost' where merchant_id = $1 and livemode = $2 and id = $3",
);

/** What a till may refund in a business day; locked, so that its refunds count each other. */
export const lockRefundLimit = sql<{ refundLimit: number }>(
  "merchants.lock_refund_limit",
  `select refund_limit as "refundLimit" from terminals
    where merchant_id = $1 and livemode = $2 and id = $3 and status = 'active' for no key update`,
);
