import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, test } from "node:test";
import { useDatabase } from "#test/database.ts";
import { eventually } from "#test/elsewhere.ts";
import { aMailServer } from "#test/mail-server.ts";
import { testSettings } from "#test/platform.ts";
import { aReceiver, verify } from "#test/receiver.ts";
import { configure } from "./config.ts";
import { openKeyring } from "./crypto.ts";
import { database, inTransaction } from "./db.ts";
import { startJobs } from "./jobs.ts";
import { assertDeliverable, type Message, missingChannels, sendMessage } from "./messages.ts";
import { smtpOptions } from "./send-mail.ts";

const { url } = useDatabase({ prepare: () => openKeyring(randomBytes(32)) });
const folder = mkdtempSync(join(tmpdir(), "feiqian-messages-"));
after(() => rmSync(folder, { recursive: true }));

const secret = `whsec_${randomBytes(32).toString("base64")}`;
const configureWith = (env: Record<string, string>) =>
  configure({ ...testSettings(folder, url()), LOG_LEVEL: "fatal", ...env });
const configureMail = (port: number, scheme = "smtp") =>
  configureWith({ SMTP_URL: `${scheme}://127.0.0.1:${port}`, MAIL_FROM: "Feiqian <noreply@feiqian.example>" });
const write = (message: Partial<Message> = {}) =>
  inTransaction((tx) =>
    sendMessage(tx, {
      to: { email: "ann@example.com" },
      kind: "greeting",
      subject: "你好",
      text: "Hello, 您好。",
      livemode: false,
      usefulSeconds: 600,
      ...message,
    }),
  );
const waiting = async () => (await database().query("select count(*)::int as n from messages")).rows[0].n;
/** What is tried again later is tried again now. */
const hurry = () =>
  database().query(
    "update graphile_worker._private_jobs set run_at = now() where task_id is not null and locked_at is null",
  );
const jobs = async (t: { after: (end: () => Promise<void>) => void }) => {
  const running = await startJobs({ pollMs: 50 });
  t.after(() => running.stop());
};
const failed = async () =>
  (await database().query("select last_error from graphile_worker._private_jobs where last_error is not null")).rows;

beforeEach(async () => {
  await database().query("delete from messages");
  await database().query("delete from graphile_worker._private_jobs");
});

test("a mail goes out by SMTP after the commit, once, and nothing of it stays", async (t) => {
  const server = await aMailServer(t);
  configureMail(server.port);
  await jobs(t);
  await assert.rejects(
    inTransaction(async (tx) => {
      const terms = { kind: "x", subject: "x", text: "x", livemode: false, usefulSeconds: 600 };
      await sendMessage(tx, { to: { email: "never@example.com" }, ...terms });
      throw new Error("the act failed");
    }),
  );
  await write();
  await eventually(async () => (await waiting()) === 0);
  assert.equal(server.mails.length, 1);
  const [{ from, to, source }] = server.mails as [(typeof server.mails)[0]];
  assert.deepEqual([from, to], ["noreply@feiqian.example", "ann@example.com"]);
  assert.match(source, /^Message-ID: <msg_[0-9a-z]{26}@feiqian\.example>/im);
  assert.match(source, /^Auto-Submitted: auto-generated/im);
  assert.match(source, /^Subject: =\?UTF-8\?/im);
});

test("while the server is away a mail waits and is tried again; what the log and the queue keep names nobody", async (t) => {
  const server = await aMailServer(t);
  configureMail(server.port);
  server.refuse(450);
  await jobs(t);
  await write();
  await eventually(async () => (await failed()).length === 1);
  assert.match((await failed())[0].last_error, /450/);
  assert.doesNotMatch((await failed())[0].last_error, /ann@example/);
  assert.deepEqual([await waiting(), server.mails.length], [1, 0]);
  server.refuse(undefined);
  await hurry();
  await eventually(async () => server.mails.length === 1 && (await waiting()) === 0);
});

test("a recipient whom the server refuses for good is not tried again", async (t) => {
  const server = await aMailServer(t);
  configureMail(server.port);
  server.refuse(550);
  await jobs(t);
  await write();
  await eventually(async () => (await waiting()) === 0);
  assert.deepEqual([server.mails, await failed()], [[], []]);
});

test("nothing is sent that nobody needs any more, or that is meant for nobody", async (t) => {
  const server = await aMailServer(t);
  configureMail(server.port);
  await write({ muted: true });
  await write();
  await database().query("update messages set expires_at = clock_now()");
  await write({ subject: "last" });
  await jobs(t);
  await eventually(async () => (await waiting()) === 0);
  assert.equal(server.mails.length, 1);
  assert.match(server.mails[0]?.source ?? "", /^Subject: last/m);
});

