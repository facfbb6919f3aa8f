import { actorOf } from "#kit/access.ts";
import type { MerchantActor, StaffActor } from "#kit/actor.ts";
import { config } from "#kit/config.ts";
import type { FastifyRequest } from "#kit/http.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { merchantErrors } from "./errors.ts";

/** Who works with merchants' objects: staff with everybody's, a merchant's key with its own ones of its mode. */
export type Keeper = MerchantActor | StaffActor;

export const keeperOf = (request: FastifyRequest): Keeper => actorOf(request, "merchant", "staff");

/** Whose objects, of which mode; null stands for all. What is out of reach is not found. */
export interface Reach {
  readonly merchantId: string | null;
  readonly livemode: boolean | null;
}

interface Named {
  merchant?: string;
  livemode?: boolean;
}

/** How far an actor reaches, narrowed to what the request names in its body (`at` is then `/`) or query. */
export function reachOf(actor: Keeper, named: Named = {}, at: "" | "/" = "/"): Reach {
  const { merchant = null, livemode = null } = named;
  if (actor.kind === "staff") return { merchantId: merchant, livemode };
  if (merchant !== null && merchant !== actor.merchantId) throw kitErrors.not_found({ param: `${at}merchant` });
  if (livemode !== null && livemode !== actor.livemode) {
    throw merchantErrors.livemode_unavailable({ param: `${at}livemode` });
  }
  return { merchantId: actor.merchantId, livemode: actor.livemode };
}

/** Whose a new object will be and of which mode: the key's own; for staff what is named, the mode being the server's unless said. */
export function ownerOfNew(actor: Keeper, named: Named): { merchantId: string; livemode: boolean } {
  const { merchantId, livemode } = reachOf(actor, named);
  if (merchantId === null) throw kitErrors.parameter_missing({ param: "/merchant" });
  const mode = livemode ?? servesLive();
  if (mode && !servesLive()) throw merchantErrors.livemode_unavailable();
  return { merchantId, livemode: mode };
}

/** Reach of a list: staff say whose. */
export function listReach(actor: Keeper, query: Named): Reach {
  const reach = reachOf(actor, query, "");
  if (reach.merchantId === null) throw kitErrors.parameter_missing({ param: "merchant" });
  return reach;
}

/** A server in test mode has no live keys and data; a live one serves both modes. */
export const servesLive = (): boolean => config().mode === "live";

/** The modes in which a merchant's own events are told: it exists in both. */
export const servedModes = (): readonly boolean[] => (servesLive() ? [true, false] : [false]);

/** What was looked for, or `not_found`. */
export function found<T>(object: T | undefined): T {
  if (object === undefined) throw kitErrors.not_found();
  return object;
}
