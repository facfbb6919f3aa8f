import type { Static } from "typebox";
import { config } from "#kit/config.ts";
import type { Transaction } from "#kit/db.ts";
import { newId } from "#kit/ids.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { findAccount, openAccounts } from "./accounts.ts";
import type { Account } from "./accounts-sql.ts";
import type { OpenAccount } from "./schemas.ts";

type Input = Static<(typeof OpenAccount)["body"]>;

/** Opens one account for staff. Throws `parameter_invalid` for terms that exclude each other, `ledger_account_terms_differ`. */
export async function openAccount(tx: Transaction, input: Input): Promise<Account> {
  const servesLive = config().mode === "live";
  const { id = newId("acc"), code, currency, owner = null, livemode = servesLive, lanes = 1, history } = input;
  const debitsMustNotExceedCredits = input.debits_must_not_exceed_credits ?? false;
  const creditsMustNotExceedDebits = input.credits_must_not_exceed_debits ?? false;
  if (livemode && !servesLive) throw excluded("/livemode", "this server is in test mode");
  if (debitsMustNotExceedCredits && creditsMustNotExceedDebits) {
    throw excluded("/credits_must_not_exceed_debits", "not together with debits_must_not_exceed_credits");
  }
  if (lanes > 1 && (debitsMustNotExceedCredits || creditsMustNotExceedDebits)) {
    throw excluded("/lanes", "an account with a limit has one lane");
  }
  const flags = { debitsMustNotExceedCredits, creditsMustNotExceedDebits };
  await openAccounts(tx, [{ id, code, currency, ownerId: owner, livemode, lanes, history, ...flags }]);
  return findAccount(tx, id);
}

const excluded = (param: string, reason: string) => kitErrors.parameter_invalid({ param, details: { reason } });
