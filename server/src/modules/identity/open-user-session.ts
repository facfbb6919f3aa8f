import { database, first, inTransaction, type Transaction } from "#kit/db.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { emit } from "#kit/outbox.ts";
import { assertPassword } from "./check-password.ts";
import { type Device, findDevice, presentDevice } from "./device.ts";
import { enrolDevice, type NewDevice } from "./enrol-device.ts";
import { selectFrozen } from "./kept-users-sql.ts";
import { letters } from "./letters.ts";
import { openSession, type Session, tokenAnswer } from "./session.ts";
import { tellOwner } from "./tell-owner.ts";
import { type AttemptKeys, forgiveAttempt } from "./throttle.ts";
import { presentUser, type User } from "./user.ts";

/** A device that is enrolled already, with its secret where it is trusted; or one to enrol. */
export type WantedDevice = Partial<NewDevice> & { id?: string; trust_token?: string };

/** A user who has proven who they are. */
export interface Arrival {
  readonly user: User;
  readonly device: WantedDevice | undefined;
  /** As the connection gave it. */
  readonly address: string;
  readonly attempt: AttemptKeys;
  /** Of the password that was right: one that was changed since opens nothing. */
  readonly passwordGeneration?: number;
  /** The owner is told. */
  readonly isNew: boolean;
  /** Uses up what was shown, with the transaction; throws when somebody else was first. */
  readonly useUp?: (tx: Transaction) => Promise<void>;
}

/** What every way of signing in ends with: a session, its tokens, and the user. Throws `not_found` for a device that is not theirs, and `account_frozen`. */
export async function openUserSession(arrival: Arrival) {
  const { user, device: wanted, address, attempt, isNew, passwordGeneration, useUp } = arrival;
  const { session, token, device } = await inTransaction(async (tx) => {
    if (passwordGeneration !== undefined) await assertPassword(tx, user.id, passwordGeneration);
    await useUp?.(tx);
    if (await first(tx, selectFrozen, [user.id])) throw kitErrors.account_frozen();
    const device = await deviceOf(tx, user, wanted);
    const opened = await openSession(tx, {
      ownerId: user.id,
      ownerKind: "user",
      livemode: user.livemode,
      deviceId: device?.id ?? null,
      address,
    });
    await forgiveAttempt(tx, attempt);
    const created = sessionEvent("session.created", user, opened.session);
    await emit(tx, isNew ? [created, { ...created, type: "session.from_new_device" }] : [created]);
    if (isNew) await tellOwner(tx, user, letters.new_device);
    return { ...opened, device };
  });
  return {
    ...(await tokenAnswer(session, token)),
    session: session.id,
    user: presentUser(user),
    device: device && presentDevice(device),
  };
}

/** Refuses before anything is asked of the user what would be refused in the end. */
export async function assertDevice(user: User, wanted: WantedDevice | undefined): Promise<void> {
  if (wanted?.id !== undefined) await namedDevice(database(), user, wanted.id);
  else if (wanted) nameOf(wanted);
}

async function deviceOf(tx: Transaction, user: User, wanted: WantedDevice | undefined): Promise<Device | null> {
  if (!wanted) return null;
  if (wanted.id !== undefined) return namedDevice(tx, user, wanted.id);
  return enrolDevice(tx, user, { name: nameOf(wanted), platform: wanted.platform });
}

async function namedDevice(on: Parameters<typeof findDevice>[0], user: User, id: string): Promise<Device> {
  const device = await findDevice(on, user.id, id);
  if (!device) throw kitErrors.not_found({ param: "/device/id" });
  return device;
}

function nameOf({ name }: WantedDevice): string {
  if (name === undefined) throw kitErrors.parameter_missing({ param: "/device/name" });
  return name;
}

const sessionEvent = (type: string, user: User, session: Session) => ({
  ownerId: user.id,
  livemode: user.livemode,
  type,
  objectId: session.id,
  object: {
    id: session.id,
    object: "session",
    user: user.id,
    device: session.deviceId,
    address: session.address,
    livemode: session.livemode,
    created_at: session.createdAt.toISOString(),
  },
});
