/**
 * What a device with a key need not sign. Every other request that changes something, of routes to come as well, must carry its
 * signature: payment codes, payments, transfers, withdrawals, passwords, PINs, devices, factors.
 */
export const unsignedActs: Readonly<Record<string, string>> = {
  "POST /v1/collect/resolve": "Reads a QR code and moves nothing.",
  "POST /v1/devices/:id/code_alias": "Gives the device, at each contact, another alias for the key it has.",
  "PATCH /v1/users/me": "A name and a language.",
  "DELETE /v1/sessions/current": "Only takes away, from the one who asks.",
  "DELETE /v1/users/me/sessions/:id": "Only takes away: ending a session must be easy.",
};

/** Whether a request by this route must be signed by the session's device when that has a key. */
export const mustSign = (method: string, route: string | undefined): boolean =>
  !["GET", "HEAD", "OPTIONS"].includes(method) && !Object.hasOwn(unsignedActs, `${method} ${route}`);
