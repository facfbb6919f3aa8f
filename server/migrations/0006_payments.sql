-- Payments and what a payer has to confirm. Shard key: merchant_id.
create table payments (
  merchant_id text collate "C" not null,
  livemode boolean not null,
  id text collate "C" not null,
  status text not null
    check (status in ('requires_payment', 'processing', 'authorized', 'succeeded', 'failed', 'closed')),
  amount bigint not null check (amount > 0),
  amount_captured bigint not null check (amount_captured between 0 and amount),
  amount_refunded bigint not null default 0 check (amount_refunded between 0 and amount),
  fee bigint not null check (fee >= 0),
  fee_bearer text not null check (fee_bearer in ('merchant', 'payer')),
  currency text not null,
  out_trade_no text collate "C" not null,
  subject text,
  method text,
  channel text,
  payer_id text collate "C",
  store_id text collate "C",
  terminal_id text collate "C",
  code_hash bigint,                     -- first 8 bytes of SHA-256 of the scanned code: "the same code" for a repeated order number
  failure_code text,
  metadata json not null,
  created_at timestamptz not null,
  succeeded_at timestamptz,
  expires_at timestamptz,               -- of the order, or of the customer's confirmation
  primary key (merchant_id, livemode, id)
);

create type new_payment as (
  merchant_id text, livemode boolean, id text, status text, amount bigint, fee bigint, fee_bearer text, currency text,
  out_trade_no text, subject text, method text, payer_id text, store_id text, terminal_id text, code_hash bigint,
  failure_code text, metadata json, plan_id text
);

-- At most one payment of an order number is neither failed nor closed; this index is the last word on it.
create unique index payments_order on payments (merchant_id, livemode, out_trade_no)
  where status not in ('failed', 'closed');
create index payments_given_up on payments (merchant_id, livemode, out_trade_no)
  where status in ('failed', 'closed');
create index payments_to_confirm on payments (expires_at) where status = 'processing';

-- Payments that wait for their payer's confirmation, found by the payer. Shard key: payer_id.
create table payment_confirmations (
  payer_id text collate "C" not null,
  payment_id text collate "C" not null,
  merchant_id text collate "C" not null,
  livemode boolean not null,
  primary key (payer_id, payment_id)
);
