-- Who gets paid: pricing plans, merchants, stores, terminals, API keys.

-- Prices. Terms never change: new terms are a new row that replaces the old one, and payments keep theirs. Reference table.
create table pricing_plans (
  id text collate "C" primary key,
  name text not null,
  version integer not null check (version > 0),
  replaces text collate "C" unique references pricing_plans (id),  -- the version before; each has one successor at most
  is_default boolean not null,          -- new merchants of this currency get the newest plan that is marked
  rate_bps integer not null check (rate_bps between 0 and 10000),
  fixed bigint not null check (fixed >= 0),
  min_fee bigint check (min_fee >= 0),
  max_fee bigint check (max_fee >= coalesce(min_fee, 0)),
  currency text not null,
  fee_bearer text not null check (fee_bearer in ('merchant', 'payer')),
  refund_fee text not null check (refund_fee in ('returned', 'kept')),
  created_at timestamptz not null default clock_now(),
  unique (id, currency)
);
insert into pricing_plans (id, name, version, is_default, rate_bps, fixed, currency, fee_bearer, refund_fee)
values ('pln_00000000000000000000000001', 'Standard', 1, true, 60, 0, 'CNY', 'merchant', 'returned');

-- A merchant exists in both modes; its stores, terminals, keys and money belong to one. Shard key: id.
create table merchants (
  id text collate "C" primary key,
  name text not null,
  mcc text not null check (mcc ~ '^[0-9]{4}$'),
  country text not null check (country ~ '^[A-Z]{2}$'),
  city text not null,
  currency text not null,
  status text not null default 'active' check (status in ('active', 'suspended')),
  pricing_plan_id text collate "C" not null,
  fee_bearer text check (fee_bearer in ('merchant', 'payer')),     -- null: as the plan says
  created_at timestamptz not null default clock_now(),
  foreign key (pricing_plan_id, currency) references pricing_plans (id, currency)
);
create index merchants_plan on merchants (pricing_plan_id);

-- Shard key: merchant_id.
create table stores (
  merchant_id text collate "C" not null references merchants (id),
  livemode boolean not null,
  id text collate "C" not null,
  name text not null,
  time_zone text not null,              -- IANA name
  address text,
  created_at timestamptz not null default clock_now(),
  primary key (merchant_id, livemode, id)
);
create index stores_id on stores (id);  -- staff open one by its id alone

-- Shard key: merchant_id.
create table terminals (
  merchant_id text collate "C" not null,
  livemode boolean not null,
  id text collate "C" not null,
  store_id text collate "C" not null,
  name text not null,
  status text not null default 'active' check (status in ('active', 'blocked')),
  created_at timestamptz not null default clock_now(),
  primary key (merchant_id, livemode, id),
  foreign key (merchant_id, livemode, store_id) references stores (merchant_id, livemode, id)
);
create index terminals_id on terminals (id);
create index terminals_store on terminals (merchant_id, livemode, store_id);

-- Secrets of merchants' servers, as digests. Reference table: a request brings a secret and nothing else to find it by.
create table api_keys (
  id text collate "C" primary key,
  merchant_id text collate "C" not null,
  livemode boolean not null,
  name text not null,
  scopes text[],                        -- null: everything a merchant may
  secret_hash bytea not null unique check (octet_length(secret_hash) = 32),   -- SHA-256 of the whole secret, prefix included
  last_four text not null,
  rolled_to text collate "C" references api_keys (id),
  created_at timestamptz not null default clock_now(),
  expires_at timestamptz,               -- set when it is rolled
  revoked_at timestamptz,
  last_used_at timestamptz              -- written now and then, not with each request
);
create index api_keys_merchant on api_keys (merchant_id, livemode, id);
