import type { PayerActor, UserActor } from "#kit/actor.ts";
import type { Transaction } from "#kit/db.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { checkBankAccount } from "#modules/wallets";
import { confirmByBank } from "./confirm-by-bank.ts";
import { confirmByWallet } from "./confirm-by-wallet.ts";
import type { OrderMethod } from "./order-methods.ts";
import type { Payment } from "./payment.ts";
import type { PaymentPlace } from "./payment-key.ts";

interface Method {
  /** The payer signs in and gives the payment PIN. */
  readonly needsPin: boolean;
  /** Pays the order, or throws why not; part of the confirmation's transaction. */
  readonly pay: (
    tx: Transaction,
    order: PaymentPlace,
    payer: UserActor | PayerActor,
    source: string | undefined,
  ) => Promise<Payment>;
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
  // The bank asks its customer in its own way.
  bank: {
    needsPin: false,
    pay: async (tx, order, payer, source) => confirmByBank(tx, order, payer, await requiredSource(tx, payer, source)),
  },
};

async function requiredSource(
  tx: Transaction,
  payer: PayerActor | UserActor,
  source: string | undefined,
): Promise<string> {
  if (source === undefined) throw kitErrors.parameter_missing({ param: "/source" });
  await checkBankAccount(tx, payer, source, "/source");
  return source;
}
