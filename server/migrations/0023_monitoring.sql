-- What the platform tells its operator: signals, of which the rules of monitoring make alerts.

-- What happened often enough to be worth counting and is no business event: a failed sign-in, a refused key, a queue that was full. Written
-- behind the requests, many of a kind in one row, and kept for three days. No personal data: subjects are ids or keyed digests, addresses
-- are keyed digests of a network beside its masked form. Reference table.
create table security_signals (
  kind text collate "C" not null,
  subject text collate "C",             -- what it is counted by: an id, or a keyed digest
  address text collate "C",             -- keyed digest of an IPv4 address or IPv6 /64
  address_masked text,                  -- as people may see it
  merchant_id text collate "C",
  livemode boolean,
  object_id text collate "C",           -- what to look at
  details json not null,                -- of the last one
  count bigint not null,
  created_at timestamptz not null default clock_now(),
  transaction_id xid8 not null default pg_current_xact_id(),
  position bigint generated always as identity primary key
);
create index security_signals_kind on security_signals (kind, created_at);
create index security_signals_subject on security_signals (subject, kind, created_at) where subject is not null;
create index security_signals_address on security_signals (address, kind, created_at) where address is not null;
create index security_signals_merchant on security_signals (merchant_id, kind, created_at) where merchant_id is not null;
create type new_signal as (
  kind text, subject text, address text, address_masked text, merchant_id text, livemode boolean, object_id text, count bigint
);
