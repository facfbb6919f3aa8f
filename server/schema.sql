-- What the migrations add up to, for reading. Made by `npm run generate`; the migrations make the database.

create type kept_answer as (id uuid, fingerprint uuid, status smallint, answer text, answer_event_id text);

create type lane_change as (id text, lane smallint, debits_pending bigint, debits_posted bigint, credits_pending bigint, credits_posted bigint, peak bigint);

create type new_code_use as (alias integer, step bigint, n smallint, merchant_id text, livemode boolean, payment_id text);

create type new_event as (owner_id text, livemode boolean, id text, type text, object_id text);

create type new_payment as (merchant_id text, livemode boolean, id text, status text, amount bigint, fee bigint, fee_bearer text, currency text, out_trade_no text, subject text, method text, payer_id text, store_id text, terminal_id text, code_hash bigint, failure_code text, metadata json, plan_id text, expires_at timestamp with time zone, capture text, hold_until timestamp with time zone);

create type new_record as (owner_id text, livemode boolean, id text, "time" timestamp with time zone, type text, direction text, result text, amount bigint, fee bigint, currency text, failure_code text, counterparty_id text, counterparty_name text, subject text, source_id text, payment_id text, out_trade_no text, store_id text, terminal_id text, method text, metadata json);

create type new_signal as (kind text, subject text, address text, address_masked text, merchant_id text, livemode boolean, object_id text, count bigint);

create type new_transfer as (id text, kind text, debit_account_id text, debit_lane smallint, credit_account_id text, credit_lane smallint, amount bigint, currency text, pending_id text, timeout_s integer, linked boolean, code text, reference text, event_at timestamp with time zone);

create table alerts (
  id text collate "C" not null,
  type text not null,
  severity text not null,
  merchant_id text collate "C",
  livemode boolean,
  object_id text collate "C",
  details json not null,
  status text not null default 'open'::text,
  created_at timestamp with time zone not null default clock_now(),
  acknowledged_at timestamp with time zone,
  acknowledged_by text collate "C",
  group_key text collate "C",
  count bigint not null default 1,
  last_seen_at timestamp with time zone not null default clock_now(),
  told_at timestamp with time zone,
  resolved_at timestamp with time zone,
  resolved_by text collate "C",
  note text,
  constraint alerts_pkey PRIMARY KEY (id),
  constraint alerts_severity_check CHECK ((severity = ANY (ARRAY['info'::text, 'warning'::text, 'critical'::text]))),
  constraint alerts_status_check CHECK ((status = ANY (ARRAY['open'::text, 'acknowledged'::text, 'resolved'::text])))
);
CREATE INDEX alerts_of_group ON public.alerts USING btree (type, group_key, id);
CREATE INDEX alerts_told ON public.alerts USING btree (severity, told_at) WHERE (told_at IS NOT NULL);
CREATE INDEX alerts_untold ON public.alerts USING btree (severity, id) WHERE ((told_at IS NULL) AND (status = 'open'::text));
CREATE UNIQUE INDEX alerts_unresolved ON public.alerts USING btree (type, group_key) WHERE (status <> 'resolved'::text);

create table api_keys (
  id text collate "C" not null,
  merchant_id text collate "C" not null,
  livemode boolean not null,
  name text not null,
  scopes text[],
  secret_hash bytea not null,
  last_four text not null,
  rolled_to text collate "C",
  created_at timestamp with time zone not null default clock_now(),
  expires_at timestamp with time zone,
  revoked_at timestamp with time zone,
  last_used_at timestamp with time zone,
  allowed_addresses text[],
  require_signature boolean not null default false,
  signature_algorithm text,
  sealed_signature_secret text,
  signature_public_key bytea,
  constraint api_keys_pkey PRIMARY KEY (id),
  constraint api_keys_secret_hash_key UNIQUE (secret_hash),
  constraint api_keys_allowed_addresses_check CHECK ((cardinality(allowed_addresses) > 0)),
  constraint api_keys_require_signature CHECK (((signature_algorithm IS NOT NULL) OR (NOT require_signature))),
  constraint api_keys_secret_hash_check CHECK ((octet_length(secret_hash) = 32)),
  constraint api_keys_signature_algorithm_check CHECK ((signature_algorithm = ANY (ARRAY['ed25519'::text, 'hmac-sha256'::text]))),
  constraint api_keys_signature_key CHECK ((((sealed_signature_secret IS NOT NULL) = (NOT (signature_algorithm IS DISTINCT FROM 'hmac-sha256'::text))) AND ((signature_public_key IS NOT NULL) = (NOT (signature_algorithm IS DISTINCT FROM 'ed25519'::text))))),
  constraint api_keys_signature_public_key_check CHECK ((octet_length(signature_public_key) = 32)),
  constraint api_keys_rolled_to_fkey FOREIGN KEY (rolled_to) REFERENCES api_keys(id)
);
CREATE INDEX api_keys_merchant ON public.api_keys USING btree (merchant_id, livemode, id);

create table approvals (
  id text collate "C" not null,
  kind text not null,
  status text not null,
  maker_id text collate "C" not null,
  maker_role text not null,
  maker_session_id text collate "C" not null,
  maker_address text not null,
  sealed_content text not null,
  secret boolean not null,
  decided_by text collate "C",
  sealed_reason text,
  sealed_outcome text,
  created_at timestamp with time zone not null default clock_now(),
  expires_at timestamp with time zone not null default (clock_now() + '24:00:00'::interval),
  decided_at timestamp with time zone,
  constraint approvals_pkey PRIMARY KEY (id),
  constraint approvals_check CHECK (((status = 'pending'::text) = (decided_at IS NULL))),
  constraint approvals_check1 CHECK (((decided_by <> maker_id) OR (status = 'canceled'::text))),
  constraint approvals_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'approved'::text, 'failed'::text, 'refused'::text, 'canceled'::text, 'lapsed'::text])))
);
CREATE INDEX approvals_pending ON public.approvals USING btree (maker_id) WHERE (status = 'pending'::text);
CREATE INDEX approvals_secrets ON public.approvals USING btree (decided_at) WHERE (secret AND (sealed_outcome IS NOT NULL));

create table audit_batches (
  number bigint not null,
  positions bigint[] not null,
  macs bytea not null,
  last_created_at timestamp with time zone not null,
  previous_mac bytea not null,
  mac bytea not null,
  sealed_at timestamp with time zone not null default clock_now(),
  constraint audit_batches_pkey PRIMARY KEY (number),
  constraint audit_batches_check CHECK ((octet_length(macs) = (32 * cardinality(positions))))
);

