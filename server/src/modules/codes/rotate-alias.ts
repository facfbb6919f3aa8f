import type { UserActor } from "#kit/actor.ts";
import { run, type Transaction } from "#kit/db.ts";
import { aliasDigits } from "./algorithm.ts";
import { type ClaimedAlias, claimAliases } from "./claim-aliases.ts";
import { codeErrors } from "./errors.ts";
import { lockOwnKey } from "./own-device.ts";
import { type CodeKey, endAlias, setAlias } from "./sql.ts";

/**
 * A contact of an enrolled device with the server: it gets a new alias for the key it has, so that shops can't link its visits.
 * Throws `not_found` for a device that is revoked or somebody else's, `device_not_enrolled`.
 */
export async function rotateAlias(tx: Transaction, actor: UserActor, deviceId: string): Promise<ClaimedAlias> {
  const key = await lockOwnKey(tx, actor, deviceId);
  if (!key) throw codeErrors.device_not_enrolled();
  return nextAlias(tx, key);
}

/** Gives a key a new alias; the one before stays usable for two minutes, for codes that are on screen. */
export async function nextAlias(tx: Transaction, key: CodeKey): Promise<ClaimedAlias> {
  const aliases = await claimAliases(tx, [{ ...key, keyId: key.id, once: false }]);
  const next = aliases.get(key.id) as ClaimedAlias;
  await run(tx, setAlias, [key.userId, key.id, next.alias]);
  await run(tx, endAlias, [key.alias, key.id]);
  return next;
}

export const presentCodeAlias = (deviceId: string, { alias, at }: ClaimedAlias) => ({
  object: "code_alias" as const,
  device: deviceId,
  alias: aliasDigits(alias),
  server_time: at,
});
