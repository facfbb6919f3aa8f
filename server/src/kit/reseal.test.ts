import assert from "node:assert/strict";
import { test } from "node:test";
import { config, readMasterKey } from "#kit/config.ts";
import { elsewhere } from "#test/elsewhere.ts";
import { advance, ok, useServer } from "#test/people.ts";
import { clockOffset } from "./clock.ts";
import { seal, sealingKeyId, UnsealError, unseal } from "./crypto.ts";
import { database, inTransaction, textArray } from "./db.ts";
import { newId } from "./ids.ts";
import { DataKeyInUse, pauseResealing, resealBatch, resealingProgress, retireDataKey, rotateKeys } from "./reseal.ts";

const { aUser, aStaff } = useServer();
const query = async (text: string, values: unknown[] = []) => (await database().query(text, values)).rows;
const all = async () => {
  while (await resealBatch());
};

/** So many devices of a user, more than one batch holds. */
async function manyDevices(userId: string, count: number): Promise<void> {
  const ids = Array.from({ length: count }, () => newId("dev"));
  const names = ids.map((id) => seal("A phone", `devices.name ${id}`));
  await query(
    `insert into devices (user_id, id, livemode, sealed_name, platform)
     select $1, d.id, false, d.name, 'other' from unnest($2::text[], $3::text[]) as d(id, name)`,
    [userId, textArray(ids), textArray(names)],
  );
}

const sealedUnder = async (id: string): Promise<number> =>
  (await query("select count(*)::int as n from devices where sealed_name like $1", [`v1.${id}.%`]))[0].n;

test("everything is sealed anew while people go on, a worker killed in the middle loses nothing, and then the old key can go", async () => {
  const old = sealingKeyId();
  const user = await aUser({ name: "欧阳" });
  const staff = await aStaff();
  ok(await user.ask("PUT", "/v1/users/me/payment_pin", { pin: "739164", password: user.password }));
  const kept = ok(await user.ask("POST", "/v1/users/me/devices", { name: "Kept" }, { "idempotency-key": "k1" }));
  await manyDevices(user.id, 650);
  // As it was sealed before users had keys of their own.
  const legacy = seal("老名字", `users.name ${user.id}`);
  await query("update users set sealed_name = $2 where id = $1", [user.id, legacy]);

  const id = await rotateKeys();
  assert.equal(await resealBatch(), false, "not before every process knows the key");
  await assert.rejects(retireDataKey(old), /so new that processes/);
  await advance(121);
  assert.equal(sealingKeyId(), id);
  await assert.rejects(retireDataKey(old), DataKeyInUse);

  const killed = elsewhere(
    config().databaseUrl,
    `import { setClockOffset } from "#kit/clock.ts";
     import { openKeyring } from "#kit/crypto.ts";
     import { armFaultPoints } from "#kit/fault-points.ts";
     import { resealBatch } from "#kit/reseal.ts";
     import "#modules/identity";
     setClockOffset(${clockOffset()});
     await openKeyring(Buffer.from("${readMasterKey(config().masterKeyFile).toString("hex")}", "hex"));
     armFaultPoints("keys.resealed_batch=kill+2");
     while (await resealBatch());`,
  );
  await assert.rejects(killed.output, /ended with null/);
  const [inMiddle] = await query("select * from resealings where table_name like 'devices%'");
  assert.ok(Number(inMiddle.resealed) > 0 && !inMiddle.finished_at, "it was in the middle of the devices");
  const left = await sealedUnder(old);
  assert.ok(left > 0 && left < 651);

  await pauseResealing(true);
  assert.equal(await resealBatch(), false, "a pause holds it where it is");
  await pauseResealing(false);
  ok(await user.ask("PATCH", `/v1/users/me/devices/${kept.id}`, { name: "Renamed meanwhile" }));
  await all();

  assert.equal(await sealedUnder(old), 0);
  const progress = await resealingProgress();
  assert.deepEqual([...new Set(progress.map(({ state, unreadable }) => `${state} ${unreadable}`))], ["finished 0"]);
  const devices = progress.find(({ table_name }) => table_name.startsWith("devices"));
  assert.equal(devices?.resealed, 651, "every row once");
  await retireDataKey(old);
  assert.throws(() => unseal(legacy, `users.name ${user.id}`), UnsealError, "the old key is gone from memory too");
  assert.equal(ok(await user.ask("GET", "/v1/users/me")).name, "老名字");
  assert.equal(ok(await user.ask("GET", `/v1/users/me/devices/${kept.id}`)).name, "Renamed meanwhile");
  const again = await user.ask("POST", "/v1/users/me/devices", { name: "Kept" }, { "idempotency-key": "k1" });
  assert.deepEqual([again.headers.get("idempotent-replayed"), again.body.name], ["true", "Kept"]);
  ok(await staff.signIn());
  assert.match((await query("select sealed_name from users where id = $1", [user.id]))[0].sealed_name, /^s1\./);
});

test("a value that is changed between the reading and the writing keeps its change", async () => {
  const user = await aUser();
  const device = ok(await user.ask("POST", "/v1/users/me/devices", { name: "Before" }));
  const id = await rotateKeys();
  await advance(121);
  let resealing: Promise<void> | undefined;
  await inTransaction(async (tx) => {
    const changed = seal("After", `devices.name ${device.id}`);
    await tx.query({
      name: "",
      text: "update devices set sealed_name = $2 where id = $1",
      values: [device.id, changed],
    });
    // It reads the value from before, and waits for this transaction where it wants to write.
    resealing = all();
    const waiting = "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    while ((await query(waiting)).length === 0);
  });
  await resealing;
  assert.equal(ok(await user.ask("GET", `/v1/users/me/devices/${device.id}`)).name, "After");
  assert.equal(sealingKeyId(), id);
});

test("a value that somebody tampered with is counted and left, and its key can't be retired", async () => {
  const old = sealingKeyId();
  const user = await aUser();
  await manyDevices(user.id, 1);
  await query("update devices set sealed_name = overlay(sealed_name placing 'AAAA' from 50) where user_id = $1", [
    user.id,
  ]);
  await rotateKeys();
  await advance(121);
  await all();
  const progress = (await resealingProgress()).filter(({ data_key_id }) => data_key_id === sealingKeyId());
  assert.equal(
    progress.reduce((sum, { unreadable }) => sum + unreadable, 0),
    1,
  );
  await assert.rejects(retireDataKey(old), /devices\.sealed_name holds values/);
});

test("the newest data key and one that there is not can't be retired", async () => {
  await assert.rejects(retireDataKey(sealingKeyId()), /newest data key/);
  await assert.rejects(retireDataKey("dk_nobody"), /there is no data key/);
});
