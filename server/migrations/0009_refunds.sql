-- Refunds and holds, and what payments keep for them.

-- What becomes of a refund that the merchant's balance does not cover.
alter table pricing_plans add column refund_debt text not null default 'refused' check (refund_debt in ('refused', 'allowed'));

-- The plan a payment was taken under, so that a later capture costs and a later refund gives back what was agreed then; 31 bytes a
-- payment, in no index. And how much of the fee refunds gave back.
alter table payments add column plan_id text collate "C";
update payments p set plan_id = m.pricing_plan_id from merchants m where m.id = p.merchant_id;
alter table payments alter column plan_id set not null;
alter table payments add column fee_returned bigint not null default 0 check (fee_returned between 0 and fee);
alter table payments add constraint refunds_within_captured check (amount_refunded <= amount_captured);

-- Payments that are captured later: when the merchant wants the hold to end (else as long as the operator lets it), while a customer
-- has not confirmed yet. From then on expires_at is the hold's end.
alter table payments add column hold_until timestamptz;
alter type new_payment add attribute expires_at timestamptz, add attribute capture text, add attribute hold_until timestamptz;
create index payments_held on payments (expires_at) where status = 'authorized';

-- Whose turn it is to take from what a merchant has earned (modules/merchants/purse.ts). A row is locked, never read. Shard key: merchant_id.
create table merchant_purses (
  merchant_id text collate "C" not null,
  livemode boolean not null,
  primary key (merchant_id, livemode)
);

-- Refunds. Shard key: merchant_id.
create table refunds (
  merchant_id text collate "C" not null,
  livemode boolean not null,
  id text collate "C" not null,
  payment_id text collate "C" not null,
  status text not null check (status in ('pending', 'succeeded', 'failed')),
  amount bigint not null check (amount > 0),
  whole_rest boolean not null,          -- asked for without an amount: what was left
  fee_returned bigint not null check (fee_returned >= 0),
  from_pending bigint not null check (from_pending >= 0),
  from_available bigint not null check (from_available >= 0),
  from_debt bigint not null check (from_debt >= 0),
  out_refund_no text collate "C" not null,
  reason text,
  failure_code text,
  metadata json not null,
  created_at timestamptz not null,
  succeeded_at timestamptz,
  primary key (merchant_id, livemode, id),
  foreign key (merchant_id, livemode, payment_id) references payments (merchant_id, livemode, id),
  check (from_pending + from_available + from_debt = amount),
  check ((status = 'succeeded') = (succeeded_at is not null)),
  check ((status = 'failed') = (failure_code is not null))
);
create unique index refunds_number on refunds (merchant_id, livemode, out_refund_no);
create index refunds_payment on refunds (merchant_id, livemode, payment_id, id);
create index refunds_waiting on refunds (merchant_id, livemode, id) where status = 'pending';
