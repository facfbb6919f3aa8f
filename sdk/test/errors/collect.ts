import type { Row, World } from "./world.ts";

const pay = ({ user, payer }: World, qr: string, terms: { amount?: number } = {}) =>
  user.collect({ qr, pin: payer.pin, ...terms });

/** Codes that the merchant shows. */
export const collectErrors: Row[] = [
  { code: "collect_code_invalid", when: "a text that is no code is paid", provoke: (world) => pay(world, "hello") },
  {
    code: "collect_code_tampered",
    when: "a code was changed",
    async provoke(world) {
      const { payload } = await world.merchant.qrCodes.create({ type: "static", amount: 100 });
      return pay(world, withCrc(payload.slice(0, -4).replace("5303156", "5303392")));
    },
  },
  {
    code: "collect_code_foreign",
    when: "another service's code is paid",
    provoke: (world) => pay(world, "https://qr.alipay.com/fkx0123456789"),
  },
  {
    code: "collect_code_revoked",
    when: "a code that was revoked is paid",
    async provoke(world) {
      const { id, payload } = await world.merchant.qrCodes.create({ type: "static", amount: 100 });
      await world.merchant.qrCodes.delete(id);
      return pay(world, payload);
    },
  },
  {
    code: "collect_code_used",
    when: "an order's code is paid twice",
    async provoke(world) {
      const { qr = "" } = await world.merchant.payments.create(world.order());
      await pay(world, qr);
      return pay(world, qr);
    },
  },
  {
    code: "collect_code_expired",
    when: "a closed order's code is paid",
    async provoke(world) {
      const { id, qr = "" } = await world.merchant.payments.create(world.order());
      await world.merchant.payments.close(id);
      return pay(world, qr);
    },
  },
  {
    code: "merchant_unavailable",
    when: "the shop was suspended",
    async provoke(world) {
      const { shop, merchant } = await world.aShop();
      const { payload } = await merchant.qrCodes.create({ type: "static", amount: 100 });
      await world.staff.merchants.update(shop.id, { status: "suspended" });
      return pay(world, payload);
    },
  },
  {
    code: "amount_mismatch",
    when: "another amount is paid than the code says",
    async provoke(world) {
      const { payload } = await world.merchant.qrCodes.create({ type: "static", amount: 100 });
      return pay(world, payload, { amount: 99 });
    },
  },
  {
    code: "parameter_missing",
    when: "a code with an open amount is paid without one",
    param: "/amount",
    async provoke(world) {
      const { payload } = await world.merchant.qrCodes.create({ type: "static" });
      return pay(world, payload);
    },
  },
];

/** Ends an EMVCo payload with its CRC (CRC-16/CCITT-FALSE over all that stands before it). */
function withCrc(text: string): string {
  let crc = 0xffff;
  for (const byte of new TextEncoder().encode(text)) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff;
  }
  return text + crc.toString(16).toUpperCase().padStart(4, "0");
}
