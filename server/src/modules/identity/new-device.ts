import { config } from "#kit/config.ts";
import { database } from "#kit/db.ts";
import type { Factors } from "./factors.ts";
import type { WantedDevice } from "./open-user-session.ts";
import { isTrusted } from "./trust-device.ts";
import type { PhoneOrEmail, User } from "./user.ts";

/**
 * Whether a sign-in comes from a device that has to prove its user, and that its owner hears of. In live mode that is every one without the proof
 * of a trusted device; in test mode only where the user trusts one, so that a program signs in by phone and password alone.
 */
export async function isNewDevice(
  { id: userId, livemode }: User,
  wanted: WantedDevice | undefined,
  { trustedDevices }: Factors,
): Promise<boolean> {
  const policy = config().newDeviceChallenge || (livemode ? "always" : "trusted");
  if (policy === "never" || (policy === "trusted" && trustedDevices === 0)) return false;
  if (wanted?.id === undefined || wanted.trust_token === undefined) return true;
  return !(await isTrusted(database(), userId, wanted.id, wanted.trust_token));
}

/**
 * Where a one-time code reaches a user: a phone or email that one has reached before. Everybody in live mode has one; who has none is not
 * challenged, for nothing could be asked.
 */
export function contactOf({ phone, phoneVerified, email, emailVerified }: User): PhoneOrEmail | undefined {
  if (phone !== null && phoneVerified) return { phone };
  if (email !== null && emailVerified) return { email };
  return undefined;
}
