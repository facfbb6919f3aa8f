import { type Queryable, run, sql } from "#kit/db.ts";
import { sealedSubjectKeyOf } from "#kit/subject-keys.ts";
import type { BankAccountRow } from "./bank-account.ts";
import type { CardRow } from "./card.ts";

/** Every statement that touches this module's tables. */

/** Only one transaction at a time adds to what an owner has, so that the limit holds. */
export const lockOwner = sql("vault.lock_owner", "select pg_advisory_xact_lock(hashtextextended('vault ' || $1, 0))");

const common = (table: string) => `${table}.id, ${table}.owner_id as "ownerId", ${table}.livemode,
  ${table}.sealed_number as "sealedNumber", ${table}.sealed_holder as "sealedHolder", ${table}.last_four as "lastFour",
  ${table}.created_at as "createdAt", ${sealedSubjectKeyOf(`${table}.owner_id`)} as "sealedSubjectKey"`;
const cardColumns = `${common("cards")}, cards.kind, cards.brand, cards.funding, cards.first_six as "firstSix",
  cards.exp_month as "expMonth", cards.exp_year as "expYear"`;
const bankAccountColumns = `${common("bank_accounts")}, bank_accounts.scheme, bank_accounts.country,
  bank_accounts.bank_code as "bankCode"`;

/** Gives nothing when the owner has this card, or `$13` cards, already. */
export const insertCard = sql<CardRow>(
  "vault.insert_card",
  `insert into cards (owner_id, livemode, id, kind, brand, number_hash, sealed_number, sealed_holder, first_six, last_four,
                      exp_month, exp_year)
   select $1, $2::bool, $3, $4, $5, $6, $7, $8, $9, $10, $11::smallint, $12::smallint
    where (select count(*) from cards where owner_id = $1 and livemode = $2) < $13::int
   on conflict do nothing
   returning ${cardColumns}`,
);

export const selectCardByNumber = sql<{ id: string }>(
  "vault.select_card_by_number",
  "select id from cards where owner_id = $1 and livemode = $2 and number_hash = $3",
);

export const selectCard = sql<CardRow>(
  "vault.select_card",
  `select ${cardColumns} from cards where owner_id = $1 and livemode = $2 and id = $3`,
);

export const deleteCard = sql<CardRow>(
  "vault.delete_card",
  `delete from cards where owner_id = $1 and livemode = $2 and id = $3 returning ${cardColumns}`,
);

/** Gives nothing when the owner has this account, or `$11` accounts, already. */
export const insertBankAccount = sql<BankAccountRow>(
  "vault.insert_bank_account",
  `insert into bank_accounts (owner_id, livemode, id, scheme, country, bank_code, number_hash, sealed_number, sealed_holder,
                              last_four)
   select $1, $2::bool, $3, $4, $5, $6, $7, $8, $9, $10
    where (select count(*) from bank_accounts where owner_id = $1 and livemode = $2) < $11::int
   on conflict do nothing
   returning ${bankAccountColumns}`,
);

export const selectBankAccountByNumber = sql<{ id: string }>(
  "vault.select_bank_account_by_number",
  "select id from bank_accounts where owner_id = $1 and livemode = $2 and number_hash = $3",
);

export const selectBankAccount = sql<BankAccountRow>(
  "vault.select_bank_account",
  `select ${bankAccountColumns} from bank_accounts where owner_id = $1 and livemode = $2 and id = $3`,
);

export const deleteBankAccount = sql<BankAccountRow>(
  "vault.delete_bank_account",
  `delete from bank_accounts where owner_id = $1 and livemode = $2 and id = $3 returning ${bankAccountColumns}`,
);

const windowOf = <Row>(table: string, columns: string, order: "asc" | "desc") =>
  sql<Row>(
    `vault.list_${table}_${order}`,
    `select ${columns} from ${table}
      where owner_id = $1 and livemode = $2 and ($3::text is null or id < $3) and ($4::text is null or id > $4)
        and ($5::timestamptz is null or created_at >= $5) and ($6::timestamptz is null or created_at < $6)
      order by id ${order} limit $7`,
  );
export const listCards = {
  asc: windowOf<CardRow>("cards", cardColumns, "asc"),
  desc: windowOf<CardRow>("cards", cardColumns, "desc"),
};
export const listBankAccounts = {
  asc: windowOf<BankAccountRow>("bank_accounts", bankAccountColumns, "asc"),
  desc: windowOf<BankAccountRow>("bank_accounts", bankAccountColumns, "desc"),
};

const forgetCards = sql("vault.forget_cards", "delete from cards where owner_id = $1");
const forgetBankAccounts = sql("vault.forget_bank_accounts", "delete from bank_accounts where owner_id = $1");

export async function forgetOwner(on: Queryable, ownerId: string): Promise<void> {
  await run(on, forgetCards, [ownerId]);
  await run(on, forgetBankAccounts, [ownerId]);
}