create table audit_log (
  owner_id text collate "C" not null,
  id text collate "C" not null,
  livemode boolean,
  created_at timestamp with time zone not null,
  actor_kind text collate "C" not null,
  actor_id text collate "C",
  actor_session text collate "C",
  actor_role text collate "C",
  action text collate "C" not null,
  outcome text collate "C" not null,
  object_type text collate "C" not null,
  object_id text collate "C" not null,
  before json,
  after json,
  reason text,
  address text,
  address_hash text collate "C",
  request_id text collate "C",
  mac bytea not null,
  transaction_id xid8 not null default pg_current_xact_id(),
  "position" bigint not null generated always as identity,
  constraint audit_log_pkey PRIMARY KEY (owner_id, id),
  constraint audit_log_actor_kind_check CHECK ((actor_kind = ANY (ARRAY['staff'::text, 'merchant'::text, 'terminal'::text, 'user'::text, 'payer'::text, 'system'::text, 'anonymous'::text]))),
  constraint audit_log_outcome_check CHECK ((outcome = ANY (ARRAY['done'::text, 'refused'::text])))
);
CREATE INDEX audit_log_newest ON public.audit_log USING btree (id);
CREATE INDEX audit_log_of_actor ON public.audit_log USING btree (actor_id, id);
CREATE INDEX audit_log_of_object ON public.audit_log USING btree (object_id, id);
CREATE INDEX audit_log_of_request ON public.audit_log USING btree (request_id);
CREATE INDEX audit_log_order ON public.audit_log USING btree ("position");

create table bank_accounts (
  owner_id text collate "C" not null,
  livemode boolean not null,
  id text collate "C" not null,
  scheme text not null,
  country text not null,
  bank_code text,
  number_hash text not null,
  sealed_number text not null,
  sealed_holder text,
  last_four text not null,
  created_at timestamp with time zone not null default clock_now(),
  constraint bank_accounts_pkey PRIMARY KEY (owner_id, livemode, id),
  constraint bank_accounts_owner_id_livemode_number_hash_key UNIQUE (owner_id, livemode, number_hash),
  constraint bank_accounts_country_check CHECK ((country ~ '^[A-Z]{2}$'::text)),
  constraint bank_accounts_scheme_check CHECK ((scheme = ANY (ARRAY['iban'::text, 'domestic'::text])))
);

create table bank_instructions (
  reference text collate "C" not null,
  purpose text not null,
  owner_id text collate "C" not null,
  livemode boolean not null,
  subject_id text collate "C" not null,
  kind text not null,
  amount bigint not null,
  currency text not null,
  account text not null,
  state text not null,
  reason text,
  tries smallint not null default 0,
  next_at timestamp with time zone,
  asked_at timestamp with time zone,
  created_at timestamp with time zone not null default clock_now(),
  constraint bank_instructions_pkey PRIMARY KEY (reference),
  constraint bank_instructions_amount_check CHECK ((amount > 0)),
  constraint bank_instructions_check CHECK (((state = ANY (ARRAY['created'::text, 'pending'::text])) = (next_at IS NOT NULL))),
  constraint bank_instructions_kind_check CHECK ((kind = ANY (ARRAY['collect'::text, 'pay'::text]))),
  constraint bank_instructions_state_check CHECK ((state = ANY (ARRAY['created'::text, 'pending'::text, 'succeeded'::text, 'refused'::text, 'withdrawn'::text, 'returned'::text, 'late'::text])))
);
CREATE INDEX bank_instructions_due ON public.bank_instructions USING btree (next_at) WHERE (next_at IS NOT NULL);

create table bank_movements (
  owner_id text collate "C" not null,
  livemode boolean not null,
  id text collate "C" not null,
  type text not null,
  status text not null,
  amount bigint not null,
  amount_owed bigint not null default 0,
  currency text not null,
  account text not null,
  failure_code text,
  late_money text,
  created_at timestamp with time zone not null default clock_now(),
  succeeded_at timestamp with time zone,
  returned_at timestamp with time zone,
  constraint bank_movements_pkey PRIMARY KEY (owner_id, livemode, id),
  constraint bank_movements_amount_check CHECK ((amount > 0)),
  constraint bank_movements_check CHECK (((amount_owed >= 0) AND (amount_owed <= amount))),
  constraint bank_movements_late_money_check CHECK ((late_money = ANY (ARRAY['returning'::text, 'returned'::text, 'held'::text]))),
  constraint bank_movements_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'succeeded'::text, 'failed'::text, 'returned'::text]))),
  constraint bank_movements_type_check CHECK ((type = ANY (ARRAY['topup'::text, 'withdrawal'::text])))
);

create table cards (
  owner_id text collate "C" not null,
  livemode boolean not null,
  id text collate "C" not null,
  kind text not null,
  brand text not null,
  funding text not null default 'unknown'::text,
  number_hash text not null,
  sealed_number text not null,
  sealed_holder text,
  first_six text not null,
  last_four text not null,
  exp_month smallint not null,
  exp_year smallint not null,
  created_at timestamp with time zone not null default clock_now(),
  constraint cards_pkey PRIMARY KEY (owner_id, livemode, id),
  constraint cards_owner_id_livemode_number_hash_key UNIQUE (owner_id, livemode, number_hash),
  constraint cards_exp_month_check CHECK (((exp_month >= 1) AND (exp_month <= 12))),
  constraint cards_exp_year_check CHECK (((exp_year >= 2000) AND (exp_year <= 9999))),
  constraint cards_first_six_check CHECK ((first_six ~ '^[0-9]{6}$'::text)),
  constraint cards_funding_check CHECK ((funding = ANY (ARRAY['credit'::text, 'debit'::text, 'prepaid'::text, 'unknown'::text]))),
  constraint cards_kind_check CHECK ((kind = ANY (ARRAY['chip'::text, 'magstripe'::text, 'virtual'::text]))),
  constraint cards_last_four_check CHECK ((last_four ~ '^[0-9]{4}$'::text))
);

create table code_aliases (
  alias integer not null,
  code_key_id text collate "C" not null,
  user_id text collate "C" not null,
  device_id text collate "C",
  livemode boolean not null,
  valid_until timestamp with time zone,
  revoked_at timestamp with time zone,
  wrong_at timestamp with time zone[] not null default '{}'::timestamp with time zone[],
  locked_until timestamp with time zone,
  created_at timestamp with time zone not null default clock_now(),
  frozen boolean not null default false,
  constraint code_aliases_pkey PRIMARY KEY (alias),
  constraint code_aliases_alias_check CHECK (((alias >= 0) AND (alias <= 999999999)))
);
CREATE INDEX code_aliases_ended ON public.code_aliases USING btree (valid_until) WHERE (valid_until IS NOT NULL);
CREATE INDEX code_aliases_user ON public.code_aliases USING btree (user_id);

create table code_guesses (
  subject text collate "C" not null,
  wrong_at timestamp with time zone[] not null,
  locked_until timestamp with time zone,
  constraint code_guesses_pkey PRIMARY KEY (subject)
);

create table code_keys (
  user_id text collate "C" not null,
  id text collate "C" not null,
  device_id text collate "C",
  livemode boolean not null,
  sealed_key text not null,
  alias integer,
  created_at timestamp with time zone not null default clock_now(),
  revoked_at timestamp with time zone,
  constraint code_keys_pkey PRIMARY KEY (user_id, id),
  constraint code_keys_check CHECK (((device_id IS NULL) = (alias IS NULL)))
);
CREATE INDEX code_keys_revoked ON public.code_keys USING btree (revoked_at) WHERE (revoked_at IS NOT NULL);
CREATE UNIQUE INDEX code_keys_current ON public.code_keys USING btree (user_id, device_id) NULLS NOT DISTINCT WHERE (revoked_at IS NULL);

