import "./jobs.ts";

export { recordsLoops } from "./project.ts";
export { receiptFor } from "./read-receipt.ts";
export { recordRoutes } from "./routes.ts";
export { statementRoutes } from "./statement-routes.ts";
export { unusualRefunds } from "./statistics-sql.ts";
