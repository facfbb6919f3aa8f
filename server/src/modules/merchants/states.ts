/** What a merchant may become. A suspended one keeps its money and its data; its keys open nothing. */
export const merchantMoves = {
  active: ["suspended"],
  suspended: ["active"],
} as const;

export type MerchantStatus = keyof typeof merchantMoves;

/** What a terminal may become. A blocked one takes no payments; a lost one has no token any more and is paired anew once it is found. */
export const terminalMoves = {
  active: ["blocked", "lost"],
  blocked: ["active", "lost"],
  lost: ["active"],
} as const;

export type TerminalStatus = keyof typeof terminalMoves;

/** What an API key may become. A rolled key works until its overlap ends. */
export const keyMoves = {
  active: ["rolled", "revoked"],
  rolled: ["expired", "revoked"],
  expired: ["revoked"],
  revoked: [],
} as const;

export type KeyStatus = keyof typeof keyMoves;
