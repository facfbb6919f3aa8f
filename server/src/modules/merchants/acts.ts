import { type Asked, approvable } from "#kit/approvable.ts";
import { presentApiKey, presentNewApiKey } from "./api-key.ts";
import type { ApiKeyChange, ApiKeyInput, RollInput } from "./api-key-schemas.ts";
import { changeApiKey } from "./change-api-key.ts";
import { changeMerchant } from "./change-merchant.ts";
import { createApiKey } from "./create-api-key.ts";
import { createMerchant } from "./create-merchant.ts";
import { createPricingPlan } from "./create-pricing-plan.ts";
import { presentMerchant } from "./merchant.ts";
import { presentPricingPlan } from "./pricing-plan.ts";
import type { Keeper } from "./reach.ts";
import { rollApiKey } from "./roll-api-key.ts";
import type { MerchantChange, MerchantInput, PricingPlanInput } from "./schemas.ts";

/** What staff do to merchants that may take two persons: prices, keys, and letting in again who was suspended. */
const idOf = ({ params }: Asked<unknown>): string => params.id as string;

export const makesPricingPlan = approvable<PricingPlanInput>({
  kind: "pricing_plan.create",
  en: "Make a pricing plan",
  zh: "新建费率方案",
  permission: "pricing:write",
  needs: () => "power",
  perform: async (tx, { body }, _actor, from) => presentPricingPlan(await createPricingPlan(tx, body, from)),
});

export const takesOnMerchant = approvable<MerchantInput>({
  kind: "merchant.create",
  en: "Take on a merchant with a price of its own",
  zh: "以指定费率新增商户",
  permission: "merchants:write",
  needs: ({ body }) => (body.pricing_plan === undefined ? null : "always"),
  perform: async (tx, { body }, _actor, from) => presentMerchant(await createMerchant(tx, body, from)),
});

export const changesMerchant = approvable<MerchantChange>({
  kind: "merchant.update",
  en: "Change a merchant's price, or let a suspended one in again",
  zh: "变更商户费率或恢复已停用的商户",
  permission: "merchants:write",
  needs: ({ body }) => {
    if (body.pricing_plan !== undefined) return "power";
    return body.fee_bearer !== undefined || body.status === "active" ? "always" : null;
  },
  perform: async (tx, asked, _actor, from) => presentMerchant(await changeMerchant(tx, idOf(asked), asked.body, from)),
});

export const makesApiKey = approvable<ApiKeyInput, Keeper>({
  kind: "api_key.create",
  en: "Make an API key for a merchant",
  zh: "为商户新建 API 密钥",
  permission: "keys:write",
  needs: () => "always",
  secret: true,
  perform: async (tx, { body }, actor, from) => presentNewApiKey(await createApiKey(tx, actor, body, from)),
});

export const changesApiKey = approvable<ApiKeyChange, Keeper>({
  kind: "api_key.update",
  en: "Change from where a merchant's API key works, or require no signatures of it",
  zh: "变更商户 API 密钥的允许地址或取消签名要求",
  permission: "keys:write",
  needs: ({ body }) => (body.allowed_addresses !== undefined || body.require_signature === false ? "always" : null),
  perform: async (tx, asked, actor, from) =>
    presentApiKey(await changeApiKey(tx, actor, idOf(asked), asked.body, from)),
});

export const rollsApiKey = approvable<RollInput, Keeper>({
  kind: "api_key.roll",
  en: "Replace a merchant's API key",
  zh: "轮换商户 API 密钥",
  permission: "keys:write",
  needs: () => "always",
  secret: true,
  perform: async (tx, asked, actor, from) =>
    presentNewApiKey(await rollApiKey(tx, actor, idOf(asked), asked.body, from)),
});
