import { blindIndex, constantTimeEqual } from "#kit/crypto.ts";
import { paymentErrors } from "./errors.ts";

/** Where a payment lies: what its key says, so that a wrong key costs no query. */
export interface PaymentPlace {
  readonly id: string;
  readonly merchantId: string;
  readonly livemode: boolean;
}

/** `pk_`, the mode, the merchant (the part of the id behind its prefix), 256 bits of HMAC. */
const shape = /^pk_(test|live)_([0-9a-hjkmnp-tv-z]{26})([\w-]{43})$/;

/**
 * The secret that shows who was given an order. Derived from the master key and the payment, so that it is the same whenever it is asked
 * for and stands in no table; bound to this one payment.
 */
export function paymentKey({ id, merchantId, livemode }: PaymentPlace): string {
  const mode = livemode ? "live" : "test";
  const merchant = merchantId.slice("mch_".length);
  return `pk_${mode}_${merchant}${blindIndex(`${mode} ${merchantId} ${id}`, "payments.payment_key")}`;
}

/**
 * Where the payment lies that this key opens. Compared in constant time. Throws `payment_key_invalid` for a key that is none
 * or another payment's.
 */
export function openPaymentKey(id: string, key: string): PaymentPlace {
  const [, mode, merchant] = shape.exec(key) ?? [];
  if (mode === undefined || merchant === undefined) throw paymentErrors.payment_key_invalid();
  const place = { id, merchantId: `mch_${merchant}`, livemode: mode === "live" };
  if (!constantTimeEqual(paymentKey(place), key)) throw paymentErrors.payment_key_invalid();
  return place;
}
