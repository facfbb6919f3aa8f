import { Type } from "typebox";
import { open } from "#kit/access.ts";
import { database } from "#kit/db.ts";
import type { Http } from "#kit/http.ts";
import { migrationFiles } from "#kit/migrate.ts";
import { alertRoutes } from "./alert-routes.ts";
import { metricsRoute } from "./metrics-route.ts";
import { appliedMigrations } from "./sql.ts";

const Health = Type.Object({ status: Type.Literal("ok") });
const Readiness = Type.Object({
  status: Type.Enum(["ready", "unavailable"]),
  database: Type.Boolean(),
  migrations: Type.Boolean(),
  draining: Type.Boolean({ description: "The process is stopping: it finishes what it has" }),
});

let draining = false;

/** Whether this process finishes what it has and wants no new work; whoever asks is told. */
export function setDraining(is: boolean): void {
  draining = is;
}

export function monitoringRoutes(app: Http): void {
  probeRoutes(app);
  alertRoutes(app);
}

/** What supervisors ask of every process, whatever its roles. */
export function probeRoutes(app: Http): void {
  healthRoutes(app);
  metricsRoute(app);
}

/** For load balancers and supervisors: alive, and able to take requests. */
function healthRoutes(app: Http): void {
  app.get(
    "/healthz",
    { config: open(), schema: { tags: ["Health"], summary: "The process is alive", response: { 200: Health } } },
    () => ({ status: "ok" as const }),
  );

  app.get(
    "/readyz",
    {
      config: open(),
      schema: {
        tags: ["Health"],
        summary: "Database reached, migrations applied, and not stopping",
        response: { 200: Readiness, 503: Readiness },
      },
    },
    async (_request, reply) => {
      const state = await readiness();
      return reply.code(state.status === "ready" ? 200 : 503).send(state);
    },
  );
}

async function readiness() {
  try {
    const applied = new Set(await appliedMigrations(database()));
    const migrations = (await migrationFiles()).every((file) => applied.has(file));
    const status = migrations && !draining ? ("ready" as const) : ("unavailable" as const);
    return { status, database: true, migrations, draining };
  } catch {
    return { status: "unavailable" as const, database: false, migrations: false, draining };
  }
}
