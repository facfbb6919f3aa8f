import type { JsonWebKey } from "node:crypto";
import { sql } from "#kit/db.ts";
import type { Language } from "#kit/errors.ts";
import { sealedSubjectKeyOf } from "#kit/subject-keys.ts";

export type Platform = "ios" | "android" | "harmony" | "web" | "other";

/** Every statement that touches this module's tables. */

export interface UserRow {
  id: string;
  livemode: boolean;
  sealedPhone: string | null;
  sealedEmail: string | null;
  sealedName: string | null;
  sealedSubjectKey: string | null;
  phoneVerified: boolean;
  emailVerified: boolean;
  locale: Language;
  createdAt: Date;
}

export const userColumns = `id, livemode, sealed_phone as "sealedPhone", sealed_email as "sealedEmail", sealed_name as "sealedName",
  phone_verified_at is not null as "phoneVerified", email_verified_at is not null as "emailVerified", locale, created_at as "createdAt", ${sealedSubjectKeyOf("users.id")} as "sealedSubjectKey"`;

/** `$8`, `$9`: a code has proven the phone, the email. */
export const insertUser = sql<UserRow>(
  "identity.insert_user",
  `insert into users (id, livemode, sealed_phone, sealed_email, sealed_name, locale, sealed_password, phone_verified_at, email_verified_at)
   values ($1, $2, $3, $4, $5, $6, $7, case when $8 then clock_now() end, case when $9 then clock_now() end)
   returning ${userColumns}`,
);

/** Gives the handles that were free; the ones it leaves out belong to somebody. */
export const claimHandles = sql<{ handle: string }>(
  "identity.claim_handles",
  `insert into user_handles (handle, livemode, user_id)
   select h.handle, $2, $3 from unnest($1::text[]) as h(handle) order by h.handle
   on conflict do nothing
   returning handle`,
);

export const selectHandle = sql<{ userId: string }>(
  "identity.select_handle",
  `select user_id as "userId" from user_handles where handle = $1 and livemode = $2`,
);

export const selectUsers = sql<UserRow>(
  "identity.select_users",
  `select ${userColumns} from users where id = any($1::text[])`,
);

export const updateUser = sql<UserRow>(
  "identity.update_user",
  `update users set sealed_name = case when $2 then $3 else sealed_name end, locale = coalesce($4, locale)
    where id = $1
    returning ${userColumns}`,
);

export const selectPassword = sql<{ sealedPassword: string; generation: number }>(
  "identity.select_password",
  `select sealed_password as "sealedPassword", password_generation as generation from users where id = $1`,
);

/** Gives nothing when the password is not the one that was compared any more; otherwise it stays until the transaction ends. */
export const holdPassword = sql<{ id: string }>(
  "identity.hold_password",
  "select id from users where id = $1 and password_generation = $2 for share",
);

/** Compare-and-set: a password that was changed meanwhile stays. */
export const replacePassword = sql(
  "identity.replace_password",
  "update users set sealed_password = $3 where id = $1 and sealed_password = $2",
);

export interface DeviceRow {
  id: string;
  userId: string;
  livemode: boolean;
  sealedName: string;
  platform: Platform;
  createdAt: Date;
  trustedAt: Date | null;
  revokedAt: Date | null;
  /** Ed25519, 32 bytes. */
  publicKey: Buffer | null;
  keyEnrolledAt: Date | null;
}

const deviceColumns = `id, user_id as "userId", livemode, sealed_name as "sealedName", platform, created_at as "createdAt",
  trusted_at as "trustedAt", revoked_at as "revokedAt", public_key as "publicKey", key_enrolled_at as "keyEnrolledAt"`;

/** Gives nothing when the user has `$6` devices already. */
export const insertDevice = sql<DeviceRow>(
  "identity.insert_device",
  `insert into devices (user_id, id, livemode, sealed_name, platform)
   select $1, $2, $3::boolean, $4, $5
    where (select count(*) from devices where user_id = $1 and revoked_at is null) < $6
   returning ${deviceColumns}`,
);

export const selectDevice = sql<DeviceRow>(
  "identity.select_device",
  `select ${deviceColumns} from devices where user_id = $1 and id = $2 and revoked_at is null`,
);

export const listDevices = sql<DeviceRow>(
  "identity.list_devices",
  `select ${deviceColumns} from devices
    where user_id = $1 and revoked_at is null and ($2::text is null or id < $2) and ($3::text is null or id > $3)
      and ($4::timestamptz is null or created_at >= $4) and ($5::timestamptz is null or created_at < $5)
    order by case when $7 then id end, case when not $7 then id end desc
    limit $6`,
);

export const renameDevice = sql<DeviceRow>(
  "identity.rename_device",
  `update devices set sealed_name = $3 where user_id = $1 and id = $2 and revoked_at is null returning ${deviceColumns}`,
);

