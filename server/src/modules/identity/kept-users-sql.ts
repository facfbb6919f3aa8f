import { sql } from "#kit/db.ts";

/** Statements on users as staff keep them. */

export const selectFrozen = sql<{ id: string }>(
  "identity.select_frozen",
  "select id from users where id = $1 and frozen_at is not null",
);

export interface FreezeRow {
  frozenAt: Date | null;
  sealedFrozenReason: string | null;
  erasedAt: Date | null;
}
const freezeColumns = `frozen_at as "frozenAt", sealed_frozen_reason as "sealedFrozenReason", erased_at as "erasedAt"`;

export const selectFreeze = sql<FreezeRow>(
  "identity.select_freeze",
  `select ${freezeColumns} from users where id = $1`,
);

export const freezeUser = sql<FreezeRow>(
  "identity.freeze_user",
  `update users set frozen_at = clock_now(), sealed_frozen_reason = $2
    where id = $1 and frozen_at is null and erased_at is null
   returning ${freezeColumns}`,
);

export const unfreezeUser = sql<FreezeRow>(
  "identity.unfreeze_user",
  `update users set frozen_at = null, sealed_frozen_reason = null where id = $1 and frozen_at is not null
   returning ${freezeColumns}`,
);

export const liveSessionIds = sql<{ id: string }>(
  "identity.live_session_ids",
  "select id from sessions where owner_id = $1 and ended_at is null and expires_at > clock_now()",
);
