import { collectPayload } from "#modules/codes";
import type { Payment } from "./payment.ts";

/**
 * The text of the QR code by which this order is paid; computed from the order, so that no row is needed. Null when it can't be paid
 * from a wallet, or when its amount has no room in a code.
 */
export async function orderPayload(order: Payment): Promise<string | null> {
  if (!order.methods?.includes("wallet")) return null;
  const { id: reference, merchantId, livemode, amount, currency, storeId, terminalId, outTradeNo: orderNumber } = order;
  return collectPayload(
    { type: "dynamic", merchantId, livemode, reference, amount, currency },
    { storeId, terminalId, orderNumber },
  );
}
