import { first, type Transaction } from "#kit/db.ts";
import { newId } from "#kit/ids.ts";
import { emit } from "#kit/outbox.ts";
import { type Device, openDevice, presentNamelessDevice, sealDeviceName } from "./device.ts";
import { identityErrors } from "./errors.ts";
import { insertDevice, type Platform } from "./sql.ts";

/** A person has a few; a bound keeps lists short and stops a stolen token from filling the table. */
const mostDevices = 50;

export interface NewDevice {
  name: string;
  platform?: Platform;
}

/** Enrols a device of a user. Throws `device_limit_reached`. */
export async function enrolDevice(
  tx: Transaction,
  owner: { id: string; livemode: boolean },
  { name, platform = "other" }: NewDevice,
): Promise<Device> {
  const id = newId("dev");
  const values = [owner.id, id, owner.livemode, sealDeviceName(id, name), platform, mostDevices];
  const row = await first(tx, insertDevice, values);
  if (!row) throw identityErrors.device_limit_reached({ details: { most: mostDevices } });
  const device = openDevice(row);
  await emit(tx, [
    {
      ownerId: owner.id,
      livemode: owner.livemode,
      type: "device.enrolled",
      objectId: id,
      object: presentNamelessDevice(device),
    },
  ]);
  return device;
}
