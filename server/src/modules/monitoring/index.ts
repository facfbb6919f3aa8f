export { raiseAlert } from "./alert.ts";
export { monitoringRoutes } from "./routes.ts";
