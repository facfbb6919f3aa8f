-- Tills: a terminal pairs with a code and gets a token of its own, which may do little and ends when the terminal is lost.

alter table terminals
  add column refund_limit bigint not null default 0 check (refund_limit >= 0),  -- minor units that it may refund in a business day
  drop constraint terminals_status_check,
  add constraint terminals_status_check check (status in ('active', 'blocked', 'lost'));

-- What somebody types into a till, once. A terminal has one at most. Shard key: merchant_id.
create table pairing_codes (
  merchant_id text collate "C" not null,
  livemode boolean not null,
  terminal_id text collate "C" not null,
  code_hash text collate "C" not null,  -- keyed hash
  expires_at timestamptz not null,
  primary key (merchant_id, livemode, terminal_id),
  foreign key (merchant_id, livemode, terminal_id) references terminals (merchant_id, livemode, id)
);
create unique index pairing_codes_hash on pairing_codes (code_hash);

-- Tokens of tills, as digests. Reference table: a request brings a token and nothing else to find it by.
create table terminal_tokens (
  secret_hash bytea primary key check (octet_length(secret_hash) = 32),   -- SHA-256 of the whole token, prefix included
  merchant_id text collate "C" not null,
  livemode boolean not null,
  terminal_id text collate "C" not null,
  paired_at timestamptz not null default clock_now(),
  ended_at timestamptz,
  ended_for text check (ended_for in ('paired_again', 'lost', 'unpaired')),
  check ((ended_at is null) = (ended_for is null))
);
-- A terminal is one till.
create unique index terminal_tokens_working on terminal_tokens (merchant_id, livemode, terminal_id) where ended_at is null;

-- The till at which a refund was made.
alter table refunds add column terminal_id text collate "C";
create index refunds_terminal on refunds (merchant_id, livemode, terminal_id, created_at) where terminal_id is not null;
