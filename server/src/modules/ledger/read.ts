import type { MerchantActor, StaffActor } from "#kit/actor.ts";
import { database } from "#kit/db.ts";
import { idsBelongingTo } from "#kit/ids.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { type List, type ListQuery, page } from "#kit/lists.ts";
import { findAccount } from "./accounts.ts";
import { type Account, listAccounts } from "./accounts-sql.ts";
import { presentAccount, presentTransfer } from "./present.ts";
import { findTransfer, type TransferWithParties, transfersBetween } from "./transfer-sql.ts";

/** Who may read the books: staff all of them, a merchant its own accounts in its key's mode. */
export type Reader = MerchantActor | StaffActor;

interface Owned {
  readonly ownerId: string | null;
  readonly livemode: boolean;
}

const mayRead = (reader: Reader, { ownerId, livemode }: Owned): boolean =>
  reader.kind === "staff" || (ownerId === reader.merchantId && livemode === reader.livemode);

/** An account with its balance; somebody else's is not found. */
export async function readAccountFor(reader: Reader, id: string): Promise<Account> {
  const account = await findAccount(database(), id);
  if (!mayRead(reader, account)) throw kitErrors.not_found();
  return account;
}

interface AccountQuery extends ListQuery {
  code?: string;
  owner?: string;
  currency?: string;
}

/** A page of accounts in the order of their ids, the last first. */
export async function listAccountsFor(
  reader: Reader,
  query: AccountQuery,
): Promise<List<ReturnType<typeof presentAccount>>> {
  if (reader.kind === "merchant" && query.owner && query.owner !== reader.merchantId) {
    throw kitErrors.not_found({ param: "owner" });
  }
  const whose =
    reader.kind === "merchant"
      ? { ownerId: reader.merchantId, livemode: reader.livemode }
      : { ownerId: query.owner, livemode: undefined };
  const { code, currency, created_gte: createdGte, created_lt: createdLt } = query;
  return page(
    "/v1/ledger/accounts",
    query,
    ({ after, before, ascending, limit }) =>
      listAccounts(
        database(),
        { above: before ?? "acc_", below: after ?? "acc_~", ascending, limit },
        { ...whose, code, currency, createdGte, createdLt },
      ),
    (account) => presentAccount(account),
  );
}

/** A transfer, and which of its sides the reader may see; one between others' accounts is not found. */
export async function readTransferFor(
  reader: Reader,
  id: string,
): Promise<{ transfer: TransferWithParties; sees: { seesDebit: boolean; seesCredit: boolean } }> {
  const transfer = await findTransfer(database(), id);
  if (!transfer) throw kitErrors.not_found();
  const sees = sidesFor(reader, transfer);
  if (!sees.seesDebit && !sees.seesCredit) throw kitErrors.not_found();
  return { transfer, sees };
}

const sidesFor = (reader: Reader, { livemode, debitOwnerId, creditOwnerId }: TransferWithParties) => ({
  seesDebit: mayRead(reader, { livemode, ownerId: debitOwnerId }),
  seesCredit: mayRead(reader, { livemode, ownerId: creditOwnerId }),
});

/**
 * The transfers of business objects whose transfers have the ids that belong to them (`idBelongingTo` of kit/ids), with what resolved
 * pending ones, in the order of posting. The reader sees its own sides.
 */
export async function transfersOf(
  reader: Reader,
  objectIds: readonly string[],
): Promise<ReturnType<typeof presentTransfer>[]> {
  const bounds = objectIds.map((id) => idsBelongingTo("txn", id));
  const transfers = await transfersBetween(database(), bounds);
  return transfers.map((transfer) => presentTransfer(transfer, sidesFor(reader, transfer)));
}
