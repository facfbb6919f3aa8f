/**
 * What may become of a transfer: a closed set, in the order of precedence. When several apply, the first one listed is the result.
 * After TigerBeetle's create_transfers (docs.tigerbeetle.com/reference/requests/create_transfers); what is not a field here is left out.
 */
export const transferResults = [
  ["linked_event_chain_open", "The last transfer of the batch is linked, so its chain has no end."],
  ["linked_event_failed", "Another transfer of the same chain was refused, so none of the chain was posted."],

  ["exists_with_different_flags", "The id was posted with another kind, or linked the other way."],
  ["exists_with_different_pending_id", "The id was posted for another pending transfer."],
  ["exists_with_different_timeout", "The id was posted with another time-out."],
  ["exists_with_different_debit_account_id", "The id was posted from another account."],
  ["exists_with_different_credit_account_id", "The id was posted to another account."],
  ["exists_with_different_amount", "The id was posted with another amount."],
  ["exists_with_different_currency", "The id was posted in another currency."],
  ["exists_with_different_code", "The id was posted with another code."],
  ["exists_with_different_reference", "The id was posted with another reference."],
  ["exists_with_different_event_at", "The id was posted with another time of the event."],
  ["exists", "The same transfer was posted before; nothing was done now."],

  ["accounts_must_be_different", "Debit and credit account are the same."],
  ["pending_id_must_be_empty", "Only post and void name a pending transfer."],
  ["pending_id_must_not_be_empty", "Post and void must name the pending transfer."],
  ["pending_id_must_be_different", "A transfer can't resolve itself."],
  ["timeout_reserved_for_pending_transfer", "Only a pending transfer has a time-out."],
  ["amount_must_be_positive", "The amount is not a whole number of minor units from 1 to 2^53 - 1."],

  ["pending_transfer_not_found", "There is no transfer with the pending id."],
  ["pending_transfer_not_pending", "The transfer with the pending id is not a pending one."],
  ["pending_transfer_has_different_debit_account_id", "The pending transfer debits another account."],
  ["pending_transfer_has_different_credit_account_id", "The pending transfer credits another account."],
  ["pending_transfer_has_different_currency", "The pending transfer is in another currency."],
  ["exceeds_pending_transfer_amount", "More is to be posted or voided than was pending."],
  ["pending_transfer_has_different_amount", "A void is for the whole pending amount."],
  ["pending_transfer_already_posted", "The pending transfer was posted before."],
  ["pending_transfer_already_voided", "The pending transfer was voided before."],
  ["pending_transfer_expired", "The pending transfer's time-out has passed."],

  ["debit_account_not_found", "There is no such debit account."],
  ["credit_account_not_found", "There is no such credit account."],
  ["accounts_must_have_the_same_mode", "One account is of test mode, the other of live mode."],
  ["accounts_must_have_the_same_currency", "The accounts are in different currencies."],
  ["transfer_must_have_the_same_currency_as_accounts", "The transfer is in another currency than its accounts."],
  ["debit_account_closed", "The debit account is closed."],
  ["credit_account_closed", "The credit account is closed."],

  ["overflows_debits_pending", "The debit account's pending debits would pass what is kept exact."],
  ["overflows_credits_pending", "The credit account's pending credits would pass what is kept exact."],
  ["overflows_debits_posted", "The debit account's posted debits would pass what is kept exact."],
  ["overflows_credits_posted", "The credit account's posted credits would pass what is kept exact."],
  ["overflows_debits", "The debit account's debits together would pass what is kept exact."],
  ["overflows_credits", "The credit account's credits together would pass what is kept exact."],
  ["exceeds_credits", "The debit account would be debited more than it was credited, which its flag forbids."],
  ["exceeds_debits", "The credit account would be credited more than it was debited, which its flag forbids."],

  ["ok", "The transfer was posted."],
] as const;

export type TransferResult = (typeof transferResults)[number][0];
