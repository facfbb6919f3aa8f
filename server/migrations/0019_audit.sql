-- The audit log: who did what to which object, from where, in the transaction that did it. Rows are only ever inserted: the role
-- that the servers run as has no other right on them.

-- Shard key: owner_id. Consumers read in the order of position, as with events (0001): transaction_id stands before position.
create table audit_log (
  owner_id text collate "C" not null,   -- whose the object is: a merchant or a user; `platform` for what is the operator's
  id text collate "C" not null,
  livemode boolean,                     -- null: what belongs to no mode
  created_at timestamptz not null,      -- milliseconds
  actor_kind text collate "C" not null
    check (actor_kind in ('staff', 'merchant', 'terminal', 'user', 'payer', 'system', 'anonymous')),
  actor_id text collate "C",            -- staff, merchant, user or payment; of `system` the name of the job
  actor_session text collate "C",       -- the session, or the API key
  actor_role text collate "C",          -- of staff
  action text collate "C" not null,     -- `api_key.created`
  outcome text collate "C" not null check (outcome in ('done', 'refused')),
  object_type text collate "C" not null,
  object_id text collate "C" not null,
  before json,                          -- fields that changed, as they were, and
  after json,                           -- as they are; without secrets and personal data
  reason text,
  address text,                         -- whole for staff and merchants, masked for others
  address_hash text collate "C",        -- keyed hash of the whole address
  request_id text collate "C",
  mac bytea not null,                   -- keyed digest of all of the above (kit/audit-row)
  transaction_id xid8 not null default pg_current_xact_id(),
  position bigint generated always as identity,
  primary key (owner_id, id)
);
create index audit_log_order on audit_log (position);
create index audit_log_newest on audit_log (id);
create index audit_log_of_actor on audit_log (actor_id, id);
create index audit_log_of_object on audit_log (object_id, id);
create index audit_log_of_request on audit_log (request_id);

-- The chain over the log: each batch names its rows by position and by mac, and the batch before it. Reference table.
create table audit_batches (
  number bigint primary key,            -- from 1, without gaps
  positions bigint[] not null,          -- rising
  macs bytea not null,                  -- of these rows, 32 bytes each
  last_created_at timestamptz not null, -- the time of the last row
  previous_mac bytea not null,          -- of the batch before; 32 zeros for the first
  mac bytea not null,                   -- keyed digest of all of the above
  sealed_at timestamptz not null default clock_now(),
  check (octet_length(macs) = 32 * cardinality(positions))
);
