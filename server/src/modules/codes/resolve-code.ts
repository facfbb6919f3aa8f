import type { KeyObject } from "node:crypto";
import { Cache } from "#kit/cache.ts";
import { now } from "#kit/clock.ts";
import { config } from "#kit/config.ts";
import { unseal } from "#kit/crypto.ts";
import { database, plainArray, run } from "#kit/db.ts";
import { GroupCommit } from "#kit/group-commit.ts";
import { codeKey, findStep, wasCode } from "./algorithm.ts";
import { keyContext } from "./enrol-code-keys.ts";
import { selectAliasKeys, selectKeys } from "./sql.ts";

/** Whose code it is, as far as computation can tell. The paying transaction judges the alias and the step again. */
export type CodeResolution =
  | {
      readonly kind: "own";
      readonly alias: number;
      readonly userId: string;
      readonly livemode: boolean;
      readonly keyId: string;
      readonly step: number;
      readonly n: number;
    }
  | { readonly kind: "foreign"; readonly channel: "wechatpay" | "alipay" | "unionpay" }
  | {
      readonly kind: "refused";
      readonly reason: "payment_code_invalid" | "payment_code_expired";
      /** Null when it has not even the form of our codes. */
      readonly alias: number | null;
    };

/** What an alias stands for. */
interface KnownAlias {
  readonly userId: string;
  readonly livemode: boolean;
  readonly keyId: string;
  readonly key: KeyObject;
}

/** Scans that meet an alias this process does not know share their look-ups. */
const lookUps = new GroupCommit<number, KnownAlias | undefined>({
  name: "codes.look_ups",
  lanes: 2,
  maxBatch: 2_000,
  commit: lookUp,
});

/** By the alias's nine digits. An entry goes long before its alias can be purged and given to another key (two days). */
const known = new Cache<string, KnownAlias>({
  name: "code_aliases",
  max: 200_000,
  ttlMs: 60 * 60_000,
  load: (alias) => lookUps.submit(Number(alias)),
});

/**
 * Tells what a scanned code is. Pure computation and synchronous when this process knows the alias; otherwise the look-up is shared with
 * those of other scans. An unknown alias and wrong digits look alike.
 */
export function resolveCode(code: string): CodeResolution | Promise<CodeResolution> {
  if (!/^\d+$/.test(code)) return refused("payment_code_invalid", null);
  if (!code.startsWith(config().issuerPrefix)) return foreign(code);
  if (code.length !== 18) return refused("payment_code_invalid", null);
  const alias = code.slice(2, 11);
  const digits = code.slice(11);
  const found = known.get(alias);
  return found instanceof Promise ? found.then((it) => resolve(it, alias, digits)) : resolve(found, alias, digits);
}

const refused = (reason: "payment_code_invalid" | "payment_code_expired", alias: number | null): CodeResolution => ({
  kind: "refused",
  reason,
  alias,
});

/** Other wallets' codes by prefix and length: WeChat 10–15, Alipay 25–30, UnionPay 62. */
function foreign(code: string): CodeResolution {
  const prefix = Number(code.slice(0, 2));
  const { length } = code;
  if (prefix >= 10 && prefix <= 15 && length === 18) return { kind: "foreign", channel: "wechatpay" };
  if (prefix >= 25 && prefix <= 30 && length >= 16 && length <= 24) return { kind: "foreign", channel: "alipay" };
  if (prefix === 62 && length === 19) return { kind: "foreign", channel: "unionpay" };
  return refused("payment_code_invalid", null);
}

function resolve(found: KnownAlias | undefined, aliasText: string, digits: string): CodeResolution {
  const alias = Number(aliasText);
  if (!found) return refused("payment_code_invalid", alias);
  const { userId, livemode, keyId, key } = found;
  const at = now();
  const match = findStep(key, digits, at);
  if (match) return { kind: "own", alias, userId, livemode, keyId, ...match };
  return refused(wasCode(key, digits, at) ? "payment_code_expired" : "payment_code_invalid", alias);
}

async function lookUp(aliases: readonly number[]): Promise<(KnownAlias | undefined)[]> {
  const rows = await run(database(), selectAliasKeys, [plainArray(aliases)]);
  const keys = await openKeys(rows);
  const found = new Map<number, KnownAlias>();
  for (const { alias, userId, livemode, keyId } of rows) {
    const key = keys.get(keyId);
    if (key) found.set(alias, { userId, livemode, keyId, key });
  }
  return aliases.map((alias) => found.get(alias));
}

async function openKeys(rows: readonly { userId: string; keyId: string }[]): Promise<Map<string, KeyObject>> {
  if (rows.length === 0) return new Map();
  const keys = await run(database(), selectKeys, [
    plainArray(rows.map(({ userId }) => userId)),
    plainArray(rows.map(({ keyId }) => keyId)),
  ]);
  return new Map(keys.map(({ id, sealedKey }) => [id, codeKey(unseal(sealedKey, keyContext(id)))]));
}
