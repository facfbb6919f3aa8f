import { database, first, inTransaction, run, type Transaction } from "#kit/db.ts";
import { faultPoint } from "#kit/fault-points.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { emit } from "#kit/outbox.ts";
import { signal } from "#kit/security-signals.ts";
import { checkSecret, sealedNothing, sealSecret } from "./argon2.ts";
import { type Device, findDevice, presentDevice } from "./device.ts";
import { enrolDevice, type NewDevice } from "./enrol-device.ts";
import { identityErrors } from "./errors.ts";
import { openSession, type Session, tokenAnswer } from "./session.ts";
import { replacePassword, selectPassword } from "./sql.ts";
import { attemptKeys, forgiveAttempt, takeAttempt } from "./throttle.ts";
import { handleOf, type PhoneOrEmail, passwordContext, presentUser, type User, userByHandle } from "./user.ts";

export interface SignIn extends PhoneOrEmail {
  password: string;
  /** A device that is enrolled already, or one to enrol. */
  device?: Partial<NewDevice> & { id?: string };
}

/**
 * Signs a user in. Throws `credentials_invalid` after the same work whether the account is unknown or the password wrong,
 * and `sign_in_throttled` when too many attempts went before.
 */
export async function signIn(input: SignIn, address: string) {
  const handle = handleOf(input);
  const attempt = attemptKeys(handle, address);
  await takeAttempt(attempt);
  await faultPoint("identity.sign_in_counted");
  const user = await userByHandle(database(), handle);
  const right = await checkPassword(user?.id, input.password);
  if (!user || !right) {
    signal("sign_in_failed", { subject: handle, address, objectId: user?.id });
    throw identityErrors.credentials_invalid();
  }

  const { session, token, device } = await inTransaction(async (tx) => {
    const device = await deviceOf(tx, user, input.device);
    const opened = await openSession(tx, {
      ownerId: user.id,
      ownerKind: "user",
      livemode: user.livemode,
      deviceId: device?.id ?? null,
      address,
    });
    await forgiveAttempt(tx, attempt);
    await emit(tx, [sessionCreated(user, opened.session)]);
    return { ...opened, device };
  });
  return {
    ...(await tokenAnswer(session, token)),
    session: session.id,
    user: presentUser(user),
    device: device && presentDevice(device),
  };
}

async function deviceOf(tx: Transaction, user: User, wanted: SignIn["device"]): Promise<Device | null> {
  if (!wanted) return null;
  if (wanted.id !== undefined) {
    const device = await findDevice(tx, user.id, wanted.id);
    if (!device) throw kitErrors.not_found({ param: "/device/id" });
    return device;
  }
  if (wanted.name === undefined) throw kitErrors.parameter_missing({ param: "/device/name" });
  return enrolDevice(tx, user, { name: wanted.name, platform: wanted.platform });
}

const sessionCreated = (user: User, session: Session) => ({
  ownerId: user.id,
  livemode: user.livemode,
  type: "session.created",
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

/** Compares a user's password; hashed again when the parameters have changed. For nobody it takes as long and is wrong. */
export async function checkPassword(userId: string | undefined, password: string): Promise<boolean> {
  const id = userId ?? "nobody";
  const stored = await first(database(), selectPassword, [id]);
  const sealed = stored?.sealedPassword ?? sealedNothing(passwordContext(id));
  const { right, outdated } = await checkSecret("password", password, sealed, passwordContext(id));
  if (!stored || !right) return false;
  if (outdated) {
    const renewed = await sealSecret("password", password, passwordContext(id));
    await run(database(), replacePassword, [id, sealed, renewed]);
  }
  return true;
}
