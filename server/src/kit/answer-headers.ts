import type { FastifyReply, FastifyRequest } from "fastify";

/** The version this code speaks; a request may pin one that exists. */
export const apiVersion = "2026-11-01";

/** Two years, as browsers' lists of such sites ask for. */
const strictTransport = "max-age=63072000; includeSubDomains";

/**
 * What every answer says to browsers: take it for what its type says, keep it nowhere, let no page of others embed it or run anything
 * in it, and name it to nobody. Pages and files say otherwise where they must.
 */
export const safeHeaders = {
  "x-content-type-options": "nosniff",
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
} as const;
const safe = Object.entries(safeHeaders);

/** The headers that every answer has. */
export function nameAnswer(request: FastifyRequest, reply: FastifyReply): void {
  reply.header("request-id", request.id);
  reply.header("feiqian-version", apiVersion);
  for (const [name, value] of safe) reply.header(name, value);
}

/** From now on browsers come by HTTPS alone. */
export const demandHttps = (reply: FastifyReply): unknown => reply.header("strict-transport-security", strictTransport);

/** What a page may load and run, by kind: `{ "script-src": "'nonce-…'" }`. Everything that is not named is forbidden. */
export type PageSources = Readonly<Record<string, string>>;

const noDevices = ["camera", "geolocation", "microphone", "payment", "usb"];
/** People sign in with passkeys on pages of ours, and on none inside of other sites' pages. */
const ownPasskeys = ["publickey-credentials-create", "publickey-credentials-get"];
const permissions = [...noDevices.map((name) => `${name}=()`), ...ownPasskeys.map((name) => `${name}=(self)`)].join(
  ", ",
);

/** Makes an answer a page: it loads and runs what is named, stands in no frame, and shares its window with no other site. */
export function sendPage(reply: FastifyReply, html: string | Buffer, sources: PageSources): FastifyReply {
  const named = Object.entries(sources).map(([kind, from]) => `${kind} ${from}`);
  const never = ["frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'"];
  return reply
    .header("content-type", "text/html; charset=utf-8")
    .header("content-security-policy", ["default-src 'none'", ...named, ...never].join("; "))
    .header("cross-origin-opener-policy", "same-origin")
    .header("permissions-policy", permissions)
    .header("x-frame-options", "DENY")
    .send(html);
}
