import type { NewEvent } from "#kit/outbox.ts";
import { type Payment, presentPayment } from "./payment.ts";

/** The event that tells a payment's present state; `body` is the object as JSON text. */
export const paymentEvent = (
  id: string,
  payment: Payment,
  body = JSON.stringify(presentPayment(payment)),
): NewEvent => ({
  id,
  ownerId: payment.merchantId,
  livemode: payment.livemode,
  type: `payment.${payment.status}`,
  objectId: payment.id,
  object: body,
});
