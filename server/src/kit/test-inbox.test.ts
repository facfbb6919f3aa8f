import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, test } from "node:test";
import { useDatabase } from "#test/database.ts";
import { aMerchantToken, tokenOf, useHttp } from "#test/http.ts";
import { testSettings } from "#test/platform.ts";
import { configure } from "./config.ts";
import { openKeyring } from "./crypto.ts";
import { inTransaction } from "./db.ts";
import { newId } from "./ids.ts";
import { type Recipient, sendMessage } from "./messages.ts";
import { testInboxRoutes } from "./test-inbox.ts";

const { url } = useDatabase({ prepare: () => openKeyring(randomBytes(32)) });
const server = useHttp(testInboxRoutes);
const folder = mkdtempSync(join(tmpdir(), "feiqian-inbox-"));
after(() => rmSync(folder, { recursive: true }));
beforeEach(() => void configure(testSettings(folder, url())));

const token = aMerchantToken();
const write = (to: Recipient, subject: string, livemode = false) =>
  inTransaction((tx) =>
    sendMessage(tx, { to, kind: "greeting", subject, text: "Hello", values: { a: "1" }, livemode, usefulSeconds: 60 }),
  );
const read = (query: string, asker = token) => server.call("GET", `/v1/test_inbox?${query}`, { token: asker });

test("the inbox shows what one phone or email would have got, newest first, in pages", async () => {
  for (const subject of ["one", "two", "three"]) {
    await write({ email: "Ann@example.com" }, subject);
    await new Promise((resolve) => setTimeout(resolve, 2)); // Ids sort by the machine's millisecond.
  }
  await write({ email: "bo@example.com" }, "other");
  await write({ phone: "+8613812345678" }, "text");
  await write({ email: "ann@example.com" }, "live", true);
  const { status, body } = await read("to=ann@EXAMPLE.com&limit=2");
  assert.equal(status, 200);
  assert.deepEqual(
    [body.data.map(({ subject }: { subject: string }) => subject), body.has_more],
    [["three", "two"], true],
  );
  const { id, created_at, ...message } = body.data[0];
  assert.match(id, /^msg_/);
  assert.match(created_at, /Z$/);
  const expected = { object: "message", to: "Ann@example.com", kind: "greeting", subject: "three", text: "Hello" };
  assert.deepEqual(message, { ...expected, values: { a: "1" } });
  const rest = await read(`to=ann@example.com&starting_after=${body.data[1].id}`);
  assert.deepEqual(
    rest.body.data.map(({ subject }: { subject: string }) => subject),
    ["one"],
  );
  assert.equal((await read(`to=${encodeURIComponent("+8613812345678")}`)).body.data.length, 1);
  assert.deepEqual((await read("to=nobody@example.com")).body.data, []);
});

test("only a merchant's program and staff read it, and on a live server nobody does", async () => {
  const user = tokenOf({ kind: "user", userId: newId("usr"), livemode: false, sessionId: newId("ses") });
  assert.equal((await server.call("GET", "/v1/test_inbox?to=ann@example.com")).status, 401);
  assert.equal((await read("to=ann@example.com", user)).body.error.code, "actor_not_allowed");
  configure({ ...testSettings(folder, url()), MODE: "live", TEST_CLOCK: "0", LOOPBACK_URLS: "0" });
  const { status, body } = await read("to=ann@example.com");
  assert.deepEqual([status, body.error.code], [403, "test_inbox_off"]);
});
