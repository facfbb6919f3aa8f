import { plainArray, type Queryable, run } from "#kit/db.ts";
import { notifyAddressesStatement } from "./orders-sql.ts";

/** A payment of a merchant in one mode. */
interface PaymentKey {
  readonly merchantId: string;
  readonly livemode: boolean;
  readonly id: string;
}

/** Where merchants want to be told of these payments, by the payment's id; most name no address and are not in it. */
export async function notifyAddresses(on: Queryable, payments: readonly PaymentKey[]): Promise<Map<string, string>> {
  if (payments.length === 0) return new Map();
  const found = await run(on, notifyAddressesStatement, [
    plainArray(payments.map(({ merchantId }) => merchantId)),
    plainArray(payments.map(({ livemode }) => livemode)),
    plainArray(payments.map(({ id }) => id)),
  ]);
  return new Map(found.map(({ id, notify }) => [id, notify]));
}
