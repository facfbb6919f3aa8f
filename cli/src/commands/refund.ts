import { randomUUID } from "node:crypto";
import type { Refund } from "@feiqian/sdk";
import type { Command, Context } from "../command.ts";
import { readMoney } from "../money.ts";
import { timeText } from "../output.ts";
import { statusText, titles } from "../show-payment.ts";
import { amountOf } from "./payments.ts";

export const refund: Command = {
  name: "refund",
  usage: "PAYMENT [options]",
  summary: { en: "give a payment back, whole or in part", zh: "全额或部分退款" },
  positionals: { min: 1, max: 1 },
  options: {
    amount: { type: "string", value: "AMOUNT", help: { en: "how much (what is left)", zh: "退款金额（剩余全部）" } },
    number: {
      type: "string",
      value: "NUMBER",
      help: { en: "your refund number (random)", zh: "商户退款单号（随机）" },
    },
    reason: { type: "string", value: "TEXT", help: { en: "why", zh: "退款原因" } },
  },
  async run(context) {
    const payment = context.positionals[0] ?? "";
    const amount = await amountOf(context, payment);
    const reason = context.text("reason");
    const made = await context.feiqian.refunds.create({
      payment,
      out_refund_no: context.text("number") ?? `cli-${randomUUID()}`,
      ...(amount !== undefined && { amount }),
      ...(reason && { reason }),
    });
    await showRefund(context, made);
  },
};

async function showRefund(context: Context, refund: Refund): Promise<void> {
  const money = await readMoney(context.feiqian);
  context.output.object(refund, [
    [titles.id, refund.id],
    [titles.status, statusText(refund.status, context)],
    [titles.amount, money.format(refund.amount, refund.currency)],
    [titles.payment, refund.payment],
    [titles.refunded, money.format(refund.payment_amount_refunded, refund.currency)],
    [titles.reason, refund.reason],
    [titles.failure, refund.failure && `${refund.failure.message} (${refund.failure.code})`],
    [titles.created, timeText(refund.created_at)],
  ]);
}
