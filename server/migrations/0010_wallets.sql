-- Money that users move by themselves.

-- How many recipients a user looked up lately. Shard key: user_id.
create table recipient_lookups (
  user_id text collate "C" primary key,
  level double precision not null,      -- look-ups, leaking away with time
  counted_at timestamptz not null
);
create index recipient_lookups_age on recipient_lookups (counted_at);

-- Transfers between users; each makes two rows, so that neither side ever reads the other's. Shard key: owner_id (user).
create table transfers (
  owner_id text collate "C" not null,
  livemode boolean not null,
  id text collate "C" not null,         -- the same for both sides
  direction text not null check (direction in ('in', 'out')),
  amount bigint not null check (amount > 0),
  currency text not null,
  counterparty_id text collate "C" not null,
  counterparty_name text,               -- masked, as it was then
  counterparty_phone text,              -- masked, as it was then
  note text,
  created_at timestamptz not null,
  primary key (owner_id, livemode, id)
);

-- Top-ups and withdrawals. Shard key: owner_id (user).
create table bank_movements (
  owner_id text collate "C" not null,
  livemode boolean not null,
  id text collate "C" not null,
  type text not null check (type in ('topup', 'withdrawal')),
  status text not null check (status in ('pending', 'succeeded', 'failed', 'returned')),
  amount bigint not null check (amount > 0),
  amount_owed bigint not null default 0 check (amount_owed between 0 and amount),
                                        -- what the bank took back of a top-up and the wallet no longer held
  currency text not null,
  account text not null,                -- the bank account's token
  failure_code text,
  late_money text check (late_money in ('returning', 'returned', 'held')),
                                        -- what became of money that moved although the bank had refused
  created_at timestamptz not null default clock_now(),
  succeeded_at timestamptz,
  returned_at timestamptz,
  primary key (owner_id, livemode, id)
);

-- What we ask a bank to do. Written before the bank hears of it; the reference is ours. Shard key: reference.
create table bank_instructions (
  reference text collate "C" primary key,
  purpose text not null,                -- topup, withdrawal, return …: who is told how it ended
  owner_id text collate "C" not null,   -- of what it is for
  livemode boolean not null,
  subject_id text collate "C" not null, -- what it is for
  kind text not null check (kind in ('collect', 'pay')),
  amount bigint not null check (amount > 0),
  currency text not null,
  account text not null,
  state text not null check (state in ('created', 'pending', 'succeeded', 'refused', 'withdrawn', 'returned', 'late')),
  reason text,                          -- the bank's own word for a refusal or a return
  tries smallint not null default 0,
  next_at timestamptz,                  -- when the bank is asked next, while the outcome is not known
  asked_at timestamptz,                 -- when it was asked last
  created_at timestamptz not null default clock_now(),
  check ((state in ('created', 'pending')) = (next_at is not null))
);
create index bank_instructions_due on bank_instructions (next_at) where next_at is not null;

-- Attempts to pay an order through a channel; an order waits on when one was refused. Shard key: merchant_id.
create table payment_attempts (
  merchant_id text collate "C" not null,
  livemode boolean not null,
  id text collate "C" not null,         -- the reference under which the channel knows it
  payment_id text collate "C" not null,
  method text not null,
  channel text not null,
  payer_id text collate "C",            -- null: whoever held the payment key
  amount bigint not null check (amount > 0),
  account text not null,                -- where the money comes from, and where refunds go back to
  status text not null check (status in ('pending', 'succeeded', 'failed')),
  failure_code text,
  created_at timestamptz not null default clock_now(),
  settled_at timestamptz,
  primary key (merchant_id, livemode, id),
  check ((status = 'failed') = (failure_code is not null)),
  check ((status = 'pending') = (settled_at is null))
);
create index payment_attempts_payment on payment_attempts (merchant_id, livemode, payment_id, id);
-- An order is not paid twice at once: while one attempt's outcome is not known there is no other.
create unique index payment_attempts_open on payment_attempts (merchant_id, livemode, payment_id) where status = 'pending';

-- The embedded bank of test mode: its own books, which the platform never reads or writes otherwise than by asking the bank.
-- Orders by our reference. Shard key: reference.
create table embedded_bank_orders (
  reference text collate "C" primary key,
  kind text not null check (kind in ('collect', 'pay')),
  amount bigint not null check (amount > 0),
  currency text not null,
  account text not null,
  state text not null default 'pending' check (state in ('pending', 'succeeded', 'refused', 'returned')),
  steps_done smallint not null default 0,
  next_at timestamptz,                  -- when the bank's mind changes next, by its own clock
  told_state text not null default 'pending',
  created_at timestamptz not null
);
create index embedded_bank_orders_due on embedded_bank_orders (next_at) where next_at is not null;
create index embedded_bank_orders_untold on embedded_bank_orders (reference) where state <> told_state;

-- What the bank has booked between a customer's account and the platform's. Shard key: reference.
create table embedded_bank_entries (
  reference text collate "C" not null,
  step smallint not null,
  account text not null,
  platform_change bigint not null,      -- minor units that the platform's account got; negative: gave
  currency text not null,
  booked_at timestamptz not null,
  primary key (reference, step)
);
