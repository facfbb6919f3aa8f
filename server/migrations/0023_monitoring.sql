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

-- One alert of a type and group is not resolved at a time: what goes on is counted in it.
alter table alerts
  drop constraint alerts_severity_check,
  drop constraint alerts_status_check,
  add check (severity in ('info', 'warning', 'critical')),
  add check (status in ('open', 'acknowledged', 'resolved')),
  add column group_key text collate "C",        -- whom or what it is about; null: from before there were groups
  add column count bigint not null default 1,   -- what made it up
  add column last_seen_at timestamptz not null default clock_now(),
  add column told_at timestamptz,               -- when people were sent word of it
  add column resolved_at timestamptz,
  add column resolved_by text collate "C",
  add column note text;                         -- of who resolved it
create unique index alerts_unresolved on alerts (type, group_key) where status <> 'resolved';
create index alerts_of_group on alerts (type, group_key, id);
create index alerts_untold on alerts (severity, id) where told_at is null and status = 'open';
create index alerts_told on alerts (severity, told_at) where told_at is not null;
update alerts set told_at = created_at, last_seen_at = created_at;

-- How far the continuous auditor has come, in each of its walks through the books. Reference table.
create table ledger_audit_walks (
  walk text collate "C" primary key,    -- 'accounts' or 'batches'
  after text collate "C" not null default '',
  round bigint not null default 1,
  round_began_at timestamptz not null default clock_now(),
  audited bigint not null default 0     -- what this round has looked at
);

-- What each consumer reads, so that how far it is behind can be seen by everybody.
alter table event_cursors add column feed text;
