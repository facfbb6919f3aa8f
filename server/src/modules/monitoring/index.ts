import "./jobs.ts";

export { raiseAlert, raiseAlerts } from "./alert.ts";
export { evaluateSignals } from "./evaluate.ts";
export { watchEventLoop } from "./gauges.ts";
export { measureRequests } from "./measure-requests.ts";
export { monitoringRoutes, probeRoutes, setDraining } from "./routes.ts";
export { tellAlerts } from "./tell-alerts.ts";
