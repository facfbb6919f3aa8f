import type { Asking, Unproven } from "#kit/access.ts";
import type { MerchantActor } from "#kit/actor.ts";
import { Cache } from "#kit/cache.ts";
import { now } from "#kit/clock.ts";
import { database, first } from "#kit/db.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { digestOf, isSecret } from "./api-key.ts";
import { merchantErrors } from "./errors.ts";
import { guardOf, type KeyGuard, passGuard } from "./key-guard.ts";
import { noteKeyUse } from "./key-uses.ts";
import { type MerchantProfile, merchantProfile } from "./profile.ts";
import { servesLive } from "./reach.ts";
import { selectKeyBySecret } from "./sql.ts";

/** A key that worked when it was read, as the actor that it makes. */
interface WorkingKey {
  readonly actor: MerchantActor;
  /** Milliseconds since 1970; a rolled key ends in the middle of a cache entry's life. */
  readonly expiresAt: number;
  readonly guard: KeyGuard | undefined;
}

export const keyCache = "merchants.keys";

/** By the secret's digest, so that no secret lies in memory longer than its request. */
const keys = new Cache<string, WorkingKey>({ name: keyCache, max: 20_000, ttlMs: 5_000, load: loadKey });

async function loadKey(digest: string): Promise<WorkingKey | undefined> {
  const key = await first(database(), selectKeyBySecret, [Buffer.from(digest, "hex")]);
  if (!key) return undefined;
  const { id: keyId, merchantId, livemode, scopes, expiresAt } = key;
  return {
    actor: Object.freeze({ kind: "merchant", merchantId, livemode, keyId, scopes: scopes && new Set(scopes) }),
    expiresAt: expiresAt?.getTime() ?? Number.POSITIVE_INFINITY,
    guard: guardOf(keyId, key),
  };
}

type Found = MerchantActor | Unproven;

/**
 * Says whose API key a bearer token is: at once when key and merchant are cached; nothing for a token that is no API key. Who signs is
 * {@link Unproven} until the body is there. Throws `credentials_unknown` for a key that does not exist or has ended, `live_key_refused`,
 * `merchant_suspended`, `address_not_allowed`, `signature_missing`.
 */
export function authenticateKey(token: string, request: Asking): Found | Promise<Found> | undefined {
  if (!token.startsWith("sk_")) return undefined;
  if (!isSecret(token)) throw kitErrors.credentials_unknown();
  if (token.startsWith("sk_live_") && !servesLive()) throw merchantErrors.live_key_refused();
  const key = keys.get(digestOf(token));
  return key instanceof Promise ? key.then((found) => enter(found, request)) : enter(key, request);
}

function enter(key: WorkingKey | undefined, request: Asking): Found | Promise<Found> {
  if (!key || key.expiresAt <= now()) throw kitErrors.credentials_unknown();
  const merchant = merchantProfile(key.actor.merchantId);
  return merchant instanceof Promise
    ? merchant.then((found) => admit(key, found, request))
    : admit(key, merchant, request);
}

function admit({ actor, guard }: WorkingKey, merchant: MerchantProfile, request: Asking): Found {
  if (merchant.status === "suspended") throw merchantErrors.merchant_suspended();
  const verify = passGuard(guard, actor, request);
  if (!verify) {
    noteKeyUse(actor.keyId);
    return actor;
  }
  const prove: Unproven["prove"] = async (body) => {
    await verify(body);
    noteKeyUse(actor.keyId);
  };
  return { kind: "unproven", actor, prove };
}
