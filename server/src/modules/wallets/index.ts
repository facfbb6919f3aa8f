export {
  allowanceDay,
  allowanceSource,
  openAllowanceSources,
  openWallet,
  spendingAccounts,
  walletAccount,
} from "./accounts.ts";
export { walletRoutes } from "./routes.ts";
