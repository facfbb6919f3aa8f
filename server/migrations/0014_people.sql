-- Messages to people, the one-time codes in them, and which phones and emails a code has proven.

-- Messages that wait to be sent, and in the test-mode inbox those that nobody sends. Sealed: recipient and text. Shard key: recipient.
create table messages (
  recipient text collate "C" not null,  -- keyed hash of the phone or email; of nobody's for a message that is never sent
  id text collate "C" not null,
  livemode boolean not null,
  sealed_message text not null,
  created_at timestamptz not null default clock_now(),
  expires_at timestamptz not null,      -- of no use afterwards
  primary key (recipient, id)
);
create index messages_age on messages (created_at);

-- One-time codes that may still be used. One a purpose and asking network, so that who asks for a code in somebody's name
-- replaces nothing of theirs. Shard key: handle.
create table one_time_codes (
  handle text collate "C" not null,     -- keyed hash of the phone or email
  livemode boolean not null,
  purpose text not null check (purpose in ('register', 'sign_in', 'reset_password', 'reset_pin', 'verify', 'change_phone', 'change_email')),
  network text collate "C" not null,    -- keyed hash of the network that asked for it
  code_hash text collate "C" not null,  -- keyed hash of the code with all of the above
  guesses smallint not null default 0,            -- made from that network, and
  guesses_elsewhere smallint not null default 0,  -- from others: who guesses from there can't use up the owner's
  expires_at timestamptz not null,
  primary key (handle, livemode, purpose, network)
);
create index one_time_codes_age on one_time_codes (expires_at);

alter table users add column phone_verified_at timestamptz;
alter table users add column email_verified_at timestamptz;
alter table users add column password_generation integer not null default 1;  -- counts changes, not rehashing

alter table sessions drop constraint sessions_ended_for_check;
alter table sessions add constraint sessions_ended_for_check
  check (ended_for in ('signed_out', 'ended_by_owner', 'refresh_token_reused', 'device_revoked', 'password_changed', 'password_reset'));
