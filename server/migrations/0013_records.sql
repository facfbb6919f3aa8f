-- Records that can be searched, and statistics. Shard keys: owner_id, merchant_id.
alter table records
  add column source_id text collate "C",   -- what moved: a payment, refund, transfer, top-up or withdrawal
  add column method text collate "C";      -- of a payment
-- A refund may give a part of the fee back to its bearer.
alter table records drop constraint records_fee_check, add check (fee >= 0 or type = 'refund');
update records set source_id = payment_id;
alter table records alter column source_id set not null;

-- A merchant may have millions of records: found by the other side, and by the last characters of what people read off a receipt.
-- A user's own are few enough to be looked through; theirs stand in none of these indexes.
create index records_counterparty on records (owner_id, livemode, counterparty_id, id) where owner_id < 'usr';
create index records_source_tail on records (owner_id, livemode, right(source_id, 4)) where owner_id < 'usr';
create index records_payment_tail on records (owner_id, livemode, right(payment_id, 4))
  where owner_id < 'usr' and payment_id <> source_id;
create index records_order_tail on records (owner_id, livemode, right(out_trade_no, 4))
  where owner_id < 'usr' and out_trade_no is not null;

-- What a merchant's records of payments and refunds come to, in slots of a quarter of an hour: whatever the zone, its hours and days
-- are made of whole ones. Written in the statement that writes the records, so that each record counts once. Shard key: merchant_id.
create table statistics (
  merchant_id text collate "C" not null,
  livemode boolean not null,
  slot timestamptz not null,               -- its beginning
  currency text collate "C" not null,
  method text collate "C" not null,        -- '': none
  store_id text collate "C" not null,      -- '': none
  succeeded bigint not null,               -- payments
  failed bigint not null,
  volume bigint not null,                  -- minor units of the succeeded ones
  refunds bigint not null,
  refunded bigint not null,                -- minor units
  primary key (merchant_id, livemode, slot, currency, method, store_id)
);
create index statistics_slot on statistics (livemode, slot);
insert into statistics
select owner_id, livemode, date_bin('15 minutes', time, timestamptz '2000-01-01 00:00Z'), currency, '', coalesce(store_id, ''),
       count(*) filter (where result = 'succeeded'), count(*) filter (where result = 'failed'),
       coalesce(sum(amount) filter (where result = 'succeeded'), 0), 0, 0
  from records where owner_id < 'usr' group by 1, 2, 3, 4, 6;

-- A row as the projector hands it over.
create type new_record as (
  owner_id text, livemode boolean, id text, time timestamptz, type text, direction text, result text, amount bigint, fee bigint,
  currency text, failure_code text, counterparty_id text, counterparty_name text, subject text, source_id text, payment_id text,
  out_trade_no text, store_id text, terminal_id text, method text, metadata json
);