create table code_uses (
  alias integer not null,
  step bigint not null,
  n smallint not null,
  merchant_id text collate "C" not null,
  livemode boolean not null,
  payment_id text collate "C" not null,
  used_at timestamp with time zone not null,
  constraint code_uses_pkey PRIMARY KEY (step, alias, n)
);

create table data_keys (
  id text collate "C" not null,
  sealed_key text not null,
  created_at timestamp with time zone not null default clock_now(),
  purpose text not null default 'seal'::text,
  constraint data_keys_pkey PRIMARY KEY (id),
  constraint data_keys_purpose_check CHECK ((purpose = ANY (ARRAY['seal'::text, 'digest'::text])))
);
CREATE UNIQUE INDEX data_keys_digest ON public.data_keys USING btree (purpose) WHERE (purpose = 'digest'::text);

create table devices (
  user_id text collate "C" not null,
  id text collate "C" not null,
  livemode boolean not null,
  sealed_name text not null,
  platform text not null,
  created_at timestamp with time zone not null default clock_now(),
  revoked_at timestamp with time zone,
  trusted_at timestamp with time zone,
  trust_hash bytea,
  public_key bytea,
  key_enrolled_at timestamp with time zone,
  constraint devices_pkey PRIMARY KEY (user_id, id),
  constraint devices_check CHECK (((trusted_at IS NULL) = (trust_hash IS NULL))),
  constraint devices_key CHECK (((public_key IS NULL) = (key_enrolled_at IS NULL))),
  constraint devices_platform_check CHECK ((platform = ANY (ARRAY['ios'::text, 'android'::text, 'harmony'::text, 'web'::text, 'other'::text]))),
  constraint devices_public_key_check CHECK ((octet_length(public_key) = 32))
);

create table embedded_bank_entries (
  reference text collate "C" not null,
  step smallint not null,
  account text not null,
  platform_change bigint not null,
  currency text not null,
  booked_at timestamp with time zone not null,
  constraint embedded_bank_entries_pkey PRIMARY KEY (reference, step)
);

create table embedded_bank_orders (
  reference text collate "C" not null,
  kind text not null,
  amount bigint not null,
  currency text not null,
  account text not null,
  state text not null default 'pending'::text,
  steps_done smallint not null default 0,
  next_at timestamp with time zone,
  told_state text not null default 'pending'::text,
  created_at timestamp with time zone not null,
  constraint embedded_bank_orders_pkey PRIMARY KEY (reference),
  constraint embedded_bank_orders_amount_check CHECK ((amount > 0)),
  constraint embedded_bank_orders_kind_check CHECK ((kind = ANY (ARRAY['collect'::text, 'pay'::text]))),
  constraint embedded_bank_orders_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'succeeded'::text, 'refused'::text, 'returned'::text])))
);
CREATE INDEX embedded_bank_orders_due ON public.embedded_bank_orders USING btree (next_at) WHERE (next_at IS NOT NULL);
CREATE INDEX embedded_bank_orders_untold ON public.embedded_bank_orders USING btree (reference) WHERE (state <> told_state);

create table event_cursors (
  consumer text not null,
  "position" bigint not null default 0,
  updated_at timestamp with time zone not null default clock_now(),
  feed text,
  constraint event_cursors_pkey PRIMARY KEY (consumer)
);

create table events (
  owner_id text collate "C" not null,
  livemode boolean not null,
  id text collate "C" not null,
  type text collate "C" not null,
  object_id text collate "C" not null,
  object json not null,
  created_at timestamp with time zone not null,
  transaction_id xid8 not null default pg_current_xact_id(),
  "position" bigint not null generated always as identity,
  constraint events_pkey PRIMARY KEY (owner_id, livemode, id)
);
CREATE INDEX events_of_object ON public.events USING btree (owner_id, object_id) WHERE ("right"(id, 26) <> "right"(object_id, 26));
CREATE INDEX events_order ON public.events USING btree ("position");

create table idempotency_keys (
  id uuid not null,
  fingerprint uuid not null,
  created_at timestamp with time zone not null default clock_now(),
  status smallint not null,
  answer text,
  answer_event_id text collate "C",
  constraint idempotency_keys_pkey PRIMARY KEY (id)
);
CREATE INDEX idempotency_keys_age ON public.idempotency_keys USING brin (created_at);

create table ledger_accounts (
  id text collate "C" not null,
  lane smallint not null,
  debits_pending bigint not null default 0,
  debits_posted bigint not null default 0,
  credits_pending bigint not null default 0,
  credits_posted bigint not null default 0,
  created_at timestamp with time zone not null,
  lanes smallint not null,
  livemode boolean not null,
  debits_must_not_exceed_credits boolean not null,
  credits_must_not_exceed_debits boolean not null,
  history boolean not null,
  closed boolean not null default false,
  currency text collate "C" not null,
  code text collate "C" not null,
  owner_id text collate "C",
  constraint ledger_accounts_pkey PRIMARY KEY (id, lane),
  constraint credits_must_not_exceed_debits CHECK (((NOT credits_must_not_exceed_debits) OR ((credits_pending + credits_posted) <= debits_posted))),
  constraint credits_stay_exact CHECK (((credits_pending + credits_posted) <= ('9007199254740991'::bigint / lanes))),
  constraint debits_must_not_exceed_credits CHECK (((NOT debits_must_not_exceed_credits) OR ((debits_pending + debits_posted) <= credits_posted))),
  constraint debits_stay_exact CHECK (((debits_pending + debits_posted) <= ('9007199254740991'::bigint / lanes))),
  constraint lane_exists CHECK (((lane >= 0) AND (lane < lanes))),
  constraint lanes_are_unconstrained CHECK (((lanes = 1) OR (NOT (debits_must_not_exceed_credits OR credits_must_not_exceed_debits)))),
  constraint nothing_pends_when_closed CHECK (((NOT closed) OR ((debits_pending = 0) AND (credits_pending = 0)))),
  constraint one_constraint CHECK ((NOT (debits_must_not_exceed_credits AND credits_must_not_exceed_debits))),
  constraint sums_are_not_negative CHECK (((debits_pending >= 0) AND (debits_posted >= 0) AND (credits_pending >= 0) AND (credits_posted >= 0)))
) with (fillfactor=60);
CREATE INDEX ledger_accounts_code ON public.ledger_accounts USING btree (code, id) WHERE (lane = 0);
CREATE INDEX ledger_accounts_owner ON public.ledger_accounts USING btree (owner_id, id) WHERE (lane = 0);

create table ledger_audit_walks (
  walk text collate "C" not null,
  after text collate "C" not null default ''::text,
  round bigint not null default 1,
  round_began_at timestamp with time zone not null default clock_now(),
  audited bigint not null default 0,
  constraint ledger_audit_walks_pkey PRIMARY KEY (walk)
);

