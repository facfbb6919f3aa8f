import { catalogue, conflict, forbid, invalid, unauthenticated } from "#kit/errors.ts";

export const merchantErrors = catalogue({
  merchant_suspended: forbid({
    en: "This merchant is suspended.",
    zh: "商户已被停用。",
    advice: "Contact the operator; the merchant's money and data stay as they are.",
  }),
  live_key_refused: unauthenticated({
    en: "This server runs in test mode and takes no live keys.",
    zh: "测试环境不接受正式密钥。",
    advice: "Use the `sk_test_…` key here, or send the request to the live server.",
  }),
  pairing_code_invalid: invalid({
    en: "This pairing code is unknown, used or too old.",
    zh: "配对码不存在、已使用或已过期。",
    advice: "Make a new one for the terminal; it works once, for ten minutes.",
    param: "/pairing_code",
  }),
  terminal_blocked: forbid({
    en: "This terminal is blocked or was reported lost.",
    zh: "该终端已被停用或挂失。",
    advice: "Make it `active` again; after a loss it is paired anew. `details.status` says which it is.",
  }),
  terminal_refund_limit: forbid({
    en: "This is more than the till may refund today.",
    zh: "超出该终端当日可退款额度。",
    advice: "Refund with the merchant's own key, or raise the terminal's `refund_limit`.",
  }),
  address_not_allowed: forbid({
    en: "This key may not be used from this address.",
    zh: "该密钥不允许从此地址使用。",
    advice:
      "`details.address` is where the request came from; add it to the key's `allowed_addresses` if it should be.",
  }),
  key_restriction_wider: forbid({
    en: "A restricted key can't make or change a key that is less restricted.",
    zh: "受限密钥不能创建或修改为限制更少的密钥。",
    advice: "Keep signatures required, and the addresses within the key's own, or use a key that is not restricted so.",
  }),
  signature_key_missing: conflict({
    en: "This key has nothing to sign with.",
    zh: "该密钥没有签名密钥。",
    advice: "Roll it with a `signature_key`, then require signatures.",
    param: "/require_signature",
  }),
  livemode_unavailable: invalid({
    en: "This mode is not to be had here.",
    zh: "不支持该模式。",
    advice: "A key makes objects of its own mode only, and a server in test mode has no live ones.",
    param: "/livemode",
  }),
  pricing_plan_currency: invalid({
    en: "The pricing plan is in another currency than the merchant.",
    zh: "费率方案与商户币种不一致。",
    advice: "Choose a plan in the currency that `details.currency` names.",
    param: "/pricing_plan",
  }),
});
