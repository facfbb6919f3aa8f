import assert from "node:assert/strict";
import { test } from "node:test";
import { database } from "#kit/db.ts";
import { type Device, findDevice, onDeviceRevoked } from "#modules/identity";
import { ok, refused, times, useServer } from "#test/people.ts";

const { ask, aUser, aStaff } = useServer();
const me = (token: string) => ask("GET", "/v1/users/me", undefined, { token });

test("signing out ends access and refresh token at once", async () => {
  const { token, session, ask: asUser } = await aUser();
  const ended = ok(await asUser("DELETE", "/v1/sessions/current"));
  assert.deepEqual([ended.id, ended.current], [session.session, true]);
  assert.notEqual(ended.ended_at, null);
  refused(await me(token), 401, "credentials_unknown");
  const { refresh_token } = session;
  refused(await ask("POST", "/v1/sessions/refresh", { refresh_token }), 401, "refresh_token_invalid");
});

test("one's sessions are listed newest first, the present one marked, and ended one by one", async () => {
  const user = await aUser();
  const second = await user.signIn();
  const third = await user.signIn();
  const { data, has_more, url } = ok(await user.ask("GET", "/v1/users/me/sessions"));
  assert.deepEqual([has_more, url], [false, "/v1/users/me/sessions"]);
  const summary = data.map(({ id, current }: { id: string; current: boolean }) => [id, current]);
  assert.deepEqual(
    new Set(summary.map(String)),
    new Set([`${third.session},false`, `${second.session},false`, `${user.session.session},true`]),
  );
  assert.equal(data[0].address, "127.0.0.×");

  ok(await user.ask("DELETE", `/v1/users/me/sessions/${second.session}`));
  refused(await me(second.access_token), 401, "credentials_unknown");
  ok(await me(third.access_token));
  refused(await user.ask("DELETE", `/v1/users/me/sessions/${second.session}`), 404, "not_found");
  const left = ok(await user.ask("GET", "/v1/users/me/sessions")).data.map(({ id }: { id: string }) => id);
  assert.deepEqual(new Set(left), new Set([third.session, user.session.session]));
});

test("lists are paged by cursors, forwards and back", async () => {
  const user = await aUser();
  const made: string[] = [];
  for (const n of times(5, (i) => i))
    made.unshift(ok(await user.ask("POST", "/v1/users/me/devices", { name: `d${n}` })).id);
  const list = async (query: string) => {
    const { data, has_more } = ok(await user.ask("GET", `/v1/users/me/devices${query}`));
    return { ids: data.map(({ id }: { id: string }) => id), has_more };
  };
  assert.deepEqual(await list(""), { ids: made, has_more: false });
  assert.deepEqual(await list("?limit=2"), { ids: made.slice(0, 2), has_more: true });
  assert.deepEqual(await list(`?limit=2&starting_after=${made[1]}`), { ids: made.slice(2, 4), has_more: true });
  assert.deepEqual(await list(`?limit=2&ending_before=${made[3]}`), { ids: made.slice(1, 3), has_more: true });
  assert.deepEqual(await list(`?created_lt=2020-01-01T00:00:00Z`), { ids: [], has_more: false });
  assert.deepEqual(await list(`?created_gte=2020-01-01T00:00:00Z`), { ids: made, has_more: false });
});

test("a device is enrolled, read, renamed and revoked by its owner", async () => {
  const user = await aUser();
  const device = ok(await user.ask("POST", "/v1/users/me/devices", { name: "张三的手机", platform: "harmony" }));
  assert.match(device.id, /^dev_[0-9a-z]{26}$/);
  assert.deepEqual(
    [device.object, device.status, device.platform, device.livemode],
    ["device", "active", "harmony", false],
  );
  const path = `/v1/users/me/devices/${device.id}`;
  assert.deepEqual(ok(await user.ask("GET", path)), device);
  assert.equal(ok(await user.ask("PATCH", path, { name: "旧手机" })).name, "旧手机");
  assert.equal((await findDevice(database(), user.id, device.id))?.name, "旧手机");
  const revoked = ok(await user.ask("DELETE", path));
  assert.equal(revoked.status, "revoked");
  assert.notEqual(revoked.revoked_at, null);
  assert.equal(await findDevice(database(), user.id, device.id), undefined);
  for (const method of ["GET", "DELETE"]) refused(await user.ask(method, path), 404, "not_found");
  refused(await user.ask("PATCH", path, { name: "x" }), 404, "not_found");
  assert.deepEqual(ok(await user.ask("GET", "/v1/users/me/devices")).data, []);
});

