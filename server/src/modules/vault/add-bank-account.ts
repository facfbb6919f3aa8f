import { extractIBAN, isValidIBAN } from "ibantools";
import { type Actor, ownerOf } from "#kit/actor.ts";
import { type Origin, recordAct } from "#kit/audit.ts";
import { first, run, type Transaction } from "#kit/db.ts";
import { firstEventId, newId } from "#kit/ids.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { emit } from "#kit/outbox.ts";
import { sealFor, subjectKey } from "#kit/subject-keys.ts";
import {
  type BankAccountRow,
  bankAccountHash,
  bankAccountHolderContext,
  bankAccountNumberContext,
  presentNamelessBankAccount,
} from "./bank-account.ts";
import { vaultErrors } from "./errors.ts";
import { insertBankAccount, lockOwner, selectBankAccountByNumber } from "./sql.ts";

const mostBankAccounts = 20;

export interface NewBankAccount {
  iban?: string;
  number?: string;
  country?: string;
  bank_code?: string;
  holder?: string;
}

interface Named {
  scheme: BankAccountRow["scheme"];
  country: string;
  bankCode: string | null;
  number: string;
}

/**
 * Saves a bank account by its IBAN, or by number and country: sealed, with a token that stands for it. Throws `bank_account_invalid`,
 * `bank_account_exists`, `bank_account_limit_reached`.
 */
export async function addBankAccount(
  tx: Transaction,
  request: Origin & { actor: Actor },
  input: NewBankAccount,
): Promise<BankAccountRow> {
  const owner = ownerOf(request.actor);
  const { scheme, country, bankCode, number } = named(input);
  await run(tx, lockOwner, [owner.ownerId]);
  const id = newId("ba");
  const key = await subjectKey(tx, owner.ownerId);
  const numberHash = bankAccountHash(owner, country, bankCode, number);
  const account = await first(tx, insertBankAccount, [
    owner.ownerId,
    owner.livemode,
    id,
    scheme,
    country,
    bankCode,
    numberHash,
    sealFor(key, number, bankAccountNumberContext(id)),
    input.holder === undefined
      ? null
      : sealFor(key, input.holder.normalize("NFC").trim(), bankAccountHolderContext(id)),
    number.slice(-4),
    mostBankAccounts,
  ]);
  if (!account) {
    const same = await first(tx, selectBankAccountByNumber, [owner.ownerId, owner.livemode, numberHash]);
    if (same) throw vaultErrors.bank_account_exists({ details: { bank_account: same.id } });
    throw vaultErrors.bank_account_limit_reached({ details: { most: mostBankAccounts } });
  }
  const object = presentNamelessBankAccount(account);
  await recordAct(tx, request, { action: "bank_account.added", object: { type: "bank_account", id }, after: object });
  await emit(tx, [{ id: firstEventId(id), ...owner, type: "bank_account.added", objectId: id, object }]);
  return account;
}

function named({ iban, number, country, bank_code }: NewBankAccount): Named {
  if (iban === undefined) {
    if (number === undefined) throw kitErrors.parameter_missing({ param: "/number" });
    if (country === undefined) throw kitErrors.parameter_missing({ param: "/country" });
    const plain = number.replace(/[ -]/g, "").toUpperCase();
    if (!/^[0-9A-Z]{6,34}$/.test(plain)) throw vaultErrors.bank_account_invalid({ param: "/number" });
    return { scheme: "domestic", country, bankCode: bank_code ?? null, number: plain };
  }
  for (const [field, value] of Object.entries({ number, country, bank_code }))
    if (value !== undefined)
      throw kitErrors.parameter_invalid({ param: `/${field}`, details: { reason: "not together with iban" } });
  const plain = iban.replace(/[ -]/g, "").toUpperCase();
  if (!isValidIBAN(plain)) throw vaultErrors.bank_account_invalid({ param: "/iban" });
  const { countryCode = "", bankIdentifier = null } = extractIBAN(plain);
  return { scheme: "iban", country: countryCode, bankCode: bankIdentifier, number: plain };
}
