import { now } from "#kit/clock.ts";
import type { QrCode } from "#modules/codes";
import { statusAt } from "./lock-order.ts";
import type { Payment } from "./payment.ts";
import type { qrCodeStatuses } from "./qr-code-schemas.ts";

type QrCodeStatus = (typeof qrCodeStatuses)[number];

/** A QR code as its merchant sees it; `order` is the payment of a dynamic one. */
export function presentQrCode(code: QrCode, order: Payment | undefined) {
  return {
    id: code.id,
    object: "qr_code" as const,
    type: code.type,
    status: statusOf(code, order),
    merchant: code.merchantId,
    payload: code.payload,
    amount: code.amount,
    currency: code.currency,
    payment: code.paymentId,
    store: code.storeId,
    terminal: code.terminalId,
    subject: code.subject,
    png_url: `/v1/qr_codes/${code.id}/png`,
    svg_url: `/v1/qr_codes/${code.id}/svg`,
    livemode: code.livemode,
    created_at: code.createdAt.toISOString(),
    expires_at: order?.expiresAt?.toISOString() ?? null,
    revoked_at: code.revokedAt?.toISOString() ?? null,
    metadata: code.metadata,
  };
}

function statusOf({ revokedAt }: QrCode, order: Payment | undefined): QrCodeStatus {
  if (revokedAt !== null) return "revoked";
  if (order === undefined) return "active";
  switch (statusAt(order, new Date(now()))) {
    case "requires_payment":
      return "active";
    case "processing":
    case "authorized":
    case "succeeded":
      return "used";
    case "failed":
    case "closed":
      return "expired";
  }
}