test("an enrolment with an Idempotency-Key happens once", async () => {
  const user = await aUser();
  const enrol = (name: string) => user.ask("POST", "/v1/users/me/devices", { name }, { "idempotency-key": "k1" });
  const first = ok(await enrol("Phone"));
  const replay = await enrol("Phone");
  assert.deepEqual(ok(replay), first);
  assert.equal(replay.headers.get("idempotent-replayed"), "true");
  refused(await enrol("Other"), 422, "idempotency_key_reused");
});

test("revoking a device ends what was signed in from it and runs what the role composed, all or nothing", async () => {
  const user = await aUser();
  const { device, access_token, refresh_token } = await user.signIn({ name: "Lost phone" });
  const seen: Device[] = [];
  let failing = true;
  onDeviceRevoked(async (_tx, device) => {
    seen.push(device);
    if (failing) throw new Error("codes can't be killed now");
  });
  const path = `/v1/users/me/devices/${device.id}`;
  refused(await user.ask("DELETE", path), 500, "internal_error");
  ok(await me(access_token));
  assert.equal(ok(await user.ask("GET", path)).status, "active");

  failing = false;
  ok(await user.ask("DELETE", path));
  assert.deepEqual(
    seen.map(({ id, userId, name }) => [id, userId, name]),
    times(2, () => [device.id, user.id, "Lost phone"]),
  );
  refused(await me(access_token), 401, "credentials_unknown");
  refused(await ask("POST", "/v1/sessions/refresh", { refresh_token }), 401, "refresh_token_invalid");
  ok(await me(user.token));
  const { rows } = await database().query(
    "select count(*)::int as n from events where owner_id = $1 and type = 'device.revoked'",
    [user.id],
  );
  assert.equal(rows[0].n, 1);
});

test("somebody else's session and device are not found, for users and for staff", async () => {
  const [ann, bo] = [await aUser(), await aUser()];
  const device = ok(await ann.ask("POST", "/v1/users/me/devices", { name: "Ann's" }));
  const path = `/v1/users/me/devices/${device.id}`;
  refused(await bo.ask("GET", path), 404, "not_found");
  refused(await bo.ask("PATCH", path, { name: "mine" }), 404, "not_found");
  refused(await bo.ask("DELETE", path), 404, "not_found");
  refused(await bo.ask("DELETE", `/v1/users/me/sessions/${ann.session.session}`), 404, "not_found");
  assert.equal(await findDevice(database(), bo.id, device.id), undefined);
  const { access_token } = ok(await (await aStaff("admin")).signIn());
  refused(await ask("GET", path, undefined, { token: access_token }), 403, "actor_not_allowed");
  assert.deepEqual(ok(await ann.ask("GET", path)), device);
  ok(await ann.ask("GET", "/v1/users/me"));
  assert.deepEqual(ok(await bo.ask("GET", `/v1/users/me/devices?starting_after=${device.id}`)).data, []);
});

test("ids of another kind or with quotes in them are refused, not looked up", async () => {
  const user = await aUser();
  for (const id of ["usr_0", "dev_'; drop table devices;--", "..%2f..", user.session.session]) {
    refused(await user.ask("DELETE", `/v1/users/me/devices/${encodeURIComponent(id)}`), 400, "parameter_invalid");
  }
});

test("a user has up to fifty devices", async () => {
  const user = await aUser();
  await Promise.all(times(50, (n) => user.ask("POST", "/v1/users/me/devices", { name: `d${n}` })));
  const { details } = refused(
    await user.ask("POST", "/v1/users/me/devices", { name: "one more" }),
    409,
    "device_limit_reached",
  );
  assert.equal(details.most, 50);
  const [{ id }] = ok(await user.ask("GET", "/v1/users/me/devices?limit=1")).data;
  ok(await user.ask("DELETE", `/v1/users/me/devices/${id}`));
  ok(await user.ask("POST", "/v1/users/me/devices", { name: "one more" }));
});
