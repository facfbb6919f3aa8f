import { ownerOf } from "#kit/actor.ts";
import { now } from "#kit/clock.ts";
import { database } from "#kit/db.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { type List, type ListQuery, page } from "#kit/lists.ts";
import { type Change, type Entry, entriesOf, findAccount, freshHistory } from "#modules/ledger";
import {
  dayAfter,
  type Holder,
  isFinal,
  namedDay,
  type ReadStatement,
  readBooks,
  readStatement,
  type Statement,
  statementsOf,
} from "./statement.ts";

/** The statement object, with movements when they were read. */
export function presentStatement(statement: Statement & Partial<ReadStatement>, asOf: Date | null) {
  const { id, day, from, to, accounts, changes } = statement;
  return {
    id,
    object: "statement" as const,
    date: day,
    from: from.toISOString(),
    to: to.toISOString(),
    final: isFinal(statement, asOf),
    as_of: asOf?.toISOString() ?? null,
    accounts: accounts.map(({ id: account, code, currency, opening, closing, held, incoming }) => ({
      account,
      code,
      currency,
      opening,
      closing,
      change: closing - opening,
      held,
      incoming,
      ...(changes && { movements: changes.filter(({ accountId }) => accountId === account).map(presentChange) }),
    })),
  };
}

const presentChange = ({ code, side, count, posted }: Change) => ({
  type: code,
  direction: directionOf(side),
  count,
  amount: posted,
});

/** Owners' accounts are what the operator owes them: a credit is money coming in. */
export const directionOf = (side: Entry["side"]): "in" | "out" => (side === "credit" ? "in" : "out");

/** One day's statement, by id or date. */
export async function readOneStatement(holder: Holder, name: string) {
  const statement = await readStatement(holder, name, { changes: true });
  return presentStatement(statement, statement.asOf);
}

/** The statements of an owner, the newest day first; days without movements have theirs too. */
export async function readStatements(
  holder: Holder,
  query: ListQuery & { date?: string },
): Promise<List<ReturnType<typeof presentStatement>>> {
  const owner = ownerOf(holder);
  const asOf = await freshHistory();
  const books = await readBooks(database(), owner, now());
  const cursorDay = (param: "starting_after" | "ending_before", id: string): string => {
    const day = namedDay(owner, id);
    if (day === undefined) {
      throw kitErrors.parameter_invalid({ param, details: { reason: "not a statement of this owner" } });
    }
    return day;
  };
  const exists = (day: string) => day >= books.firstDay && day <= books.lastDay;
  return page(
    "/v1/statements",
    query,
    ({ after, before, ascending, limit }) => {
      let first = books.lastDay;
      if (after !== null) first = dayAfter(cursorDay("starting_after", after), -1);
      if (before !== null) first = dayAfter(cursorDay("ending_before", before));
      if (first > books.lastDay && !ascending) first = books.lastDay;
      if (first < books.firstDay && ascending) first = books.firstDay;
      const days = Array.from({ length: limit }, (_, n) => dayAfter(first, ascending ? n : -n));
      return statementsOf(database(), owner, books, (query.date === undefined ? days : [query.date]).filter(exists));
    },
    (statement) => presentStatement(statement, asOf),
  );
}

interface LineQuery extends ListQuery {
  account: string;
}

/** What happened to one account of a statement, line by line, the newest first. */
export async function readStatementLines(holder: Holder, name: string, query: LineQuery) {
  const statement = await readStatement(holder, name, { changes: false });
  if (!statement.accounts.some(({ id }) => id === query.account)) throw kitErrors.not_found({ param: "account" });
  const account = await findAccount(database(), query.account);
  const period = { created_gte: statement.from.toISOString(), created_lt: statement.to.toISOString() };
  const lines = await entriesOf(account, { ...query, ...period }, presentLine);
  return { ...lines, url: `/v1/statements/${statement.id}/lines` };
}

const presentLine = (entry: Entry) => ({
  object: "statement_line" as const,
  transfer: entry.transferId,
  time: entry.createdAt.toISOString(),
  type: entry.code,
  direction: directionOf(entry.side),
  amount: entry.postedChange,
  pending_change: entry.pendingChange,
  balance: entry.creditsPosted - entry.debitsPosted,
  reference: entry.reference,
});
