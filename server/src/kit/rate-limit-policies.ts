import type { Access } from "./access.ts";

/** So many requests in a burst, and as many again every so many seconds. */
export interface Policy {
  readonly quota: number;
  readonly seconds: number;
}

/**
 * What is limited, and what is written of it in `RATE_LIMITS`. Presets let a shop's server and a load test on one machine through at full speed: they
 * end floods, not work. Guessing at one account is slowed down by `identity/throttle` long before.
 */
export const presets = {
  // By address: who is asking is not known.
  sign_in: { quota: 3_000, seconds: 60 },
  unknown: { quota: 1_000, seconds: 10 },
  payers: { quota: 60_000, seconds: 10 },
  open: { quota: 6_000, seconds: 60 },
  // By key, user, member of staff.
  payments: { quota: 50_000, seconds: 1 },
  writes: { quota: 10_000, seconds: 1 },
  reads: { quota: 10_000, seconds: 1 },
  exports: { quota: 3_000, seconds: 60 },
  users: { quota: 10_000, seconds: 10 },
  staff: { quota: 3_000, seconds: 1 },
} as const satisfies Record<string, Policy>;

export type LimitName = keyof typeof presets;
/** `null`: not limited. */
export type Policies = Readonly<Record<LimitName, Policy | null>>;

export const presetText = Object.entries(presets)
  .map(([name, { quota, seconds }]) => `${name}=${quota}/${seconds}`)
  .join(",");

/** Reads `sign_in=100/60,reads=off`; what is not named stays as the presets say. Throws an Error that says what is wrong. */
export function parsePolicies(text: string): Policies {
  const policies: Record<string, Policy | null> = { ...presets };
  for (const part of text.split(",").filter((part) => part.trim() !== "")) {
    const [, name = "", value, quota, seconds] = /^\s*(\w+)=(off|(\d{1,9})\/(\d{1,4}))\s*$/.exec(part) ?? [];
    if (!Object.hasOwn(presets, name)) throw new Error(`"${part}" is not one of ${presetText}`);
    const policy = value === "off" ? null : { quota: Number(quota), seconds: Number(seconds) };
    if (policy && (policy.quota < 1 || policy.seconds < 1 || policy.seconds > 3_600))
      throw new Error(`"${part}" is not a count from 1 and seconds from 1 to 3600`);
    policies[name] = policy;
  }
  return policies as Policies;
}

/** Which limit counts the requests of a route, by who makes them. */
export interface RouteLimits {
  readonly merchant: LimitName;
  readonly user: LimitName;
  readonly staff: LimitName;
  readonly nobody: LimitName;
}

/** Asked by supervisors, several times a second. */
const unlimited = new Set(["/healthz", "/readyz", "/metrics"]);
const movesMoney = /^\/v1\/(payments|refunds|transfers|collect|payment_codes|topups|withdrawals)(\/|$)/;
/** What reads a lot for one answer. */
const isHeavy = /\/(export|search|statistics)$|^\/v1\/(statements|receipts)\//;

/** Every route has its limits; gives nothing for the few that have none. */
export function limitsOfRoute(method: string, url: string, { kinds }: Access): RouteLimits | undefined {
  if (unlimited.has(url)) return undefined;
  const isRead = method === "GET" || method === "HEAD";
  if (isHeavy.test(url)) return { merchant: "exports", user: "exports", staff: "exports", nobody: "open" };
  return {
    merchant: isRead ? "reads" : movesMoney.test(url) ? "payments" : "writes",
    user: "users",
    staff: "staff",
    nobody: kinds.includes("payer") ? "payers" : isRead ? "open" : "sign_in",
  };
}
