import { catalogue, conflict, refuse, tooMany } from "#kit/errors.ts";

export const codeErrors = catalogue({
  payment_code_invalid: refuse({
    en: "This is not a code that can be charged.",
    zh: "这不是可用的付款码。",
    advice: "Check that the customer's payment code was scanned; ask for a fresh one.",
    param: "/code",
  }),
  payment_code_expired: refuse({
    en: "The payment code has expired.",
    zh: "付款码已过期。",
    advice: "Ask the customer to refresh the code, then scan again. A code lives at most 60 seconds.",
    param: "/code",
  }),
  payment_code_used: refuse({
    en: "The payment code was used already.",
    zh: "付款码已被使用。",
    advice: "Check whether the first payment arrived; for another one ask the customer for a fresh code.",
    param: "/code",
  }),
  code_scanning_locked: tooMany({
    en: "Too many wrong payment codes were scanned here.",
    zh: "错误付款码过多，扫码收款已暂停。",
    advice: "Wait for `Retry-After` seconds; scan only codes that customers show.",
  }),
  collect_code_invalid: refuse({
    en: "This is not a code that can be paid.",
    zh: "无法识别的收款码。",
    advice: "Scan the shop's QR code again; send the whole text that it holds.",
    param: "/qr",
  }),
  collect_code_foreign: refuse({
    en: "This code belongs to another payment service.",
    zh: "这是其他支付机构的收款码，暂不支持。",
    advice: "Open the app that the code belongs to, or ask the shop for the code of this service.",
    param: "/qr",
  }),
  collect_code_tampered: refuse({
    en: "This code was not made by this service, or it was changed.",
    zh: "收款码校验失败，可能被篡改或伪造。",
    advice: "Do not pay. Tell the shop that its code may have been replaced, and ask for another.",
    param: "/qr",
  }),
  collect_code_revoked: refuse({
    en: "The shop no longer uses this code.",
    zh: "收款码已停用。",
    advice: "Ask the shop for its present code.",
    param: "/qr",
  }),
  collect_code_used: refuse({
    en: "The order of this code was paid already.",
    zh: "该订单已支付。",
    advice:
      "Nothing is to be done: the order is paid, or is being paid by somebody else. Its payer finds it in `details.payment`.",
    param: "/qr",
  }),
  collect_code_expired: refuse({
    en: "The order of this code has ended.",
    zh: "收款码已过期，订单已关闭。",
    advice: "Ask the shop for a new code.",
    param: "/qr",
  }),
  device_not_enrolled: conflict({
    en: "This device has no key for offline codes.",
    zh: "此设备尚未开通离线付款码。",
    advice: "Enrol it with `POST /v1/devices/{id}/code_key`.",
  }),
});
