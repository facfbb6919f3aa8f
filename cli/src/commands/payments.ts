import type { Payment, PaymentsListParams } from "@feiqian/sdk";
import type { Command, Context } from "../command.ts";
import { UsageError } from "../failures.ts";
import { readMoney } from "../money.ts";
import { paymentColumns, showPayment } from "../show-payment.ts";

const statuses = ["requires_payment", "processing", "authorized", "succeeded", "failed", "closed"] as const;

export const paymentsList: Command = {
  name: "payments list",
  usage: "[options]",
  summary: { en: "list payments, newest first", zh: "列出付款，最新的在前" },
  positionals: { min: 0, max: 0 },
  options: {
    status: { type: "string", value: "STATUS", help: { en: statuses.join(", "), zh: statuses.join("、") } },
    order: { type: "string", value: "NUMBER", help: { en: "of this order number", zh: "指定订单号" } },
    limit: { type: "string", value: "N", help: { en: "at most so many (20)", zh: "最多条数（20）" } },
  },
  async run(context) {
    const status = statusOf(context.text("status"));
    const order = context.text("order");
    const limit = limitOf(context);
    const asked: PaymentsListParams = {
      limit: Math.min(limit, 100),
      ...(status && { status }),
      ...(order && { out_trade_no: order }),
    };
    const payments: Payment[] = [];
    for await (const payment of context.feiqian.payments.list(asked)) {
      payments.push(payment);
      if (payments.length === limit) break;
    }
    const money = await readMoney(context.feiqian);
    context.output.table(payments, paymentColumns(money, context));
  },
};

export const paymentsGet: Command = {
  name: "payments get",
  usage: "PAYMENT",
  summary: { en: "show a payment", zh: "查看付款" },
  positionals: { min: 1, max: 1 },
  options: {},
  run: async (context) => showPayment(context, await context.feiqian.payments.retrieve(context.positionals[0] ?? "")),
};

export const paymentsCapture: Command = {
  name: "payments capture",
  usage: "PAYMENT [options]",
  summary: { en: "take the money that is held, all or a part", zh: "对已冻结的资金请款，可部分请款" },
  positionals: { min: 1, max: 1 },
  options: {
    amount: { type: "string", value: "AMOUNT", help: { en: "how much (all)", zh: "请款金额（全部）" } },
  },
  async run(context) {
    const id = context.positionals[0] ?? "";
    const amount = await amountOf(context, id);
    await showPayment(context, await context.feiqian.payments.capture(id, { ...(amount !== undefined && { amount }) }));
  },
};

export const paymentsCancel: Command = {
  name: "payments cancel",
  usage: "PAYMENT",
  summary: { en: "give back the money that is held", zh: "撤销授权，解冻资金" },
  positionals: { min: 1, max: 1 },
  options: {},
  run: async (context) => showPayment(context, await context.feiqian.payments.cancel(context.positionals[0] ?? "")),
};

/** The option `--amount` in the payment's currency; nothing when it is not there. */
export async function amountOf(context: Context, payment: string): Promise<number | undefined> {
  const text = context.text("amount");
  if (text === undefined) return undefined;
  const { currency } = await context.feiqian.payments.retrieve(payment);
  return (await readMoney(context.feiqian)).parse(text, currency);
}

export const paymentsClose: Command = {
  name: "payments close",
  usage: "PAYMENT",
  summary: { en: "close an order that nobody paid", zh: "关闭未支付的订单" },
  positionals: { min: 1, max: 1 },
  options: {},
  run: async (context) => showPayment(context, await context.feiqian.payments.close(context.positionals[0] ?? "")),
};

function statusOf(text: string | undefined): (typeof statuses)[number] | undefined {
  const status = statuses.find((one) => one === text);
  if (text === undefined || status) return status;
  throw new UsageError({ en: `There is no status "${text}".`, zh: `没有状态“${text}”。` });
}

/** How many rows are wanted. */
export function limitOf(context: Context): number {
  const text = context.text("limit") ?? "20";
  const limit = Number(text);
  if (Number.isInteger(limit) && limit > 0 && limit <= 10_000) return limit;
  throw new UsageError({ en: "--limit is a number from 1 to 10000.", zh: "--limit 应为 1 到 10000 的整数。" });
}
