import { randomUUID } from "node:crypto";
import { PaymentRefusedError, type PaymentsCreateParams } from "@feiqian/sdk";
import type { Command, Context } from "../command.ts";
import { asNewCustomer } from "../customer.ts";
import { UsageError } from "../failures.ts";
import { titles } from "../show-payment.ts";
import { payByDemo, randomOrder } from "./pay.ts";

/** Makes the event happen and gives the id of the object that it is about. */
type Trigger = (context: Context) => Promise<string>;

const order = (): PaymentsCreateParams => ({
  amount: 100,
  currency: "CNY",
  out_trade_no: randomOrder(),
  subject: "feiqian trigger",
});

const triggers: Readonly<Record<string, Trigger>> = {
  "payment.succeeded": async (context) => (await payByDemo(context, order())).id,
  "payment.failed": (context) =>
    asNewCustomer(context, async (customer) => {
      const call = context.feiqian.payments.create({ ...order(), code: await customer.code() });
      const refusal = await call.then(
        () => undefined,
        (error: unknown) => error,
      );
      if (refusal instanceof PaymentRefusedError && refusal.payment) return refusal.payment;
      throw refusal;
    }),
  "payment.authorized": async (context) => (await payByDemo(context, { ...order(), capture: "manual" })).id,
  "payment.requires_payment": async ({ feiqian }) => (await feiqian.payments.create(order())).id,
  "payment.closed": async ({ feiqian }) => {
    const { id } = await feiqian.payments.create(order());
    return (await feiqian.payments.close(id)).id;
  },
  "refund.succeeded": async (context) => {
    const payment = await payByDemo(context, order());
    const refund = { payment: payment.id, out_refund_no: `cli-${randomUUID()}` };
    return (await context.feiqian.refunds.create(refund)).id;
  },
};

export const trigger: Command = {
  name: "trigger",
  usage: "EVENT",
  summary: {
    en: `make a real event happen with test data: ${Object.keys(triggers).join(", ")}`,
    zh: `用测试数据产生真实事件：${Object.keys(triggers).join("、")}`,
  },
  positionals: { min: 1, max: 1 },
  options: {},
  async run(context) {
    const type = context.positionals[0] ?? "";
    const act = Object.hasOwn(triggers, type) ? triggers[type] : undefined;
    if (!act) {
      const known = Object.keys(triggers).join(", ");
      throw new UsageError({
        en: `"${type}" can't be triggered; these can: ${known}.`,
        zh: `无法触发“${type}”，可用：${known}。`,
      });
    }
    const object = await act(context);
    context.output.object({ type, object }, [
      [titles.type, type],
      [titles.object, object],
    ]);
  },
};
