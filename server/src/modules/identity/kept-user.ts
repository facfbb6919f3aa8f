import type { StaffActor } from "#kit/actor.ts";
import { type Asked, approvable } from "#kit/approvable.ts";
import { type Origin, recordAct } from "#kit/audit.ts";
import { invalidate } from "#kit/cache.ts";
import { seal, unseal } from "#kit/crypto.ts";
import { database, first, inTransaction, type Queryable, run, type Transaction } from "#kit/db.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { signal } from "#kit/security-signals.ts";
import { standingKey } from "./authenticate.ts";
import { requireFreshTotp } from "./confirm-totp.ts";
import { afterFreezing } from "./hooks.ts";
import { type FreezeRow, freezeUser, liveSessionIds, selectFreeze, unfreezeUser } from "./kept-users-sql.ts";
import { takeUnmasking } from "./throttle.ts";
import { findUser, handleOf, livemode, type PhoneOrEmail, presentMaskedUser, type User, userByHandle } from "./user.ts";

/** A user as staff see one: masked, whether and why it is frozen, and whether it was erased. */
export interface KeptUser extends FreezeRow {
  readonly user: User;
}

export const frozenReasonContext = (id: string): string => `users.frozen_reason ${id}`;
const about = (action: string, { id }: { id: string }) => ({
  action,
  object: { type: "user", id },
  owner: { id, livemode: livemode() },
});

/** Throws `not_found`, also for users of the mode that is not served here. */
export async function getKeptUser(on: Queryable, id: string): Promise<KeptUser> {
  const user = await findUser(on, id);
  const freeze = await first(on, selectFreeze, [id]);
  if (!user || !freeze || user.livemode !== livemode()) throw kitErrors.not_found();
  return { user, ...freeze };
}

/** Whom a phone, an email or an id belongs to; exactly one of them is given. */
export async function findKeptUser(named: PhoneOrEmail & { id?: string }): Promise<KeptUser[]> {
  const on = database();
  if (named.id !== undefined && (named.phone !== undefined || named.email !== undefined))
    throw kitErrors.parameter_invalid({ param: "id", details: { reason: "not together with phone or email" } });
  const user = named.id === undefined ? await userByHandle(on, handleOf(named)) : await findUser(on, named.id);
  return user && user.livemode === livemode() ? [await getKeptUser(on, user.id)] : [];
}

const statusOf = (frozenAt: Date | null, erasedAt: Date | null) => {
  if (erasedAt !== null) return "erased" as const;
  return frozenAt === null ? ("active" as const) : ("frozen" as const);
};

export const presentKeptUser = ({ user, frozenAt, sealedFrozenReason, erasedAt }: KeptUser) => ({
  ...presentMaskedUser(user),
  object: "kept_user" as const,
  status: statusOf(frozenAt, erasedAt),
  frozen_at: frozenAt?.toISOString() ?? null,
  frozen_reason: sealedFrozenReason && unseal(sealedFrozenReason, frozenReasonContext(user.id)).toString("utf8"),
});

/**
 * Stops a user at once: no session works, none is opened, and the codes on the phone are refused. Money that comes in is kept. Once more
 * changes nothing, nor does it for one who was erased. Throws `not_found`.
 */
export function freeze(from: Origin, id: string, reason: string): Promise<KeptUser> {
  return inTransaction(async (tx) => {
    const before = await getKeptUser(tx, id);
    const frozen = await first(tx, freezeUser, [id, seal(reason, frozenReasonContext(id))]);
    if (!frozen) return before;
    await tellOfFreeze(tx, { id, frozen: true });
    await recordAct(tx, from, { ...about("user.frozen", { id }), reason });
    return { ...before, ...frozen };
  });
}

export const unfreezes = approvable<{ reason: string }>({
  kind: "user.unfreeze",
  en: "Let a frozen user in again",
  zh: "解冻用户",
  permission: "users:freeze",
  needs: () => "power",
  async perform(tx, asked: Asked<{ reason: string }>, _actor, from) {
    const id = asked.params.id as string;
    const before = await getKeptUser(tx, id);
    const free = await first(tx, unfreezeUser, [id]);
    if (!free) throw kitErrors.state_conflict({ details: { status: statusOf(null, before.erasedAt) } });
    await tellOfFreeze(tx, { id, frozen: false });
    await recordAct(tx, from, { ...about("user.unfrozen", { id }), reason: asked.body.reason });
    return presentKeptUser({ ...before, ...free });
  },
});

async function tellOfFreeze(tx: Transaction, user: { id: string; frozen: boolean }): Promise<void> {
  await afterFreezing(tx, user);
  const sessions = await run(tx, liveSessionIds, [user.id]);
  await Promise.all(sessions.map(({ id }) => invalidate(tx, "identity.sessions", standingKey(user.id, id))));
}

export const maskedFields = ["phone", "email", "name"] as const;
export type MaskedField = (typeof maskedFields)[number];

/**
 * Shows what is masked of a user, in full, to who gives a reason. It is written down before it is shown, counted, and signalled. Throws
 * `mfa_required`, `sign_in_throttled` for one look after the other, and `not_found`.
 */
export async function unmask(
  from: Origin,
  actor: StaffActor,
  id: string,
  { fields, reason }: { fields: readonly MaskedField[]; reason: string },
) {
  await requireFreshTotp(database(), actor);
  await takeUnmasking(actor.staffId);
  const { user } = await getKeptUser(database(), id);
  await inTransaction((tx) =>
    recordAct(tx, from, { ...about("user.unmasked", { id }), after: { fields: fields.join(",") }, reason }),
  );
  signal("personal_data_shown", { subject: actor.staffId, objectId: id, details: { fields: fields.join(",") } });
  return { object: "unmasked_user" as const, id, ...Object.fromEntries(fields.map((field) => [field, user[field]])) };
}