create table ledger_batches (
  "position" bigint not null generated always as identity,
  created_at timestamp with time zone not null,
  transfer_ids text[] collate "C" not null,
  account_ids text[] collate "C" not null,
  positions text[] collate "C" not null,
  debits_pending bigint[] not null,
  debits_posted bigint[] not null,
  credits_pending bigint[] not null,
  credits_posted bigint[] not null,
  constraint ledger_batches_pkey PRIMARY KEY ("position")
);

create table ledger_history (
  account_id text collate "C" not null,
  created_at timestamp with time zone not null,
  batch bigint not null,
  debits_pending bigint not null,
  debits_posted bigint not null,
  credits_pending bigint not null,
  credits_posted bigint not null,
  positions integer[] not null,
  constraint ledger_history_pkey PRIMARY KEY (account_id, created_at, batch)
);

create table ledger_pending (
  transfer_id text collate "C" not null,
  debit_account_id text collate "C" not null,
  credit_account_id text collate "C" not null,
  amount bigint not null,
  expires_at timestamp with time zone,
  debit_lane smallint not null,
  credit_lane smallint not null,
  currency text collate "C" not null,
  state text collate "C" not null,
  resolved_by text collate "C",
  constraint ledger_pending_pkey PRIMARY KEY (transfer_id),
  constraint ledger_pending_check CHECK (((state = 'pending'::text) = (resolved_by IS NULL))),
  constraint ledger_pending_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'posted'::text, 'voided'::text, 'expired'::text])))
);
CREATE INDEX ledger_pending_expiry ON public.ledger_pending USING btree (expires_at) WHERE ((state = 'pending'::text) AND (expires_at IS NOT NULL));

create table ledger_transfers (
  id text collate "C" not null,
  debit_account_id text collate "C" not null,
  credit_account_id text collate "C" not null,
  pending_id text collate "C",
  amount bigint not null,
  created_at timestamp with time zone not null,
  event_at timestamp with time zone,
  "position" integer not null,
  timeout_s integer,
  debit_lane smallint not null,
  credit_lane smallint not null,
  linked boolean not null,
  kind text collate "C" not null,
  currency text collate "C" not null,
  code text collate "C" not null,
  reference text,
  constraint ledger_transfers_pkey PRIMARY KEY (id),
  constraint ledger_transfers_amount_check CHECK ((amount > 0)),
  constraint ledger_transfers_check CHECK ((debit_account_id <> credit_account_id)),
  constraint ledger_transfers_check1 CHECK (((pending_id IS NOT NULL) = (kind = ANY (ARRAY['post'::text, 'void'::text])))),
  constraint ledger_transfers_check2 CHECK (((timeout_s IS NULL) OR (kind = 'pending'::text))),
  constraint ledger_transfers_kind_check CHECK ((kind = ANY (ARRAY['posted'::text, 'pending'::text, 'post'::text, 'void'::text]))),
  constraint ledger_transfers_timeout_s_check CHECK ((timeout_s > 0))
);

create table merchant_purses (
  merchant_id text collate "C" not null,
  livemode boolean not null,
  constraint merchant_purses_pkey PRIMARY KEY (merchant_id, livemode)
);

create table merchants (
  id text collate "C" not null,
  name text not null,
  mcc text not null,
  country text not null,
  city text not null,
  currency text not null,
  status text not null default 'active'::text,
  pricing_plan_id text collate "C" not null,
  fee_bearer text,
  created_at timestamp with time zone not null default clock_now(),
  constraint merchants_pkey PRIMARY KEY (id),
  constraint merchants_country_check CHECK ((country ~ '^[A-Z]{2}$'::text)),
  constraint merchants_fee_bearer_check CHECK ((fee_bearer = ANY (ARRAY['merchant'::text, 'payer'::text]))),
  constraint merchants_mcc_check CHECK ((mcc ~ '^[0-9]{4}$'::text)),
  constraint merchants_status_check CHECK ((status = ANY (ARRAY['active'::text, 'suspended'::text]))),
  constraint merchants_pricing_plan_id_currency_fkey FOREIGN KEY (pricing_plan_id, currency) REFERENCES pricing_plans(id, currency)
);
CREATE INDEX merchants_plan ON public.merchants USING btree (pricing_plan_id);

create table messages (
  recipient text collate "C" not null,
  id text collate "C" not null,
  livemode boolean not null,
  sealed_message text not null,
  created_at timestamp with time zone not null default clock_now(),
  expires_at timestamp with time zone not null,
  constraint messages_pkey PRIMARY KEY (recipient, id)
);
CREATE INDEX messages_age ON public.messages USING btree (created_at);

create table notify_secrets (
  merchant_id text collate "C" not null,
  livemode boolean not null,
  secret text not null,
  previous_secret text,
  previous_until timestamp with time zone,
  created_at timestamp with time zone not null default clock_now(),
  constraint notify_secrets_pkey PRIMARY KEY (merchant_id, livemode)
);

create table one_time_codes (
  handle text collate "C" not null,
  livemode boolean not null,
  purpose text not null,
  network text collate "C" not null,
  code_hash text collate "C" not null,
  guesses smallint not null default 0,
  guesses_elsewhere smallint not null default 0,
  expires_at timestamp with time zone not null,
  constraint one_time_codes_pkey PRIMARY KEY (handle, livemode, purpose, network),
  constraint one_time_codes_purpose_check CHECK ((purpose = ANY (ARRAY['register'::text, 'sign_in'::text, 'reset_password'::text, 'reset_pin'::text, 'verify'::text, 'change_phone'::text, 'change_email'::text])))
);
CREATE INDEX one_time_codes_age ON public.one_time_codes USING btree (expires_at);

create table pairing_codes (
  merchant_id text collate "C" not null,
  livemode boolean not null,
  terminal_id text collate "C" not null,
  code_hash text collate "C" not null,
  expires_at timestamp with time zone not null,
  constraint pairing_codes_pkey PRIMARY KEY (merchant_id, livemode, terminal_id),
  constraint pairing_codes_merchant_id_livemode_terminal_id_fkey FOREIGN KEY (merchant_id, livemode, terminal_id) REFERENCES terminals(merchant_id, livemode, id)
);
CREATE UNIQUE INDEX pairing_codes_hash ON public.pairing_codes USING btree (code_hash);

create table passkey_credentials (
  credential_hash text collate "C" not null,
  livemode boolean not null,
  user_id text collate "C" not null,
  passkey_id text collate "C" not null,
  constraint passkey_credentials_pkey PRIMARY KEY (credential_hash, livemode)
);

create table passkeys (
  user_id text collate "C" not null,
  id text collate "C" not null,
  livemode boolean not null,
  credential_id text collate "C" not null,
  public_key bytea not null,
  counter bigint not null,
  transports text[] not null,
  synced boolean not null,
  sealed_name text not null,
  created_at timestamp with time zone not null default clock_now(),
  used_at timestamp with time zone,
  constraint passkeys_pkey PRIMARY KEY (user_id, id)
);

