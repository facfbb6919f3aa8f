-- People who were erased: the row stays, because payments and records name its id, and nothing in it says who it was.
alter table users
  add column erased_at timestamptz,
  alter column sealed_password drop not null,
  drop constraint users_check,
  add constraint users_reachable check (erased_at is not null or sealed_phone is not null or sealed_email is not null),
  add constraint users_password check ((sealed_password is null) = (erased_at is not null)),
  add constraint users_erased check (erased_at is null or
    (sealed_phone is null and sealed_email is null and sealed_name is null and sealed_frozen_reason is null));
