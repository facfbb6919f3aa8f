-- QR codes that merchants show (docs/collect-codes.md): static ones for a shop's door, dynamic ones for an order. Shard key: merchant_id.
create table qr_codes (
  merchant_id text collate "C" not null,
  livemode boolean not null,
  id text collate "C" not null,         -- of a dynamic one: the payment's id with another prefix, so that an order has one
  type text not null check (type in ('static', 'dynamic')),
  payment_id text collate "C",          -- the order of a dynamic one
  amount bigint check (amount > 0),     -- minor units; null: the payer enters it
  currency text not null,
  store_id text collate "C",
  terminal_id text collate "C",
  subject text,
  metadata json not null,
  payload text not null,                -- the text in the code, as it was when the code was made
  created_at timestamptz not null default clock_now(),
  revoked_at timestamptz,
  primary key (merchant_id, livemode, id),
  check ((type = 'dynamic') = (payment_id is not null))
);

alter table payments add column qr_code_id text collate "C";  -- the QR code that its payer scanned
