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
  device_not_enrolled: conflict({
    en: "This device has no key for offline codes.",
    zh: "此设备尚未开通离线付款码。",
    advice: "Enrol it with `POST /v1/devices/{id}/code_key`.",
  }),
});
