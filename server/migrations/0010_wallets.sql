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
