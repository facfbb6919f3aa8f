import type { Payment } from "@feiqian/sdk";
import type { Context } from "./command.ts";
import { type Money, readMoney } from "./money.ts";
import { type Column, timeText } from "./output.ts";
import type { Words } from "./words.ts";

export const titles = {
  id: { en: "Id", zh: "编号" },
  status: { en: "Status", zh: "状态" },
  amount: { en: "Amount", zh: "金额" },
  captured: { en: "Captured", zh: "已请款" },
  refunded: { en: "Refunded", zh: "已退款" },
  fee: { en: "Fee", zh: "手续费" },
  net: { en: "Net", zh: "实收" },
  order: { en: "Order", zh: "订单号" },
  subject: { en: "Subject", zh: "商品" },
  method: { en: "Method", zh: "方式" },
  failure: { en: "Failure", zh: "失败原因" },
  created: { en: "Created", zh: "创建时间" },
  succeeded: { en: "Paid", zh: "支付时间" },
  expires: { en: "Expires", zh: "失效时间" },
  checkout: { en: "Checkout", zh: "收银台" },
  key: { en: "Payment key", zh: "支付密钥" },
  payment: { en: "Payment", zh: "付款" },
  reason: { en: "Reason", zh: "原因" },
  delivery: { en: "Delivery", zh: "投递" },
  endpoint: { en: "Endpoint", zh: "端点" },
  type: { en: "Type", zh: "类型" },
  object: { en: "Object", zh: "对象" },
} satisfies Record<string, Words>;

const statuses: Readonly<Record<string, string>> = {
  requires_payment: "待支付",
  processing: "处理中",
  authorized: "已授权",
  succeeded: "成功",
  failed: "失败",
  closed: "已关闭",
  pending: "处理中",
  returned: "已退回",
};

/** A status in the reader's language. */
export const statusText = (status: string, { language }: Pick<Context, "language">): string =>
  language === "zh" ? (statuses[status] ?? status) : status;

export function paymentColumns(money: Money, context: Context): Column<Payment>[] {
  return [
    { title: titles.id, text: ({ id }) => id },
    { title: titles.status, text: ({ status }) => statusText(status, context) },
    { title: titles.amount, right: true, text: ({ amount, currency }) => money.format(amount, currency) },
    { title: titles.order, text: ({ out_trade_no }) => out_trade_no },
    { title: titles.subject, text: ({ subject }) => subject },
    { title: titles.created, text: ({ created_at }) => timeText(created_at) },
  ];
}

/** Shows one payment. */
export async function showPayment(context: Context, payment: Payment): Promise<void> {
  const money = context.output.isJson ? undefined : await readMoney(context.feiqian);
  const { currency } = payment;
  const sum = (amount: number) => (amount === 0 ? null : money?.format(amount, currency));
  context.output.object(payment, [
    [titles.id, payment.id],
    [titles.status, statusText(payment.status, context)],
    [titles.amount, money?.format(payment.amount, currency)],
    [titles.captured, payment.capture === "manual" ? sum(payment.amount_captured) : null],
    [titles.refunded, sum(payment.amount_refunded)],
    [titles.fee, sum(payment.fee)],
    [titles.net, payment.status === "succeeded" ? money?.format(payment.net, currency) : null],
    [titles.order, payment.out_trade_no],
    [titles.subject, payment.subject],
    [titles.method, payment.method],
    [titles.failure, payment.failure && `${payment.failure.message} (${payment.failure.code})`],
    [titles.created, timeText(payment.created_at)],
    [titles.succeeded, timeText(payment.succeeded_at)],
    [titles.checkout, payment.checkout_url],
    [titles.key, payment.payment_key],
    [titles.expires, payment.status === "requires_payment" ? timeText(payment.expires_at) : null],
  ]);
}
