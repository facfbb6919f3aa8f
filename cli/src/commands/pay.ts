import { randomUUID } from "node:crypto";
import type { Payment, PaymentsCreateParams } from "@feiqian/sdk";
import type { Command, Context } from "../command.ts";
import { asCustomer } from "../customer.ts";
import { UsageError } from "../failures.ts";
import { readMoney } from "../money.ts";
import { showPayment } from "../show-payment.ts";

export const pay: Command = {
  name: "pay",
  usage: "AMOUNT [--code CODE | --demo] [options]",
  summary: {
    en: "charge a customer's code; without one, make an order for the customer to pay",
    zh: "扫顾客付款码收款；不带付款码则创建待支付订单",
  },
  positionals: { min: 1, max: 1 },
  options: {
    code: { type: "string", value: "CODE", help: { en: "the code that the customer shows", zh: "顾客出示的付款码" } },
    demo: {
      type: "boolean",
      help: { en: "a test customer pays", zh: "由测试顾客付款" },
    },
    currency: { type: "string", value: "CNY", help: { en: "currency (CNY)", zh: "币种（CNY）" } },
    order: { type: "string", value: "NUMBER", help: { en: "your order number (random)", zh: "商户订单号（随机）" } },
    subject: { type: "string", value: "TEXT", help: { en: "what is sold", zh: "商品名称" } },
    hold: {
      type: "boolean",
      help: { en: "hold the money, to be captured or cancelled later", zh: "仅冻结资金，之后再请款或撤销" },
    },
  },
  async run(context) {
    const terms = await termsOf(context);
    const code = context.text("code");
    if (code && context.flag("demo"))
      throw new UsageError({ en: "--code and --demo exclude each other.", zh: "--code 与 --demo 不能同时使用。" });
    if (context.flag("demo")) return showPayment(context, await payByDemo(context, terms));
    return showPayment(context, await context.feiqian.payments.create({ ...terms, ...(code && { code }) }));
  },
};

async function termsOf(context: Context): Promise<PaymentsCreateParams> {
  const currency = context.text("currency") ?? "CNY";
  const money = await readMoney(context.feiqian);
  const subject = context.text("subject");
  return {
    amount: money.parse(context.positionals[0] ?? "", currency),
    currency,
    out_trade_no: context.text("order") ?? randomOrder(),
    ...(subject && { subject }),
    ...(context.flag("hold") && { capture: "manual" }),
  };
}

export const randomOrder = (): string => `cli-${randomUUID()}`;

/** A test customer shows a code, and agrees on the phone where the amount asks for it. */
export function payByDemo(context: Context, terms: PaymentsCreateParams): Promise<Payment> {
  return asCustomer(context, terms.amount, async (customer) => {
    const payment = await context.feiqian.payments.create({ ...terms, code: await customer.code() });
    if (payment.action?.type !== "confirm_on_device") return payment;
    await customer.client.payments.confirmOnDevice(payment.id, { pin: customer.pin });
    return context.feiqian.payments.retrieve(payment.id);
  });
}
