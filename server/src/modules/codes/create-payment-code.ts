import { randomBytes } from "node:crypto";
import type { UserActor } from "#kit/actor.ts";
import { config } from "#kit/config.ts";
import { seal, unseal } from "#kit/crypto.ts";
import { first, type Transaction } from "#kit/db.ts";
import { newId } from "#kit/ids.ts";
import { codeKey, formatCode, keyBytes, stepAt, stepEndsAt } from "./algorithm.ts";
import { type ClaimedAlias, claimAliases } from "./claim-aliases.ts";
import { keyContext, storeKeys } from "./enrol-code-keys.ts";
import { lockOwnKey } from "./own-device.ts";
import { nextAlias } from "./rotate-alias.ts";
import { type CodeKey, selectOnlineKey } from "./sql.ts";

/** A code to show now. */
export interface PaymentCode {
  readonly id: string;
  readonly code: string;
  readonly expiresAt: Date;
}

/**
 * Makes a code with a fresh alias. An enrolled device's own key gives it, and the alias in it is the device's from now on; otherwise the
 * user's online key, with an alias that ends with the code. The step is taken from the database's clock, which judges it.
 * Throws `not_found` for a device that is revoked or somebody else's.
 */
export async function createPaymentCode(tx: Transaction, actor: UserActor, deviceId?: string): Promise<PaymentCode> {
  const ofDevice = deviceId === undefined ? undefined : await lockOwnKey(tx, actor, deviceId);
  const key = ofDevice ?? (await onlineKey(tx, actor));
  const { alias, at } = ofDevice ? await nextAlias(tx, ofDevice) : await aliasForOnce(tx, key, deviceId ?? null);
  const step = stepAt(at.getTime());
  // Nobody has used a fresh alias, so n = 0 is free.
  const code = formatCode(config().issuerPrefix, alias, codeKey(unseal(key.sealedKey, keyContext(key.id))), step, 0);
  return { id: newId("cod"), code, expiresAt: new Date(stepEndsAt(step)) };
}

/** The key of a user's online codes, made when it is first needed. */
async function onlineKey(tx: Transaction, actor: UserActor): Promise<CodeKey> {
  const known = await first(tx, selectOnlineKey, [actor.userId]);
  if (known) return known;
  const id = newId("ck");
  const sealedKey = seal(randomBytes(keyBytes), keyContext(id));
  const made = { userId: actor.userId, id, deviceId: null, livemode: actor.livemode, sealedKey, alias: null };
  const stored = await storeKeys(tx, [made]);
  // Somebody else made it in the same moment: theirs stays.
  return stored.has(id) ? made : onlineKey(tx, actor);
}

async function aliasForOnce(tx: Transaction, key: CodeKey, deviceId: string | null): Promise<ClaimedAlias> {
  const aliases = await claimAliases(tx, [{ ...key, keyId: key.id, deviceId, once: true }]);
  return aliases.get(key.id) as ClaimedAlias;
}

export const presentPaymentCode = ({ id, code, expiresAt }: PaymentCode) => ({
  id,
  object: "payment_code" as const,
  code,
  expires_at: expiresAt,
});
