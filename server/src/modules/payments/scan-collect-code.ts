import type { UserActor } from "#kit/actor.ts";
import { now } from "#kit/clock.ts";
import { database } from "#kit/db.ts";
import { twinId } from "#kit/ids.ts";
import { codeErrors, findQrCode, type QrCode, readCollectCode } from "#modules/codes";
import { type MerchantProfile, merchantProfile } from "#modules/merchants";
import { paymentErrors } from "./errors.ts";
import { statusAt } from "./lock-order.ts";
import type { Payment } from "./payment.ts";
import { findPayment } from "./sql.ts";

/** What a payer has scanned. A dynamic code has no row of its own unless its merchant asked for one. */
export type ScannedCode = { readonly merchant: MerchantProfile } & (
  | { readonly type: "static"; readonly code: QrCode }
  | { readonly type: "dynamic"; readonly code: QrCode | undefined; readonly order: Payment }
);

/**
 * Finds what a scanned text stands for; whether it may still be paid is {@link assertPayable}'s. Throws `collect_code_invalid`,
 * `collect_code_foreign`, `collect_code_tampered`.
 */
export async function scanCollectCode(actor: UserActor, qr: string): Promise<ScannedCode> {
  const { type, merchantId, livemode, reference } = readCollectCode(qr);
  // A code of one mode means nothing to a wallet of the other.
  if (livemode !== actor.livemode) throw codeErrors.collect_code_invalid();
  const merchant = await merchantProfile(merchantId);
  const place = { merchantId, livemode };
  if (type === "static") {
    const code = await findQrCode(database(), place, reference);
    if (!code) throw codeErrors.collect_code_invalid();
    return { type, merchant, code };
  }
  const order = await findPayment(database(), merchantId, livemode, reference);
  if (!order) throw codeErrors.collect_code_invalid();
  return { type, merchant, order, code: await findQrCode(database(), place, twinId("qr", order.id)) };
}

/** What decides whether a scanned code can be paid now. */
interface Facts {
  readonly merchant: Pick<MerchantProfile, "status"> | undefined;
  readonly code: QrCode | undefined;
  readonly order?: Payment | undefined;
}

/**
 * Throws `merchant_unavailable`, `collect_code_revoked`, and for a dynamic code whose order waits no more `collect_code_used` or
 * `collect_code_expired`.
 */
export function assertPayable(actor: UserActor, { merchant, code, order }: Facts, at = new Date(now())): void {
  if (merchant?.status !== "active") throw paymentErrors.merchant_unavailable();
  if (code && code.revokedAt !== null) throw codeErrors.collect_code_revoked();
  if (!order) return;
  switch (statusAt(order, at)) {
    case "requires_payment":
      return;
    case "processing":
    case "authorized":
    case "succeeded":
      throw codeErrors.collect_code_used(order.payerId === actor.userId ? { details: { payment: order.id } } : {});
    case "failed":
    case "closed":
      throw codeErrors.collect_code_expired();
  }
}
