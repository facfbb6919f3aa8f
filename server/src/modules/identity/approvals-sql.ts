import { sql } from "#kit/db.ts";
import type { ApprovalStatus } from "./approval.ts";

/** Every statement on what waits for a second person. */

export interface ApprovalRow {
  id: string;
  kind: string;
  status: ApprovalStatus;
  makerId: string;
  makerRole: string;
  makerSessionId: string;
  makerAddress: string;
  sealedContent: string;
  secret: boolean;
  decidedBy: string | null;
  sealedReason: string | null;
  sealedOutcome: string | null;
  createdAt: Date;
  expiresAt: Date;
  decidedAt: Date | null;
}

/** One that nobody decided in time is stored as pending and is expired. */
const status = "case when status = 'pending' and expires_at <= clock_now() then 'expired' else status end";
const columns = `id, kind, ${status} as status, maker_id as "makerId", maker_role as "makerRole", maker_session_id as "makerSessionId",
  maker_address as "makerAddress",
  sealed_content as "sealedContent", secret, decided_by as "decidedBy", sealed_reason as "sealedReason",
  sealed_outcome as "sealedOutcome", created_at as "createdAt", expires_at as "expiresAt", decided_at as "decidedAt"`;

export const insertApproval = sql<ApprovalRow>(
  "identity.insert_approval",
  `insert into approvals (id, kind, status, maker_id, maker_role, maker_session_id, maker_address, sealed_content, secret,
       created_at, expires_at)
   select $1, $2, 'pending', $3, $4, $5, $6, $7, $8::boolean, at.now, at.now + interval '24 hours' from (select clock_now() as now) at
   returning ${columns}`,
);

/** `$2`: whose alone; null: anybody's. */
export const selectApproval = sql<ApprovalRow>(
  "identity.select_approval",
  `select ${columns} from approvals where id = $1 and ($2::text is null or maker_id = $2)`,
);

export const listApprovals = sql<ApprovalRow>(
  "identity.list_approvals",
  `select ${columns} from approvals
    where ($1::text is null or maker_id = $1) and ($2::text is null or id < $2) and ($3::text is null or id > $3)
      and ($4::timestamptz is null or created_at >= $4) and ($5::timestamptz is null or created_at < $5)
      and ($8::text is null or ${status} = $8) and ($9::text is null or kind = $9)
    order by case when $7 then id end, case when not $7 then id end desc
    limit $6`,
);

/** Compare-and-set: of several who decide, one does. For a maker who is not what they were when they asked nobody does. */
export const approve = sql<ApprovalRow>(
  "identity.approve",
  `update approvals a set status = 'approved', decided_by = $2, decided_at = clock_now()
    where id = $1 and status = 'pending' and expires_at > clock_now() and maker_id <> $2
      and exists (select from staff s where s.id = a.maker_id and s.role = a.maker_role and s.disabled_at is null)
   returning ${columns}`,
);

/** To `failed` where `$2` says so. */
export const noteOutcome = sql<ApprovalRow>(
  "identity.note_outcome",
  `update approvals set status = case when $2 then 'failed' else status end, sealed_outcome = $3
    where id = $1 and status = 'approved'
   returning ${columns}`,
);

export const refuse = sql<ApprovalRow>(
  "identity.refuse",
  `update approvals set status = 'refused', decided_by = $2, decided_at = clock_now(), sealed_reason = $3
    where id = $1 and status = 'pending' and expires_at > clock_now()
   returning ${columns}`,
);

export const cancel = sql<ApprovalRow>(
  "identity.cancel",
  `update approvals set status = 'canceled', decided_by = maker_id, decided_at = clock_now()
    where id = $1 and maker_id = $2 and status = 'pending' and expires_at > clock_now()
   returning ${columns}`,
);

export const lapseApprovals = sql(
  "identity.lapse_approvals",
  "update approvals set status = 'lapsed', decided_at = clock_now() where maker_id = $1 and status = 'pending'",
);

/** Of two who fetch, one gets it. Gives what there was; `$2` hours after the decision there is nothing. */
export const takeOutcome = sql<{ sealedOutcome: string }>(
  "identity.take_outcome",
  `with taken as (
     select id, sealed_outcome from approvals
      where id = $1 and status = 'approved' and secret and sealed_outcome is not null
        and decided_at > clock_now() - $2::int * interval '1 hour'
        for update)
   update approvals a set sealed_outcome = null from taken where a.id = taken.id
   returning taken.sealed_outcome as "sealedOutcome"`,
);

export const forgetOutcomes = sql(
  "identity.forget_outcomes",
  `update approvals set sealed_outcome = null
    where secret and status = 'approved' and sealed_outcome is not null and decided_at <= clock_now() - $1::int * interval '1 hour'`,
);
