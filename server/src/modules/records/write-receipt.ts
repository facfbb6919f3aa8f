import type { Readable } from "node:stream";
import { localTime } from "#kit/business-day.ts";
import { config } from "#kit/config.ts";
import type { Language } from "#kit/errors.ts";
import { formatAmount } from "#kit/money.ts";
import { clean } from "#kit/table.ts";
import type { Receipt } from "./receipt.ts";
import { drawHeading, pdfOf } from "./write-pdf.ts";

const words = {
  en: {
    title: "Receipt",
    test: "Test mode: no money was moved",
    number: "Receipt number",
    seller: "Seller",
    store: "Store",
    buyer: "Buyer",
    order: "Order number",
    payment: "Payment",
    time: "Paid at",
    method: "Method",
    amount: "Amount",
    fee: "Fee",
    total: "Total paid",
    refund: "Refund",
    balance: "After refunds",
  },
  "zh-CN": {
    title: "电子收据",
    test: "测试模式：未发生真实资金",
    number: "收据编号",
    seller: "收款方",
    store: "门店",
    buyer: "付款方",
    order: "商户订单号",
    payment: "支付单号",
    time: "支付时间",
    method: "支付方式",
    amount: "金额",
    fee: "手续费",
    total: "实付金额",
    refund: "退款",
    balance: "退款后金额",
  },
} as const satisfies Record<Language, Record<string, string>>;

const labelWidth = 110;
const lineGap = 6;

/** The receipt as a PDF of one page (more when there are many refunds). */
export function writeReceipt(receipt: Receipt, language: Language): Readable {
  const word = words[language];
  const { timeZone } = config();
  const { seller, buyer, currency } = receipt;
  const money = (minor: number): string => `${formatAmount(minor, currency)} ${currency}`;
  const time = (at: string | null): string => (at === null ? "" : localTime(Date.parse(at), timeZone));
  const store = seller.store && [seller.store.name, seller.store.address].filter(Boolean).join(", ");
  const facts: [label: string, value: string | null][] = [
    [word.number, receipt.id],
    [word.time, `${time(receipt.paid_at)} (${timeZone})`],
    [word.seller, [seller.name, seller.city, seller.country].join(", ")],
    [word.store, store],
    [word.buyer, buyer && [buyer.name, buyer.phone].filter(Boolean).join(" ")],
    [word.order, receipt.out_trade_no],
    [word.payment, receipt.payment],
    [word.method, [receipt.method, receipt.channel].filter(Boolean).join(" / ")],
  ];
  const sums: [label: string, value: string][] = [
    ...receipt.items.map(({ description, quantity, amount }): [string, string] => [
      `${description} × ${quantity}`,
      money(amount),
    ]),
    [word.amount, money(receipt.amount)],
    ...(receipt.fee > 0 ? [[word.fee, money(receipt.fee)] as [string, string]] : []),
    [word.total, money(receipt.total)],
    ...receipt.refunds.map((refund): [string, string] => [
      `${word.refund} ${time(refund.succeeded_at)} ${refund.id}`,
      money(-(refund.amount + refund.fee_returned)),
    ]),
    ...(receipt.refunded > 0 ? [[word.balance, money(receipt.balance)] as [string, string]] : []),
  ];
  return pdfOf({ title: `${word.title} ${receipt.id}` }, (document) => {
    drawHeading(document, { title: word.title, lines: receipt.livemode ? [] : [word.test] });
    const { left, right } = document.page.margins;
    const width = document.page.width - left - right;
    document.moveDown().fontSize(10).fillColor("#000");
    for (const [label, value] of facts) {
      if (!value) continue;
      document.text(label, left, document.y, { continued: false, width: labelWidth });
      document.moveUp().text(clean(value), left + labelWidth, document.y, { width: width - labelWidth });
      document.y += lineGap;
    }
    document.moveDown();
    for (const [label, value] of sums) {
      document.text(clean(label), left, document.y, { width: width - labelWidth });
      document.moveUp().text(value, left, document.y, { width, align: "right" });
      document.y += lineGap;
    }
  });
}
