import type { PayerActor, UserActor } from "#kit/actor.ts";
import type { Transaction } from "#kit/db.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { confirmByWallet } from "./confirm-by-wallet.ts";
import type { OrderMethod } from "./order-methods.ts";
import type { Payment } from "./payment.ts";
import type { PaymentPlace } from "./payment-key.ts";

interface Method {
  /** The payer signs in and gives the payment PIN. */
  readonly needsPin: boolean;
  /** Pays the order, or throws why not; part of the confirmation's transaction. */
  readonly pay: (tx: Transaction, order: PaymentPlace, payer: UserActor | PayerActor) => Promise<Payment>;
}

/** What confirming an order by each method does. */
export const methods: Readonly<Record<OrderMethod, Method>> = {
  wallet: {
    needsPin: true,
    pay: (tx, order, payer) => {
      if (payer.kind !== "user") throw kitErrors.credentials_missing();
      return confirmByWallet(tx, order, payer);
    },
  },
};
