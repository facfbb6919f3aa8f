import { actorOf, allow } from "#kit/access.ts";
import type { Http } from "#kit/http.ts";
import { presentEvent, readEvent, readEvents } from "./events.ts";
import { ListEvents, ReadEvent } from "./schemas.ts";
import { streamRoutes } from "./stream-routes.ts";
import { webhookRoutes } from "./webhook-routes.ts";

export function notificationRoutes(app: Http): void {
  webhookRoutes(app);
  streamRoutes(app);

  app.get("/v1/events", { schema: ListEvents, config: allow(["merchant", "user"], "events:read") }, (request) =>
    readEvents(actorOf(request, "merchant", "user"), request.query),
  );

  app.get(
    "/v1/events/:id",
    { schema: ReadEvent, config: allow(["merchant", "user"], "events:read") },
    async (request) => presentEvent(await readEvent(actorOf(request, "merchant", "user"), request.params.id)),
  );
}
