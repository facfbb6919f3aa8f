import "./sealed-columns.ts";

export { merchantAccount, openPlatformAccounts, platformAccount } from "./accounts.ts";
export { authenticateKey } from "./authenticate-key.ts";
export { authenticateTerminal } from "./authenticate-terminal.ts";
export { createApiKey } from "./create-api-key.ts";
export { createMerchant } from "./create-merchant.ts";
export { merchantErrors } from "./errors.ts";
export { flushKeyUses } from "./key-uses.ts";
export { placeOf, storeOf, terminalOf } from "./places.ts";
export { planTerms } from "./plan-terms.ts";
export { type FeeBearer, feeFor, type PlanTerms } from "./pricing-plan.ts";
export { type MerchantProfile, merchantNames, merchantProfile, merchantStandings } from "./profile.ts";
export { lookIntoPurse, mayOwe, openDebt, type Purse, takeTurn } from "./purse.ts";
export { reachOf, servesLive } from "./reach.ts";
export { refundLimitOf } from "./refund-limit.ts";
export { merchantRoutes } from "./routes.ts";