/** Trusts by a digest, or no longer. */
export const setTrust = sql<DeviceRow>(
  "identity.set_trust",
  `update devices set trust_hash = $3, trusted_at = case when $3::bytea is null then null else clock_now() end
    where user_id = $1 and id = $2 and revoked_at is null
   returning ${deviceColumns}`,
);

export const revokeDevice = sql<DeviceRow>(
  "identity.revoke_device",
  `update devices set revoked_at = clock_now(), trusted_at = null, trust_hash = null where user_id = $1 and id = $2 and revoked_at is null
   returning ${deviceColumns}`,
);

export interface SessionRow {
  id: string;
  ownerId: string;
  ownerKind: "user" | "staff";
  livemode: boolean;
  deviceId: string | null;
  address: string;
  createdAt: Date;
  usedAt: Date;
  expiresAt: Date;
  endedAt: Date | null;
}

export const sessionColumns = `id, owner_id as "ownerId", owner_kind as "ownerKind", livemode, device_id as "deviceId", address, created_at as "createdAt",
  used_at as "usedAt", expires_at as "expiresAt", ended_at as "endedAt"`;

/** Lives in seconds: `$9` without a refresh, `$10` in all. */
export const insertSession = sql<SessionRow>(
  "identity.insert_session",
  `insert into sessions (owner_id, owner_kind, id, livemode, device_id, address, family_hash, token_hash, expires_at, ends_at)
   values ($1, $2, $3, $4, $5, $6, $7, $8,
           clock_now() + $9::int * interval '1 second', clock_now() + $10::int * interval '1 second')
   returning ${sessionColumns}`,
);

export interface FamilyRow extends SessionRow {
  endedFor: string | null;
  expired: boolean;
  tokenHash: Buffer;
  previousHash: Buffer | null;
  nonce: Buffer | null;
  /** The previous token may still be a repetition whose answer was lost. */
  previousForgiven: boolean;
}

export const selectFamily = sql<FamilyRow>(
  "identity.select_family",
  `select ${sessionColumns}, ended_for as "endedFor", expires_at <= clock_now() as expired, token_hash as "tokenHash",
          previous_hash as "previousHash", nonce,
          rotated_at is not null and rotated_at > clock_now() - $3::int * interval '1 second' as "previousForgiven"
     from sessions where owner_id = $1 and family_hash = $2`,
);

/** Compare-and-set on the valid token's hash: of two at once one rotates. */
export const rotateToken = sql<SessionRow>(
  "identity.rotate_token",
  `update sessions set previous_hash = token_hash, token_hash = $4, nonce = $5, rotated_at = clock_now(), used_at = clock_now(),
          expires_at = least(clock_now() + $6::int * interval '1 second', ends_at)
    where owner_id = $1 and id = $2 and token_hash = $3 and ended_at is null and expires_at > clock_now()
   returning ${sessionColumns}`,
);

export const endSession = sql<SessionRow>(
  "identity.end_session",
  `update sessions set ended_at = clock_now(), ended_for = $3
    where owner_id = $1 and id = $2 and ended_at is null
   returning ${sessionColumns}`,
);

export const endSessionsOfDevice = sql<SessionRow>(
  "identity.end_sessions_of_device",
  `update sessions set ended_at = clock_now(), ended_for = 'device_revoked'
    where owner_id = $1 and device_id = $2 and ended_at is null
   returning ${sessionColumns}`,
);

/** With whether its user is frozen. */
export const selectLiveSession = sql<SessionRow & { frozen: boolean }>(
  "identity.select_live_session",
  `select ${sessionColumns},
          exists (select from users u where u.id = sessions.owner_id and u.frozen_at is not null) as frozen
     from sessions
    where owner_id = $1 and id = $2 and ended_at is null and expires_at > clock_now()`,
);

export const listSessions = sql<SessionRow>(
  "identity.list_sessions",
  `select ${sessionColumns} from sessions
    where owner_id = $1 and ended_at is null and expires_at > clock_now()
      and ($2::text is null or id < $2) and ($3::text is null or id > $3)
      and ($4::timestamptz is null or created_at >= $4) and ($5::timestamptz is null or created_at < $5)
    order by case when $7 then id end, case when not $7 then id end desc
    limit $6`,
);

export const setPin = sql(
  "identity.set_pin",
  `insert into payment_pins (user_id, sealed_pin) values ($1, $2)
   on conflict (user_id) do update set sealed_pin = excluded.sealed_pin, attempts = 0, locked_until = null, set_at = clock_now()`,
);

export interface PinRow {
  sealedPin: string;
  attempts: number;
  lockedUntil: Date | null;
}

/**
 * Counts a guess before it is compared, so that many at once are no more than `$2`; the last one locks for `$3` seconds.
 * Gives nothing while locked.
 */
export const countGuess = sql<PinRow>(
  "identity.count_guess",
  `update payment_pins
      set attempts = case when locked_until is null then attempts + 1 else 1 end,
          locked_until = case when locked_until is null and attempts + 1 >= $2::int
                              then clock_now() + $3::int * interval '1 second' end
    where user_id = $1 and (locked_until is null or locked_until <= clock_now())
   returning sealed_pin as "sealedPin", attempts, locked_until as "lockedUntil"`,
);

