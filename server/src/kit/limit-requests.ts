import type { FastifyReply, FastifyRequest } from "fastify";
import { type Access, authorize } from "./access.ts";
import type { Actor } from "./actor.ts";
import { guardLoads } from "./cache.ts";
import { now } from "./clock.ts";
import { ApiError } from "./errors.ts";
import { kitErrors } from "./kit-errors.ts";
import { networkOf } from "./networks.ts";
import type { LimitName, Policies, RouteLimits } from "./rate-limit-policies.ts";
import { type Bucket, RateLimits, remaining, secondsUntil } from "./rate-limits.ts";

/** Lets a request in once it is known who makes it and that they have not asked too often. Throws what `authorize` throws, and `rate_limited`. */
export type Admit = (
  request: FastifyRequest,
  reply: FastifyReply,
  access: Access,
  limits: RouteLimits | undefined,
) => void | Promise<void>;

/**
 * Admits requests within limits: those of a key, a user or a member of staff by theirs, those of nobody by their address. Wrong keys and
 * tokens are counted by address as well. An address that sent too many has nothing looked up for it any more; a key or token that this process
 * knows from just before gets through from there all the same.
 */
export function admitWithin(policies: Policies): Admit {
  const limits = new RateLimits(policies);
  /** Until when some address may have no guesses left: until then each request's address is looked at. */
  let guessedUntil = 0;

  const guesses = ({ ip }: FastifyRequest): Bucket | undefined => limits.bucket("unknown", networkOf(ip));

  function authorizeAny(request: FastifyRequest, reply: FastifyReply, access: Access): void | Promise<void> {
    if (guessedUntil === 0 || now() > guessedUntil) return authorize(request, access);
    const bucket = guesses(request);
    if (!bucket || remaining(bucket) > 0) return authorize(request, access);
    return guardLoads(
      () => refuse(reply, bucket),
      () => authorize(request, access),
    );
  }

  function noteGuess(request: FastifyRequest, error: unknown): void {
    if (!(error instanceof ApiError) || error.code !== "credentials_unknown") return;
    const bucket = guesses(request);
    if (!bucket) return;
    limits.add(bucket);
    if (remaining(bucket) === 0) guessedUntil = now() + bucket.policy.seconds * 1_000;
  }

  function count(
    request: FastifyRequest,
    reply: FastifyReply,
    limitsOf: RouteLimits | undefined,
  ): void | Promise<void> {
    if (!limitsOf) return;
    const [name, subject] = counted(request, limitsOf);
    const bucket = limits.bucket(name, subject);
    if (!bucket) return;
    const taken = limits.take(bucket);
    if (taken instanceof Promise) return taken.then((taken) => answer(reply, bucket, taken));
    answer(reply, bucket, taken);
  }

  return (request, reply, access, limitsOf) => {
    try {
      const authorized = authorizeAny(request, reply, access);
      if (!authorized) return count(request, reply, limitsOf);
      return authorized.then(
        () => count(request, reply, limitsOf),
        (error: unknown) => {
          noteGuess(request, error);
          throw error;
        },
      );
    } catch (error) {
      noteGuess(request, error);
      throw error;
    }
  };
}

/** By which limit and by whom a request is counted. */
function counted(request: FastifyRequest, limits: RouteLimits): [name: LimitName, subject: string] {
  const actor = request.actor ?? request.unproven?.actor;
  return actor && actor.kind !== "payer"
    ? [limits[actor.kind === "terminal" ? "merchant" : actor.kind], idOf(actor)]
    : [limits.nobody, networkOf(request.ip)];
}

function idOf(actor: Exclude<Actor, { kind: "payer" }>): string {
  switch (actor.kind) {
    case "merchant":
      return actor.keyId;
    case "terminal":
      return actor.terminalId;
    case "user":
      return actor.userId;
    case "staff":
      return actor.staffId;
  }
}

const policyTexts = new WeakMap<object, string>();

function policyText({ name, policy }: Bucket): string {
  let text = policyTexts.get(policy);
  if (!text) policyTexts.set(policy, (text = `"${name}";q=${policy.quota};w=${policy.seconds}`));
  return text;
}

/** Says what is left, in the header fields of draft-ietf-httpapi-ratelimit-headers-08. */
function answer(reply: FastifyReply, bucket: Bucket, taken: boolean): void {
  if (!taken) refuse(reply, bucket);
  reply.header("ratelimit-policy", policyText(bucket));
  reply.header("ratelimit", `"${bucket.name}";r=${remaining(bucket)};t=${secondsUntil(bucket, 0)}`);
}

function refuse(reply: FastifyReply, bucket: Bucket): never {
  const { name, policy } = bucket;
  reply.header("ratelimit-policy", policyText(bucket));
  reply.header("ratelimit", `"${name}";r=0;t=${secondsUntil(bucket, 0)}`);
  throw kitErrors.rate_limited({
    details: { limit: name, quota: policy.quota, seconds: policy.seconds },
    retryAfter: Math.max(1, secondsUntil(bucket, policy.quota - 1)),
  });
}

declare module "fastify" {
  interface FastifyContextConfig {
    limits?: RouteLimits | undefined;
  }
}
