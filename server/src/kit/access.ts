import type { FastifyRequest } from "fastify";
import type { Actor, ActorKind, ActorOf } from "./actor.ts";
import { recordRefusal } from "./audit.ts";
import { kitErrors } from "./kit-errors.ts";
import { log } from "./log.ts";
import { callerOf, signal } from "./security-signals.ts";

/**
 * Who may call a route stands beside the route: `config: allow("merchant", "payments:write")`. A route without it fails the start,
 * so that nothing is open by accident; `open()` says that it is meant to be.
 */
export interface Access {
  readonly kinds: readonly ActorKind[];
  readonly scope: string | null;
}

const scopesInUse = new Map<ActorKind, Set<string>>();

/** The actor must be of this kind (or one of these) and, when it is limited, have the scope. */
export function allow(kinds: ActorKind | readonly ActorKind[], scope: string | null = null): { access: Access } {
  const access = { kinds: typeof kinds === "string" ? [kinds] : kinds, scope };
  if (scope) for (const kind of access.kinds) scopesInUse.set(kind, (scopesInUse.get(kind) ?? new Set()).add(scope));
  return { access };
}

/** The scopes that routes ask of this kind of actor, sorted: what there is to be granted. */
export const grantableScopes = (kind: ActorKind): string[] => [...(scopesInUse.get(kind) ?? [])].sort();

/** Anyone may call it. */
export const open = (): { access: Access } => ({ access: { kinds: [], scope: null } });

/** What an authenticator may look at: nothing of it is proven yet, and there is no body. */
export type Asking = Pick<FastifyRequest, "headers" | "ip" | "method" | "protocol" | "routeOptions" | "url">;

/** The bytes as they came; nothing may be read into them yet. */
export type ReceivedBody = string | Buffer;

/** Somebody whose signature has to be checked over the body, before anything reads it. `prove` throws when it is not genuine. */
export interface Unproven {
  readonly kind: "unproven";
  readonly actor: Actor;
  readonly prove: (body: ReceivedBody) => Promise<void>;
}

type Found = Actor | Unproven | undefined;

/** Recognises its kind of bearer token and says who it is; gives nothing for a token of another kind. Throws for a bad one of its own. */
export type Authenticator = (token: string, request: Asking) => Found | Promise<Found>;

const authenticators: Authenticator[] = [];

/** Adds a way to authenticate. Called once by the role that composes the modules. */
export function authenticateBy(authenticator: Authenticator): void {
  authenticators.push(authenticator);
}

/** Finds out who sent the request and whether they may. Sets `request.actor`, or `request.unproven` until {@link proveBody} was called. */
export function authorize(request: FastifyRequest, access: Access): void | Promise<void> {
  if (access.kinds.length === 0) return;
  const header = request.headers.authorization;
  if (!header) {
    // A payer shows a key to one payment, in a header or a body: the route's command opens it.
    if (access.kinds.includes("payer")) return;
    throw kitErrors.credentials_missing();
  }
  if (!header.startsWith("Bearer ")) throw kitErrors.credentials_unknown();
  return recognise(request, header.slice(7).trim(), access, 0);
}

function recognise(request: FastifyRequest, token: string, access: Access, from: number): void | Promise<void> {
  for (let i = from; i < authenticators.length; i++) {
    const actor = (authenticators[i] as Authenticator)(token, request);
    if (actor instanceof Promise) {
      return actor.then((found) => (found ? admit(request, found, access) : recognise(request, token, access, i + 1)));
    }
    if (actor) return admit(request, actor, access);
  }
  throw kitErrors.credentials_unknown();
}

function admit(request: FastifyRequest, found: Actor | Unproven, access: Access): void | Promise<void> {
  const actor = found.kind === "unproven" ? found.actor : found;
  const isAllowed = access.kinds.includes(actor.kind);
  if (isAllowed && (!access.scope || has(actor, access.scope))) {
    if (found.kind === "unproven") request.unproven = found;
    else request.actor = actor;
    return;
  }
  const details = { route: request.routeOptions.url ?? null, scope: access.scope };
  signal("permission_refused", { ...callerOf(actor), address: request.ip, details });
  if (!isAllowed) throw kitErrors.actor_not_allowed({ details: { allowed: access.kinds } });
  return refuse(request, actor, access.scope ?? "");
}

/** What a member of staff tried without the permission is written down. */
function refuse(request: FastifyRequest, actor: Actor, scope: string): Promise<void> {
  const refusal = kitErrors.scope_missing({ details: { scope } });
  if (actor.kind !== "staff") throw refusal;
  const route = { type: "route", id: `${request.method} ${request.routeOptions.url}` };
  const { id, ip } = request;
  return recordRefusal({ id, ip, actor }, { action: "access.refused", object: route, reason: scope })
    .catch((error) => log.error({ err: error, request_id: id }, "a refusal could not be written down"))
    .then(() => {
      throw refusal;
    });
}

/** Has the signature checked over the body as it was received; only then there is an actor. Throws what the signature lacks. */
export async function proveBody(
  request: FastifyRequest,
  { actor, prove }: Unproven,
  body: ReceivedBody,
): Promise<void> {
  await prove(body);
  request.unproven = undefined;
  request.actor = actor;
}

function has(actor: Actor, scope: string): boolean {
  switch (actor.kind) {
    case "merchant":
      return actor.scopes === null || actor.scopes.has(scope);
    case "staff":
      return actor.permissions.has(scope);
    case "terminal":
    case "user":
    case "payer":
      return true;
  }
}

/** The actor of a route that allows exactly these kinds. */
export function actorOf<Kind extends ActorKind>(request: FastifyRequest, ...kinds: readonly Kind[]): ActorOf<Kind> {
  const { actor } = request;
  if (!actor || !(kinds as readonly ActorKind[]).includes(actor.kind)) throw kitErrors.actor_not_allowed();
  return actor as ActorOf<Kind>;
}

declare module "fastify" {
  interface FastifyRequest {
    actor?: Actor;
    unproven: Unproven | undefined;
  }
  interface FastifyContextConfig {
    access?: Access;
  }
}
