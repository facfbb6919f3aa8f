import { randomInt } from "node:crypto";
import { blindIndex } from "#kit/crypto.ts";
import { first, run, type Transaction, textArray } from "#kit/db.ts";
import { deleteRecoveryCodes, insertRecoveryCodes, useRecoveryCode } from "./factors-sql.ts";

const howMany = 10;
const groups = 4;
const groupLength = 4;
/** Crockford's: without i, l, o and u, which people misread. */
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

/** Gives a user ten new codes of 80 random bits, `7k2m-…`, shown once; those before are void. Only keyed hashes are stored. */
export async function renewRecoveryCodes(tx: Transaction, userId: string): Promise<string[]> {
  const codes = Array.from({ length: howMany }, newCode);
  await run(tx, deleteRecoveryCodes, [userId]);
  await run(tx, insertRecoveryCodes, [userId, textArray(codes.map((code) => hashOf(userId, code)))]);
  return codes;
}

export const dropRecoveryCodes = (tx: Transaction, userId: string): Promise<unknown> =>
  run(tx, deleteRecoveryCodes, [userId]);

/** Uses a code up, with the transaction; false when it is none, or was used. */
export async function takeRecoveryCode(tx: Transaction, userId: string, code: string): Promise<boolean> {
  return (await first(tx, useRecoveryCode, [userId, hashOf(userId, code)])) !== undefined;
}

function newCode(): string {
  const group = () => Array.from({ length: groupLength }, () => alphabet.charAt(randomInt(alphabet.length))).join("");
  return Array.from({ length: groups }, group).join("-");
}

const hashOf = (userId: string, code: string): string => blindIndex(`${userId} ${asMade(code)}`, "recovery_codes.code");

/** As people copy it: in capitals, without the dashes, and with what looks the same. */
const asMade = (code: string): string =>
  code.toLowerCase().replace(/[\s-]/g, "").replaceAll("o", "0").replace(/[il]/g, "1");
