-- Orders: payments that wait for their payer. Scans leave the columns at their presets: nothing is written for them.
alter table payments
  add column capture text not null default 'automatic' check (capture in ('automatic', 'manual')),
  add column methods text[],            -- how it may be paid; not null: this is an order
  add column notify text,               -- where the merchant wants to be told of this order
  add column profit_sharing json;       -- who gets a share
alter table payments add constraint orders_expire check (methods is null or expires_at is not null);
create index payments_waiting on payments (expires_at) where status = 'requires_payment';
comment on table payment_confirmations is 'Payments that a user was given to confirm or to pay, found by the user. Shard key: payer_id.';
