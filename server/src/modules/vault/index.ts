import "./sealed-columns.ts";

export { isSavedAccount, ownsBankAccount } from "./bank-account.ts";
export { forgetCards } from "./remove.ts";
export { vaultRoutes } from "./routes.ts";
export { withCardNumber } from "./use-card-number.ts";
