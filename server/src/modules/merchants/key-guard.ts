import type { Asking, Unproven } from "#kit/access.ts";
import type { MerchantActor } from "#kit/actor.ts";
import { AddressSet } from "#kit/addresses.ts";
import { ApiError } from "#kit/errors.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { isSigned, type VerifyingKey, verifyRequest } from "#kit/request-signatures.ts";
import { type SignalKind, signal } from "#kit/security-signals.ts";
import type { StoredGuard } from "./api-key.ts";
import { merchantErrors } from "./errors.ts";
import { purpose, verifyingKey } from "./key-signature.ts";

/** What a key asks of a request besides its secret. Most keys have none. */
export interface KeyGuard {
  readonly addresses: AddressSet | undefined;
  readonly requiresSignature: boolean;
  readonly signing: VerifyingKey | undefined;
}

export function guardOf(keyId: string, stored: StoredGuard): KeyGuard | undefined {
  const { allowedAddresses, requireSignature } = stored;
  const signing = verifyingKey(keyId, stored);
  if (!allowedAddresses && !signing) return undefined;
  const addresses = allowedAddresses ? new AddressSet(allowedAddresses) : undefined;
  return { addresses, requiresSignature: requireSignature, signing };
}

/**
 * What remains to be proven of a request over its body; nothing when it carries no signature and needs none. Throws `address_not_allowed`,
 * `signature_missing`, and `signature_invalid` for a signature of a key that can't sign.
 */
export function passGuard(
  guard: KeyGuard | undefined,
  actor: MerchantActor,
  request: Asking,
): Unproven["prove"] | undefined {
  if (guard?.addresses && !guard.addresses.has(request.ip))
    throw tell(
      "address_refused",
      actor,
      request,
      merchantErrors.address_not_allowed({ details: { address: request.ip } }),
    );
  if (!isSigned(request, purpose.tag)) {
    if (guard?.requiresSignature) throw tell("signature_failed", actor, request, kitErrors.signature_missing());
    return undefined;
  }
  const signing = guard?.signing;
  if (!signing) {
    const details = { reason: "this API key has no signature key" };
    throw tell("signature_failed", actor, request, kitErrors.signature_invalid({ details }));
  }
  return async (body) => {
    try {
      await verifyRequest(request, body, signing, purpose);
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 401) throw error;
      throw tell(error.code === "signature_replayed" ? error.code : "signature_failed", actor, request, error);
    }
  };
}

/** Whoever does this has the key's secret: it may be its owner's mistake, or somebody who must not have it. */
function tell(
  kind: SignalKind,
  { keyId, merchantId, livemode }: MerchantActor,
  { ip }: Asking,
  error: ApiError,
): ApiError {
  signal(kind, { subject: keyId, address: ip, objectId: keyId, merchantId, livemode, details: { code: error.code } });
  return error;
}
