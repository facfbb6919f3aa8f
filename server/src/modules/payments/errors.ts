import { catalogue, conflict, invalid, refuse } from "#kit/errors.ts";

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
