export { recordsLoops } from "./project.ts";
export { recordRoutes } from "./routes.ts";
