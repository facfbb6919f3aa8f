import type { Transaction } from "#kit/db.ts";
import type { Device } from "./device.ts";
import type { User } from "./user.ts";

/**
 * What modules to the right must do in the very transaction that registers a user or revokes a device. They can't be imported
 * from here, and an event would come later; so the role hands their functions over when it composes the process.
 */
type Hook<Thing> = (tx: Transaction, thing: Thing) => Promise<void>;

const registration: Hook<User>[] = [];
const erasure: Hook<User>[] = [];
const obstacles: ((tx: Transaction, user: User) => Promise<readonly string[]>)[] = [];
const deviceRevocation: Hook<Device>[] = [];
const freezing: Hook<{ id: string; frozen: boolean }>[] = [];

/** Runs with each registration, in its transaction: wallets are opened so. An error refuses the registration. */
export function onRegistered(hook: Hook<User>): void {
  registration.push(hook);
}

/** Runs with each revocation of a device, in its transaction: its payment codes die so. */
export function onDeviceRevoked(hook: Hook<Device>): void {
  deviceRevocation.push(hook);
}

/** Runs with each erasure of a user, in its transaction: what only the user had goes so. */
export function onErased(hook: Hook<User>): void {
  erasure.push(hook);
}

/** Looks before each erasure, in its transaction, for what has to be settled first, and gives its names. */
export function beforeErasure(look: (tx: Transaction, user: User) => Promise<readonly string[]>): void {
  obstacles.push(look);
}

export const onErasure = (tx: Transaction, user: User): Promise<void> => runAll(erasure, tx, user);

export async function reasonsAgainstErasure(tx: Transaction, user: User): Promise<string[]> {
  const reasons: string[] = [];
  for (const look of obstacles) reasons.push(...(await look(tx, user)));
  return reasons;
}

/** Runs when a user is frozen and when one is let in again, in its transaction: payment codes are refused so. */
export function onUserFrozen(hook: Hook<{ id: string; frozen: boolean }>): void {
  freezing.push(hook);
}

export const afterFreezing = (tx: Transaction, user: { id: string; frozen: boolean }): Promise<void> =>
  runAll(freezing, tx, user);

export const afterRegistration = (tx: Transaction, user: User): Promise<void> => runAll(registration, tx, user);

export const afterDeviceRevocation = (tx: Transaction, device: Device): Promise<void> =>
  runAll(deviceRevocation, tx, device);

async function runAll<Thing>(hooks: readonly Hook<Thing>[], tx: Transaction, thing: Thing): Promise<void> {
  for (const hook of hooks) await hook(tx, thing);
}
