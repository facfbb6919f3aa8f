import "./jobs.ts";

export {
  allowanceAccount,
  allowanceDay,
  allowanceSource,
  type DailyLimit,
  dailyLimits,
  openAllowanceSources,
  openWallet,
  spendingAccounts,
  walletAccount,
} from "./accounts.ts";
export { walletErrors } from "./errors.ts";
export { refusalOfSpending } from "./refusals.ts";
export { walletRoutes } from "./routes.ts";
