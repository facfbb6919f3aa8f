-- The ledger: double entry in immutable transfers; balances kept as sums beside them; history as a read model.
-- Amounts are minor units. No sum passes 2^53 - 1, so that every reader of JSON keeps it exact.

-- Accounts. One row; or one a lane, when nobody may overdraw against the account: then two writers need not queue for one row,
-- and the balance is the sum of the lanes. Room is left on each page, so that new sums stay beside the old. Shard key: id.
create table ledger_accounts (
  id text collate "C" not null,
  lane smallint not null,
  debits_pending bigint not null default 0,
  debits_posted bigint not null default 0,
  credits_pending bigint not null default 0,
  credits_posted bigint not null default 0,
  created_at timestamptz not null,
  lanes smallint not null,
  livemode boolean not null,
  debits_must_not_exceed_credits boolean not null,
  credits_must_not_exceed_debits boolean not null,
  history boolean not null,             -- whether entries are kept for it
  closed boolean not null default false,
  currency text collate "C" not null,
  code text collate "C" not null,       -- kind of account: wallet, merchant_pending, fees …
  owner_id text collate "C",            -- merchant or user; null: the operator's own
  primary key (id, lane),
  constraint lane_exists check (lane >= 0 and lane < lanes),
  constraint lanes_are_unconstrained
    check (lanes = 1 or not (debits_must_not_exceed_credits or credits_must_not_exceed_debits)),
  constraint one_constraint check (not (debits_must_not_exceed_credits and credits_must_not_exceed_debits)),
  constraint nothing_pends_when_closed check (not closed or (debits_pending = 0 and credits_pending = 0)),
  constraint sums_are_not_negative
    check (debits_pending >= 0 and debits_posted >= 0 and credits_pending >= 0 and credits_posted >= 0),
  -- Each lane has its share of the room, so that the sum over the lanes is safe as well.
  constraint debits_stay_exact check (debits_pending + debits_posted <= 9007199254740991 / lanes),
  constraint credits_stay_exact check (credits_pending + credits_posted <= 9007199254740991 / lanes),
  constraint debits_must_not_exceed_credits
    check (not debits_must_not_exceed_credits or debits_pending + debits_posted <= credits_posted),
  constraint credits_must_not_exceed_debits
    check (not credits_must_not_exceed_debits or credits_pending + credits_posted <= debits_posted)
) with (fillfactor = 60);
create index ledger_accounts_owner on ledger_accounts (owner_id, id) where lane = 0;
create index ledger_accounts_code on ledger_accounts (code, id) where lane = 0;

-- Transfers are inserted and never changed or deleted; corrections are new transfers. Shard key: id.
create table ledger_transfers (
  id text collate "C" primary key,
  debit_account_id text collate "C" not null,
  credit_account_id text collate "C" not null,
  pending_id text collate "C",          -- of post and void: what they resolve
  amount bigint not null check (amount > 0),
  created_at timestamptz not null,      -- the ledger's own clock, one stamp a batch, in the order of the locks
  event_at timestamptz,                 -- the business's clock, when it differs
  position integer not null,            -- in its batch, from 1
  timeout_s integer check (timeout_s > 0),
  debit_lane smallint not null,
  credit_lane smallint not null,
  linked boolean not null,              -- the next one of the batch belongs to the same chain
  kind text collate "C" not null check (kind in ('posted', 'pending', 'post', 'void')),
  currency text collate "C" not null,
  code text collate "C" not null,       -- why: payment, payment_fee, top_up …
  reference text,                       -- the business's object
  check (debit_account_id <> credit_account_id),
  check ((pending_id is not null) = (kind in ('post', 'void'))),
  check (timeout_s is null or kind = 'pending')
);

create type new_transfer as (
  id text, kind text, debit_account_id text, debit_lane smallint, credit_account_id text, credit_lane smallint, amount bigint,
  currency text, pending_id text, timeout_s integer, linked boolean, code text, reference text, event_at timestamptz
);

-- What became of each pending transfer: the one thing about a transfer that changes. Shard key: transfer_id.
create table ledger_pending (
  transfer_id text collate "C" primary key,
  debit_account_id text collate "C" not null,
  credit_account_id text collate "C" not null,
  amount bigint not null,
  expires_at timestamptz,
  debit_lane smallint not null,
  credit_lane smallint not null,
  currency text collate "C" not null,
  state text collate "C" not null check (state in ('pending', 'posted', 'voided', 'expired')),
  resolved_by text collate "C",         -- the transfer that posted or voided it
  check ((state = 'pending') = (resolved_by is null))
);
create index ledger_pending_expiry on ledger_pending (expires_at) where state = 'pending' and expires_at is not null;

-- What was posted together, and what that did to each account that keeps a history. Positions are given out when the account rows are
-- locked, so for one row they follow its changes; history is made from this in that order (kit/feed). Shard key: position.
create table ledger_batches (
  position bigint generated always as identity primary key,
  created_at timestamptz not null,
  transfer_ids text[] collate "C" not null,
  account_ids text[] collate "C" not null,
  positions text[] collate "C" not null, -- of the transfers that touched the account, from 1, as an array's text
  -- By how much its sums changed; an array without elements stands for zeros.
  debits_pending bigint[] not null,
  debits_posted bigint[] not null,
  credits_pending bigint[] not null,
  credits_posted bigint[] not null
);
-- Ids are random: packing them costs more than it saves.
alter table ledger_batches
  alter transfer_ids set storage external,
  alter account_ids set storage external,
  alter positions set storage external;

-- History, a read model that a projector keeps: which transfers of a batch touched the account, and its sums after the batch.
-- Shard key: account_id.
create table ledger_history (
  account_id text collate "C" not null,
  created_at timestamptz not null,
  batch bigint not null,
  debits_pending bigint not null,
  debits_posted bigint not null,
  credits_pending bigint not null,
  credits_posted bigint not null,
  positions integer[] not null,         -- of the transfers in the batch
  primary key (account_id, created_at, batch)
);

-- By how much a batch changes a row of an account. `peak`: the most that is taken at any moment in the course of the batch.
create type lane_change as (
  id text, lane smallint, debits_pending bigint, debits_posted bigint, credits_pending bigint, credits_posted bigint, peak bigint
);

-- Adds changes to account rows and gives the stamp of the batch, taken when the rows are locked. All rows must still be as they were
-- judged: open, and with room for the `peak` of what was to be taken in the course of the batch; if not, check_violation.
-- The settings leave one kind of plan, rows in the order of their key, so that batches queue for each other and never deadlock.
create function ledger_apply(changes lane_change[]) returns timestamptz language plpgsql
set enable_seqscan = off set enable_bitmapscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
  updated bigint;
begin
  update ledger_accounts a
     set debits_pending = a.debits_pending + c.debits_pending,
         debits_posted = a.debits_posted + c.debits_posted,
         credits_pending = a.credits_pending + c.credits_pending,
         credits_posted = a.credits_posted + c.credits_posted
    from unnest(changes) c
   where a.id = c.id and a.lane = c.lane and not a.closed
     and (not a.debits_must_not_exceed_credits or a.debits_pending + a.debits_posted + c.peak <= a.credits_posted)
     and (not a.credits_must_not_exceed_debits or a.credits_pending + a.credits_posted + c.peak <= a.debits_posted);
  get diagnostics updated = row_count;
  if updated <> cardinality(changes) then
    raise exception 'ledger accounts have changed since they were judged' using errcode = 'check_violation';
  end if;
  return date_trunc('milliseconds', clock_now());
end
$$;
