import { catalogue, conflict, invalid, refuse, unauthenticated } from "#kit/errors.ts";

export const paymentErrors = catalogue({
  confirmation_expired: refuse({
    en: "The customer did not confirm the payment in time.",
    zh: "顾客未在规定时间内确认付款。",
    advice: "Scan a new code and ask the customer to confirm it at once.",
  }),
  out_trade_no_conflict: conflict({
    en: "This order number was used with other terms.",
    zh: "订单号已被其他订单使用。",
    advice: "Use a new number for a new order; `details.payment` is the payment that has this one.",
    param: "/out_trade_no",
  }),
  out_refund_no_conflict: conflict({
    en: "This refund number was used with other terms.",
    zh: "退款单号已被其他退款使用。",
    advice: "Use a new number for a new refund; `details.refund` is the one that has this number.",
    param: "/out_refund_no",
  }),
  amount_too_large: invalid({
    en: "The amount is more than what is left of the payment.",
    zh: "金额超过可操作的余额。",
    advice: "Use at most `details.most`.",
    param: "/amount",
  }),
  payment_refunded: conflict({
    en: "Nothing is left of this payment to refund.",
    zh: "该支付已全额退款。",
    advice: "Read the payment's refunds.",
    param: "/payment",
  }),
  refund_not_refundable: invalid({
    en: "A refund can't be refunded.",
    zh: "退款单不可再次退款。",
    advice: "Name the payment; to take money again, take a new payment.",
    param: "/payment",
  }),
  merchant_balance_insufficient: conflict({
    en: "The merchant's balance does not cover this refund.",
    zh: "商户余额不足，无法退款。",
    advice:
      "Wait for new payments or refund less, and ask with a new idempotency key; `details.missing` is what is missing, in minor units.",
  }),
  refund_destination_closed: conflict({
    en: "The account that the money came from is closed.",
    zh: "原付款账户已注销。",
    advice: "Return the money to the customer in another way.",
    param: "/payment",
  }),
  payment_key_missing: unauthenticated({
    en: "This needs the order's payment key, or the session of a user who opened it.",
    zh: "缺少支付密钥。",
    advice: "Send `Payment-Key: pk_…` (when paying: the field `payment_key`) from the checkout link's fragment.",
  }),
  payment_key_invalid: unauthenticated({
    en: "The payment key does not open this order.",
    zh: "支付密钥无效。",
    advice: "Use the key that this very order was answered with; a key opens one order.",
    signal: "payment_key_wrong",
  }),
  payment_key_ended: unauthenticated({
    en: "The payment key has ended with its order.",
    zh: "支付密钥已失效。",
    advice:
      "`details.status` tells what became of the order. Who paid it reads it signed in; the merchant reads it with an API key.",
  }),
  method_unavailable: invalid({
    en: "This order can't be paid by this method.",
    zh: "该订单不支持此支付方式。",
    advice: "Choose one of `details.methods`; a payment that was scanned is no order.",
    param: "/method",
  }),
  attempt_in_progress: conflict({
    en: "An attempt to pay this order has not been answered yet.",
    zh: "该订单有一笔支付正在处理。",
    advice: "Read the order after `Retry-After` seconds; it is paid, or takes the next attempt.",
  }),
  order_ended: conflict({
    en: "The order took no money any more when it came; it goes back.",
    zh: "款项到达时订单已结束，将原路退回。",
    advice: "Nothing has to be done; a new order is needed to pay.",
  }),
  order_field_with_code: invalid({
    en: "This field belongs to an order and was sent together with a code.",
    zh: "该参数不能与付款码同时使用。",
    advice:
      "Leave `code` out to make an order that waits for its payer, or leave out the field that `param` names to charge the code.",
  }),
  profit_sharing_too_large: invalid({
    en: "The shares are more than the payment.",
    zh: "分账金额超过支付金额。",
    advice: "Amounts and parts of the amount may come to `details.most` in all.",
    param: "/profit_sharing",
  }),
  amount_mismatch: invalid({
    en: "The amount is fixed, and it is another one.",
    zh: "金额与收款码或订单不符。",
    advice: "Leave the amount out, or send the one in `details.amount`.",
    param: "/amount",
  }),
  merchant_unavailable: refuse({
    en: "This shop takes no payments at present.",
    zh: "商户暂停收款。",
    advice: "Pay the shop another way; the shop should contact the operator.",
  }),
  currency_unsupported: invalid({
    en: "The merchant does not take this currency.",
    zh: "商户不支持该币种。",
    advice: "Use the currency in `details.currency`.",
    param: "/currency",
  }),
  terminal_unusable: invalid({
    en: "The merchant has no such terminal in use.",
    zh: "终端不存在或已停用。",
    advice: "Name an active terminal of this merchant.",
    param: "/terminal",
  }),
  store_unusable: invalid({
    en: "The merchant has no such store, or the terminal stands in another one.",
    zh: "门店不存在或与终端不符。",
    advice: "Name a store of this merchant; with a terminal, its own store or none.",
    param: "/store",
  }),
});
