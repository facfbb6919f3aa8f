import { isOwnPage } from "#kit/cors.ts";
import type { FastifyReply, FastifyRequest } from "#kit/http.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { identityErrors } from "./errors.ts";
import { neverStored } from "./never-stored.ts";
import { type OwnerKind, sessionLives } from "./session.ts";

/**
 * A web page keeps its refresh token where no script reads it: with `Feiqian-Session: cookie` it travels in a cookie, never in a body. The cookie
 * belongs to this host alone (`__Host-`), goes nowhere else (`SameSite=Strict`) and is taken only from pages that are allowed here, so that another
 * site's page can neither use nor plant one. What it buys, the access token, is in the answer's body: only a page that may read that gains anything.
 */
const cookies = {
  cookie: { name: "__Host-feiqian_session", kind: "user" },
  staff_cookie: { name: "__Host-feiqian_staff_session", kind: "staff" },
} as const satisfies Record<string, { name: string; kind: OwnerKind }>;

type Wanted = keyof typeof cookies;

/** Which cookie a request wants to live with, by its header; nothing: it keeps its token itself. Throws for any other value. */
function wantedBy({ headers }: FastifyRequest): Wanted | undefined {
  const wanted = headers["feiqian-session"];
  if (wanted === undefined) return undefined;
  if (typeof wanted === "string" && Object.hasOwn(cookies, wanted)) return wanted as Wanted;
  throw kitErrors.parameter_invalid({ param: "Feiqian-Session", details: { allowed: Object.keys(cookies) } });
}

/** Throws `origin_not_allowed` when a request that wants a cookie was not made by a page of ours. */
const assertOwnPage = async (request: FastifyRequest): Promise<void> => {
  if (wantedBy(request) !== undefined && !isOwnPage(request)) throw kitErrors.origin_not_allowed();
};

/** Moves the refresh token of an answer into the cookie that was asked for. */
async function moveToken(request: FastifyRequest, reply: FastifyReply, answer: unknown): Promise<unknown> {
  if (!holdsToken(answer) || !wantedBy(request)) return answer;
  const { refresh_token, ...rest } = answer;
  const kind: OwnerKind = refresh_token.startsWith("rt_usr_") ? "user" : "staff";
  const [{ name }] = Object.values(cookies).filter((cookie) => cookie.kind === kind) as [(typeof cookies)[Wanted]];
  setCookie(reply, name, refresh_token, sessionLives[kind].idle);
  return rest;
}

const holdsToken = (answer: unknown): answer is { refresh_token: string } =>
  typeof answer === "object" && answer !== null && "refresh_token" in answer;

/** For routes whose answer holds a refresh token. */
export const answersToken = { onRequest: [neverStored, assertOwnPage], preSerialization: moveToken };

/** The refresh token that a request shows, in its cookie or its body. Throws when there is none. */
export function shownToken(request: FastifyRequest, inBody: string | undefined): string {
  const wanted = wantedBy(request);
  if (!wanted) {
    if (inBody === undefined) throw kitErrors.parameter_missing({ param: "/refresh_token" });
    return inBody;
  }
  if (inBody !== undefined)
    throw kitErrors.parameter_invalid({
      param: "/refresh_token",
      details: { reason: "must not come beside a cookie" },
    });
  const { name } = cookies[wanted];
  const found = (request.headers.cookie ?? "").split("; ").filter((pair) => pair.startsWith(`${name}=`));
  // Two of one name: somebody has planted one.
  if (found.length !== 1) throw identityErrors.refresh_token_invalid();
  return (found[0] as string).slice(name.length + 1);
}

/** Takes the cookie back from who signs out. */
export function forgetCookie(request: FastifyRequest, reply: FastifyReply): void {
  const wanted = wantedBy(request);
  if (wanted) setCookie(reply, cookies[wanted].name, "", 0);
}

const setCookie = (reply: FastifyReply, name: string, value: string, seconds: number): unknown =>
  reply.header("set-cookie", `${name}=${value}; Path=/; Max-Age=${seconds}; Secure; HttpOnly; SameSite=Strict`);
