-- People: users, how they prove who they are, their devices and sessions; staff.
-- Personal data and credentials are sealed (kit/crypto); what must be found is found by a keyed hash.

-- Shard key: id.
create table users (
  id text collate "C" primary key,
  livemode boolean not null,
  sealed_phone text,                    -- E.164
  sealed_email text,
  sealed_name text,
  locale text not null,
  sealed_password text not null,        -- PHC string of argon2id
  created_at timestamptz not null default clock_now(),
  check (sealed_phone is not null or sealed_email is not null)
);

-- Which user a phone or an email belongs to. Shard key: handle.
create table user_handles (
  handle text collate "C" not null,     -- keyed hash
  livemode boolean not null,
  user_id text collate "C" not null,
  primary key (handle, livemode)
);

-- Phones and browsers of a user. Shard key: user_id.
create table devices (
  user_id text collate "C" not null,
  id text collate "C" not null,
  livemode boolean not null,
  sealed_name text not null,
  platform text not null check (platform in ('ios', 'android', 'harmony', 'web', 'other')),
  created_at timestamptz not null default clock_now(),
  revoked_at timestamptz,
  primary key (user_id, id)
);

-- Sign-ins of users and staff; each is one family of refresh tokens. Shard key: owner_id (user or staff).
create table sessions (
  owner_id text collate "C" not null,
  owner_kind text not null check (owner_kind in ('user', 'staff')),
  id text collate "C" not null,
  livemode boolean not null,
  device_id text collate "C",
  address text not null,                -- masked: the last part of IPv4, all but /48 of IPv6
  family_hash bytea not null,           -- SHA-256 of the part that all refresh tokens of the session share
  token_hash bytea not null,            -- SHA-256 of the refresh token that is valid
  previous_hash bytea,                  -- of the one before, and
  nonce bytea,                          -- what made the valid one from it
  rotated_at timestamptz,
  created_at timestamptz not null default clock_now(),
  used_at timestamptz not null default clock_now(),
  expires_at timestamptz not null,      -- moves on with each refresh, up to
  ends_at timestamptz not null,
  ended_at timestamptz,
  ended_for text check (ended_for in ('signed_out', 'ended_by_owner', 'refresh_token_reused', 'device_revoked')),
  primary key (owner_id, id),
  unique (owner_id, family_hash),
  check ((ended_at is null) = (ended_for is null))
);

-- The payment PIN of a user and the guesses made at it. Shard key: user_id.
create table payment_pins (
  user_id text collate "C" primary key,
  sealed_pin text not null,             -- PHC string of argon2id
  attempts smallint not null default 0 check (attempts between 0 and 5),
  locked_until timestamptz,
  set_at timestamptz not null default clock_now()
);

-- How often somebody lately tried to sign in, by account and network and by network. Shard key: key.
create table sign_in_attempts (
  key text collate "C" primary key,     -- keyed hash
  level double precision not null,      -- attempts, leaking away with time
  counted_at timestamptz not null
);
create index sign_in_attempts_age on sign_in_attempts (counted_at);

-- People who run the platform. Reference table.
create table staff (
  id text collate "C" primary key,
  email_hash text collate "C" not null unique,  -- keyed hash
  sealed_email text not null,
  role text not null,
  sealed_password text not null,        -- PHC string of argon2id
  sealed_totp_secret text not null,     -- base32
  totp_step bigint,                     -- the last 30-second step whose code was taken; it and those before are used up
  disabled_at timestamptz,
  created_at timestamptz not null default clock_now()
);

-- Ed25519 keys that sign access tokens; the newest generation signs, all verify. Reference table.
create table signing_keys (
  generation integer primary key,
  kid text collate "C" not null unique, -- RFC 7638 thumbprint
  public_jwk json not null,
  sealed_private_jwk text not null,
  created_at timestamptz not null default clock_now()
);
