import { actorOf, allow } from "#kit/access.ts";
import type { FastifyRequest, Http } from "#kit/http.ts";
import { once } from "#kit/idempotency.ts";
import { createPaymentCode, presentPaymentCode } from "./create-payment-code.ts";
import { enrolDevice, presentCodeKey } from "./enrol-device.ts";
import { presentCodeAlias, rotateAlias } from "./rotate-alias.ts";
import { CreateCodeKey, CreatePaymentCode, RotateCodeAlias } from "./schemas.ts";

/** All that these routes can be told has a default, so `{}` need not be sent. */
async function bodyMayBeLeftOut(request: FastifyRequest): Promise<void> {
  request.body ??= {};
}

export function codeRoutes(app: Http): void {
  app.post(
    "/v1/payment_codes",
    { schema: CreatePaymentCode, config: allow("user"), preValidation: bodyMayBeLeftOut },
    once(
      async (request, tx) =>
        presentPaymentCode(await createPaymentCode(tx, actorOf(request, "user"), request.body.device)),
      { secret: true },
    ),
  );

  app.post(
    "/v1/devices/:id/code_key",
    { schema: CreateCodeKey, config: allow("user"), preValidation: bodyMayBeLeftOut },
    once(async (request, tx) => presentCodeKey(await enrolDevice(tx, actorOf(request, "user"), request.params.id)), {
      secret: true,
    }),
  );

  app.post(
    "/v1/devices/:id/code_alias",
    { schema: RotateCodeAlias, config: allow("user"), preValidation: bodyMayBeLeftOut },
    once(async (request, tx) => {
      const { id } = request.params;
      return presentCodeAlias(id, await rotateAlias(tx, actorOf(request, "user"), id));
    }),
  );
}