create table payment_attempts (
  merchant_id text collate "C" not null,
  livemode boolean not null,
  id text collate "C" not null,
  payment_id text collate "C" not null,
  method text not null,
  channel text not null,
  payer_id text collate "C",
  amount bigint not null,
  account text not null,
  status text not null,
  failure_code text,
  created_at timestamp with time zone not null default clock_now(),
  settled_at timestamp with time zone,
  constraint payment_attempts_pkey PRIMARY KEY (merchant_id, livemode, id),
  constraint payment_attempts_amount_check CHECK ((amount > 0)),
  constraint payment_attempts_check CHECK (((status = 'failed'::text) = (failure_code IS NOT NULL))),
  constraint payment_attempts_check1 CHECK (((status = 'pending'::text) = (settled_at IS NULL))),
  constraint payment_attempts_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'succeeded'::text, 'failed'::text])))
);
CREATE INDEX payment_attempts_payment ON public.payment_attempts USING btree (merchant_id, livemode, payment_id, id);
CREATE UNIQUE INDEX payment_attempts_open ON public.payment_attempts USING btree (merchant_id, livemode, payment_id) WHERE (status = 'pending'::text);

create table payment_confirmations (
  payer_id text collate "C" not null,
  payment_id text collate "C" not null,
  merchant_id text collate "C" not null,
  livemode boolean not null,
  constraint payment_confirmations_pkey PRIMARY KEY (payer_id, payment_id)
);

create table payment_pins (
  user_id text collate "C" not null,
  sealed_pin text not null,
  attempts smallint not null default 0,
  locked_until timestamp with time zone,
  set_at timestamp with time zone not null default clock_now(),
  constraint payment_pins_pkey PRIMARY KEY (user_id),
  constraint payment_pins_attempts_check CHECK (((attempts >= 0) AND (attempts <= 5)))
);

create table payments (
  merchant_id text collate "C" not null,
  livemode boolean not null,
  id text collate "C" not null,
  status text not null,
  amount bigint not null,
  amount_captured bigint not null,
  amount_refunded bigint not null default 0,
  fee bigint not null,
  fee_bearer text not null,
  currency text not null,
  out_trade_no text collate "C" not null,
  subject text,
  method text,
  channel text,
  payer_id text collate "C",
  store_id text collate "C",
  terminal_id text collate "C",
  code_hash bigint,
  failure_code text,
  metadata json not null,
  created_at timestamp with time zone not null,
  succeeded_at timestamp with time zone,
  expires_at timestamp with time zone,
  capture text not null default 'automatic'::text,
  methods text[],
  notify text,
  profit_sharing json,
  plan_id text collate "C" not null,
  fee_returned bigint not null default 0,
  hold_until timestamp with time zone,
  qr_code_id text collate "C",
  constraint payments_pkey PRIMARY KEY (merchant_id, livemode, id),
  constraint orders_expire CHECK (((methods IS NULL) OR (expires_at IS NOT NULL))),
  constraint payments_amount_check CHECK ((amount > 0)),
  constraint payments_capture_check CHECK ((capture = ANY (ARRAY['automatic'::text, 'manual'::text]))),
  constraint payments_check CHECK (((amount_captured >= 0) AND (amount_captured <= amount))),
  constraint payments_check1 CHECK (((amount_refunded >= 0) AND (amount_refunded <= amount))),
  constraint payments_check2 CHECK (((fee_returned >= 0) AND (fee_returned <= fee))),
  constraint payments_fee_bearer_check CHECK ((fee_bearer = ANY (ARRAY['merchant'::text, 'payer'::text]))),
  constraint payments_fee_check CHECK ((fee >= 0)),
  constraint payments_status_check CHECK ((status = ANY (ARRAY['requires_payment'::text, 'processing'::text, 'authorized'::text, 'succeeded'::text, 'failed'::text, 'closed'::text]))),
  constraint refunds_within_captured CHECK ((amount_refunded <= amount_captured))
);
CREATE INDEX payments_given_up ON public.payments USING btree (merchant_id, livemode, out_trade_no) WHERE (status = ANY (ARRAY['failed'::text, 'closed'::text]));
CREATE INDEX payments_held ON public.payments USING btree (expires_at) WHERE (status = 'authorized'::text);
CREATE INDEX payments_notify ON public.payments USING btree (merchant_id, livemode, id) WHERE (notify IS NOT NULL);
CREATE INDEX payments_to_confirm ON public.payments USING btree (expires_at) WHERE (status = 'processing'::text);
CREATE INDEX payments_waiting ON public.payments USING btree (expires_at) WHERE (status = 'requires_payment'::text);
CREATE UNIQUE INDEX payments_order ON public.payments USING btree (merchant_id, livemode, out_trade_no) WHERE (status <> ALL (ARRAY['failed'::text, 'closed'::text]));

create table pricing_plans (
  id text collate "C" not null,
  name text not null,
  version integer not null,
  replaces text collate "C",
  is_default boolean not null,
  rate_bps integer not null,
  fixed bigint not null,
  min_fee bigint,
  max_fee bigint,
  currency text not null,
  fee_bearer text not null,
  refund_fee text not null,
  created_at timestamp with time zone not null default clock_now(),
  refund_debt text not null default 'refused'::text,
  constraint pricing_plans_pkey PRIMARY KEY (id),
  constraint pricing_plans_id_currency_key UNIQUE (id, currency),
  constraint pricing_plans_replaces_key UNIQUE (replaces),
  constraint pricing_plans_check CHECK ((max_fee >= COALESCE(min_fee, (0)::bigint))),
  constraint pricing_plans_fee_bearer_check CHECK ((fee_bearer = ANY (ARRAY['merchant'::text, 'payer'::text]))),
  constraint pricing_plans_fixed_check CHECK ((fixed >= 0)),
  constraint pricing_plans_min_fee_check CHECK ((min_fee >= 0)),
  constraint pricing_plans_rate_bps_check CHECK (((rate_bps >= 0) AND (rate_bps <= 10000))),
  constraint pricing_plans_refund_debt_check CHECK ((refund_debt = ANY (ARRAY['refused'::text, 'allowed'::text]))),
  constraint pricing_plans_refund_fee_check CHECK ((refund_fee = ANY (ARRAY['returned'::text, 'kept'::text]))),
  constraint pricing_plans_version_check CHECK ((version > 0)),
  constraint pricing_plans_replaces_fkey FOREIGN KEY (replaces) REFERENCES pricing_plans(id)
);

create table qr_codes (
  merchant_id text collate "C" not null,
  livemode boolean not null,
  id text collate "C" not null,
  type text not null,
  payment_id text collate "C",
  amount bigint,
  currency text not null,
  store_id text collate "C",
  terminal_id text collate "C",
  subject text,
  metadata json not null,
  payload text not null,
  created_at timestamp with time zone not null default clock_now(),
  revoked_at timestamp with time zone,
  constraint qr_codes_pkey PRIMARY KEY (merchant_id, livemode, id),
  constraint qr_codes_amount_check CHECK ((amount > 0)),
  constraint qr_codes_check CHECK (((type = 'dynamic'::text) = (payment_id IS NOT NULL))),
  constraint qr_codes_type_check CHECK ((type = ANY (ARRAY['static'::text, 'dynamic'::text])))
);

