export { balancesOf, closeAccount, findAccount, type NewAccount, openAccounts } from "./accounts.ts";
export type { Account, Balance } from "./accounts-sql.ts";
export { expirePending } from "./expire.ts";
export { carefully, lostRace, type PostOptions, post } from "./post.ts";
export { type TransferResult, transferResults } from "./results.ts";
export { readTransfers, type StoredTransfer } from "./sql.ts";
export type { NewTransfer, Transfer, TransferKind } from "./transfer.ts";
