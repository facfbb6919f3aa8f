import { actorOf, allow } from "#kit/access.ts";
import { database } from "#kit/db.ts";
import { type Http, languageOf } from "#kit/http.ts";
import { once, requiredClaimOf, sendAnswer, whileRunning } from "#kit/idempotency.ts";
import { checkPin } from "#modules/identity";
import { confirmOnDevice, paymentToConfirm } from "./confirm-on-device.ts";
import { presentExpanded } from "./expand.ts";
import { payByCode } from "./pay-by-code.ts";
import { presentPayment } from "./payment.ts";
import { readPayment, readPayments } from "./read-payments.ts";
import { ConfirmOnDevice, CreatePayment, ListPayments, ReadPayment } from "./schemas.ts";

export function paymentRoutes(app: Http): void {
  app.post(
    "/v1/payments",
    { schema: CreatePayment, config: allow("merchant", "payments:write") },
    async (request, reply) => {
      const claim = requiredClaimOf(request);
      const facts = { claim, requestId: request.id, language: languageOf(request) };
      const actor = actorOf(request, "merchant");
      return sendAnswer(reply, await whileRunning(claim, () => payByCode(actor, request.body, facts)));
    },
  );

  app.get("/v1/payments", { schema: ListPayments, config: allow("merchant", "payments:read") }, (request) =>
    readPayments(actorOf(request, "merchant"), request.query, languageOf(request)),
  );

  app.get(
    "/v1/payments/:id",
    { schema: ReadPayment, config: allow(["merchant", "user"], "payments:read") },
    async (request) => {
      const payment = await readPayment(request.actor, request.params.id);
      const { expand = [], "expand[]": more = [] } = request.query;
      const names = [...expand, ...more];
      if (names.length === 0) return presentPayment(payment, languageOf(request));
      return presentExpanded(payment, names, actorOf(request, "merchant"), languageOf(request));
    },
  );

  app.post(
    "/v1/payments/:id/confirm_on_device",
    {
      schema: ConfirmOnDevice,
      config: allow("user"),
      // The PIN is judged before the transaction: a wrong one counts even though nothing else happens.
      preHandler: async (request) => {
        const actor = actorOf(request, "user");
        await paymentToConfirm(database(), actor, request.params.id);
        await checkPin(actor.userId, request.body.pin);
      },
    },
    once(
      async (request, tx) => {
        const payment = await confirmOnDevice(tx, actorOf(request, "user"), request.params.id);
        return presentPayment(payment, languageOf(request));
      },
      { required: true },
    ),
  );
}
