import { randomUUID } from "node:crypto";
import type { PaymentsCreateParams } from "@feiqian/sdk";
import { closeWallet, type Row, type World, wrongly } from "./world.ts";

const another = () => `order-${randomUUID()}`;
const create = async ({ merchant }: World, terms: Promise<PaymentsCreateParams>) =>
  merchant.payments.create(await terms);

/** `POST /v1/payments` with a code, and what follows on the payer's phone. */
export const scanErrors: Row[] = [
  {
    code: "payment_code_invalid",
    when: "nobody's code is scanned",
    provoke: (world) => create(world, world.scan({ code: "889999999990000000" })),
  },
  {
    code: "payment_code_used",
    when: "a code is scanned again",
    async provoke(world) {
      const terms = await world.scan();
      await world.merchant.payments.create(terms);
      return world.merchant.payments.create({ ...terms, out_trade_no: another() });
    },
  },
  {
    code: "channel_unavailable",
    when: "a code of a service that is not connected is scanned",
    provoke: (world) => create(world, world.scan({ code: "101234567890123456" })),
  },
  {
    code: "insufficient_funds",
    when: "the wallet holds less",
    async provoke(world) {
      const { payer } = await world.aPayer(1_249);
      return create(world, world.scan({ code: await payer.code() }));
    },
  },
  {
    code: "limit_exceeded",
    when: "the day's limit would be passed",
    async provoke(world) {
      const { payer } = await world.aPayer();
      const buy = async () => create(world, world.scan({ amount: 4_000, code: await payer.code() }));
      for (let n = 0; n < 3; n++) await buy();
    },
  },
  {
    code: "account_frozen",
    when: "the wallet is closed",
    async provoke(world) {
      const { payer } = await world.aPayer(0);
      await closeWallet(world, payer.id);
      return create(world, world.scan({ code: await payer.code() }));
    },
  },
  {
    code: "code_scanning_locked",
    when: "wrong codes are tried one after the other",
    async provoke(world) {
      const { merchant } = await world.aShop();
      const guess = (n: number) =>
        merchant.payments.create(world.order({ code: `8899999999${String(n).padStart(8, "0")}` }));
      for (let n = 0; n < 20; n++) await guess(n).catch(() => {});
      return guess(20);
    },
  },
  {
    code: "out_trade_no_conflict",
    when: "an order number is used with another amount",
    async provoke({ merchant, order }) {
      const terms = order();
      await merchant.payments.create(terms);
      return merchant.payments.create({ ...terms, amount: 1 });
    },
  },
  {
    code: "currency_unsupported",
    when: "the shop takes another currency",
    provoke: ({ merchant, order }) => merchant.payments.create(order({ currency: "JPY" })),
  },
  {
    code: "terminal_unusable",
    when: "the terminal is not the shop's",
    provoke: ({ merchant, order }) => merchant.payments.create(order({ terminal: "trm_00000000000000000000000000" })),
  },
  {
    code: "store_unusable",
    when: "the store is not the shop's",
    provoke: ({ merchant, order }) => merchant.payments.create(order({ store: "sto_00000000000000000000000000" })),
  },
  {
    code: "order_field_with_code",
    when: "a scan says what belongs to an order",
    param: "/methods",
    provoke: (world) => create(world, world.scan({ methods: ["wallet"] })),
  },
];

