import type { MerchantActor } from "#kit/actor.ts";
import { database, inTransaction, type Queryable } from "#kit/db.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { type ListQuery, page } from "#kit/lists.ts";
import { type Drawing, findQrCode, leastSize, listQrCodes, type QrCode, revokeQrCode } from "#modules/codes";
import { tellOfQrCode } from "./create-qr-code.ts";
import type { Payment } from "./payment.ts";
import { presentQrCode } from "./qr-code.ts";
import { findPayments } from "./sql.ts";

interface WithOrder {
  readonly code: QrCode;
  readonly order: Payment | undefined;
}

/** One QR code of the merchant; anybody else's is not found. */
export async function readQrCode(actor: MerchantActor, id: string): Promise<ReturnType<typeof presentQrCode>> {
  const code = await ownQrCode(actor, id);
  const [found] = await withOrders(database(), actor, [code]);
  return presentQrCode(code, found?.order);
}

async function ownQrCode(actor: MerchantActor, id: string): Promise<QrCode> {
  const code = await findQrCode(database(), actor, id);
  if (!code) throw kitErrors.not_found();
  return code;
}

/** The orders of dynamic codes, looked up together. */
async function withOrders(
  on: Queryable,
  { merchantId, livemode }: MerchantActor,
  codes: readonly QrCode[],
): Promise<WithOrder[]> {
  const ids = codes.flatMap(({ paymentId }) => (paymentId === null ? [] : [paymentId]));
  const orders = new Map((await findPayments(on, merchantId, livemode, ids)).map((order) => [order.id, order]));
  return codes.map((code) => ({ code, order: orders.get(code.paymentId ?? "") }));
}

/** The merchant's QR codes, newest first. */
export const readQrCodes = (actor: MerchantActor, query: ListQuery & { type?: QrCode["type"]; store?: string }) =>
  page(
    "/v1/qr_codes",
    query,
    async (window) => withOrders(database(), actor, await listQrCodes(database(), actor, window, query)),
    ({ code, order }) => presentQrCode(code, order),
  );

/** Ends a QR code for good; once more changes nothing. Throws `not_found`. */
export async function endQrCode(actor: MerchantActor, id: string): Promise<ReturnType<typeof presentQrCode>> {
  return inTransaction(async (tx) => {
    const revoked = await revokeQrCode(tx, actor, id);
    if (!revoked) return readQrCode(actor, id);
    const [found] = await withOrders(tx, actor, [revoked]);
    const shown = presentQrCode(revoked, found?.order);
    await tellOfQrCode(tx, "qr_code.revoked", shown, revoked);
    return shown;
  });
}

/** A drawing of a merchant's QR code. Throws `not_found`, `parameter_invalid` for a size in which no camera could read it. */
export async function drawQrCode<T>(
  actor: MerchantActor,
  id: string,
  { size = 512, margin = 4 }: Partial<Drawing>,
  draw: (payload: string, drawing: Drawing) => T,
): Promise<T> {
  const { payload } = await ownQrCode(actor, id);
  const least = leastSize(payload, margin);
  if (size < least) {
    throw kitErrors.parameter_invalid({
      param: "size",
      details: { reason: `must be at least ${least} for this code` },
    });
  }
  return draw(payload, { size, margin });
}
