/** A transfer between two wallets happens whole or not at all, so there is one state it can be in. */
export const transferStates = ["succeeded"] as const;
