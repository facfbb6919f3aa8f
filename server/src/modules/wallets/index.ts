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
export { bank, mostByBank, useBank } from "./bank-port.ts";
export { withdraw } from "./bank-sql.ts";
export { closeWallet, openMoneyOf } from "./close-wallet.ts";
export { checkBankAccount } from "./create-movement.ts";
export { bankPosition, embeddedBank, tellWhatChanged } from "./embedded-bank.ts";
export { walletErrors } from "./errors.ts";
export { forgetNameLater } from "./forget-name.ts";
export { type Instruction, onBankOutcome } from "./instruction.ts";
export { bookLateMoney, sendBack, undoLateMoney } from "./late-money.ts";
export { recordOutcome } from "./record-outcome.ts";
export { detailsOfRefusal } from "./refusal-details.ts";
export { refusalOfSpending } from "./refusals.ts";
export { walletRoutes } from "./routes.ts";
export { BankAccount } from "./schemas.ts";
