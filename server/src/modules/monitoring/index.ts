import "./jobs.ts";

export { raiseAlert } from "./alert.ts";
export { evaluateSignals } from "./evaluate.ts";
export { monitoringRoutes } from "./routes.ts";
export { tellAlerts } from "./tell-alerts.ts";
