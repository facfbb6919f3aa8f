import { type Origin, platformOwner, recordAct } from "#kit/audit.ts";
import { config } from "#kit/config.ts";
import { first, plainArray, type Queryable, run, type Transaction, textArray } from "#kit/db.ts";
import type { Language } from "#kit/errors.ts";
import { firstEventId, newId } from "#kit/ids.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { log } from "#kit/log.ts";
import { emit, type NewEvent } from "#kit/outbox.ts";
import type { Severity } from "#kit/severity.ts";
import { acknowledge, raise, resolve, selectAlert, selectUnresolved } from "./alerts-sql.ts";
import { type AlertType, concernOf } from "./rules.ts";

/** Something that a person of the operator's should see. */
export interface Alert {
  readonly id: string;
  /** What happened: `webhook_endpoint.disabled`. */
  readonly type: string;
  readonly severity: Severity;
  readonly merchantId: string | null;
  readonly livemode: boolean | null;
  /** What it is about. */
  readonly objectId: string | null;
  /** Of one type and group there is one alert that is not resolved; nothing from before there were groups. */
  readonly groupKey: string | null;
  readonly details: Record<string, unknown>;
  readonly status: "open" | "acknowledged" | "resolved";
  /** How often it was seen; while it is not resolved, what goes on is counted here. */
  readonly count: number;
  readonly createdAt: Date;
  readonly lastSeenAt: Date;
  readonly acknowledgedAt: Date | null;
  readonly acknowledgedBy: string | null;
  readonly resolvedAt: Date | null;
  readonly resolvedBy: string | null;
  /** Of who resolved it. */
  readonly note: string | null;
}

export interface NewAlert extends Pick<Alert, "merchantId" | "livemode" | "objectId" | "details"> {
  readonly type: AlertType;
  /** Preset: what it is about. */
  readonly group?: string;
  readonly count?: number;
}

/** Raises an alert in the transaction that gives the reason. Its details hold no secret and nothing of a person. */
export const raiseAlert = (tx: Transaction, alert: NewAlert): Promise<void> => raiseAlerts(tx, [alert]);

/** As {@link raiseAlert} for many, of different types or groups. */
export async function raiseAlerts(tx: Transaction, alerts: readonly NewAlert[]): Promise<void> {
  if (alerts.length === 0) return;
  const groups = alerts.map(groupOf);
  const ids = alerts.map(() => newId("alr"));
  const types = plainArray(alerts.map(({ type }) => type));
  const known = await run(tx, selectUnresolved, [types, textArray(groups)]);
  const open = new Set(known.filter(({ status }) => status === "open").map(({ type, key }) => `${type} ${key}`));
  const raised = await run(tx, raise, [
    plainArray(ids),
    types,
    textArray(groups),
    plainArray(alerts.map(({ type }) => severityOf(type))),
    plainArray(alerts.map(({ merchantId }) => merchantId)),
    plainArray(alerts.map(({ livemode }) => livemode)),
    textArray(alerts.map(({ objectId }) => objectId)),
    textArray(alerts.map(({ details }) => JSON.stringify(details))),
    plainArray(alerts.map(({ count }) => count ?? 1)),
  ]);
  const told = raised.filter(({ type, groupKey }) => !open.has(`${type} ${groupKey}`));
  for (const { type, objectId, details } of told)
    log.warn({ alert: type, object: objectId, details }, "an alert was raised");
  const isNew = new Set(ids);
  await emit(
    tx,
    told.map((alert) => eventOf(alert, isNew.has(alert.id) ? "raised" : "reopened")),
  );
}

const groupOf = ({ group, objectId }: NewAlert): string => group ?? objectId ?? "";
const severityOf = (type: string): Severity => concernOf(type)?.severity ?? "warning";

/** A person has seen it; once more changes nothing. */
export async function acknowledgeAlert(tx: Transaction, from: Origin, staffId: string, id: string): Promise<Alert> {
  const alert = await first(tx, acknowledge, [id, staffId]);
  return alert ? noted(tx, from, "acknowledged", alert) : findAlert(tx, id);
}

/** It is over, and why; what happens from now on makes another one. Once more changes nothing. */
export async function resolveAlert(
  tx: Transaction,
  from: Origin,
  staffId: string,
  id: string,
  note: string,
): Promise<Alert> {
  const alert = await first(tx, resolve, [id, staffId, note]);
  return alert ? noted(tx, from, "resolved", alert) : findAlert(tx, id);
}

async function noted(tx: Transaction, from: Origin, what: "acknowledged" | "resolved", alert: Alert): Promise<Alert> {
  const object = { type: "alert", id: alert.id };
  await recordAct(tx, from, { action: `alert.${what}`, object, after: { status: alert.status, note: alert.note } });
  await emit(tx, [eventOf(alert, what)]);
  return alert;
}

/** Throws `not_found`. */
export async function findAlert(on: Queryable, id: string): Promise<Alert> {
  const alert = await first(on, selectAlert, [id]);
  if (!alert) throw kitErrors.not_found();
  return alert;
}

/** For those who see everything: the stream of staff. */
const eventOf = (alert: Alert, what: "raised" | "reopened" | "acknowledged" | "resolved"): NewEvent => ({
  id: what === "raised" ? firstEventId(alert.id) : newId("evt"),
  ownerId: platformOwner,
  livemode: alert.livemode ?? config().mode === "live",
  type: `alert.${what}`,
  objectId: alert.id,
  object: presentAlert(alert, "en"),
});

export const presentAlert = (alert: Alert, language: Language) => ({
  id: alert.id,
  object: "alert" as const,
  type: alert.type,
  severity: alert.severity,
  message: messageOf(alert.type, language),
  merchant: alert.merchantId,
  livemode: alert.livemode,
  about: alert.objectId,
  details: alert.details,
  status: alert.status,
  count: alert.count,
  created_at: alert.createdAt.toISOString(),
  last_seen_at: alert.lastSeenAt.toISOString(),
  acknowledged_at: alert.acknowledgedAt?.toISOString() ?? null,
  acknowledged_by: alert.acknowledgedBy,
  resolved_at: alert.resolvedAt?.toISOString() ?? null,
  resolved_by: alert.resolvedBy,
  note: alert.note,
});

/** What people read of this type of alert. */
export function messageOf(type: string, language: Language): string {
  const concern = concernOf(type);
  return (language === "zh-CN" ? concern?.zh : concern?.en) ?? type;
}
