import { actorOf, allow } from "#kit/access.ts";
import { database, first, run } from "#kit/db.ts";
import type { FastifyRequest, Http } from "#kit/http.ts";
import { once } from "#kit/idempotency.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { page } from "#kit/lists.ts";
import { changeEndpoint } from "./change-endpoint.ts";
import { createEndpoint } from "./create-endpoint.ts";
import { removeEndpoint } from "./delete-endpoint.ts";
import { listDeliveries, selectDelivery } from "./deliveries-sql.ts";
import { presentDelivery } from "./delivery.ts";
import { type Endpoint, presentEndpoint } from "./endpoint.ts";
import { listEndpoints, selectEndpoint, selectNotifySecret } from "./endpoints-sql.ts";
import { resendDelivery, resendEvent, testEndpoint } from "./resend.ts";
import { presentNotifySecret, rotateNotify, rotateSecret } from "./rotate-secret.ts";
import {
  ChangeEndpoint,
  CreateEndpoint,
  DeleteEndpoint,
  ListDeliveries,
  ListEndpoints,
  ReadDelivery,
  ReadEndpoint,
  ReadNotifySecret,
  ResendDelivery,
  ResendEvent,
  RotateNotifySecret,
  RotateSecret,
  TestEndpoint,
} from "./webhook-schemas.ts";

const reading = () => allow("merchant", "webhooks:read");
const writing = () => allow("merchant", "webhooks:write");
const merchantOf = (request: FastifyRequest) => actorOf(request, "merchant");

export function webhookRoutes(app: Http): void {
  endpointRoutes(app);
  secretRoutes(app);
  deliveryRoutes(app);
}

function endpointRoutes(app: Http): void {
  app.post(
    "/v1/webhook_endpoints",
    { schema: CreateEndpoint, config: writing() },
    once((request, tx) => createEndpoint(tx, merchantOf(request), request.body, request), { secret: true }),
  );

  app.get("/v1/webhook_endpoints", { schema: ListEndpoints, config: reading() }, (request) => {
    const { merchantId, livemode } = merchantOf(request);
    const { created_gte: from = null, created_lt: to = null } = request.query;
    return page(
      "/v1/webhook_endpoints",
      request.query,
      ({ after, before, limit, ascending }) =>
        run(database(), listEndpoints[ascending ? "asc" : "desc"], [
          merchantId,
          livemode,
          after,
          before,
          from,
          to,
          limit,
        ]),
      presentEndpoint,
    );
  });

  app.get("/v1/webhook_endpoints/:id", { schema: ReadEndpoint, config: reading() }, async (request) =>
    presentEndpoint(await ownEndpoint(request, request.params.id)),
  );

  app.patch("/v1/webhook_endpoints/:id", { schema: ChangeEndpoint, config: writing() }, async (request) =>
    presentEndpoint(await changeEndpoint(merchantOf(request), request.params.id, request.body, request)),
  );

  app.delete("/v1/webhook_endpoints/:id", { schema: DeleteEndpoint, config: writing() }, async (request) =>
    presentEndpoint(await removeEndpoint(merchantOf(request), request.params.id, request)),
  );

  app.post(
    "/v1/webhook_endpoints/:id/test",
    { schema: TestEndpoint, config: writing() },
    once(async (request, tx) => presentDelivery(await testEndpoint(tx, merchantOf(request), request.params.id))),
  );
}

function secretRoutes(app: Http): void {
  app.post(
    "/v1/webhook_endpoints/:id/rotate_secret",
    { schema: RotateSecret, config: writing() },
    once((request, tx) => rotateSecret(tx, merchantOf(request), request.params.id, request.body, request), {
      secret: true,
    }),
  );

  app.get("/v1/notify_secret", { schema: ReadNotifySecret, config: reading() }, async (request) => {
    const { merchantId, livemode } = merchantOf(request);
    const secret = await first(database(), selectNotifySecret, [merchantId, livemode]);
    if (!secret) throw kitErrors.not_found();
    return presentNotifySecret(secret);
  });

  app.post(
    "/v1/notify_secret/rotate",
    { schema: RotateNotifySecret, config: writing() },
    once((request, tx) => rotateNotify(tx, merchantOf(request), request.body, request), { secret: true }),
  );
}

function deliveryRoutes(app: Http): void {
  app.get("/v1/webhook_endpoints/:id/deliveries", { schema: ListDeliveries, config: reading() }, async (request) => {
    const { id, merchantId, livemode } = await ownEndpoint(request, request.params.id);
    const { created_gte: from = null, created_lt: to = null, status = null, event = null } = request.query;
    return page(
      `/v1/webhook_endpoints/${id}/deliveries`,
      request.query,
      ({ after, before, limit, ascending }) => {
        const values = [merchantId, livemode, id, after, before, from, to, status, event, limit];
        return run(database(), listDeliveries[ascending ? "asc" : "desc"], values);
      },
      presentDelivery,
    );
  });

  app.get("/v1/webhook_deliveries/:id", { schema: ReadDelivery, config: reading() }, async (request) => {
    const { merchantId, livemode } = merchantOf(request);
    const delivery = await first(database(), selectDelivery, [merchantId, livemode, request.params.id]);
    if (!delivery) throw kitErrors.not_found();
    return presentDelivery(delivery);
  });

  app.post(
    "/v1/webhook_deliveries/:id/resend",
    { schema: ResendDelivery, config: writing() },
    once(async (request, tx) => presentDelivery(await resendDelivery(tx, merchantOf(request), request.params.id))),
  );

  app.post(
    "/v1/events/:id/resend",
    { schema: ResendEvent, config: writing() },
    once(async (request, tx) => {
      const { params, body } = request;
      const sent = await resendEvent(tx, merchantOf(request), params.id, body.endpoint);
      const url = `/v1/events/${params.id}/resend`;
      return { object: "list", data: sent.map(presentDelivery), has_more: false, url };
    }),
  );
}

async function ownEndpoint(request: FastifyRequest, id: string): Promise<Endpoint> {
  const { merchantId, livemode } = merchantOf(request);
  const endpoint = await first(database(), selectEndpoint, [merchantId, livemode, id]);
  if (!endpoint) throw kitErrors.not_found();
  return endpoint;
}
