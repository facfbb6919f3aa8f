import { actorOf, allow } from "#kit/access.ts";
import { database, run } from "#kit/db.ts";
import { type Http, languageOf } from "#kit/http.ts";
import { once } from "#kit/idempotency.ts";
import { page } from "#kit/lists.ts";
import { acknowledgeAlert, findAlert, presentAlert, resolveAlert } from "./alert.ts";
import { listAlerts } from "./alerts-sql.ts";
import { AcknowledgeAlert, ListAlerts, ReadAlert, ResolveAlert } from "./schemas.ts";

export function alertRoutes(app: Http): void {
  app.get("/v1/alerts", { schema: ListAlerts, config: allow("staff", "alerts:read") }, (request) => {
    const { query } = request;
    const { created_gte: from = null, created_lt: to = null, status = null, type = null } = query;
    const { severity = null, merchant = null, about = null } = query;
    const filters = [from, to, status, type, severity, merchant, about];
    return page(
      "/v1/alerts",
      query,
      ({ after, before, limit, ascending }) =>
        run(database(), listAlerts[ascending ? "asc" : "desc"], [after, before, ...filters, limit]),
      (alert) => presentAlert(alert, languageOf(request)),
    );
  });

  app.get("/v1/alerts/:id", { schema: ReadAlert, config: allow("staff", "alerts:read") }, async (request) =>
    presentAlert(await findAlert(database(), request.params.id), languageOf(request)),
  );

  app.post(
    "/v1/alerts/:id/acknowledge",
    { schema: AcknowledgeAlert, config: allow("staff", "alerts:write") },
    once(async (request, tx) => {
      const { staffId } = actorOf(request, "staff");
      return presentAlert(await acknowledgeAlert(tx, request, staffId, request.params.id), languageOf(request));
    }),
  );

  app.post(
    "/v1/alerts/:id/resolve",
    { schema: ResolveAlert, config: allow("staff", "alerts:write") },
    once(async (request, tx) => {
      const { staffId } = actorOf(request, "staff");
      const { note } = request.body;
      return presentAlert(await resolveAlert(tx, request, staffId, request.params.id, note), languageOf(request));
    }),
  );
}
