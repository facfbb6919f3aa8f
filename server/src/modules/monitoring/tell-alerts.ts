import { now } from "#kit/clock.ts";
import { config } from "#kit/config.ts";
import { database, inTransaction, plainArray, run, type Transaction } from "#kit/db.ts";
import { faultPoint } from "#kit/fault-points.ts";
import { newId } from "#kit/ids.ts";
import { defineJob, enqueue } from "#kit/jobs.ts";
import { type Loop, repeat } from "#kit/loop.ts";
import { sendMessage } from "#kit/messages.ts";
import { Outgoing } from "#kit/outgoing.ts";
import { severities } from "#kit/severity.ts";
import { keyOf, signedHeaders } from "#kit/webhook-signature.ts";
import { type Alert, presentAlert } from "./alert.ts";
import { mailOf } from "./alert-mail.ts";
import { selectAlerts, takeUntold } from "./alerts-sql.ts";

/** Of one message. */
const mostAlerts = 20;
const everyMs = 1_000;
const usefulSeconds = 24 * 3_600;
const timeoutMs = 15_000;

/** Sends word of new and reopened alerts, to where the operator wants it. Several workers may run: an alert is taken once. */
export const tellAlerts = (): Loop => repeat("monitoring.tell_alerts", everyMs, tellSome);

async function tellSome(): Promise<boolean> {
  const { alertEmail, alertWebhookUrl } = config();
  if (!alertEmail && !alertWebhookUrl) return false;
  return inTransaction(async (tx) => {
    const alerts = await run(tx, takeUntold, [plainArray(severitiesToTell()), mostAlerts]);
    await faultPoint("monitoring.alerts_taken");
    if (alerts.length > 0) await tell(tx, alerts);
    return false;
  });
}

const severitiesToTell = () => severities.slice(severities.indexOf(config().alertSeverity));

async function tell(tx: Transaction, alerts: readonly Alert[]): Promise<void> {
  const { alertEmail, alertWebhookUrl, mode } = config();
  if (alertEmail) {
    const words = { kind: "alerts", livemode: mode === "live", usefulSeconds };
    await sendMessage(tx, { to: { email: alertEmail }, ...words, ...mailOf(alerts) });
  }
  if (alertWebhookUrl) {
    await enqueue(tx, "monitoring.post_alerts", { message: newId("msg"), alerts: alerts.map(({ id }) => id) });
  }
}

/** What is posted once, or again: then with the same id. */
interface AlertsToPost {
  message: string;
  alerts: string[];
}

/** Posts alerts as they are now to the operator's endpoint, signed as Standard Webhooks are. Throws unless it answers 2xx: the job is tried again. */
async function postAlerts({ message, alerts: ids }: AlertsToPost): Promise<void> {
  const { alertWebhookUrl: url, alertWebhookSecret, mode } = config();
  const key = keyOf(alertWebhookSecret);
  if (!url || !key) return;
  const alerts = await run(database(), selectAlerts, [plainArray(ids)]);
  const data = { alerts: alerts.map((alert) => presentAlert(alert, "en")) };
  const body = JSON.stringify({ type: "alerts.raised", timestamp: new Date(now()).toISOString(), data });
  const signed = signedHeaders([key], message, Math.floor(now() / 1000), body);
  const outgoing = new Outgoing();
  try {
    const headers = { "content-type": "application/json", ...signed };
    const { status } = await outgoing.post({ url, livemode: mode === "live", headers, body, timeoutMs });
    if (status < 200 || status > 299) throw new Error(`the endpoint for alerts answered ${status}`);
  } finally {
    await outgoing.close();
  }
}

defineJob("monitoring.post_alerts", postAlerts);