export const forgiveGuesses = sql(
  "identity.forgive_guesses",
  "update payment_pins set attempts = 0, locked_until = null where user_id = $1 and sealed_pin = $2",
);

export const replacePin = sql(
  "identity.replace_pin",
  "update payment_pins set sealed_pin = $3 where user_id = $1 and sealed_pin = $2",
);

export const selectPin = sql<{ lockedUntil: Date | null }>(
  "identity.select_pin",
  `select case when locked_until > clock_now() then locked_until end as "lockedUntil" from payment_pins where user_id = $1`,
);

/**
 * Counts an attempt unless the key has to wait: `$2` attempts are free, one is forgotten every `$3` seconds, and past the free ones
 * the pause doubles from one second up to `$4`. Gives nothing when it has to wait.
 */
export const countAttempt = sql<{ level: number }>(
  "identity.count_attempt",
  `insert into sign_in_attempts as a (key, level, counted_at) values ($1, 1, clock_now())
   on conflict (key) do update
      set level = greatest(0, a.level - extract(epoch from excluded.counted_at - a.counted_at) / $3::int) + 1,
          counted_at = excluded.counted_at
    where a.level <= $2::int - 1
       or excluded.counted_at >= a.counted_at + least($4::int, power(2, least(a.level - $2::int, 20))) * interval '1 second'
   returning level`,
);

export const selectPause = sql<{ seconds: number }>(
  "identity.select_pause",
  `select greatest(1, ceil(extract(epoch from
            counted_at + least($3::int, power(2, least(level - $2::int, 20))) * interval '1 second' - clock_now())))::int as seconds
     from sign_in_attempts where key = $1`,
);

/** What turned out right was no guess: `$1` starts afresh, `$2` is counted down by one. */
export const forgiveAttempts = sql(
  "identity.forgive_attempts",
  `with forgotten as (delete from sign_in_attempts where key = $1)
   update sign_in_attempts set level = greatest(0, level - 1) where key = $2`,
);

export const deleteOldAttempts = sql(
  "identity.delete_old_attempts",
  "delete from sign_in_attempts where counted_at < clock_now() - interval '1 day'",
);

export interface StaffRow {
  id: string;
  sealedEmail: string;
  role: string;
  status: "invited" | "active" | "disabled";
  createdAt: Date;
}

export const staffStatus =
  "case when disabled_at is not null then 'disabled' when sealed_password is null then 'invited' else 'active' end";
export const staffColumns = `id, sealed_email as "sealedEmail", role, ${staffStatus} as status, created_at as "createdAt"`;

export const insertStaff = sql<StaffRow>(
  "identity.insert_staff",
  `insert into staff (id, email_hash, sealed_email, role, sealed_password, sealed_totp_secret)
   values ($1, $2, $3, $4, $5, $6)
   on conflict (email_hash) do nothing
   returning ${staffColumns}`,
);

export const selectStaff = sql<StaffRow>(
  "identity.select_staff",
  `select ${staffColumns} from staff where id = $1 and disabled_at is null`,
);

export interface StaffCredentialsRow {
  id: string;
  sealedPassword: string;
  sealedTotpSecret: string;
}

export const selectStaffCredentials = sql<StaffCredentialsRow>(
  "identity.select_staff_credentials",
  `select id, sealed_password as "sealedPassword", sealed_totp_secret as "sealedTotpSecret"
     from staff where email_hash = $1 and disabled_at is null and sealed_password is not null`,
);

export const selectStaffTotp = sql<{ sealedTotpSecret: string }>(
  "identity.select_staff_totp",
  `select sealed_totp_secret as "sealedTotpSecret" from staff
    where id = $1 and disabled_at is null and sealed_totp_secret is not null`,
);

/** Compare-and-set: a code works once, and none before it works afterwards. */
export const useTotpStep = sql<StaffRow>(
  "identity.use_totp_step",
  `update staff set totp_step = $2
    where id = $1 and disabled_at is null and (totp_step is null or totp_step < $2)
   returning ${staffColumns}`,
);

export const replaceStaffPassword = sql(
  "identity.replace_staff_password",
  "update staff set sealed_password = $3 where id = $1 and sealed_password = $2",
);

/** Gives nothing when another process was first. */
export const insertSigningKey = sql(
  "identity.insert_signing_key",
  `insert into signing_keys (generation, kid, public_jwk, sealed_private_jwk) values (1, $1, $2, $3)
   on conflict (generation) do nothing`,
);

export const selectSigningKeys = sql<{ kid: string; publicJwk: JsonWebKey; sealedPrivateJwk: string }>(
  "identity.select_signing_keys",
  `select kid, public_jwk as "publicJwk", sealed_private_jwk as "sealedPrivateJwk" from signing_keys order by generation`,
);