create table rate_limits (
  bucket uuid not null,
  level double precision not null,
  at timestamp with time zone not null,
  leak double precision not null,
  constraint rate_limits_pkey PRIMARY KEY (bucket)
) with (fillfactor=50);

create table recipient_lookups (
  user_id text collate "C" not null,
  level double precision not null,
  counted_at timestamp with time zone not null,
  constraint recipient_lookups_pkey PRIMARY KEY (user_id)
);
CREATE INDEX recipient_lookups_age ON public.recipient_lookups USING btree (counted_at);

create table records (
  owner_id text collate "C" not null,
  livemode boolean not null,
  id text collate "C" not null,
  "time" timestamp(3) with time zone not null,
  type text not null,
  direction text not null,
  result text not null,
  amount bigint not null,
  fee bigint not null,
  currency text not null,
  failure_code text,
  counterparty_id text collate "C",
  counterparty_name text,
  subject text,
  payment_id text collate "C",
  out_trade_no text collate "C",
  store_id text collate "C",
  terminal_id text collate "C",
  metadata json not null,
  created_at timestamp with time zone not null,
  source_id text collate "C" not null,
  method text collate "C",
  constraint records_pkey PRIMARY KEY (owner_id, livemode, id),
  constraint records_amount_check CHECK ((amount > 0)),
  constraint records_check CHECK (((fee >= 0) OR (type = 'refund'::text))),
  constraint records_direction_check CHECK ((direction = ANY (ARRAY['in'::text, 'out'::text]))),
  constraint records_result_check CHECK ((result = ANY (ARRAY['succeeded'::text, 'failed'::text])))
);
CREATE INDEX records_counterparty ON public.records USING btree (owner_id, livemode, counterparty_id, id) WHERE (owner_id < 'usr'::text);
CREATE INDEX records_order_tail ON public.records USING btree (owner_id, livemode, "right"(out_trade_no, 4)) WHERE ((owner_id < 'usr'::text) AND (out_trade_no IS NOT NULL));
CREATE INDEX records_payment_tail ON public.records USING btree (owner_id, livemode, "right"(payment_id, 4)) WHERE ((owner_id < 'usr'::text) AND (payment_id <> source_id));
CREATE INDEX records_source_tail ON public.records USING btree (owner_id, livemode, "right"(source_id, 4)) WHERE (owner_id < 'usr'::text);

create table recovery_codes (
  user_id text collate "C" not null,
  code_hash text collate "C" not null,
  created_at timestamp with time zone not null default clock_now(),
  used_at timestamp with time zone,
  constraint recovery_codes_pkey PRIMARY KEY (user_id, code_hash)
);

create table refunds (
  merchant_id text collate "C" not null,
  livemode boolean not null,
  id text collate "C" not null,
  payment_id text collate "C" not null,
  status text not null,
  amount bigint not null,
  whole_rest boolean not null,
  fee_returned bigint not null,
  from_pending bigint not null,
  from_available bigint not null,
  from_debt bigint not null,
  out_refund_no text collate "C" not null,
  reason text,
  failure_code text,
  metadata json not null,
  created_at timestamp with time zone not null,
  succeeded_at timestamp with time zone,
  terminal_id text collate "C",
  constraint refunds_pkey PRIMARY KEY (merchant_id, livemode, id),
  constraint refunds_amount_check CHECK ((amount > 0)),
  constraint refunds_check CHECK ((((from_pending + from_available) + from_debt) = amount)),
  constraint refunds_check1 CHECK (((status = 'succeeded'::text) = (succeeded_at IS NOT NULL))),
  constraint refunds_check2 CHECK (((status = 'failed'::text) = (failure_code IS NOT NULL))),
  constraint refunds_fee_returned_check CHECK ((fee_returned >= 0)),
  constraint refunds_from_available_check CHECK ((from_available >= 0)),
  constraint refunds_from_debt_check CHECK ((from_debt >= 0)),
  constraint refunds_from_pending_check CHECK ((from_pending >= 0)),
  constraint refunds_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'succeeded'::text, 'failed'::text]))),
  constraint refunds_merchant_id_livemode_payment_id_fkey FOREIGN KEY (merchant_id, livemode, payment_id) REFERENCES payments(merchant_id, livemode, id)
);
CREATE INDEX refunds_payment ON public.refunds USING btree (merchant_id, livemode, payment_id, id);
CREATE INDEX refunds_terminal ON public.refunds USING btree (merchant_id, livemode, terminal_id, created_at) WHERE (terminal_id IS NOT NULL);
CREATE INDEX refunds_waiting ON public.refunds USING btree (merchant_id, livemode, id) WHERE (status = 'pending'::text);
CREATE UNIQUE INDEX refunds_number ON public.refunds USING btree (merchant_id, livemode, out_refund_no);

create table resealings (
  data_key_id text collate "C" not null,
  table_name text collate "C" not null,
  "position" text[],
  resealed bigint not null default 0,
  unreadable bigint not null default 0,
  paused boolean not null default false,
  finished_at timestamp with time zone,
  constraint resealings_pkey PRIMARY KEY (data_key_id, table_name)
);

create table schema_migrations (
  name text not null,
  checksum text not null,
  applied_at timestamp with time zone not null default now(),
  constraint schema_migrations_pkey PRIMARY KEY (name)
);

create table security_signals (
  kind text collate "C" not null,
  subject text collate "C",
  address text collate "C",
  address_masked text,
  merchant_id text collate "C",
  livemode boolean,
  object_id text collate "C",
  details json not null,
  count bigint not null,
  created_at timestamp with time zone not null default clock_now(),
  transaction_id xid8 not null default pg_current_xact_id(),
  "position" bigint not null generated always as identity,
  constraint security_signals_pkey PRIMARY KEY ("position")
);
CREATE INDEX security_signals_address ON public.security_signals USING btree (address, kind, created_at) WHERE (address IS NOT NULL);
CREATE INDEX security_signals_kind ON public.security_signals USING btree (kind, created_at);
CREATE INDEX security_signals_merchant ON public.security_signals USING btree (merchant_id, kind, created_at) WHERE (merchant_id IS NOT NULL);
CREATE INDEX security_signals_subject ON public.security_signals USING btree (subject, kind, created_at) WHERE (subject IS NOT NULL);

