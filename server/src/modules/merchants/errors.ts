import { catalogue, forbid, invalid, unauthenticated } from "#kit/errors.ts";

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
