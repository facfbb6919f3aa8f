import { sealedTable } from "#kit/sealed-columns.ts";
import { bankAccountHolderContext, bankAccountNumberContext } from "./bank-account.ts";
import { cardHolderContext, cardNumberContext } from "./card.ts";

const key = { owner_id: "text", livemode: "bool", id: "text" };

/** Where this module's sealed values lie. */
sealedTable("cards", {
  key,
  subject: "owner_id",
  columns: { sealed_number: ({ id }) => cardNumberContext(id), sealed_holder: ({ id }) => cardHolderContext(id) },
});
sealedTable("bank_accounts", {
  key,
  subject: "owner_id",
  columns: {
    sealed_number: ({ id }) => bankAccountNumberContext(id),
    sealed_holder: ({ id }) => bankAccountHolderContext(id),
  },
});