create table sessions (
  owner_id text collate "C" not null,
  owner_kind text not null,
  id text collate "C" not null,
  livemode boolean not null,
  device_id text collate "C",
  address text not null,
  family_hash bytea not null,
  token_hash bytea not null,
  previous_hash bytea,
  nonce bytea,
  rotated_at timestamp with time zone,
  created_at timestamp with time zone not null default clock_now(),
  used_at timestamp with time zone not null default clock_now(),
  expires_at timestamp with time zone not null,
  ends_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  ended_for text,
  totp_at timestamp with time zone,
  constraint sessions_pkey PRIMARY KEY (owner_id, id),
  constraint sessions_owner_id_family_hash_key UNIQUE (owner_id, family_hash),
  constraint sessions_check CHECK (((ended_at IS NULL) = (ended_for IS NULL))),
  constraint sessions_ended_for_check CHECK ((ended_for = ANY (ARRAY['signed_out'::text, 'ended_by_owner'::text, 'refresh_token_reused'::text, 'device_revoked'::text, 'password_changed'::text, 'password_reset'::text, 'staff_changed'::text]))),
  constraint sessions_owner_kind_check CHECK ((owner_kind = ANY (ARRAY['user'::text, 'staff'::text])))
);

create table sign_in_attempts (
  key text collate "C" not null,
  level double precision not null,
  counted_at timestamp with time zone not null,
  constraint sign_in_attempts_pkey PRIMARY KEY (key)
);
CREATE INDEX sign_in_attempts_age ON public.sign_in_attempts USING btree (counted_at);

create table sign_in_challenges (
  user_id text collate "C" not null,
  hash bytea not null,
  reason text not null,
  sealed_device text,
  attempt_key text collate "C" not null,
  guesses smallint not null default 0,
  created_at timestamp with time zone not null default clock_now(),
  expires_at timestamp with time zone not null,
  constraint sign_in_challenges_pkey PRIMARY KEY (user_id, hash),
  constraint sign_in_challenges_reason_check CHECK ((reason = ANY (ARRAY['second_factor'::text, 'new_device'::text])))
);
CREATE INDEX sign_in_challenges_age ON public.sign_in_challenges USING btree (expires_at);

create table signature_nonces (
  slot smallint not null,
  id uuid not null,
  constraint signature_nonces_pkey PRIMARY KEY (slot, id)
) partition by LIST (slot);

create table signature_nonces_0 partition of signature_nonces FOR VALUES IN ('0');

create table signature_nonces_1 partition of signature_nonces FOR VALUES IN ('1');

create table signature_nonces_2 partition of signature_nonces FOR VALUES IN ('2');

create table signature_nonces_3 partition of signature_nonces FOR VALUES IN ('3');

create table signing_keys (
  generation integer not null,
  kid text collate "C" not null,
  public_jwk json not null,
  sealed_private_jwk text not null,
  created_at timestamp with time zone not null default clock_now(),
  constraint signing_keys_pkey PRIMARY KEY (generation),
  constraint signing_keys_kid_key UNIQUE (kid)
);

create table staff (
  id text collate "C" not null,
  email_hash text collate "C" not null,
  sealed_email text not null,
  role text not null,
  sealed_password text,
  sealed_totp_secret text,
  totp_step bigint,
  disabled_at timestamp with time zone,
  created_at timestamp with time zone not null default clock_now(),
  constraint staff_pkey PRIMARY KEY (id),
  constraint staff_email_hash_key UNIQUE (email_hash),
  constraint staff_check CHECK (((sealed_password IS NULL) = (sealed_totp_secret IS NULL)))
);

create table staff_invitations (
  staff_id text collate "C" not null,
  token_hash bytea not null,
  sealed_totp_secret text not null,
  expires_at timestamp with time zone not null,
  constraint staff_invitations_pkey PRIMARY KEY (staff_id)
);

create table statistics (
  merchant_id text collate "C" not null,
  livemode boolean not null,
  slot timestamp with time zone not null,
  currency text collate "C" not null,
  method text collate "C" not null,
  store_id text collate "C" not null,
  succeeded bigint not null,
  failed bigint not null,
  volume bigint not null,
  refunds bigint not null,
  refunded bigint not null,
  constraint statistics_pkey PRIMARY KEY (merchant_id, livemode, slot, currency, method, store_id)
);
CREATE INDEX statistics_slot ON public.statistics USING btree (livemode, slot);

create table stores (
  merchant_id text collate "C" not null,
  livemode boolean not null,
  id text collate "C" not null,
  name text not null,
  time_zone text not null,
  address text,
  created_at timestamp with time zone not null default clock_now(),
  constraint stores_pkey PRIMARY KEY (merchant_id, livemode, id),
  constraint stores_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES merchants(id)
);
CREATE INDEX stores_id ON public.stores USING btree (id);

create table subject_keys (
  subject_id text collate "C" not null,
  sealed_key text,
  created_at timestamp with time zone not null default clock_now(),
  destroyed_at timestamp with time zone,
  constraint subject_keys_pkey PRIMARY KEY (subject_id),
  constraint subject_keys_check CHECK (((sealed_key IS NULL) = (destroyed_at IS NOT NULL)))
);

create table terminal_tokens (
  secret_hash bytea not null,
  merchant_id text collate "C" not null,
  livemode boolean not null,
  terminal_id text collate "C" not null,
  paired_at timestamp with time zone not null default clock_now(),
  ended_at timestamp with time zone,
  ended_for text,
  constraint terminal_tokens_pkey PRIMARY KEY (secret_hash),
  constraint terminal_tokens_check CHECK (((ended_at IS NULL) = (ended_for IS NULL))),
  constraint terminal_tokens_ended_for_check CHECK ((ended_for = ANY (ARRAY['paired_again'::text, 'lost'::text, 'unpaired'::text]))),
  constraint terminal_tokens_secret_hash_check CHECK ((octet_length(secret_hash) = 32))
);
CREATE UNIQUE INDEX terminal_tokens_working ON public.terminal_tokens USING btree (merchant_id, livemode, terminal_id) WHERE (ended_at IS NULL);

create table terminals (
  merchant_id text collate "C" not null,
  livemode boolean not null,
  id text collate "C" not null,
  store_id text collate "C" not null,
  name text not null,
  status text not null default 'active'::text,
  created_at timestamp with time zone not null default clock_now(),
  refund_limit bigint not null default 0,
  constraint terminals_pkey PRIMARY KEY (merchant_id, livemode, id),
  constraint terminals_refund_limit_check CHECK ((refund_limit >= 0)),
  constraint terminals_status_check CHECK ((status = ANY (ARRAY['active'::text, 'blocked'::text, 'lost'::text]))),
  constraint terminals_merchant_id_livemode_store_id_fkey FOREIGN KEY (merchant_id, livemode, store_id) REFERENCES stores(merchant_id, livemode, id)
);
CREATE INDEX terminals_id ON public.terminals USING btree (id);
CREATE INDEX terminals_store ON public.terminals USING btree (merchant_id, livemode, store_id);

create table test_clock (
  singleton boolean not null default true,
  offset_ms bigint not null default 0,
  constraint test_clock_pkey PRIMARY KEY (singleton),
  constraint test_clock_singleton_check CHECK (singleton)
);

create table totps (
  user_id text collate "C" not null,
  sealed_secret text not null,
  used_step bigint,
  created_at timestamp with time zone not null default clock_now(),
  confirmed_at timestamp with time zone,
  constraint totps_pkey PRIMARY KEY (user_id)
);

