import type { Actor, PayerActor, UserActor } from "#kit/actor.ts";
import { database, type Queryable, type Transaction } from "#kit/db.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { checkPin } from "#modules/identity";
import { paymentErrors } from "./errors.ts";
import { methods } from "./methods.ts";
import type { OrderMethod } from "./order-methods.ts";
import type { Payment } from "./payment.ts";
import { openPaymentKey, type PaymentPlace } from "./payment-key.ts";
import { findConfirmation } from "./sql.ts";

export interface Confirmation {
  method: OrderMethod;
  payment_key?: string | undefined;
  pin?: string | undefined;
  /** Where the money is to come from, for a method that needs it. */
  source?: string | undefined;
}

/**
 * What happens before the transaction: says who confirms, and judges the PIN, so that a wrong one counts even though nothing else
 * happens. Throws `payment_key_missing`, `payment_key_invalid`, `not_found`, `credentials_missing`, and what `checkPin` throws.
 */
export async function admitPayer(actor: Actor | undefined, id: string, input: Confirmation): Promise<Actor> {
  const { livemode } = await givenOrder(database(), actor, id, input.payment_key);
  const payer: Actor = actor ?? { kind: "payer", paymentId: id, livemode };
  if (methods[input.method].needsPin) {
    if (payer.kind !== "user") throw kitErrors.credentials_missing();
    if (input.pin === undefined) throw kitErrors.parameter_missing({ param: "/pin" });
    await checkPin(payer.userId, input.pin);
  }
  return payer;
}

/** The payer agrees: the order is paid by the method, or the payer learns why not. */
export async function confirmOrder(
  tx: Transaction,
  payer: UserActor | PayerActor,
  id: string,
  input: Confirmation,
): Promise<Payment> {
  const order = await givenOrder(tx, payer, id, input.payment_key);
  return methods[input.method].pay(tx, order, payer, input.source);
}

/**
 * The order that somebody was given: by its key, or because this user has opened it before. Without either it is not found; a session
 * of one mode never reaches an order of the other.
 */
export async function givenOrder(
  on: Queryable,
  actor: Actor | undefined,
  id: string,
  key: string | undefined,
): Promise<PaymentPlace> {
  if (key === undefined && actor?.kind !== "user") throw paymentErrors.payment_key_missing();
  const place = key === undefined ? await openedBefore(on, actor as UserActor, id) : openPaymentKey(id, key);
  if (!place || (actor?.kind === "user" && actor.livemode !== place.livemode)) throw kitErrors.not_found();
  return place;
}

async function openedBefore(on: Queryable, { userId }: UserActor, id: string): Promise<PaymentPlace | undefined> {
  const place = await findConfirmation(on, userId, id);
  return place && { ...place, id };
}
