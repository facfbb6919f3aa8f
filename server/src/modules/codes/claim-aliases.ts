import { randomInt } from "node:crypto";
import { plainArray, run, type Transaction } from "#kit/db.ts";
import { aliasCount } from "./algorithm.ts";
import { insertAliases } from "./sql.ts";

/** A key that needs an alias. */
export interface AliasClaim {
  readonly keyId: string;
  readonly userId: string;
  readonly deviceId: string | null;
  readonly livemode: boolean;
  /** For one code only: the alias ends with it. */
  readonly once: boolean;
}

export interface ClaimedAlias {
  readonly alias: number;
  /** The database's time of the claim. */
  readonly at: Date;
}

const mostRounds = 50;

/**
 * Takes a free random alias for each key and gives them by key id. Uniform over all nine digits, so that an alias tells nothing; what
 * is taken already is drawn again. Throws when the space is as good as full.
 */
export async function claimAliases(
  tx: Transaction,
  claims: readonly AliasClaim[],
  draw: () => number = () => randomInt(aliasCount),
): Promise<Map<string, ClaimedAlias>> {
  const claimed = new Map<string, ClaimedAlias>();
  for (let round = 1; claimed.size < claims.length; round++) {
    if (round > mostRounds) throw new Error("no free code alias was found");
    const open = claims.filter(({ keyId }) => !claimed.has(keyId));
    const rows = await run(tx, insertAliases, [
      plainArray(open.map(() => draw())),
      plainArray(open.map((claim) => claim.keyId)),
      plainArray(open.map((claim) => claim.userId)),
      plainArray(open.map((claim) => claim.deviceId)),
      plainArray(open.map((claim) => claim.livemode)),
      plainArray(open.map((claim) => claim.once)),
    ]);
    for (const { keyId, alias, atMs } of rows) claimed.set(keyId, { alias, at: new Date(atMs) });
  }
  return claimed;
}
