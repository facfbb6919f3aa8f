import { config, passkeyDomainOf } from "#kit/config.ts";
import type { FastifyRequest } from "#kit/http.ts";

/** Who asks for passkeys, as WebAuthn names it. */
export interface RelyingParty {
  /** The domain that they belong to. */
  readonly id: string;
  /** Pages that may use them. */
  readonly origins: readonly string[];
}

/**
 * By configuration, else by the address that payers know. Otherwise a browser on this machine is served: pages of
 * other machines can't have such an origin, whatever a request says.
 */
export function relyingPartyOf(request: FastifyRequest): RelyingParty {
  const { passkeyOrigins, publicUrl } = config();
  const id = passkeyDomainOf(config());
  if (passkeyOrigins.length > 0) return { id, origins: passkeyOrigins };
  if (publicUrl.startsWith("https:")) return { id, origins: [new URL(publicUrl).origin] };
  return { id, origins: [`http://localhost:${request.socket.localPort}`] };
}
