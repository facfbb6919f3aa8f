/** How much a signal or an alert matters, the least first. */
export const severities = ["info", "warning", "critical"] as const;
export type Severity = (typeof severities)[number];
