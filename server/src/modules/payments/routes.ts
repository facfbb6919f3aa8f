import { actorOf, allow } from "#kit/access.ts";
import { database } from "#kit/db.ts";
import { type Http, languageOf } from "#kit/http.ts";
import { once, requiredClaimOf, sendAnswer, whileRunning } from "#kit/idempotency.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { checkPin } from "#modules/identity";
import { cancel } from "./cancel.ts";
import { capture } from "./capture.ts";
import { confirmOnDevice, paymentOf } from "./confirm-on-device.ts";
import { createOrder, draftOrder, refuseOrderFields } from "./create-order.ts";
import { presentExpanded } from "./expand.ts";
import { payByCode } from "./pay-by-code.ts";
import { presentPayment, presentToPayer } from "./payment.ts";
import { readPayment, readPayments } from "./read-payments.ts";
import { CancelPayment, CapturePayment, ConfirmOnDevice, CreatePayment, ListPayments, ReadPayment } from "./schemas.ts";
import { merchantOf, scanAtTill } from "./till.ts";

export function paymentRoutes(app: Http): void {
  app.post(
    "/v1/payments",
    { schema: CreatePayment, config: allow(["merchant", "terminal"], "payments:write") },
    async (request, reply) => {
      const seller = actorOf(request, "merchant", "terminal");
      const actor = merchantOf(seller);
      const { code, ...order } = request.body;
      if (code !== undefined) {
        const claim = requiredClaimOf(request);
        refuseOrderFields(order);
        const scan = seller.kind === "terminal" ? scanAtTill(seller, { ...order, code }) : { ...order, code };
        const facts = { claim, requestId: request.id, language: languageOf(request) };
        return sendAnswer(reply, await whileRunning(claim, () => payByCode(actor, scan, facts)));
      }
      if (seller.kind === "terminal") throw kitErrors.parameter_missing({ param: "/code" });
      // Judged before the transaction, which must not wait for other connections; told inside it, so that a repetition gets its answer.
      const draft = draftOrder(actor, order);
      await Promise.allSettled([draft]);
      const address = `${request.protocol}://${request.host}`;
      const create = once(async (_, tx) => createOrder(tx, await draft, address, languageOf(request)), {
        required: true,
        secret: true,
      });
      await create.call(app, request, reply);
    },
  );

  app.get(
    "/v1/payments",
    { schema: ListPayments, config: allow(["merchant", "terminal"], "payments:read") },
    (request) => readPayments(actorOf(request, "merchant", "terminal"), request.query, languageOf(request)),
  );

  app.get(
    "/v1/payments/:id",
    { schema: ReadPayment, config: allow(["merchant", "terminal", "user"], "payments:read") },
    async (request) => {
      const payment = await readPayment(request.actor, request.params.id);
      const { expand = [], "expand[]": more = [] } = request.query;
      const names = [...expand, ...more];
      const present = request.actor?.kind === "user" ? presentToPayer : presentPayment;
      if (names.length === 0) return present(payment, languageOf(request));
      return presentExpanded(payment, names, actorOf(request, "merchant"), languageOf(request));
    },
  );

  app.post(
    "/v1/payments/:id/capture",
    { schema: CapturePayment, config: allow("merchant", "payments:write") },
    once(
      async (request, tx) => {
        const payment = await capture(tx, actorOf(request, "merchant"), request.params.id, request.body);
        return presentPayment(payment, languageOf(request));
      },
      { required: true },
    ),
  );

  app.post(
    "/v1/payments/:id/cancel",
    { schema: CancelPayment, config: allow("merchant", "payments:write") },
    once(
      async (request, tx) => {
        const payment = await cancel(tx, actorOf(request, "merchant"), request.params.id);
        return presentPayment(payment, languageOf(request));
      },
      { required: true },
    ),
  );

  app.post(
    "/v1/payments/:id/confirm_on_device",
    {
      schema: ConfirmOnDevice,
      config: allow("user"),
      // The PIN is judged before the transaction: a wrong one counts even though nothing else happens.
      preHandler: async (request) => {
        const actor = actorOf(request, "user");
        await paymentOf(database(), actor, request.params.id);
        await checkPin(actor.userId, request.body.pin);
      },
    },
    once(
      async (request, tx) => {
        const payment = await confirmOnDevice(tx, actorOf(request, "user"), request.params.id);
        return presentToPayer(payment, languageOf(request));
      },
      { required: true },
    ),
  );
}
