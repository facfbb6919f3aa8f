import { type Actor, ownerOf } from "#kit/actor.ts";
import { blindIndex } from "#kit/crypto.ts";
import { first, type Queryable } from "#kit/db.ts";
import { idPattern } from "#kit/ids.ts";
import { openSubjectKey, unsealFor } from "#kit/subject-keys.ts";
import type { Owner, VaultRow } from "./owner.ts";
import { selectBankAccount } from "./sql.ts";

export interface BankAccountRow extends VaultRow {
  readonly scheme: "iban" | "domestic";
  readonly country: string;
  readonly bankCode: string | null;
}

export const bankAccountNumberContext = (id: string): string => `bank_accounts.number ${id}`;
export const bankAccountHolderContext = (id: string): string => `bank_accounts.holder ${id}`;

/** Finds the same account of the same owner; of two owners it is never the same. */
export const bankAccountHash = ({ ownerId }: Owner, country: string, bankCode: string | null, number: string): string =>
  blindIndex(`${ownerId} ${country} ${bankCode ?? ""} ${number}`, "bank_accounts.number");

const savedAccount = new RegExp(idPattern("ba"));

/** Whether a token is one that somebody saved, not one that a bank gives everybody for tests. */
export const isSavedAccount = (account: string): boolean => savedAccount.test(account);

/** Whether it is this actor's own. */
export async function ownsBankAccount(on: Queryable, actor: Actor, account: string): Promise<boolean> {
  const { ownerId, livemode } = ownerOf(actor);
  return (await first(on, selectBankAccount, [ownerId, livemode, account])) !== undefined;
}

/** The bank account object of API.md, for its owner. */
export const presentBankAccount = (account: BankAccountRow) => ({
  ...presentNamelessBankAccount(account),
  holder:
    account.sealedHolder === null
      ? null
      : unsealFor(
          openSubjectKey(account.ownerId, account.sealedSubjectKey),
          account.sealedHolder,
          bankAccountHolderContext(account.id),
        ),
});

/** As events and the audit log carry it. */
export const presentNamelessBankAccount = (account: BankAccountRow) => ({
  id: account.id,
  object: "bank_account" as const,
  type: account.scheme,
  country: account.country,
  bank_code: account.bankCode,
  last_four: account.lastFour,
  livemode: account.livemode,
  created_at: account.createdAt.toISOString(),
});
