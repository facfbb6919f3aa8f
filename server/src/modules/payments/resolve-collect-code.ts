import type { UserActor } from "#kit/actor.ts";
import { config } from "#kit/config.ts";
import { storeOf } from "#modules/merchants";
import { paymentByCode } from "./collect.ts";
import { totalOf } from "./payment.ts";
import { assertPayable, scanCollectCode } from "./scan-collect-code.ts";

/** What the payer sees before paying a scanned code. Throws what paying it would throw. */
export async function resolveCollectCode(actor: UserActor, qr: string) {
  const scanned = await scanCollectCode(actor, qr);
  const { type, merchant, code } = scanned;
  const order = type === "dynamic" ? scanned.order : undefined;
  assertPayable(actor, { merchant, code, order });
  const place = order ?? code;
  const amount = place?.amount ?? null;
  const payment = order ?? (code && amount !== null ? await paymentByCode(code, amount) : undefined);
  const store = place?.storeId ? await storeOf(place, place.storeId) : undefined;
  return {
    object: "collect_code" as const,
    type,
    merchant: { id: merchant.id, name: merchant.name, city: merchant.city },
    store: store ? { id: store.id, name: store.name } : null,
    subject: place?.subject ?? null,
    amount,
    fee: payment ? totalOf(payment) - payment.amount : null,
    total: payment ? totalOf(payment) : null,
    currency: merchant.currency,
    payment: order?.id ?? null,
    pin_above: config().smallPaymentLimit,
    livemode: actor.livemode,
    expires_at: order?.expiresAt?.toISOString() ?? null,
  };
}
