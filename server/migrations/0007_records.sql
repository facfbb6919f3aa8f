-- Records: everything that moved, or failed to, as its owner may see it. A read model fed by events. Shard key: owner_id
-- (user or merchant); one payment makes two rows, so that neither side ever reads the other's.
create table records (
  owner_id text collate "C" not null,
  livemode boolean not null,
  id text collate "C" not null,         -- derived from time and event: sorts by time, and the same event read twice is one record
  time timestamptz(3) not null,         -- when it happened, to the millisecond that the id carries
  type text not null,
  direction text not null check (direction in ('in', 'out')),
  result text not null check (result in ('succeeded', 'failed')),
  amount bigint not null check (amount > 0),
  fee bigint not null check (fee >= 0), -- what this owner bears
  currency text not null,
  failure_code text,
  counterparty_id text collate "C",
  counterparty_name text,               -- as it was then; a person's is masked
  subject text,
  payment_id text collate "C",
  out_trade_no text collate "C",
  store_id text collate "C",
  terminal_id text collate "C",
  metadata json not null,
  created_at timestamptz not null,
  primary key (owner_id, livemode, id)
);
