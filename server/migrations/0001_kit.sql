-- What every module stands on: time, idempotency keys, events, sealed data keys.

-- Time that tests can move. One row; production leaves it at zero.
create table test_clock (
  singleton boolean primary key default true check (singleton),
  offset_ms bigint not null default 0
);
insert into test_clock default values;

-- Now, by the database's clock: what must be judged by one clock is judged by this one.
create function clock_now() returns timestamptz language sql volatile parallel safe as
$$ select clock_timestamp() + (select offset_ms from test_clock) * interval '1 millisecond' $$;

-- Answers to requests that carried an Idempotency-Key. The key is random text and its index is hit at random places, so what is
-- kept is a digest of owner, mode and key: half of the bytes. Shard key: id.
create table idempotency_keys (
  id uuid primary key,                  -- 128 bits of SHA-256 over owner, mode and key
  fingerprint uuid not null,            -- 128 bits of a keyed digest over method, path and canonical body
  created_at timestamptz not null default clock_now(),
  status smallint not null,             -- HTTP status of the answer
  answer text,                          -- body of the answer, or
  answer_event_id text collate "C"      -- the owner's event that carries it (hot path: the body is stored once)
);
create type kept_answer as (id uuid, fingerprint uuid, status smallint, answer text, answer_event_id text);
create index idempotency_keys_age on idempotency_keys using brin (created_at);

-- Events: what happened, with the whole object as it was then. Written in the transaction that made it happen.
-- Shard key: owner_id. Consumers read in the order of position, up to the highest one below which no transaction is still running.
-- A row gets its transaction_id before its position (the order of the columns): so whoever holds a position has an id to wait for.
create table events (
  owner_id text collate "C" not null,
  livemode boolean not null,
  id text collate "C" not null,
  type text collate "C" not null,
  object_id text collate "C" not null,
  object json not null,
  created_at timestamptz not null,
  transaction_id xid8 not null default pg_current_xact_id(),
  position bigint generated always as identity,
  primary key (owner_id, livemode, id)
);
create index events_order on events (position);
-- Most objects have one event, and its id is derived from theirs (kit/ids): only what came after it needs an index.
create index events_of_object on events (owner_id, object_id) where right(id, 26) <> right(object_id, 26);

create type new_event as (owner_id text, livemode boolean, id text, type text, object_id text);

-- How far each consumer has read. Reference table.
create table event_cursors (
  consumer text primary key,
  position bigint not null default 0,
  updated_at timestamptz not null default clock_now()
);

-- Data keys, sealed under the master key. Reference table.
create table data_keys (
  id text collate "C" primary key,
  sealed_key text not null,
  created_at timestamptz not null default clock_now()
);
