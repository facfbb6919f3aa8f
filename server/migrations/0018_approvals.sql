-- What a member of staff asked for and a second person decides on; how staff come and go; users who are frozen.

-- Shard key: id.
create table approvals (
  id text collate "C" primary key,
  kind text not null,
  status text not null check (status in ('pending', 'approved', 'failed', 'refused', 'canceled', 'lapsed')),
  maker_id text collate "C" not null,
  maker_role text not null,                 -- with another one the maker's requests lapse
  maker_session_id text collate "C" not null,
  maker_address text not null,
  sealed_content text not null,             -- canonical JSON of path parameters and body, bound to id, kind and maker
  secret boolean not null,                  -- the result is shown once, to the maker
  decided_by text collate "C",
  sealed_reason text,
  sealed_outcome text,                      -- JSON: what was answered, or why it failed; a secret one goes when it was fetched or is too old
  created_at timestamptz not null default clock_now(),
  expires_at timestamptz not null default clock_now() + interval '24 hours',
  decided_at timestamptz,
  check ((status = 'pending') = (decided_at is null)),
  check (decided_by <> maker_id or status in ('canceled'))
);
create index approvals_pending on approvals (maker_id) where status = 'pending';
create index approvals_secrets on approvals (decided_at) where secret and sealed_outcome is not null;

-- Who was invited has no credentials yet.
alter table staff alter column sealed_password drop not null;
alter table staff alter column sealed_totp_secret drop not null;
alter table staff add check ((sealed_password is null) = (sealed_totp_secret is null));

-- Whoever bears the token may set password and authenticator app of a member of staff, once. Reference table.
create table staff_invitations (
  staff_id text collate "C" primary key,
  token_hash bytea not null,                -- SHA-256
  sealed_totp_secret text not null,         -- base32; shown to the bearer, who proves to have it in an app
  expires_at timestamptz not null
);

-- Staff's: when a code was last given, at the sign-in or since. Dangerous acts ask for a recent one.
alter table sessions add column totp_at timestamptz;

alter table sessions drop constraint sessions_ended_for_check;
alter table sessions add constraint sessions_ended_for_check
  check (ended_for in ('signed_out', 'ended_by_owner', 'refresh_token_reused', 'device_revoked', 'password_changed', 'password_reset', 'staff_changed'));

-- Copied here for the paying transaction, which reads one row by the shard key.
alter table code_aliases add column frozen boolean not null default false;

-- A frozen user signs in no more, and nothing leaves the wallet; what comes in is kept.
alter table users add column frozen_at timestamptz;
alter table users add column sealed_frozen_reason text;
alter table users add check ((frozen_at is null) = (sealed_frozen_reason is null));
