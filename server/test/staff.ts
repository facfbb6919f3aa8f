import { randomUUID } from "node:crypto";
import { TOTP } from "otpauth";
import { now } from "#kit/clock.ts";
import { createStaff, type Role } from "#modules/identity";
import { ok } from "#test/factories.ts";
import type { Client } from "#test/platform.ts";

/** Somebody of the operator's, signed in. */
export async function signedInStaff(
  platform: Pick<Client, "call">,
  role: Role,
): Promise<{ readonly id: string; readonly token: string; readonly permissions: readonly string[] }> {
  const email = `${role}-${randomUUID()}@example.com`;
  const password = randomUUID();
  const { id, totpSecret } = await createStaff({ email, password, role });
  const totp = new TOTP({ secret: totpSecret }).generate({ timestamp: now() });
  const signIn = platform.call("POST", "/v1/staff/sessions", { body: { email, password, totp }, key: null });
  const { access_token: token } = await ok(signIn);
  const { permissions } = await ok(platform.call("GET", "/v1/staff/me", { token }));
  return { id, token, permissions };
}
