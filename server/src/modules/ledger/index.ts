export { balancesOf, findAccount, type NewAccount, openAccounts } from "./accounts.ts";
export type { Account, Balance } from "./accounts-sql.ts";
export { audit } from "./auditor.ts";
export { projectorLag } from "./history.ts";
export { startLedgerLoops } from "./loops.ts";
export { carefully, type PostOptions, post } from "./post.ts";
export { type TransferResult, transferResults } from "./results.ts";
export { ledgerRoutes } from "./routes.ts";
export type { NewTransfer, Transfer, TransferKind } from "./transfer.ts";