/** Orders: making, closing, opening and paying them. */
export const orderErrors: Row[] = [
  {
    code: "profit_sharing_too_large",
    when: "more is shared than there is",
    async provoke({ merchant, order, aShop }) {
      const { shop } = await aShop();
      return merchant.payments.create(order({ profit_sharing: [{ receiver: shop.id, amount: 1_251 }] }));
    },
  },
  {
    code: "parameter_invalid",
    when: "an order would expire in the past",
    param: "/expires_at",
    provoke: ({ merchant, order }) => merchant.payments.create(order({ expires_at: "2020-01-01T00:00:00Z" })),
  },
  {
    code: "state_conflict",
    when: "a paid payment is closed",
    async provoke(world) {
      const { id } = await create(world, world.scan());
      return world.merchant.payments.close(id);
    },
  },
  {
    code: "not_found",
    when: "another shop's payment is read",
    async provoke(world) {
      const { id } = await create(world, world.scan());
      return (await world.aShop()).merchant.payments.retrieve(id);
    },
  },
  {
    code: "payment_key_missing",
    when: "an order is opened without its key and without a session",
    provoke: async ({ merchant, visitor, order }) =>
      visitor.payments.checkout.retrieve((await merchant.payments.create(order())).id),
  },
  {
    code: "payment_key_invalid",
    when: "an order is opened with another order's key",
    async provoke({ merchant, visitor, order }) {
      const [one, two] = [await merchant.payments.create(order()), await merchant.payments.create(order())];
      return visitor.payments.checkout.retrieve(one.id, { payment_key: two.payment_key });
    },
  },
  {
    code: "payment_key_ended",
    when: "a closed order is opened",
    async provoke({ merchant, visitor, order }) {
      const { id, payment_key } = await merchant.payments.create(order());
      await merchant.payments.close(id);
      return visitor.payments.checkout.retrieve(id, { payment_key });
    },
  },
  {
    code: "parameter_missing",
    when: "an order is paid without the PIN",
    param: "/pin",
    async provoke({ merchant, user, order }) {
      const { id, payment_key } = await merchant.payments.create(order());
      return user.payments.confirm(id, { payment_key, method: "wallet" });
    },
  },
];

/** What any request that posts may be answered. */
export const requestErrors: Row[] = [
  {
    code: "parameter_invalid",
    when: "an amount is a float",
    param: "/amount",
    provoke: ({ merchant, order }) => merchant.payments.create(order({ amount: 12.5 })),
  },
  {
    code: "parameter_missing",
    when: "there is no amount",
    param: "/amount",
    provoke: ({ merchant }) => merchant.payments.create(wrongly({ currency: "CNY", out_trade_no: another() })),
  },
  {
    code: "parameter_unknown",
    when: "a field is misspelt",
    param: "/subjekt",
    provoke: ({ merchant, order }) => merchant.payments.create(wrongly({ ...order(), subjekt: "tea" })),
  },
  {
    code: "idempotency_key_invalid",
    when: "the key has a blank",
    provoke: ({ merchant, order }) => merchant.payments.create(order(), { idempotencyKey: "a key" }),
  },
  {
    code: "idempotency_key_reused",
    when: "the key was another request's",
    async provoke({ merchant, order }) {
      const idempotencyKey = randomUUID();
      await merchant.payments.create(order(), { idempotencyKey });
      return merchant.payments.create(order(), { idempotencyKey });
    },
  },
  {
    code: "idempotency_in_progress",
    when: "the same request is sent again while it runs",
    async provoke(world) {
      const [terms, idempotencyKey] = [await world.scan(), randomUUID()];
      const same = Array.from({ length: 8 }, () => world.merchant.payments.create(terms, { idempotencyKey }));
      const failed = (await Promise.allSettled(same)).find(({ status }) => status === "rejected");
      if (failed?.status === "rejected") throw failed.reason;
    },
  },
  {
    code: "version_unknown",
    when: "a version is pinned that never was",
    provoke: ({ merchant }) => merchant.payments.list({}, { headers: { "feiqian-version": "2020-01-01" } }),
  },
  {
    code: "content_type_unsupported",
    when: "the body says that it is text",
    provoke: ({ merchant, order }) => merchant.payments.create(order(), { headers: { "content-type": "text/plain" } }),
  },
  {
    code: "body_too_large",
    when: "the body has 200,000 characters",
    provoke: ({ merchant, order }) => merchant.payments.create(order({ subject: "x".repeat(200_000) })),
  },
  {
    code: "headers_too_large",
    when: "a header has 20,000 characters",
    provoke: ({ merchant }) => merchant.payments.list({}, { headers: { "x-note": "x".repeat(20_000) } }),
  },
  {
    code: "route_not_found",
    when: "the address is another one",
    provoke: ({ clientOf, shop }) => clientOf(shop.key, "/v0").payments.list(),
  },
];
