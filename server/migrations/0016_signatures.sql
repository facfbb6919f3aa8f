-- Signed requests (RFC 9421): what API keys and devices sign with, from where a key may be used, and the nonces that were used.

-- What an API key must come with besides its secret.
alter table api_keys
  add column allowed_addresses text[] check (cardinality(allowed_addresses) > 0),   -- addresses and CIDR ranges; null: from anywhere
  add column require_signature boolean not null default false,
  add column signature_algorithm text check (signature_algorithm in ('ed25519', 'hmac-sha256')),   -- null: it can't sign
  add column sealed_signature_secret text,          -- of hmac-sha256
  add column signature_public_key bytea check (octet_length(signature_public_key) = 32),   -- of ed25519
  add constraint api_keys_signature_key check (
    (sealed_signature_secret is not null) = (signature_algorithm is not distinct from 'hmac-sha256') and
    (signature_public_key is not null) = (signature_algorithm is not distinct from 'ed25519')),
  add constraint api_keys_require_signature check (signature_algorithm is not null or not require_signature);

-- The key that a device keeps to itself; its public half never changes.
alter table devices
  add column public_key bytea check (octet_length(public_key) = 32),   -- Ed25519
  add column key_enrolled_at timestamptz,
  add constraint devices_key check ((public_key is null) = (key_enrolled_at is null));

-- Nonces of signatures that were accepted. The moment that a signature names decides its slot, so that a repetition meets the first
-- one's row; a slot holds 15 minutes and is emptied when no signature of it is accepted any more. Shard key: id.
create table signature_nonces (
  slot smallint not null,
  id uuid not null,                     -- 128 bits of SHA-256 over key and nonce
  primary key (slot, id)
) partition by list (slot);
create table signature_nonces_0 partition of signature_nonces for values in (0);
create table signature_nonces_1 partition of signature_nonces for values in (1);
create table signature_nonces_2 partition of signature_nonces for values in (2);
create table signature_nonces_3 partition of signature_nonces for values in (3);

-- Empties a slot that is not in use, unless it is empty already. Truncating is the owner's right, so this runs as its owner.
create function empty_signature_nonces(slot smallint) returns void language plpgsql security definer
  set search_path = pg_catalog, pg_temp set lock_timeout = '2s' as
$$
declare
  partition text := format('public.signature_nonces_%s', slot);
  used boolean;
begin
  execute format('select exists (select from %s)', partition) into used;
  if used then execute format('truncate %s', partition); end if;
end
$$;
