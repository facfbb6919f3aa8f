-- How users prove who they are besides the password: authenticator apps, recovery codes, passkeys; sign-ins that wait for such a
-- proof; devices that are trusted.

-- The authenticator app of a user; pending until its first code. Shard key: user_id.
create table totps (
  user_id text collate "C" primary key,
  sealed_secret text not null,          -- base32
  used_step bigint,                     -- the last 30-second step whose code was taken; it and those before are used up
  created_at timestamptz not null default clock_now(),
  confirmed_at timestamptz
);

-- What stands in for a lost factor; each works once. Shard key: user_id.
create table recovery_codes (
  user_id text collate "C" not null,
  code_hash text collate "C" not null,  -- keyed hash
  created_at timestamptz not null default clock_now(),
  used_at timestamptz,
  primary key (user_id, code_hash)
);

-- Passkeys of a user: credentials of WebAuthn. Shard key: user_id.
create table passkeys (
  user_id text collate "C" not null,
  id text collate "C" not null,
  livemode boolean not null,
  credential_id text collate "C" not null,  -- base64url, as the authenticator names it
  public_key bytea not null,            -- COSE
  counter bigint not null,              -- of signatures; stays 0 where the authenticator keeps none
  transports text[] not null,           -- how browsers may reach it: internal, hybrid, usb …
  synced boolean not null,              -- backed up by its maker, so more than one device may hold it
  sealed_name text not null,
  created_at timestamptz not null default clock_now(),
  used_at timestamptz,
  primary key (user_id, id)
);

-- Whose passkey a credential is. Shard key: credential_hash.
create table passkey_credentials (
  credential_hash text collate "C" not null,  -- keyed hash of the credential's id
  livemode boolean not null,
  user_id text collate "C" not null,
  passkey_id text collate "C" not null,
  primary key (credential_hash, livemode)
);

-- Challenges that a passkey has answered, until they would be too old anyway: each is answered once. Shard key: hash.
create table used_passkey_challenges (
  hash bytea primary key,               -- SHA-256
  expires_at timestamptz not null
);
create index used_passkey_challenges_age on used_passkey_challenges (expires_at);

-- Sign-ins whose password was right and that wait for a second proof. Shard key: user_id.
create table sign_in_challenges (
  user_id text collate "C" not null,
  hash bytea not null,                  -- SHA-256 of what the client holds
  reason text not null check (reason in ('second_factor', 'new_device')),
  sealed_device text,                   -- what the sign-in said of its device
  attempt_key text collate "C" not null,  -- what counts the sign-in (sign_in_attempts)
  guesses smallint not null default 0,
  created_at timestamptz not null default clock_now(),
  expires_at timestamptz not null,
  primary key (user_id, hash)
);
create index sign_in_challenges_age on sign_in_challenges (expires_at);

alter table devices
  add column trusted_at timestamptz,
  add column trust_hash bytea,          -- SHA-256 of what the device shows when it signs in
  add check ((trusted_at is null) = (trust_hash is null));
