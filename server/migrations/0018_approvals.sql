-- What a member of staff asked for and a second person decides on; how staff come and go; users who are frozen.

-- Shard key: id.
create table approvals (
  id text collate "C" primary key,
  kind text not null,
  status text not null check (status in ('pending', 'approved', 'failed', 'refused', 'canceled', 'lapsed')),
  maker_id text collate "C" not null,
  maker_role text not null,                 -- with another one the maker's requests lapse
  maker_session_id text collate "C" not null,
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
