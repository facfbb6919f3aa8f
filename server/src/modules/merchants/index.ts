export { merchantAccount, openPlatformAccounts, platformAccount } from "./accounts.ts";
export { authenticateKey } from "./authenticate-key.ts";
export { createApiKey } from "./create-api-key.ts";
export { createMerchant } from "./create-merchant.ts";
export { flushKeyUses } from "./key-uses.ts";
export { placeOf, storeOf, terminalOf } from "./places.ts";
export { type FeeBearer, feeFor, type PlanTerms } from "./pricing-plan.ts";
export { type MerchantProfile, merchantNames, merchantProfile } from "./profile.ts";
export { merchantRoutes } from "./routes.ts";
