import { actorOf, allow } from "#kit/access.ts";
import { type Http, languageOf } from "#kit/http.ts";
import { once } from "#kit/idempotency.ts";
import { createRefund } from "./create-refund.ts";
import { readRefund, readRefunds } from "./read-refunds.ts";
import { presentRefund } from "./refund.ts";
import { CreateRefund, ListRefunds, ReadRefund } from "./refund-schemas.ts";

export function refundRoutes(app: Http): void {
  app.post(
    "/v1/refunds",
    { schema: CreateRefund, config: allow("merchant", "refunds:write") },
    once(
      async (request, tx) => {
        const refund = await createRefund(tx, actorOf(request, "merchant"), request.body);
        return presentRefund(refund, languageOf(request));
      },
      { required: true },
    ),
  );

  app.get("/v1/refunds", { schema: ListRefunds, config: allow("merchant", "refunds:read") }, (request) =>
    readRefunds(actorOf(request, "merchant"), request.query, languageOf(request)),
  );

  app.get("/v1/refunds/:id", { schema: ReadRefund, config: allow("merchant", "refunds:read") }, async (request) =>
    presentRefund(await readRefund(actorOf(request, "merchant"), request.params.id), languageOf(request)),
  );
}
