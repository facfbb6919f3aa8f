import type pg from "pg";
import { outcomeOf, type Scan } from "./journal.ts";

/** A payment as the books have it, and what the ledger moved for it. */
interface Booked {
  readonly merchantId: string;
  readonly outTradeNo: string;
  readonly id: string;
  readonly status: string;
  readonly amount: string;
  /** Transfers of money to the merchant, and their sum. */
  readonly moves: number;
  readonly moved: string;
}

const readBooks = `
  select p.merchant_id as "merchantId", p.out_trade_no as "outTradeNo", p.id, p.status, p.amount::text,
         coalesce(t.moves, 0)::int as moves, coalesce(t.moved, 0)::text as moved
    from unnest($1::text[], $2::text[]) as s(merchant_id, out_trade_no)
    join payments p on p.merchant_id = s.merchant_id and p.out_trade_no = s.out_trade_no
    left join (select reference, count(*) as moves, sum(amount) as moved
                 from ledger_transfers where code = 'payment' group by reference) t on t.reference = p.id`;

/**
 * The judge from outside: compares what clients saw with the books, by SQL of its own. Answered is booked exactly once as it was
 * answered; unanswered is booked at most once. Gives every difference in words; none: all is well.
 */
export async function compareWithBooks(on: pg.ClientBase | pg.Pool, scans: readonly Scan[]): Promise<string[]> {
  const numbers = [scans.map(({ till }) => till.merchantId), scans.map(({ outTradeNo }) => outTradeNo)];
  const { rows } = await on.query<Booked>(readBooks, numbers);
  const books = Map.groupBy(rows, orderOf);
  return scans.flatMap((scan) =>
    differencesOf(scan, books.get(orderOf({ merchantId: scan.till.merchantId, outTradeNo: scan.outTradeNo })) ?? []),
  );
}

const orderOf = ({ merchantId, outTradeNo }: Pick<Booked, "merchantId" | "outTradeNo">): string =>
  `${merchantId} ${outTradeNo}`;

function differencesOf(scan: Scan, booked: readonly Booked[]): string[] {
  const differences: string[] = [];
  const say = (what: string) => differences.push(`${scan.outTradeNo}: ${what}`);
  for (const { id, status, amount, moves, moved } of booked) {
    if (status === "succeeded" && (moves !== 1 || moved !== amount))
      say(`${id} succeeded, but ${moves} moves of ${moved}`);
    if (status !== "succeeded" && moves !== 0) say(`${id} is ${status}, but ${moved} moved`);
  }
  const paid = booked.filter(({ status }) => status === "succeeded");
  if (paid.length > 1) say(`paid ${paid.length} times`);
  const outcome = outcomeOf(scan);
  const answered = outcome && booked.find(({ id }) => id === outcome.paymentId);
  if (outcome && !answered) say(`answered with ${outcome.paymentId}, which is not in the books`);
  if (outcome && answered) {
    // A payment that waited for its payer may have gone either way since.
    if (outcome.status !== "processing" && answered.status !== outcome.status) {
      say(`answered as ${outcome.status}, booked as ${answered.status}`);
    }
    if (Number(answered.amount) !== scan.amount) say(`${answered.amount} instead of ${scan.amount}`);
  }
  return differences;
}
