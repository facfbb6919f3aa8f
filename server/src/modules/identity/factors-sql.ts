import { sql } from "#kit/db.ts";

/** Statements on what proves a user besides the password. */

export interface FactorsRow {
  /** Of the confirmed one. */
  sealedTotpSecret: string | null;
  passkeys: number;
  recoveryCodes: number;
  trustedDevices: number;
}

export const selectFactors = sql<FactorsRow>(
  "identity.select_factors",
  `select (select sealed_secret from totps where user_id = $1 and confirmed_at is not null) as "sealedTotpSecret",
          (select count(*)::int from passkeys where user_id = $1) as passkeys,
          (select count(*)::int from recovery_codes where user_id = $1 and used_at is null) as "recoveryCodes",
          (select count(*)::int from devices where user_id = $1 and trusted_at is not null and revoked_at is null)
            as "trustedDevices"`,
);

/** What counts a user's factors and then changes them goes one after the other. */
export const lockUser = sql("identity.lock_user", "select id from users where id = $1 for update");

export interface TotpRow {
  sealedSecret: string;
  createdAt: Date;
  confirmedAt: Date | null;
}

const totpColumns = `sealed_secret as "sealedSecret", created_at as "createdAt", confirmed_at as "confirmedAt"`;

export const selectTotp = sql<TotpRow>("identity.select_totp", `select ${totpColumns} from totps where user_id = $1`);

/** Replaces a pending one. Gives nothing when one is confirmed. */
export const insertTotp = sql<TotpRow>(
  "identity.insert_totp",
  `insert into totps (user_id, sealed_secret) values ($1, $2)
   on conflict (user_id) do update set sealed_secret = excluded.sealed_secret, created_at = excluded.created_at
    where totps.confirmed_at is null
   returning ${totpColumns}`,
);

/** Compare-and-set: the secret whose code was right, while it is pending. */
export const confirmTotp = sql<TotpRow>(
  "identity.confirm_totp",
  `update totps set confirmed_at = clock_now(), used_step = $3
    where user_id = $1 and sealed_secret = $2 and confirmed_at is null
   returning ${totpColumns}`,
);

/** Compare-and-set: a code works once, and none before it works afterwards. */
export const useUserTotpStep = sql<{ userId: string }>(
  "identity.use_user_totp_step",
  `update totps set used_step = $3
    where user_id = $1 and sealed_secret = $2 and confirmed_at is not null and (used_step is null or used_step < $3)
   returning user_id as "userId"`,
);

export const deleteTotp = sql<TotpRow>(
  "identity.delete_totp",
  `delete from totps where user_id = $1 and confirmed_at is not null returning ${totpColumns}`,
);

export const insertRecoveryCodes = sql(
  "identity.insert_recovery_codes",
  "insert into recovery_codes (user_id, code_hash) select $1, h from unnest($2::text[]) as h",
);

export const deleteRecoveryCodes = sql(
  "identity.delete_recovery_codes",
  "delete from recovery_codes where user_id = $1",
);

/** Compare-and-set: of two at once one works. */
export const useRecoveryCode = sql<{ userId: string }>(
  "identity.use_recovery_code",
  `update recovery_codes set used_at = clock_now() where user_id = $1 and code_hash = $2 and used_at is null
   returning user_id as "userId"`,
);

export interface ChallengeRow {
  reason: "second_factor" | "new_device";
  sealedDevice: string | null;
  attemptKey: string;
  guesses: number;
}

const challengeColumns = `reason, sealed_device as "sealedDevice", attempt_key as "attemptKey", guesses`;

/** It lives for `$6` seconds. */
export const insertChallenge = sql(
  "identity.insert_challenge",
  `insert into sign_in_challenges (user_id, hash, reason, sealed_device, attempt_key, expires_at)
   values ($1, $2, $3, $4, $5, clock_now() + $6::int * interval '1 second')`,
);

/** Counts a guess before it is judged, so that many at once are no more than `$3`. Gives nothing when it is over or used up. */
export const countChallengeGuess = sql<ChallengeRow>(
  "identity.count_challenge_guess",
  `update sign_in_challenges set guesses = guesses + 1
    where user_id = $1 and hash = $2 and guesses < $3 and expires_at > clock_now()
   returning ${challengeColumns}`,
);

/** Of two right answers at once one signs in. */
export const deleteChallenge = sql<ChallengeRow>(
  "identity.delete_challenge",
  `delete from sign_in_challenges where user_id = $1 and hash = $2 and expires_at > clock_now() returning ${challengeColumns}`,
);

export const deleteChallengesOf = sql(
  "identity.delete_challenges_of",
  "delete from sign_in_challenges where user_id = $1",
);

export const deleteOldChallenges = sql(
  "identity.delete_old_challenges",
  "delete from sign_in_challenges where expires_at < clock_now()",
);

/** A device that is in use and trusted by this user. */
export const selectTrust = sql<{ trustHash: Buffer }>(
  "identity.select_trust",
  `select trust_hash as "trustHash" from devices
    where user_id = $1 and id = $2 and revoked_at is null and trust_hash is not null`,
);
