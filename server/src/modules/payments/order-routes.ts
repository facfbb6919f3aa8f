import { actorOf, allow } from "#kit/access.ts";
import { type Http, languageOf } from "#kit/http.ts";
import { once } from "#kit/idempotency.ts";
import { readCheckout } from "./checkout.ts";
import { closeOrder } from "./close-order.ts";
import { admitPayer, type Confirmation, confirmOrder } from "./confirm-order.ts";
import { ClosePayment, ConfirmOrder, QueryPayment, ReadCheckout } from "./order-schemas.ts";
import { presentPayment, presentToPayer } from "./payment.ts";
import { queryAttempt } from "./query-payment.ts";
import { readPayment } from "./read-payments.ts";

/** What is done to an order that waits for its payer. */
export function orderRoutes(app: Http): void {
  app.post(
    "/v1/payments/:id/close",
    {
      schema: ClosePayment,
      config: allow("merchant", "payments:write"),
      // No channel is asked while a transaction is open.
      preHandler: (request) => queryAttempt(actorOf(request, "merchant"), request.params.id, { pauseS: 0 }),
    },
    once(async (request, tx) => {
      const payment = await closeOrder(tx, actorOf(request, "merchant"), request.params.id);
      return presentPayment(payment, languageOf(request));
    }),
  );

  app.post(
    "/v1/payments/:id/query",
    { schema: QueryPayment, config: allow(["merchant", "terminal"], "payments:write") },
    async (request) => {
      const seller = actorOf(request, "merchant", "terminal");
      await readPayment(seller, request.params.id);
      await queryAttempt(seller, request.params.id);
      return presentPayment(await readPayment(seller, request.params.id), languageOf(request));
    },
  );

  app.get("/v1/payments/:id/checkout", { schema: ReadCheckout, config: allow(["user", "payer"]) }, (request) =>
    readCheckout(request.actor, request.params.id, request.headers["payment-key"]),
  );

  app.post(
    "/v1/payments/:id/confirm",
    {
      schema: ConfirmOrder,
      config: allow(["user", "payer"]),
      // Before the transaction, so that a wrong PIN counts even though nothing else happens.
      preHandler: async (request) => {
        request.actor = await admitPayer(request.actor, request.params.id, confirmationOf(request));
      },
    },
    once(
      async (request, tx) => {
        const payer = actorOf(request, "user", "payer");
        const payment = await confirmOrder(tx, payer, request.params.id, confirmationOf(request));
        return presentToPayer(payment, languageOf(request));
      },
      { required: true },
    ),
  );
}

/** The key travels in the body or in the header. */
const confirmationOf = ({ body, headers }: Asked): Confirmation => ({
  ...body,
  payment_key: body.payment_key ?? headers["payment-key"],
});

interface Asked {
  body: Confirmation;
  headers: { "payment-key"?: string | undefined };
}
