import "./jobs.ts";
import "./settle-movement.ts";

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
export { askBank, askBankNow, instructBank, startBankLoops } from "./ask-bank.ts";
export { bank, useBank } from "./bank-port.ts";
export { bankPosition, embeddedBank, tellWhatChanged } from "./embedded-bank.ts";
export { walletErrors } from "./errors.ts";
export { recordOutcome } from "./record-outcome.ts";
export { refusalOfSpending } from "./refusals.ts";
export { walletRoutes } from "./routes.ts";