test("mail is encrypted, except to a relay on this machine, and a certificate that nobody vouches for is not believed", async (t) => {
  assert.equal(smtpOptions("smtp://mail.example.com").requireTLS, true);
  assert.equal(smtpOptions("smtp://mail.example.com").port, 587);
  const { secure, port, auth } = smtpOptions("smtps://ann%40x:p%3Aw@mail.example.com");
  assert.deepEqual([secure, port, auth], [true, 465, { user: "ann@x", pass: "p:w" }]);
  assert.equal(smtpOptions("smtp://[::1]:25").host, "::1");
  const server = await aMailServer(t, { secure: true });
  configureMail(server.port, "smtps");
  await jobs(t);
  await write();
  await eventually(async () => (await failed()).length === 1);
  assert.deepEqual([await waiting(), server.mails.length], [1, 0]);
});

test("a text message is posted to the gateway, signed, and again with the same id until it is taken", async (t) => {
  const gateway = await aReceiver(t);
  gateway.answer((response, _message, number) => void response.writeHead(number === 1 ? 500 : 204).end());
  configureWith({ SMS_GATEWAY_URL: gateway.url, SMS_GATEWAY_SECRET: secret });
  await jobs(t);
  await write({ to: { phone: "+8613812345678" } });
  await eventually(async () => (await failed()).length === 1);
  await hurry();
  const [first, second] = await gateway.got(2);
  await eventually(async () => (await waiting()) === 0);
  assert.ok(first && second);
  for (const message of [first, second]) verify(secret, message);
  assert.equal(first.id, second.id);
  const { headers: _headers, id, ...body } = first.body;
  assert.deepEqual(body, { to: "+8613812345678", kind: "greeting", text: "Hello, 您好。" });
  assert.equal(id, first.id);
});

test("a number that the gateway refuses is not tried again, and a gateway on a private network is not called", async (t) => {
  const gateway = await aReceiver(t);
  gateway.answer(422);
  configureWith({ SMS_GATEWAY_URL: gateway.url, SMS_GATEWAY_SECRET: secret });
  await jobs(t);
  await write({ to: { phone: "+8613812345678" } });
  await eventually(async () => (await waiting()) === 0);
  assert.equal(gateway.received.length, 1);
  await write({ to: { phone: "+8613812345678" }, livemode: true });
  await eventually(async () => (await failed()).length === 1);
  assert.equal(gateway.received.length, 1);
});

test("without a server live messages can't be sent, and in test mode they stay in the inbox", async () => {
  const live = configureWith({ MODE: "live", TEST_CLOCK: "0", LOOPBACK_URLS: "0" });
  assert.equal(missingChannels(live).length, 2);
  assert.throws(() => assertDeliverable({ email: "ann@example.com" }), { code: "message_undeliverable" });
  await assert.rejects(write({ livemode: true }), { code: "message_undeliverable" });
  const test = configureWith({});
  assert.deepEqual(missingChannels(test), []);
  await write();
  const { rows } = await database().query("select from graphile_worker._private_jobs");
  assert.deepEqual([rows.length, await waiting()], [0, 1]);
});

test("the configuration of a server or gateway is whole, and what is wrong with it shows no secret", () => {
  const problemsOf = (env: Record<string, string>): string => {
    try {
      configureWith(env);
      return "";
    } catch (error) {
      return (error as Error).message;
    }
  };
  assert.match(problemsOf({ SMTP_URL: "smtps://u:p@host" }), /MAIL_FROM: must be set/);
  assert.match(problemsOf({ SMS_GATEWAY_URL: "https://host/sms" }), /SMS_GATEWAY_SECRET: must be set/);
  for (const address of ["Bo <a@b.c>, x@y.z", "a@b\r\nBcc: x@y.z", "nobody", "<a@b.c>"])
    assert.match(problemsOf({ MAIL_FROM: address }), /MAIL_FROM/);
  for (const smtp of ["http://u:hunter2@host", "smtps://u:hunter2@host?x=1", "hunter2"]) {
    const problems = problemsOf({ SMTP_URL: smtp, MAIL_FROM: "a@b.c" });
    assert.match(problems, /SMTP_URL/);
    assert.doesNotMatch(problems, /hunter2/);
  }
  assert.doesNotMatch(problemsOf({ SMS_GATEWAY_SECRET: "hunter2" }), /hunter2/);
  assert.equal(problemsOf({ SMTP_URL: "smtps://u:p@host", MAIL_FROM: "飞钱 <noreply@example.com>" }), "");
});
