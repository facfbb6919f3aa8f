import { severities } from "#kit/severity.ts";
import { type Alert, messageOf } from "./alert.ts";

const words = {
  info: { en: "for information", zh: "提示" },
  warning: { en: "warning", zh: "警告" },
  critical: { en: "critical", zh: "严重" },
} as const;

/** The mail about some alerts, in both languages: who reads it is known to nobody. */
export function mailOf(alerts: readonly Alert[]): { subject: string; text: string } {
  const gravest = severities.findLast((severity) => alerts.some((alert) => alert.severity === severity)) ?? "info";
  const [first] = alerts.filter(({ severity }) => severity === gravest);
  const { en, zh } = words[gravest];
  const others = alerts.length > 1 ? ` (+${alerts.length - 1})` : "";
  return {
    subject: `[Feiqian] ${en} ${zh}: ${first?.type}${others}`,
    text: alerts.map(paragraphOf).join("\n\n"),
  };
}

function paragraphOf(alert: Alert): string {
  const { en, zh } = words[alert.severity];
  const facts = Object.entries(alert.details).map(([name, value]) => `  ${name}: ${String(value)}`);
  return [
    `${en} ${zh} · ${alert.type} · ×${alert.count}`,
    messageOf(alert.type, "en"),
    messageOf(alert.type, "zh-CN"),
    ...(alert.objectId ? [`  about: ${alert.objectId}`] : []),
    ...facts,
    `  ${alert.createdAt.toISOString()} … ${alert.lastSeenAt.toISOString()}`,
    `  ${alert.id}`,
  ].join("\n");
}
