import type { MerchantActor } from "#kit/actor.ts";
import { now } from "#kit/clock.ts";
import { database, type Transaction } from "#kit/db.ts";
import { newId, twinId } from "#kit/ids.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { emit } from "#kit/outbox.ts";
import { collectPayload, findQrCode, insertQrCode, type QrCode } from "#modules/codes";
import { merchantProfile, placeOf } from "#modules/merchants";
import { paymentErrors } from "./errors.ts";
import { statusAt } from "./lock-order.ts";
import { orderPayload } from "./order-payload.ts";
import type { Payment } from "./payment.ts";
import { presentQrCode } from "./qr-code.ts";
import type { QrCodeInput } from "./qr-code-schemas.ts";
import { findPayment } from "./sql.ts";

/** A QR code as it will be, checked and not stored; with the order of a dynamic one. */
export interface QrCodeDraft {
  readonly code: Omit<QrCode, "createdAt" | "revokedAt">;
  readonly order: Payment | undefined;
}

/** Checks what is asked for. Throws what is wrong with the request; for an order that is not waiting any more `state_conflict`. */
export const draftQrCode = (actor: MerchantActor, input: QrCodeInput): Promise<QrCodeDraft> =>
  input.type === "static" ? draftStatic(actor, input) : draftDynamic(actor, input);

async function draftStatic(actor: MerchantActor, input: QrCodeInput): Promise<QrCodeDraft> {
  if (input.payment !== undefined) throw wrong("/payment", "an order has a dynamic code");
  const { merchantId, livemode } = actor;
  const { currency } = await merchantProfile(merchantId);
  const place = await placeOf(actor, input.store, input.terminal);
  if (place === "no_terminal") throw paymentErrors.terminal_unusable();
  if (place === "no_store") throw paymentErrors.store_unusable();
  const { amount = null, subject = null, metadata = {}, terminal: terminalId = null } = input;
  const { storeId } = place;
  const id = newId("qr");
  const payload = await collectPayload(
    { type: "static", merchantId, livemode, reference: id, amount, currency },
    { storeId, terminalId, orderNumber: null },
  );
  if (payload === null) throw wrong("/amount", "has no room in a QR code, whose amounts have at most 13 characters");
  const labels = { subject, metadata, storeId, terminalId };
  const code = {
    id,
    merchantId,
    livemode,
    type: "static",
    paymentId: null,
    amount,
    currency,
    payload,
    ...labels,
  } as const;
  return { code, order: undefined };
}

async function draftDynamic(actor: MerchantActor, input: QrCodeInput): Promise<QrCodeDraft> {
  const given = (["subject", "metadata"] as const).find((name) => input[name] !== undefined);
  if (given) throw wrong(`/${given}`, "a dynamic code takes it from its order");
  if (input.payment === undefined) throw kitErrors.parameter_missing({ param: "/payment" });
  const { merchantId, livemode } = actor;
  const order = await findPayment(database(), merchantId, livemode, input.payment);
  if (!order) throw kitErrors.not_found({ param: "/payment" });
  const status = statusAt(order, new Date(now()));
  if (status !== "requires_payment") throw kitErrors.state_conflict({ param: "/payment", details: { status } });
  const payload = await orderPayload(order);
  if (payload === null) throw wrong("/payment", "is an order that can't be paid by scanning");
  const { amount, currency, storeId, terminalId, subject, metadata } = order;
  if (input.amount !== undefined && input.amount !== amount)
    throw paymentErrors.amount_mismatch({ details: { amount } });
  if (input.store !== undefined && input.store !== storeId) throw wrong("/store", "is not the order's");
  if (input.terminal !== undefined && input.terminal !== terminalId) throw wrong("/terminal", "is not the order's");
  const labels = { subject, metadata, storeId, terminalId };
  const id = twinId("qr", order.id);
  const code = {
    id,
    merchantId,
    livemode,
    type: "dynamic",
    paymentId: order.id,
    amount,
    currency,
    payload,
    ...labels,
  } as const;
  return { code, order };
}

const wrong = (param: string, reason: string) => kitErrors.parameter_invalid({ param, details: { reason } });

/** Stores a QR code and tells of it. An order has one: asked again, it is given again. */
export async function createQrCode(tx: Transaction, { code, order }: QrCodeDraft) {
  const made = await insertQrCode(tx, code);
  if (!made) return presentQrCode((await findQrCode(tx, code, code.id)) as QrCode, order);
  const shown = presentQrCode(made, order);
  await tellOfQrCode(tx, "qr_code.created", shown, made);
  return shown;
}

export const tellOfQrCode = (
  tx: Transaction,
  type: "qr_code.created" | "qr_code.revoked",
  object: ReturnType<typeof presentQrCode>,
  { merchantId: ownerId, livemode, id: objectId }: Pick<QrCode, "merchantId" | "livemode" | "id">,
): Promise<void> => emit(tx, [{ ownerId, livemode, type, objectId, object }]);
