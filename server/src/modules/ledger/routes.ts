import type { Static } from "typebox";
import { actorOf, allow } from "#kit/access.ts";
import { approvable, onceApproved } from "#kit/approvable.ts";
import { recordAct } from "#kit/audit.ts";
import { database } from "#kit/db.ts";
import type { Http } from "#kit/http.ts";
import { once } from "#kit/idempotency.ts";
import { newId } from "#kit/ids.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { closeAccount } from "./accounts.ts";
import { readTotals } from "./accounts-sql.ts";
import { balanceAt, entriesOf, freshHistory } from "./history.ts";
import { openAccount } from "./open-account.ts";
import { post } from "./post.ts";
import { presentAccount, presentEntry, presentTotals, presentTransfer } from "./present.ts";
import { listAccountsFor, readAccountFor, readTransferFor } from "./read.ts";
import {
  CloseAccount,
  ListAccounts,
  ListEntries,
  OpenAccount,
  PostTransfers,
  ReadAccount,
  ReadTransfer,
  ReadTrialBalance,
} from "./schemas.ts";
import type { NewTransfer } from "./transfer.ts";

/** Room for the most transfers that a request may have, each with every field. */
const transfersBodyLimit = 8 * 1024 * 1024;

/** The books: staff read all of them and write, merchants read their own. */
export function ledgerRoutes(app: Http): void {
  accountRoutes(app);
  transferRoutes(app);
}

function accountRoutes(app: Http): void {
  const read = allow(["merchant", "staff"], "ledger:read");
  const write = allow("staff", "ledger:write");

  app.get("/v1/ledger/accounts", { schema: ListAccounts, config: read }, (request) =>
    listAccountsFor(actorOf(request, "merchant", "staff"), request.query),
  );

  app.get("/v1/ledger/accounts/:id", { schema: ReadAccount, config: read }, async (request) => {
    const account = await readAccountFor(actorOf(request, "merchant", "staff"), request.params.id);
    const { at } = request.query;
    if (at === undefined) return presentAccount(account);
    const as_of = await freshHistory();
    return { ...presentAccount(account, await balanceAt(account, at)), at, as_of: as_of?.toISOString() ?? null };
  });

  app.get("/v1/ledger/accounts/:id/entries", { schema: ListEntries, config: read }, async (request) => {
    const actor = actorOf(request, "merchant", "staff");
    const account = await readAccountFor(actor, request.params.id);
    const as_of = await freshHistory();
    const entries = await entriesOf(account, request.query, (entry) => presentEntry(entry, actor.kind === "staff"));
    return { ...entries, as_of: as_of?.toISOString() ?? null };
  });

  app.post(
    "/v1/ledger/accounts",
    { schema: OpenAccount, config: write },
    once(async (request, tx) => {
      const opened = presentAccount(await openAccount(tx, request.body));
      await recordAct(tx, request, { action: "ledger_account.opened", object: accountNamed(opened), after: opened });
      return opened;
    }),
  );

  app.post(
    "/v1/ledger/accounts/:id/close",
    { schema: CloseAccount, config: write },
    once(async (request, tx) => {
      const closed = presentAccount(await closeAccount(tx, request.params.id));
      await recordAct(tx, request, { action: "ledger_account.closed", object: accountNamed(closed) });
      return closed;
    }),
  );

  app.get("/v1/ledger/trial_balance", { schema: ReadTrialBalance, config: allow("staff", "ledger:read") }, async () =>
    presentTotals(await readTotals(database())),
  );
}

function transferRoutes(app: Http): void {
  app.get(
    "/v1/ledger/transfers/:id",
    { schema: ReadTransfer, config: allow(["merchant", "staff"], "ledger:read") },
    async (request) => {
      const { transfer, sees } = await readTransferFor(actorOf(request, "merchant", "staff"), request.params.id);
      return presentTransfer(transfer, sees);
    },
  );

  app.post(
    "/v1/ledger/transfers",
    { schema: PostTransfers, config: allow("staff", "ledger:write"), bodyLimit: transfersBodyLimit },
    onceApproved(postsTransfers, { required: true }),
  );
}

/** Of thousands the log names the first; all are in the ledger, one after the other. */
const mostNamed = 100;
const accountNamed = ({ id }: { id: string }) => ({ type: "ledger_account", id });

type TransfersInput = Static<(typeof PostTransfers)["body"]>;

const postsTransfers = approvable<TransfersInput>({
  kind: "ledger.transfers",
  en: "Post transfers by hand",
  zh: "手工记账",
  permission: "ledger:write",
  needs: () => "always",
  async perform(tx, { body }, _actor, from) {
    const transfers = body.transfers.map(transferOf);
    const results = await post(tx, transfers, { careful: true });
    const posted = transfers.filter((_, i) => results[i] === "ok").map(({ id }) => id);
    await recordAct(tx, from, {
      action: "ledger_transfers.posted",
      object: { type: "ledger_transfers", id: posted[0] ?? "none" },
      after: { asked: transfers.length, posted: posted.length, transfers: posted.slice(0, mostNamed) },
    });
    return { results: transfers.map(({ id }, i) => ({ id, result: results[i] })) };
  },
});

const transferOf = (given: TransfersInput["transfers"][number], i: number): NewTransfer => ({
  id: given.id ?? newId("txn"),
  kind: given.kind,
  debitAccountId: given.debit_account,
  creditAccountId: given.credit_account,
  amount: given.amount,
  currency: given.currency,
  pendingId: given.pending_transfer,
  timeoutS: given.timeout_s,
  linked: given.linked,
  code: given.code,
  reference: given.reference,
  eventAt: given.event_at === undefined ? null : timeOf(given.event_at, `/transfers/${i}/event_at`),
});

/** RFC 3339 has leap seconds, JavaScript does not. */
function timeOf(text: string, param: string): Date {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) throw kitErrors.parameter_invalid({ param, details: { reason: "not a time" } });
  return time;
}
