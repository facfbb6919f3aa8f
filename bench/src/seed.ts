import { generateKeyPairSync } from "node:crypto";
import { bySystem } from "@feiqian/server/kit/audit.ts";
import { config } from "@feiqian/server/kit/config.ts";
import { database, inTransaction } from "@feiqian/server/kit/db.ts";
import { derivedId, newId } from "@feiqian/server/kit/ids.ts";
import { enrolCodeKeys } from "@feiqian/server/modules/codes";
import { openAccounts, post } from "@feiqian/server/modules/ledger";
import { createApiKey, createMerchant } from "@feiqian/server/modules/merchants";
import { walletAccount } from "@feiqian/server/modules/wallets";
import type { Till } from "./journal.ts";
import type { Phone } from "./phones.ts";
import type { Signing } from "./sign.ts";

/** The people of the load: payers whose phones show codes offline, and merchants with a key each. */
export interface Town {
  readonly phones: readonly Phone[];
  readonly tills: readonly Till[];
}

const atOnce = 2_000;
const livemode = true;
/** Minor units; more than anyone spends here. */
const startingBalance = 10_000_000;

/** Makes the people, set by set, through the modules that own them. */
export async function settleTown(payers: number, merchants: number): Promise<Town> {
  const source = derivedId("acc", "bench", "source");
  const { currency } = config();
  await inTransaction((tx) =>
    openAccounts(tx, [{ id: source, code: "bank_clearing", currency, ownerId: null, livemode, lanes: 8 }]),
  );
  const phones: Phone[] = [];
  while (phones.length < payers) {
    phones.push(...(await settlePayers(source, Math.min(atOnce, payers - phones.length))));
  }
  const tills: Till[] = [];
  while (tills.length < merchants) tills.push(await openTill(tills.length + 1));
  // No checkpoint: what TPC-B touches next would go to the log in whole pages, all of it once more.
  await database().query("vacuum analyze");
  return { phones, tills };
}

async function settlePayers(source: string, count: number): Promise<Phone[]> {
  const { currency } = config();
  const users = Array.from({ length: count }, () => newId("usr"));
  return inTransaction(async (tx) => {
    const wallets = users.map((ownerId) => ({
      id: walletAccount(ownerId, currency),
      code: "wallet",
      currency,
      ownerId,
      livemode,
      debitsMustNotExceedCredits: true,
    }));
    await openAccounts(tx, wallets);
    const funding = wallets.map(({ id }) => ({
      id: newId("txn"),
      debitAccountId: source,
      creditAccountId: id,
      amount: startingBalance,
      currency,
      code: "top_up",
    }));
    await post(tx, funding, { careful: false });
    return enrolCodeKeys(
      tx,
      users.map((userId) => ({ userId, deviceId: newId("dev"), livemode })),
    );
  });
}

async function openTill(number: number): Promise<Till> {
  return inTransaction(async (tx) => {
    const merchant = await createMerchant(
      tx,
      { name: `Shop ${number}`, mcc: "5812", country: "CN", city: "Hangzhou" },
      bySystem("bench"),
    );
    const { secret } = await createApiKey(tx, keeperOf(merchant.id), { name: "till" }, bySystem("bench"));
    return { merchantId: merchant.id, apiKey: secret };
  });
}

/** The same merchants' tills with keys that must sign. */
export async function signingTills(tills: readonly Till[], algorithm: Signing["algorithm"]): Promise<Till[]> {
  const signing: Till[] = [];
  for (const { merchantId } of tills) {
    const { publicKey, privateKey } = generateKeyPairSync("ed25519");
    const public_key = publicKey.export({ format: "jwk" }).x as string;
    const signature_key = algorithm === "ed25519" ? { alg: algorithm, public_key } : { alg: algorithm };
    const terms = { name: "signing till", require_signature: true, signature_key };
    const { key, secret, signatureSecret } = await inTransaction((tx) =>
      createApiKey(tx, keeperOf(merchantId), terms, bySystem("bench")),
    );
    const pem = privateKey.export({ format: "pem", type: "pkcs8" }) as string;
    signing.push({ merchantId, apiKey: secret, signing: { keyId: key.id, algorithm, key: signatureSecret ?? pem } });
  }
  return signing;
}

const keeperOf = (merchantId: string) => ({ kind: "merchant", merchantId, livemode, keyId: "", scopes: null }) as const;
