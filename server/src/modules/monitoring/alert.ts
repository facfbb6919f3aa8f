import { first, run, type Transaction } from "#kit/db.ts";
import { newId } from "#kit/ids.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { log } from "#kit/log.ts";
import { acknowledge, insertAlert, selectAlert } from "./alerts-sql.ts";

/** Something that a person of the operator's should see. */
export interface Alert {
  readonly id: string;
  /** What happened: `webhook_endpoint.disabled`. */
  readonly type: string;
  readonly severity: "warning" | "critical";
  readonly merchantId: string | null;
  readonly livemode: boolean | null;
  /** What it is about. */
  readonly objectId: string | null;
  readonly details: Record<string, unknown>;
  readonly status: "open" | "acknowledged";
  readonly createdAt: Date;
  readonly acknowledgedAt: Date | null;
  readonly acknowledgedBy: string | null;
}

export type NewAlert = Pick<Alert, "type" | "severity" | "merchantId" | "livemode" | "objectId" | "details">;

/** Raises an alert in the transaction that gives the reason. Its details hold no secret. */
export async function raiseAlert(tx: Transaction, alert: NewAlert): Promise<void> {
  const { type, severity, merchantId, livemode, objectId, details } = alert;
  await run(tx, insertAlert, [newId("alr"), type, severity, merchantId, livemode, objectId, JSON.stringify(details)]);
  log.warn({ alert: type, object: objectId, details }, "an alert was raised");
}

/** A person has seen it; once more changes nothing. */
export async function acknowledgeAlert(tx: Transaction, staffId: string, id: string): Promise<Alert> {
  const alert = (await first(tx, acknowledge, [id, staffId])) ?? (await first(tx, selectAlert, [id]));
  if (!alert) throw kitErrors.not_found();
  return alert;
}

export const presentAlert = (alert: Alert) => ({
  id: alert.id,
  object: "alert" as const,
  type: alert.type,
  severity: alert.severity,
  merchant: alert.merchantId,
  livemode: alert.livemode,
  about: alert.objectId,
  details: alert.details,
  status: alert.status,
  created_at: alert.createdAt.toISOString(),
  acknowledged_at: alert.acknowledgedAt?.toISOString() ?? null,
  acknowledged_by: alert.acknowledgedBy,
});
