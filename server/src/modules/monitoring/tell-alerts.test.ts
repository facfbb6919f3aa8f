import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { after, describe, test } from "node:test";
import { Webhook } from "standardwebhooks";
import { now } from "#kit/clock.ts";
import { database, inTransaction, run } from "#kit/db.ts";
import { newId } from "#kit/ids.ts";
import { eventually } from "#test/elsewhere.ts";
import { ok, times } from "#test/factories.ts";
import { usePlatform, useSecondServer } from "#test/platform.ts";
import { type NewAlert, raiseAlerts } from "./alert.ts";
import { takeUntold } from "./alerts-sql.ts";

interface Posted {
  readonly id: string;
  readonly alerts: { about: string; type: string; severity: string }[];
}

const secret = `whsec_${randomBytes(32).toString("base64")}`;
let status = 204;
let signed = 0;
const posted: Posted[] = [];

/** The operator's endpoint. */
const endpoint = createServer((request, response) => void take(request, response).catch(() => response.destroy()));
async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += chunk;
  const { type, data } = JSON.parse(text);
  assert.equal(type, "alerts.raised");
  posted.push({ id: String(request.headers["webhook-id"]), alerts: data.alerts });
  // The library compares with the machine's time; the test clock may be ahead of it.
  if (Math.abs(now() - Date.now()) < 60_000) {
    new Webhook(secret).verify(text, request.headers as Record<string, string>);
    signed++;
  }
  response.writeHead(status).end();
}
await new Promise<void>((resolve) => endpoint.listen(0, "127.0.0.1", resolve));
const url = `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/alerts`;

const platform = usePlatform({
  LOG_LEVEL: "fatal",
  ALERT_EMAIL: "operator@example.com",
  ALERT_WEBHOOK_URL: url,
  ALERT_WEBHOOK_SECRET: secret,
});
after(() => {
  endpoint.closeAllConnections();
  endpoint.close();
});

const raise = async (type: NewAlert["type"], count = 1) => {
  const alerts = times(count, () => ({ type, objectId: newId("we"), merchantId: null, livemode: false, details: {} }));
  await inTransaction((tx) => raiseAlerts(tx, alerts));
  return alerts.map(({ objectId }) => objectId).sort();
};
const told = () => posted.flatMap(({ alerts }) => alerts.map(({ about }) => about)).sort();
const minutes = async (count: number) =>
  ok(
    platform.call("POST", "/v1/test_clock", {
      token: await platform.operator(),
      body: { advance_ms: count * 60_000 },
    }),
  );

test("of two workers that reach for an alert at the same moment one gets it", async () => {
  await database().query(
    `insert into alerts (id, type, severity, details, group_key) values ('alr_race', 'webhook_endpoint.disabled', 'info', '{}', 'race')`,
  );
  let late: Promise<unknown[]> | undefined;
  const taken = await inTransaction(async (tx) => {
    const mine = await run(tx, takeUntold, ["{info}", 20]);
    late = inTransaction((other) => run(other, takeUntold, ["{info}", 20]));
    await eventually(async () => {
      const { rows } = await database().query(
        "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%told_at%'",
      );
      return rows.length > 0;
    }, 20_000);
    return mine;
  });
  assert.deepEqual([taken.length, (await late)?.length], [1, 0]);
});

describe("word of alerts, with two workers", () => {
  useSecondServer(platform);

  test("is mailed in both languages and posted once, with a signature that the standard's library finds good", async () => {
    const [about = ""] = await raise("ledger.difference");
    await eventually(() => posted.length > 0, 30_000);
    assert.deepEqual([told(), signed, posted[0]?.alerts[0]?.severity], [[about], 1, "critical"]);
    const token = await platform.operator();
    const inbox = await ok(platform.call("GET", "/v1/test_inbox?to=operator@example.com", { token }));
    assert.equal(inbox.data.length, 1);
    assert.match(inbox.data[0].subject, /critical 严重: ledger\.difference/);
    assert.match(inbox.data[0].text, /The books are not.*账务不一致/s);
    assert.ok(inbox.data[0].text.includes(about));
  });

  test("that is not taken comes again under the same id", async () => {
    await minutes(2);
    posted.length = 0;
    status = 500;
    const about = await raise("audit_log.broken");
    await eventually(() => posted.length > 0, 30_000);
    status = 204;
    await eventually(async () => {
      await minutes(1);
      return posted.length > 1;
    }, 30_000);
    const [first, second] = posted;
    assert.deepEqual([first?.alerts[0]?.about, second?.id], [about[0], first?.id]);
  });

  test("is one message a minute in a storm, each alert in one of them; below the severity nothing", async () => {
    await minutes(2);
    posted.length = 0;
    await database().query(
      `insert into alerts (id, type, severity, details, group_key) values ('alr_info', 'webhook_endpoint.disabled', 'info', '{}', 'quiet')`,
    );
    const abouts = await raise("webhook_endpoint.disabled", 45);
    await eventually(() => posted.length === 1, 30_000);
    assert.equal(posted[0]?.alerts.length, 20);
    // A graver one does not wait for them, and they do not come with it.
    const [grave = ""] = await raise("secrets.unreadable");
    await eventually(() => told().includes(grave), 30_000);
    assert.equal(told().length, 21);
    await eventually(async () => {
      await minutes(1);
      return told().length === 46;
    }, 30_000);
    assert.equal(new Set(told()).size, 46);
    assert.ok(abouts.every((about) => told().includes(about)));
    assert.ok(posted.length >= 4);
    const { rows } = await database().query("select told_at from alerts where id = 'alr_info'");
    assert.equal(rows[0].told_at, null);
  });
});
