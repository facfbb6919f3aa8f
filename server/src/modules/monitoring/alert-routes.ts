import { actorOf, allow } from "#kit/access.ts";
import { database, run } from "#kit/db.ts";
import type { Http } from "#kit/http.ts";
import { once } from "#kit/idempotency.ts";
import { page } from "#kit/lists.ts";
import { acknowledgeAlert, presentAlert } from "./alert.ts";
import { listAlerts } from "./alerts-sql.ts";
import { AcknowledgeAlert, ListAlerts } from "./schemas.ts";

export function alertRoutes(app: Http): void {
  app.get("/v1/alerts", { schema: ListAlerts, config: allow("staff", "alerts:read") }, ({ query }) => {
    const { created_gte: from = null, created_lt: to = null, status = null, type = null } = query;
    return page(
      "/v1/alerts",
      query,
      ({ after, before, limit, ascending }) =>
        run(database(), listAlerts[ascending ? "asc" : "desc"], [after, before, from, to, status, type, limit]),
      presentAlert,
    );
  });

  app.post(
    "/v1/alerts/:id/acknowledge",
    { schema: AcknowledgeAlert, config: allow("staff", "alerts:write") },
    once(async (request, tx) =>
      presentAlert(await acknowledgeAlert(tx, actorOf(request, "staff").staffId, request.params.id)),
    ),
  );
}
