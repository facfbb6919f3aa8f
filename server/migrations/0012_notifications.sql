-- Telling merchants' servers what happened: webhook endpoints, what is delivered to them; alerts to the operator.

-- Shard key: merchant_id.
create table webhook_endpoints (
  merchant_id text collate "C" not null,
  livemode boolean not null,
  id text collate "C" not null,
  url text not null,
  description text,
  events text[] not null,               -- types such as payment.succeeded, payment.*, or *
  secret text not null,                 -- sealed
  previous_secret text,                 -- sealed; signs too until
  previous_until timestamptz,
  status text not null default 'enabled' check (status in ('enabled', 'disabled')),
  disabled_reason text check (disabled_reason in ('merchant', 'gone', 'failing')),
  failing_since timestamptz,            -- nothing has succeeded from this failure on
  created_at timestamptz not null default clock_now(),
  primary key (merchant_id, livemode, id),
  check ((status = 'disabled') = (disabled_reason is not null))
);

-- What signs notifications to the addresses that payments carry. Shard key: merchant_id.
create table notify_secrets (
  merchant_id text collate "C" not null,
  livemode boolean not null,
  secret text not null,                 -- sealed
  previous_secret text,                 -- sealed; signs too until
  previous_until timestamptz,
  created_at timestamptz not null default clock_now(),
  primary key (merchant_id, livemode)
);

-- What waits for one receiver: an endpoint, or the host of payments' own addresses. One process at a time serves a lane, so that
-- nobody claims deliveries one by one, and a slow receiver holds up nobody else. Shard key: merchant_id.
create table webhook_lanes (
  merchant_id text collate "C" not null,
  livemode boolean not null,
  lane text collate "C" not null,       -- the endpoint's id, or an origin such as https://shop.example
  due_at timestamptz,                   -- when the earliest delivery is due; null: none waits
  paused_until timestamptz,             -- the receiver asked for a pause, or keeps failing
  failures integer not null default 0,  -- in a row
  wakes bigint not null default 0,      -- counts up with every delivery that is added: who gives the lane back must have seen the last
  leased_by text,
  leased_until timestamptz,             -- by the machine's clock, not the one that tests move
  primary key (merchant_id, livemode, lane)
);
create index webhook_lanes_due on webhook_lanes (due_at) where due_at is not null;

-- One event on its way to one receiver, with what came of the last attempt. Shard key: merchant_id.
create table webhook_deliveries (
  merchant_id text collate "C" not null,
  livemode boolean not null,
  id text collate "C" not null,
  lane text collate "C" not null,
  endpoint_id text collate "C",         -- null: a payment's own address
  url text,                             -- that address
  event_id text collate "C" not null,
  event_type text collate "C" not null,
  object_id text collate "C" not null,
  status text not null default 'pending' check (status in ('pending', 'succeeded', 'failed', 'canceled')),
  attempts smallint not null default 0,
  next_attempt_at timestamptz,
  last_attempt_at timestamptz,
  response_status smallint,
  response_excerpt text,
  error text,
  duration_ms integer,
  created_at timestamptz not null default clock_now(),
  primary key (merchant_id, livemode, id),
  check ((endpoint_id is null) = (url is not null)),
  check ((status = 'pending') = (next_attempt_at is not null))
);
create index webhook_deliveries_waiting on webhook_deliveries (merchant_id, livemode, lane, next_attempt_at)
  where status = 'pending';
create index webhook_deliveries_event on webhook_deliveries (merchant_id, livemode, event_id);
create index webhook_deliveries_endpoint on webhook_deliveries (merchant_id, livemode, endpoint_id, id);
create index webhook_deliveries_age on webhook_deliveries using brin (created_at);

-- Payments' own addresses are found among few, whatever the number of payments.
create index payments_notify on payments (merchant_id, livemode, id) where notify is not null;

-- What a person of the operator's should see. Reference table.
create table alerts (
  id text collate "C" primary key,
  type text not null,                   -- what happened: webhook_endpoint.disabled
  severity text not null check (severity in ('warning', 'critical')),
  merchant_id text collate "C",
  livemode boolean,
  object_id text collate "C",
  details json not null,
  status text not null default 'open' check (status in ('open', 'acknowledged')),
  created_at timestamptz not null default clock_now(),
  acknowledged_at timestamptz,
  acknowledged_by text collate "C"
);
