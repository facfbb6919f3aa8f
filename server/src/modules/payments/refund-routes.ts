import { actorOf, allow } from "#kit/access.ts";
import { type Http, languageOf } from "#kit/http.ts";
import { once } from "#kit/idempotency.ts";
import { Turns } from "#kit/turns.ts";
import { createRefund } from "./create-refund.ts";
import { readRefund, readRefunds } from "./read-refunds.ts";
import { presentRefund } from "./refund.ts";
import { CreateRefund, ListRefunds, ReadRefund } from "./refund-schemas.ts";

/** Refunds of one merchant wait for each other in the database (`takeTurn`); a burst waits here first. */
const turns = new Turns({ mostWaiting: 1_000 });

export function refundRoutes(app: Http): void {
  const create = once<typeof CreateRefund>(
    async (request, tx) => {
      const refund = await createRefund(tx, actorOf(request, "merchant", "terminal"), request.body);
      return presentRefund(refund, languageOf(request));
    },
    { required: true },
  );
  app.post(
    "/v1/refunds",
    { schema: CreateRefund, config: allow(["merchant", "terminal"], "refunds:write") },
    (request, reply) => {
      const { merchantId, livemode } = actorOf(request, "merchant", "terminal");
      return turns.take(`${merchantId} ${livemode}`, async () => create.call(app, request, reply));
    },
  );

  app.get("/v1/refunds", { schema: ListRefunds, config: allow("merchant", "refunds:read") }, (request) =>
    readRefunds(actorOf(request, "merchant"), request.query, languageOf(request)),
  );

  app.get(
    "/v1/refunds/:id",
    { schema: ReadRefund, config: allow(["merchant", "terminal"], "refunds:read") },
    async (request) =>
      presentRefund(await readRefund(actorOf(request, "merchant", "terminal"), request.params.id), languageOf(request)),
  );
}