create table transfers (
  owner_id text collate "C" not null,
  livemode boolean not null,
  id text collate "C" not null,
  direction text not null,
  amount bigint not null,
  currency text not null,
  counterparty_id text collate "C" not null,
  counterparty_name text,
  counterparty_phone text,
  note text,
  created_at timestamp with time zone not null,
  constraint transfers_pkey PRIMARY KEY (owner_id, livemode, id),
  constraint transfers_amount_check CHECK ((amount > 0)),
  constraint transfers_direction_check CHECK ((direction = ANY (ARRAY['in'::text, 'out'::text])))
);

create table used_passkey_challenges (
  hash bytea not null,
  expires_at timestamp with time zone not null,
  constraint used_passkey_challenges_pkey PRIMARY KEY (hash)
);
CREATE INDEX used_passkey_challenges_age ON public.used_passkey_challenges USING btree (expires_at);

create table user_handles (
  handle text collate "C" not null,
  livemode boolean not null,
  user_id text collate "C" not null,
  constraint user_handles_pkey PRIMARY KEY (handle, livemode)
);

create table users (
  id text collate "C" not null,
  livemode boolean not null,
  sealed_phone text,
  sealed_email text,
  sealed_name text,
  locale text not null,
  sealed_password text,
  created_at timestamp with time zone not null default clock_now(),
  phone_verified_at timestamp with time zone,
  email_verified_at timestamp with time zone,
  password_generation integer not null default 1,
  frozen_at timestamp with time zone,
  sealed_frozen_reason text,
  erased_at timestamp with time zone,
  constraint users_pkey PRIMARY KEY (id),
  constraint users_check1 CHECK (((frozen_at IS NULL) = (sealed_frozen_reason IS NULL))),
  constraint users_erased CHECK (((erased_at IS NULL) OR ((sealed_phone IS NULL) AND (sealed_email IS NULL) AND (sealed_name IS NULL) AND (sealed_frozen_reason IS NULL)))),
  constraint users_password CHECK (((sealed_password IS NULL) = (erased_at IS NOT NULL))),
  constraint users_reachable CHECK (((erased_at IS NOT NULL) OR (sealed_phone IS NOT NULL) OR (sealed_email IS NOT NULL)))
);

create table webhook_deliveries (
  merchant_id text collate "C" not null,
  livemode boolean not null,
  id text collate "C" not null,
  lane text collate "C" not null,
  endpoint_id text collate "C",
  url text,
  event_id text collate "C" not null,
  event_type text collate "C" not null,
  object_id text collate "C" not null,
  status text not null default 'pending'::text,
  attempts smallint not null default 0,
  next_attempt_at timestamp with time zone,
  last_attempt_at timestamp with time zone,
  response_status smallint,
  response_excerpt text,
  error text,
  duration_ms integer,
  created_at timestamp with time zone not null default clock_now(),
  constraint webhook_deliveries_pkey PRIMARY KEY (merchant_id, livemode, id),
  constraint webhook_deliveries_check CHECK (((endpoint_id IS NULL) = (url IS NOT NULL))),
  constraint webhook_deliveries_check1 CHECK (((status = 'pending'::text) = (next_attempt_at IS NOT NULL))),
  constraint webhook_deliveries_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'succeeded'::text, 'failed'::text, 'canceled'::text])))
);
CREATE INDEX webhook_deliveries_age ON public.webhook_deliveries USING brin (created_at);
CREATE INDEX webhook_deliveries_endpoint ON public.webhook_deliveries USING btree (merchant_id, livemode, endpoint_id, id);
CREATE INDEX webhook_deliveries_event ON public.webhook_deliveries USING btree (merchant_id, livemode, event_id);
CREATE INDEX webhook_deliveries_waiting ON public.webhook_deliveries USING btree (merchant_id, livemode, lane, next_attempt_at) WHERE (status = 'pending'::text);

create table webhook_endpoints (
  merchant_id text collate "C" not null,
  livemode boolean not null,
  id text collate "C" not null,
  url text not null,
  description text,
  events text[] not null,
  secret text not null,
  previous_secret text,
  previous_until timestamp with time zone,
  status text not null default 'enabled'::text,
  disabled_reason text,
  failing_since timestamp with time zone,
  created_at timestamp with time zone not null default clock_now(),
  constraint webhook_endpoints_pkey PRIMARY KEY (merchant_id, livemode, id),
  constraint webhook_endpoints_check CHECK (((status = 'disabled'::text) = (disabled_reason IS NOT NULL))),
  constraint webhook_endpoints_disabled_reason_check CHECK ((disabled_reason = ANY (ARRAY['merchant'::text, 'gone'::text, 'failing'::text]))),
  constraint webhook_endpoints_status_check CHECK ((status = ANY (ARRAY['enabled'::text, 'disabled'::text])))
);

create table webhook_lanes (
  merchant_id text collate "C" not null,
  livemode boolean not null,
  lane text collate "C" not null,
  due_at timestamp with time zone,
  paused_until timestamp with time zone,
  failures integer not null default 0,
  wakes bigint not null default 0,
  leased_by text,
  leased_until timestamp with time zone,
  constraint webhook_lanes_pkey PRIMARY KEY (merchant_id, livemode, lane)
);
CREATE INDEX webhook_lanes_due ON public.webhook_lanes USING btree (due_at) WHERE (due_at IS NOT NULL);

CREATE OR REPLACE FUNCTION public.clock_now()
 RETURNS timestamp with time zone
 LANGUAGE sql
 PARALLEL SAFE
AS $function$ select clock_timestamp() + (select offset_ms from test_clock) * interval '1 millisecond' $function$;

CREATE OR REPLACE FUNCTION public.empty_signature_nonces(slot smallint)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET lock_timeout TO '2s'
AS $function$
declare
  partition text := format('public.signature_nonces_%s', slot);
  used boolean;
begin
  execute format('select exists (select from %s)', partition) into used;
  if used then execute format('truncate %s', partition); end if;
end
$function$;

CREATE OR REPLACE FUNCTION public.ledger_apply(changes lane_change[])
 RETURNS timestamp with time zone
 LANGUAGE plpgsql
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
AS $function$
declare
  updated bigint;
begin
  update ledger_accounts a
     set debits_pending = a.debits_pending + c.debits_pending,
         debits_posted = a.debits_posted + c.debits_posted,
         credits_pending = a.credits_pending + c.credits_pending,
         credits_posted = a.credits_posted + c.credits_posted
    from unnest(changes) c
   where a.id = c.id and a.lane = c.lane and not a.closed
     and (not a.debits_must_not_exceed_credits or a.debits_pending + a.debits_posted + c.peak <= a.credits_posted)
     and (not a.credits_must_not_exceed_debits or a.credits_pending + a.credits_posted + c.peak <= a.debits_posted);
  get diagnostics updated = row_count;
  if updated <> cardinality(changes) then
    raise exception 'ledger accounts have changed since they were judged' using errcode = 'check_violation';
  end if;
  return date_trunc('milliseconds', clock_now());
end
$function$;
