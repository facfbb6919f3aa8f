import { randomUUID } from "node:crypto";
import { closeWallet, type Row, type World } from "./world.ts";

const refundOf = (payment: string) => ({ payment, out_refund_no: `refund-${randomUUID()}` });
const paid = async (world: World) => world.merchant.payments.create(await world.scan());

export const refundErrors: Row[] = [
  {
    code: "amount_too_large",
    when: "more is refunded than was paid",
    async provoke(world) {
      const { id, amount } = await paid(world);
      return world.merchant.refunds.create({ ...refundOf(id), amount: amount + 1 });
    },
  },
  {
    code: "payment_refunded",
    when: "nothing is left",
    async provoke(world) {
      const { id } = await paid(world);
      await world.merchant.refunds.create(refundOf(id));
      return world.merchant.refunds.create(refundOf(id));
    },
  },
  {
    code: "refund_not_refundable",
    when: "a refund is refunded",
    async provoke(world) {
      const refund = await world.merchant.refunds.create(refundOf((await paid(world)).id));
      return world.merchant.refunds.create(refundOf(refund.id));
    },
  },
  {
    code: "out_refund_no_conflict",
    when: "a refund number is used with another amount",
    async provoke(world) {
      const refund = { ...refundOf((await paid(world)).id), amount: 2 };
      await world.merchant.refunds.create(refund);
      return world.merchant.refunds.create({ ...refund, amount: 3 });
    },
  },
  {
    code: "state_conflict",
    when: "an order that nobody paid is refunded",
    param: "/payment",
    async provoke({ merchant, order }) {
      return merchant.refunds.create(refundOf((await merchant.payments.create(order())).id));
    },
  },
  {
    code: "not_found",
    when: "nobody's payment is refunded",
    param: "/payment",
    provoke: ({ merchant }) => merchant.refunds.create(refundOf("pay_00000000000000000000000000")),
  },
  {
    code: "refund_destination_closed",
    when: "the customer's wallet was closed",
    async provoke(world) {
      const { payer } = await world.aPayer(1_250);
      const { id } = await world.merchant.payments.create(world.order({ code: await payer.code() }));
      await closeWallet(world, payer.id);
      return world.merchant.refunds.create(refundOf(id));
    },
  },
  {
    code: "merchant_balance_insufficient",
    when: "the shop's money was paid out",
    async provoke(world) {
      const { shop, merchant } = await world.aShop();
      const { id } = await merchant.payments.create(await world.scan());
      await takeAway(world, shop.id);
      return merchant.refunds.create(refundOf(id));
    },
  },
];

const held = async (world: World) => world.merchant.payments.create({ ...(await world.scan()), capture: "manual" });

/** Money that is held, and what becomes of it. */
export const holdErrors: Row[] = [
  {
    code: "amount_too_large",
    when: "more is captured than is held",
    async provoke(world) {
      const { id, amount } = await held(world);
      return world.merchant.payments.capture(id, { amount: amount + 1 });
    },
  },
  {
    code: "state_conflict",
    when: "a hold is captured twice",
    async provoke(world) {
      const { id } = await held(world);
      await world.merchant.payments.capture(id, { amount: 1 });
      return world.merchant.payments.capture(id, { amount: 1 });
    },
  },
  {
    code: "state_conflict",
    when: "a hold that was cancelled is captured",
    async provoke(world) {
      const { id } = await held(world);
      await world.merchant.payments.cancel(id);
      return world.merchant.payments.capture(id);
    },
  },
  {
    code: "state_conflict",
    when: "a payment that succeeded is cancelled",
    provoke: async (world) => world.merchant.payments.cancel((await paid(world)).id),
  },
  {
    code: "state_conflict",
    when: "money that is only held is refunded",
    param: "/payment",
    provoke: async (world) => world.merchant.refunds.create(refundOf((await held(world)).id)),
  },
  {
    code: "parameter_invalid",
    when: "nothing is captured",
    param: "/amount",
    provoke: async (world) => world.merchant.payments.capture((await held(world)).id, { amount: 0 }),
  },
  {
    code: "not_found",
    when: "another shop captures",
    async provoke(world) {
      const { id } = await held(world);
      return (await world.aShop()).merchant.payments.capture(id);
    },
  },
];

/** Books what a merchant has to the bank. */
async function takeAway({ staff }: World, owner: string): Promise<void> {
  const { data: accounts } = await staff.ledger.accounts.list({ owner });
  const { data: banks } = await staff.ledger.accounts.list({ code: "bank_clearing", currency: "CNY" });
  const bank = banks.find(({ livemode }) => !livemode);
  const transfers = accounts.flatMap(({ id, balance }) => {
    const amount = balance.credits_posted - balance.debits_posted;
    if (amount <= 0 || !bank) return [];
    return [{ debit_account: id, credit_account: bank.id, amount, currency: "CNY", code: "payout" }];
  });
  await staff.ledger.transfers.create({ transfers });
}

const endpoint = { url: "https://shop.example.com/webhooks", events: ["payment.*"] };

export const webhookErrors: Row[] = [
  {
    code: "parameter_invalid",
    when: "an endpoint is not https",
    param: "/url",
    provoke: ({ merchant }) => merchant.webhookEndpoints.create({ ...endpoint, url: "http://shop.example.com/" }),
  },
  {
    code: "parameter_invalid",
    when: "an endpoint stands in a private network",
    param: "/url",
    provoke: ({ merchant }) => merchant.webhookEndpoints.create({ ...endpoint, url: "https://169.254.169.254/" }),
  },
  {
    code: "parameter_invalid",
    when: "an endpoint asks for events that there are not",
    param: "/events/1",
    provoke: ({ merchant }) => merchant.webhookEndpoints.create({ ...endpoint, events: ["payment.*", "sun.rises"] }),
  },
  {
    code: "webhook_endpoint_limit",
    when: "a shop wants more endpoints than there may be",
    async provoke({ aShop }) {
      const { merchant } = await aShop();
      for (let n = 0; n <= 100; n++) await merchant.webhookEndpoints.create(endpoint);
    },
  },
  {
    code: "not_found",
    when: "another shop's endpoint is tested",
    async provoke({ merchant, aShop }) {
      const { id } = await (await aShop()).merchant.webhookEndpoints.create(endpoint);
      return merchant.webhookEndpoints.test(id);
    },
  },
  {
    code: "state_conflict",
    when: "an endpoint that is switched off is tested",
    async provoke({ merchant }) {
      const { id } = await merchant.webhookEndpoints.create(endpoint);
      await merchant.webhookEndpoints.update(id, { enabled: false });
      return merchant.webhookEndpoints.test(id);
    },
  },
  {
    code: "not_found",
    when: "nobody's event is sent again",
    provoke: ({ merchant }) => merchant.events.resend("evt_00000000000000000000000000"),
  },
  {
    code: "not_found",
    when: "nobody's delivery is sent again",
    provoke: ({ merchant }) => merchant.webhookDeliveries.resend("whd_00000000000000000000000000"),
  },
  {
    code: "stream_limit",
    when: "a shop opens stream after stream",
    async provoke({ aShop }) {
      const { merchant } = await aShop();
      const controller = new AbortController();
      const { signal } = controller;
      const open = Array.from({ length: 50 }, () => merchant.events.stream({ maxRetries: 0, signal }).next());
      try {
        await Promise.all(open);
      } finally {
        controller.abort();
        await Promise.allSettled(open);
      }
    },
  },
];
