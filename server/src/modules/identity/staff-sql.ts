import { sql } from "#kit/db.ts";
import { type StaffRow, staffColumns, staffStatus } from "./sql.ts";

/** Statements on how staff come, change and go. */

export const selectAnyStaff = sql<StaffRow>(
  "identity.select_any_staff",
  `select ${staffColumns} from staff where id = $1`,
);

export const listStaff = sql<StaffRow>(
  "identity.list_staff",
  `select ${staffColumns} from staff
    where ($1::text is null or id < $1) and ($2::text is null or id > $2)
      and ($3::timestamptz is null or created_at >= $3) and ($4::timestamptz is null or created_at < $4)
      and ($7::text is null or role = $7) and ($8::text is null or ${staffStatus} = $8)
    order by case when $6 then id end, case when not $6 then id end desc
    limit $5`,
);

export const insertInvitedStaff = sql<StaffRow>(
  "identity.insert_invited_staff",
  `insert into staff (id, email_hash, sealed_email, role) values ($1, $2, $3, $4)
   on conflict (email_hash) do nothing
   returning ${staffColumns}`,
);

export const changeStaffRole = sql<StaffRow>(
  "identity.change_staff_role",
  `update staff set role = $2 where id = $1 and disabled_at is null returning ${staffColumns}`,
);

export const disableStaff = sql<StaffRow>(
  "identity.disable_staff",
  `update staff set disabled_at = clock_now() where id = $1 and disabled_at is null returning ${staffColumns}`,
);

export const enableStaff = sql<StaffRow>(
  "identity.enable_staff",
  `update staff set disabled_at = null where id = $1 and disabled_at is not null returning ${staffColumns}`,
);

export const clearCredentials = sql<StaffRow>(
  "identity.clear_credentials",
  `update staff set sealed_password = null, sealed_totp_secret = null
    where id = $1 and disabled_at is null
   returning ${staffColumns}`,
);

export const setCredentials = sql<StaffRow>(
  "identity.set_credentials",
  `update staff set sealed_password = $2, sealed_totp_secret = $3, totp_step = $4
    where id = $1 and disabled_at is null
   returning ${staffColumns}`,
);

/** The last one counts. */
export const putInvitation = sql<{ expiresAt: Date }>(
  "identity.put_invitation",
  `insert into staff_invitations (staff_id, token_hash, sealed_totp_secret, expires_at)
   values ($1, $2, $3, clock_now() + $4::int * interval '1 hour')
   on conflict (staff_id) do update set token_hash = excluded.token_hash, sealed_totp_secret = excluded.sealed_totp_secret,
     expires_at = excluded.expires_at
   returning expires_at as "expiresAt"`,
);

export interface InvitationRow {
  sealedTotpSecret: string;
  expiresAt: Date;
}

export const selectInvitation = sql<InvitationRow>(
  "identity.select_invitation",
  `select sealed_totp_secret as "sealedTotpSecret", expires_at as "expiresAt" from staff_invitations
    where staff_id = $1 and token_hash = $2 and expires_at > clock_now()`,
);

/** Compare-and-set: of two who accept, one does. */
export const useInvitation = sql<InvitationRow>(
  "identity.use_invitation",
  `delete from staff_invitations where staff_id = $1 and token_hash = $2 and expires_at > clock_now()
   returning sealed_totp_secret as "sealedTotpSecret", expires_at as "expiresAt"`,
);

export const withdrawInvitation = sql(
  "identity.withdraw_invitation",
  "delete from staff_invitations where staff_id = $1",
);

/** Of a session that lives. */
export const noteTotp = sql(
  "identity.note_totp",
  "update sessions set totp_at = clock_now() where owner_id = $1 and id = $2 and ended_at is null returning id",
);

export const selectFreshTotp = sql<{ id: string }>(
  "identity.select_fresh_totp",
  `select id from sessions
    where owner_id = $1 and id = $2 and coalesce(totp_at, created_at) > clock_now() - $3::int * interval '1 second'`,
);
