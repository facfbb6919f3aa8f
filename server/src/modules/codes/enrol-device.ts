import type { UserActor } from "#kit/actor.ts";
import { config } from "#kit/config.ts";
import type { Transaction } from "#kit/db.ts";
import { aliasDigits, codeDigitCount, codesPerStep, stepSeconds } from "./algorithm.ts";
import { type EnrolledKey, enrolCodeKeys } from "./enrol-code-keys.ts";
import { lockOwnDevice } from "./own-device.ts";

/**
 * Enrols a device of the user for offline codes; the key it had is revoked and its codes end at once.
 * Throws `not_found` for a device that is revoked or somebody else's.
 */
export async function enrolDevice(tx: Transaction, actor: UserActor, deviceId: string): Promise<EnrolledKey> {
  await lockOwnDevice(tx, actor, deviceId);
  const [enrolled] = await enrolCodeKeys(tx, [{ userId: actor.userId, deviceId, livemode: actor.livemode }]);
  return enrolled as EnrolledKey;
}

/** All that a device needs to compute codes (docs/payment-codes.md). The only place where a key leaves the server. */
export const presentCodeKey = ({ deviceId, alias, key, at }: EnrolledKey) => ({
  object: "code_key" as const,
  device: deviceId,
  alias: aliasDigits(alias),
  key: key.toString("base64url"),
  issuer_prefix: config().issuerPrefix,
  step_seconds: stepSeconds,
  digits: codeDigitCount,
  codes_per_step: codesPerStep,
  server_time: at,
});
