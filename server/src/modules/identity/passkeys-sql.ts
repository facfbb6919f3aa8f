import { sql } from "#kit/db.ts";

/** Statements on passkeys. */

export interface PasskeyRow {
  id: string;
  userId: string;
  livemode: boolean;
  credentialId: string;
  publicKey: Buffer;
  counter: number;
  transports: string[];
  synced: boolean;
  sealedName: string;
  createdAt: Date;
  usedAt: Date | null;
}

const passkeyColumns = `id, user_id as "userId", livemode, credential_id as "credentialId", public_key as "publicKey", counter,
  transports, synced, sealed_name as "sealedName", created_at as "createdAt", used_at as "usedAt"`;

export const insertPasskey = sql<PasskeyRow>(
  "identity.insert_passkey",
  `insert into passkeys (user_id, id, livemode, credential_id, public_key, counter, transports, synced, sealed_name)
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
   returning ${passkeyColumns}`,
);

/** Gives nothing when the credential is somebody's already. */
export const claimCredential = sql<{ userId: string }>(
  "identity.claim_credential",
  `insert into passkey_credentials (credential_hash, livemode, user_id, passkey_id) values ($1, $2, $3, $4)
   on conflict do nothing
   returning user_id as "userId"`,
);

export const selectCredential = sql<{ userId: string; passkeyId: string }>(
  "identity.select_credential",
  `select user_id as "userId", passkey_id as "passkeyId" from passkey_credentials where credential_hash = $1 and livemode = $2`,
);

export const releaseCredential = sql(
  "identity.release_credential",
  "delete from passkey_credentials where credential_hash = $1 and livemode = $2 and user_id = $3",
);

export const selectPasskey = sql<PasskeyRow>(
  "identity.select_passkey",
  `select ${passkeyColumns} from passkeys where user_id = $1 and id = $2`,
);

export const selectPasskeysOf = sql<PasskeyRow>(
  "identity.select_passkeys_of",
  `select ${passkeyColumns} from passkeys where user_id = $1 order by id`,
);

export const listPasskeys = sql<PasskeyRow>(
  "identity.list_passkeys",
  `select ${passkeyColumns} from passkeys
    where user_id = $1 and ($2::text is null or id < $2) and ($3::text is null or id > $3)
      and ($4::timestamptz is null or created_at >= $4) and ($5::timestamptz is null or created_at < $5)
    order by case when $7 then id end, case when not $7 then id end desc
    limit $6`,
);

export const renamePasskey = sql<PasskeyRow>(
  "identity.rename_passkey",
  `update passkeys set sealed_name = $3 where user_id = $1 and id = $2 returning ${passkeyColumns}`,
);

export const deletePasskey = sql<PasskeyRow>(
  "identity.delete_passkey",
  `delete from passkeys where user_id = $1 and id = $2 returning ${passkeyColumns}`,
);

/** Compare-and-set: the counter rises, or the authenticator keeps none. A counter that fell tells of a copy. */
export const raiseCounter = sql<PasskeyRow>(
  "identity.raise_passkey_counter",
  `update passkeys set counter = $3, synced = $4, used_at = clock_now()
    where user_id = $1 and id = $2 and (counter < $3 or (counter = 0 and $3 = 0))
   returning ${passkeyColumns}`,
);

/** Gives nothing when it was answered before. */
export const usePasskeyChallenge = sql<{ hash: Buffer }>(
  "identity.use_passkey_challenge",
  `insert into used_passkey_challenges (hash, expires_at) values ($1, $2) on conflict do nothing returning hash`,
);

export const deleteUsedChallenges = sql(
  "identity.delete_used_challenges",
  "delete from used_passkey_challenges where expires_at < clock_now() - interval '1 hour'",
);
