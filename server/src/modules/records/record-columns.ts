import { type Language, presentFailure } from "#kit/errors.ts";
import type { Column } from "#kit/table.ts";
import { type MoneyRecord, netOf } from "./record.ts";

type Texts = Readonly<Record<Language, string>>;
const texts = (en: string, zh: string): Texts => ({ en, "zh-CN": zh });

export const typeTexts: Readonly<Record<MoneyRecord["type"], Texts>> = {
  payment: texts("Payment", "支付"),
  refund: texts("Refund", "退款"),
  transfer: texts("Transfer", "转账"),
  topup: texts("Top-up", "充值"),
  topup_return: texts("Top-up returned", "充值退回"),
  withdrawal: texts("Withdrawal", "提现"),
  withdrawal_return: texts("Withdrawal returned", "提现退回"),
};
const directionTexts: Readonly<Record<MoneyRecord["direction"], Texts>> = {
  in: texts("In", "收入"),
  out: texts("Out", "支出"),
};
const resultTexts: Readonly<Record<MoneyRecord["result"], Texts>> = {
  succeeded: texts("Succeeded", "成功"),
  failed: texts("Failed", "失败"),
};

/** The columns of an export, in the order in which people read them. */
export const recordColumns: readonly Column<MoneyRecord>[] = [
  { title: texts("Time", "时间"), width: 11, cell: ({ time }) => time },
  { title: texts("Type", "类型"), width: 7, cell: ({ type }, language) => typeTexts[type][language] },
  {
    title: texts("Direction", "收支"),
    width: 5,
    cell: ({ direction }, language) => directionTexts[direction][language],
  },
  { title: texts("Result", "结果"), width: 6, cell: ({ result }, language) => resultTexts[result][language] },
  { title: texts("Amount", "金额"), width: 9, cell: ({ amount, currency }) => ({ minor: amount, currency }) },
  { title: texts("Fee", "手续费"), width: 6, cell: ({ fee, currency }) => ({ minor: fee, currency }) },
  { title: texts("Net", "净额"), width: 9, cell: (record) => ({ minor: netOf(record), currency: record.currency }) },
  { title: texts("Currency", "币种"), width: 5, cell: ({ currency }) => currency },
  {
    title: texts("Counterparty", "对方"),
    width: 11,
    cell: (record) => record.counterpartyName ?? record.counterpartyId,
  },
  { title: texts("Subject", "说明"), width: 14, cell: ({ subject }) => subject },
  { title: texts("Order number", "商户订单号"), width: 13, cell: ({ outTradeNo }) => outTradeNo },
  { title: texts("Transaction", "交易单号"), width: 16, cell: ({ sourceId }) => sourceId },
  { title: texts("Payment", "支付单号"), cell: ({ paymentId }) => paymentId },
  { title: texts("Method", "支付方式"), cell: ({ method }) => method },
  { title: texts("Store", "门店"), cell: ({ storeId }) => storeId },
  { title: texts("Terminal", "终端"), cell: ({ terminalId }) => terminalId },
  {
    title: texts("Reason of failure", "失败原因"),
    cell: ({ failureCode }, language) => failureCode && presentFailure(failureCode, language).message,
  },
];

export const exportTitle = texts("Records", "账单明细");
