import type { Actor } from "./actor.ts";
import { changedFields, type Fields, redactedText } from "./audit-redaction.ts";
import { type AuditRow, fieldsOfRow, macOfRow } from "./audit-row.ts";
import { now } from "./clock.ts";
import { blindIndex } from "./crypto.ts";
import { database, type Queryable, run, sql, type Transaction } from "./db.ts";
import { newId } from "./ids.ts";
import { maskAddress } from "./networks.ts";

/** Where an act comes from; every request is one. */
export interface Origin {
  /** Of the request. */
  readonly id: string;
  readonly ip: string;
  readonly actor?: Actor | undefined;
  /** Id of the approval under which it is done: who asked for it stands there. */
  readonly approval?: string | undefined;
}

/** What nobody asked for: a job, a start. */
export interface SystemOrigin {
  /** Name of the job: `payments.expire`. */
  readonly system: string;
}

export const bySystem = (name: string): SystemOrigin => ({ system: name });

export interface Act {
  /** Object and past participle: `api_key.created`. */
  readonly action: string;
  readonly object: { readonly type: string; readonly id: string };
  /** Whose the object is. Preset: the merchant or user who acts; of staff and the system the operator. */
  readonly owner?: { readonly id: string; readonly livemode: boolean | null } | undefined;
  /** The object as it was and as it is, presented or not: what differs is written down, without secrets and personal data. */
  readonly before?: object | undefined;
  readonly after?: object | undefined;
  /** What the actor gave as one. */
  readonly reason?: string | undefined;
  /** Who acts, where the request came without a token and the command found out. */
  readonly actor?: Actor | undefined;
}

/** An act that was refused. */
export interface RefusedAct extends Omit<Act, "before" | "after"> {
  /** Code of the error, or what was lacking. */
  readonly reason: string;
}

/** The owner of what belongs to no merchant and no user. */
export const platformOwner = "platform";

const insertAct = sql(
  "audit.insert",
  `insert into audit_log (owner_id, id, livemode, created_at, actor_kind, actor_id, actor_session, actor_role, action, outcome,
     object_type, object_id, before, after, reason, address, address_hash, request_id, mac)
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`,
);

/** Writes down who did what, in the transaction that does it: there is no act without its row and no row without its act. */
export async function recordAct(tx: Transaction, from: Origin | SystemOrigin, act: Act): Promise<void> {
  await write(tx, from, act, "done", changedFields(act.object.type, act.before, act.after));
}

/** Writes down that somebody was refused. Not in a transaction: the refusal rolls its own back. */
export async function recordRefusal(from: Origin, act: RefusedAct): Promise<void> {
  await write(database(), from, act, "refused", { before: null, after: null });
}

async function write(
  on: Queryable,
  from: Origin | SystemOrigin,
  act: Act,
  outcome: AuditRow["outcome"],
  changes: { before: Fields | null; after: Fields | null },
): Promise<void> {
  const isSystem = "system" in from;
  const actor = act.actor ?? (isSystem ? undefined : from.actor);
  const owner = act.owner ?? ownerActing(actor);
  const row: AuditRow = {
    ownerId: owner.id,
    id: newId("aud"),
    livemode: owner.livemode,
    createdAt: new Date(now()),
    ...(isSystem && !actor ? { ...nobody, actorKind: "system", actorId: from.system } : whoIs(actor)),
    action: act.action,
    outcome,
    objectType: act.object.type,
    objectId: act.object.id,
    before: changes.before && JSON.stringify(changes.before),
    after: changes.after && JSON.stringify(changes.after),
    reason: reasonOf(from, act),
    ...(isSystem ? nowhere : whence(from.ip, actor)),
    requestId: isSystem ? null : from.id,
  };
  await run(on, insertAct, [...fieldsOfRow(row), macOfRow(row)]);
}

function reasonOf(from: Origin | SystemOrigin, { reason }: Act): string | null {
  if (reason !== undefined) return redactedText(reason);
  return "approval" in from && from.approval ? `approved: ${from.approval}` : null;
}

type Who = Pick<AuditRow, "actorKind" | "actorId" | "actorSession" | "actorRole">;
const nobody: Who = { actorKind: "anonymous", actorId: null, actorSession: null, actorRole: null };

function whoIs(actor: Actor | undefined): Who {
  switch (actor?.kind) {
    case undefined:
      return nobody;
    case "staff":
      return { actorKind: "staff", actorId: actor.staffId, actorSession: actor.sessionId, actorRole: actor.role };
    case "merchant":
      return { actorKind: "merchant", actorId: actor.merchantId, actorSession: actor.keyId, actorRole: null };
    case "terminal":
      return { actorKind: "terminal", actorId: actor.merchantId, actorSession: actor.terminalId, actorRole: null };
    case "user":
      return { actorKind: "user", actorId: actor.userId, actorSession: actor.sessionId, actorRole: null };
    case "payer":
      return { actorKind: "payer", actorId: actor.paymentId, actorSession: null, actorRole: null };
  }
}

function ownerActing(actor: Actor | undefined): { id: string; livemode: boolean | null } {
  switch (actor?.kind) {
    case "merchant":
    case "terminal":
      return { id: actor.merchantId, livemode: actor.livemode };
    case "user":
      return { id: actor.userId, livemode: actor.livemode };
    case undefined:
    case "staff":
    case "payer":
      return { id: platformOwner, livemode: null };
  }
}

const nowhere = { address: null, addressHash: null };

/** Staff and merchants' servers are named in full; the rest are people at home, whose address can be compared and not read. */
const whence = (ip: string, actor: Actor | undefined): Pick<AuditRow, "address" | "addressHash"> => ({
  address: actor?.kind === "staff" || actor?.kind === "merchant" ? ip : maskAddress(ip),
  addressHash: hashOfAddress(ip),
});

/** What an act from this very address is found by. */
export const hashOfAddress = (ip: string): string => blindIndex(ip, "audit_log.address");
