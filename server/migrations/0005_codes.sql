-- Payment codes that customers show (docs/payment-codes.md).

-- Keys that codes are computed with, one for each enrolled device and one for a user's codes made online. Shard key: user_id.
create table code_keys (
  user_id text collate "C" not null,
  id text collate "C" not null,
  device_id text collate "C",           -- null: the user's online key, which never leaves the server
  livemode boolean not null,
  sealed_key text not null,             -- 256 bits, sealed with the id as context
  alias integer,                        -- the device's present alias; an online code has one of its own
  created_at timestamptz not null default clock_now(),
  revoked_at timestamptz,
  primary key (user_id, id),
  check ((device_id is null) = (alias is null))
);
create unique index code_keys_current on code_keys (user_id, device_id) nulls not distinct where revoked_at is null;
create index code_keys_revoked on code_keys (revoked_at) where revoked_at is not null;

-- Nine random digits that stand for a key in a code, for a while. What the paying transaction has to know about it stands here,
-- so that it reads one row by the shard key. Shard key: alias.
create table code_aliases (
  alias integer primary key check (alias between 0 and 999999999),
  code_key_id text collate "C" not null,
  user_id text collate "C" not null,
  device_id text collate "C",           -- the device that shows codes with it, when known
  livemode boolean not null,
  valid_until timestamptz,              -- null: until the device's next contact
  revoked_at timestamptz,
  wrong_at timestamptz[] not null default '{}',  -- when wrong codes came with it, of the last ten minutes
  locked_until timestamptz,
  created_at timestamptz not null default clock_now()
);
create index code_aliases_user on code_aliases (user_id);
create index code_aliases_ended on code_aliases (valid_until) where valid_until is not null;

-- Codes that were used: the primary key is the promise that each is used once. The step comes first, so that new entries stand
-- side by side at the index's end. Shard key: alias.
create table code_uses (
  alias integer not null,
  step bigint not null,                 -- 30-second steps since 1970
  n smallint not null,
  merchant_id text collate "C" not null,
  livemode boolean not null,
  payment_id text collate "C" not null,
  used_at timestamptz not null,
  primary key (step, alias, n)
);
create type new_code_use as (alias integer, step bigint, n smallint, merchant_id text, livemode boolean, payment_id text);

-- Wrong codes that a terminal, or an API key without one, sent. Shard key: subject.
create table code_guesses (
  subject text collate "C" primary key,
  wrong_at timestamptz[] not null,      -- of the last ten minutes
  locked_until timestamptz
);
