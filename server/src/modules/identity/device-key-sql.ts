import { sql } from "#kit/db.ts";

/** Every statement about the keys that devices keep to themselves. */

/** A device gets one key for good. Gives nothing when it has one, was revoked, or is somebody else's. */
export const setDeviceKey = sql<{ id: string }>(
  "identity.set_device_key",
  `update devices set public_key = $3, key_enrolled_at = clock_now()
    where user_id = $1 and id = $2 and revoked_at is null and public_key is null
   returning id`,
);

export const selectDeviceKey = sql<{ publicKey: Buffer }>(
  "identity.select_device_key",
  `select public_key as "publicKey" from devices
    where user_id = $1 and id = $2 and revoked_at is null and public_key is not null`,
);

export const selectSessionsOfDevice = sql<{ id: string }>(
  "identity.select_sessions_of_device",
  "select id from sessions where owner_id = $1 and device_id = $2 and ended_at is null",
);
