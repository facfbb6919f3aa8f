import type { FastifyReply, FastifyRequest } from "fastify";
import { kitErrors } from "./kit-errors.ts";

/** Whether pages of this origin (`https://app.example.com`) may call us. */
export type IsAllowedOrigin = (origin: string) => boolean;

const methods = "GET, HEAD, POST, PUT, PATCH, DELETE";
const requestHeaders = [
  "Authorization",
  "Content-Type",
  "Idempotency-Key",
  "Feiqian-Version",
  "Feiqian-Session",
  "Payment-Key",
  "Last-Event-ID",
  "Content-Digest",
  "Signature",
  "Signature-Input",
].join(", ");
const answerHeaders = [
  "Request-Id",
  "Feiqian-Version",
  "Idempotent-Replayed",
  "RateLimit",
  "RateLimit-Policy",
  "Retry-After",
  "Content-Disposition",
].join(", ");
/** Seconds for which browsers remember a permission. */
const remembered = "600";
/** Where a session may live in a cookie. Everywhere else a page shows its token itself. */
const usesCookie = (url: string): boolean => /^\/v1\/(staff\/)?sessions(\/|\?|$)/.test(url);

/**
 * Tells browsers that a page of an allowed origin may read this answer. Gives true when the request was the question whether one may ask (a
 * preflight), which is answered then. Throws `origin_not_allowed` for the question of another origin.
 */
export function answerOrigin(request: FastifyRequest, reply: FastifyReply, isAllowed: IsAllowedOrigin): boolean {
  reply.header("vary", "Origin");
  const { origin, "access-control-request-method": asksFor } = request.headers;
  if (origin === undefined) return false;
  const isPreflight = request.method === "OPTIONS" && asksFor !== undefined;
  if (!isAllowed(origin)) {
    if (isPreflight) throw kitErrors.origin_not_allowed();
    return false;
  }
  reply.header("access-control-allow-origin", origin);
  if (usesCookie(request.url)) reply.header("access-control-allow-credentials", "true");
  if (!isPreflight) {
    reply.header("access-control-expose-headers", answerHeaders);
    return false;
  }
  reply
    .header("vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers")
    .header("access-control-allow-methods", methods)
    .header("access-control-allow-headers", requestHeaders)
    .header("access-control-max-age", remembered)
    .code(204)
    .send();
  return true;
}

/**
 * Whether a request was made by a page of our own origin, or of one that is allowed: by what browsers say of themselves and no page can change. A
 * request that does not say is none.
 */
export function isOwnPage(request: FastifyRequest): boolean {
  const { origin, "sec-fetch-site": site } = request.headers;
  if (origin === undefined || site === "none") return false;
  if (site !== "cross-site" && origin === `${request.protocol}://${request.host}`) return true;
  return request.server.isAllowedOrigin?.(origin) ?? false;
}

/** Reads `https://app.example.com,https://till.example.com`. Throws an Error that says what is wrong. */
export function parseOrigins(text: string): ReadonlySet<string> {
  const origins = text
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean);
  for (const origin of origins) {
    const url = URL.parse(origin);
    if (url?.origin !== origin || !(url.protocol === "https:" || isLoopbackOrigin(origin)))
      throw new Error(`"${origin}" is not an origin such as https://app.example.com`);
  }
  return new Set(origins);
}

/** A page served by this machine: http://localhost:5173 */
export const isLoopbackOrigin = (origin: string): boolean =>
  /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/.test(origin);

declare module "fastify" {
  interface FastifyInstance {
    isAllowedOrigin: IsAllowedOrigin | undefined;
  }
}
