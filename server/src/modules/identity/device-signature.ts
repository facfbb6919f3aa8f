import type { Asking, Unproven } from "#kit/access.ts";
import type { UserActor } from "#kit/actor.ts";
import { ApiError, type ErrorFacts } from "#kit/errors.ts";
import { isSigned, type SignaturePurpose, type VerifyingKey, verifyRequest } from "#kit/request-signatures.ts";
import { signal } from "#kit/security-signals.ts";
import { mustSign } from "./device-acts.ts";
import { identityErrors } from "./errors.ts";

const because =
  (reason: string) =>
  ({ details }: ErrorFacts = {}): ApiError =>
    identityErrors.device_signature_invalid({ details: { ...details, reason } });

const purpose: SignaturePurpose = {
  tag: "feiqian-device",
  errors: {
    missing: identityErrors.device_signature_missing,
    invalid: identityErrors.device_signature_invalid,
    expired: because("expired"),
    replayed: because("replayed"),
  },
};

/**
 * The user of a session whose device has a key: a stolen access token alone does nothing that matters. What the device need not sign is
 * checked all the same when it did. Throws `device_signature_missing`.
 */
export function provenByDevice(actor: UserActor, key: VerifyingKey, request: Asking): UserActor | Unproven {
  if (!isSigned(request, purpose.tag)) {
    if (!mustSign(request.method, request.routeOptions.url)) return actor;
    throw tell(actor, key, request, identityErrors.device_signature_missing());
  }
  const prove: Unproven["prove"] = async (body) => {
    try {
      await verifyRequest(request, body, key, purpose);
    } catch (error) {
      throw error instanceof ApiError && error.status === 401 ? tell(actor, key, request, error) : error;
    }
  };
  return { kind: "unproven", actor, prove };
}

function tell({ userId, livemode }: UserActor, key: VerifyingKey, { ip }: Asking, error: ApiError): ApiError {
  const details = { code: error.code };
  signal("device_signature_failed", { subject: userId, address: ip, objectId: key.id, livemode, details });
  return error;
}
