-- Keys. A data key seals, or it is the root of all keyed digests, which is one and never changes: what was printed or stored stays valid
-- when the master key changes. Shard key: none, a few rows on every node.
alter table data_keys add column purpose text not null default 'seal' check (purpose in ('seal', 'digest'));
create unique index data_keys_digest on data_keys (purpose) where purpose = 'digest';

-- The key of one person's (or merchant's) data, itself sealed under a data key. Destroyed, nothing sealed under it opens again.
-- Shard key: subject_id.
create table subject_keys (
  subject_id text collate "C" primary key,
  sealed_key text,
  created_at timestamptz not null default clock_now(),
  destroyed_at timestamptz,
  check ((sealed_key is null) = (destroyed_at is not null))
);

-- How far the sealing of a table's values under a new data key has come. `position` is the primary key of the last row that was looked at.
-- Shard key: none, a row a table and rotation.
create table resealings (
  data_key_id text collate "C" not null,
  table_name text collate "C" not null,
  position text[],
  resealed bigint not null default 0,
  unreadable bigint not null default 0,
  paused boolean not null default false,
  finished_at timestamptz,
  primary key (data_key_id, table_name)
);

-- Payment cards. The number lies sealed; first_six and last_four are what may be shown, number_hash finds the same card of the same owner.
-- Security code, PIN and track data have no column. Shard key: owner_id.
create table cards (
  owner_id text collate "C" not null,
  livemode boolean not null,
  id text collate "C" not null,
  kind text not null check (kind in ('chip', 'magstripe', 'virtual')),
  brand text not null,
  funding text not null default 'unknown' check (funding in ('credit', 'debit', 'prepaid', 'unknown')),
  number_hash text not null,
  sealed_number text not null,
  sealed_holder text,
  first_six text not null check (first_six ~ '^[0-9]{6}$'),
  last_four text not null check (last_four ~ '^[0-9]{4}$'),
  exp_month smallint not null check (exp_month between 1 and 12),
  exp_year smallint not null check (exp_year between 2000 and 9999),
  created_at timestamptz not null default clock_now(),
  primary key (owner_id, livemode, id),
  unique (owner_id, livemode, number_hash)
);

-- Bank accounts of users and of merchants. Shard key: owner_id.
create table bank_accounts (
  owner_id text collate "C" not null,
  livemode boolean not null,
  id text collate "C" not null,
  scheme text not null check (scheme in ('iban', 'domestic')),
  country text not null check (country ~ '^[A-Z]{2}$'),
  bank_code text,
  number_hash text not null,
  sealed_number text not null,
  sealed_holder text,
  last_four text not null,
  created_at timestamptz not null default clock_now(),
  primary key (owner_id, livemode, id),
  unique (owner_id, livemode, number_hash)
);
