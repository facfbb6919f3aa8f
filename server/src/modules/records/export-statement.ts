import { localTime } from "#kit/business-day.ts";
import { config } from "#kit/config.ts";
import { type Language } from "#kit/errors.ts";
import { formatAmount } from "#kit/money.ts";
import type { FileAnswer } from "#kit/send-file.ts";
import type { Column } from "#kit/table.ts";
import { entriesBetween } from "#modules/ledger";
import { directionOf } from "./read-statements.ts";
import { type AccountOfDay, type Holder, isFinal, type ReadStatement, readStatement } from "./statement.ts";
import type { FileFormat, Heading } from "./table.ts";
import { writeTable } from "./write-table.ts";

type Texts = Readonly<Record<Language, string>>;
const texts = (en: string, zh: string): Texts => ({ en, "zh-CN": zh });

/** One line of the file: a balance at an edge of the day, or what was posted. */
interface Line {
  readonly account: AccountOfDay;
  readonly time: Date;
  readonly type: string;
  readonly reference: string | null;
  readonly direction: "in" | "out" | null;
  readonly amount: number;
  /** After the line. */
  readonly balance: number;
}

/** What the ledger's codes are called; one that is missing here is shown as it is. */
const typeTexts: Readonly<Record<string, Texts>> = {
  opening: texts("Opening balance", "期初余额"),
  closing: texts("Closing balance", "期末余额"),
  payment: texts("Payment", "支付"),
  capture: texts("Captured payment", "预授权完成"),
  payment_fee: texts("Payment fee", "支付手续费"),
  refund: texts("Refund", "退款"),
  refund_fee: texts("Fee returned", "退回手续费"),
  transfer: texts("Transfer", "转账"),
  top_up: texts("Top-up", "充值"),
  top_up_returned: texts("Top-up returned", "充值退回"),
  withdrawal: texts("Withdrawal", "提现"),
  withdrawal_post: texts("Withdrawal", "提现"),
  withdrawal_returned: texts("Withdrawal returned", "提现退回"),
  adjustment: texts("Adjustment", "调账"),
};
const accountTexts: Readonly<Record<string, Texts>> = {
  wallet: texts("Wallet", "钱包余额"),
  merchant_pending: texts("Pending", "待结算"),
  merchant_available: texts("Available", "可用余额"),
  merchant_debt: texts("Debt", "欠款"),
  wallet_debt: texts("Debt", "欠款"),
};
const named = (known: Readonly<Record<string, Texts>>, code: string, language: Language): string =>
  (Object.hasOwn(known, code) && known[code]?.[language]) || code;

const money = (account: AccountOfDay, minor: number) => ({ minor, currency: account.currency });

const columns: readonly Column<Line>[] = [
  {
    title: texts("Account", "账户"),
    width: 9,
    cell: ({ account }, language) => named(accountTexts, account.code, language),
  },
  { title: texts("Currency", "币种"), width: 5, cell: ({ account }) => account.currency },
  { title: texts("Time", "时间"), width: 12, cell: ({ time }) => time },
  { title: texts("Type", "类型"), width: 12, cell: ({ type }, language) => named(typeTexts, type, language) },
  { title: texts("Reference", "业务单号"), width: 20, cell: ({ reference }) => reference },
  {
    title: texts("In", "收入"),
    width: 9,
    cell: ({ account, direction, amount }) => (direction === "in" ? money(account, amount) : null),
  },
  {
    title: texts("Out", "支出"),
    width: 9,
    cell: ({ account, direction, amount }) => (direction === "out" ? money(account, amount) : null),
  },
  { title: texts("Balance", "余额"), width: 10, cell: ({ account, balance }) => money(account, balance) },
];

/** A day's statement as a file, line by line. Throws `not_found`, `export_too_large`. */
export async function exportStatement(
  holder: Holder,
  name: string,
  format: FileFormat,
  language: Language,
): Promise<FileAnswer> {
  const statement = await readStatement(holder, name, { changes: false });
  const file = await writeTable(format, columns, linesOf(statement), language, headingOf(statement, language));
  return { name: `feiqian-statement-${statement.day}.${format}`, ...file };
}

/**
 * Balances are carried from line to line. Of a day that is over the last one must be the ledger's own; one that goes on ends with what
 * was read.
 */
async function* linesOf(statement: ReadStatement): AsyncGenerator<Line> {
  const { from, to, accounts } = statement;
  for (const account of accounts) {
    let balance = account.opening;
    const edge = { account, reference: null, direction: null, amount: 0 };
    yield { ...edge, time: from, type: "opening", balance };
    for await (const entry of entriesBetween(account.id, from.toISOString(), to.toISOString())) {
      if (entry.postedChange === 0) continue;
      const direction = directionOf(entry.side);
      balance += direction === "in" ? entry.postedChange : -entry.postedChange;
      const { createdAt: time, code: type, reference, postedChange: amount } = entry;
      yield { account, time, type, reference, direction, amount, balance };
    }
    if (isFinal(statement, statement.asOf) && balance !== account.closing) {
      throw new Error(`the lines of ${statement.id} do not lead to the closing balance of ${account.id}`);
    }
    yield { ...edge, time: to, type: "closing", balance };
  }
}

function headingOf(statement: ReadStatement, language: Language): Heading {
  const { timeZone } = config();
  const { day, id, accounts, from, to } = statement;
  const shown = (at: Date): string => localTime(at.getTime(), timeZone);
  const word = (type: string): string => named(typeTexts, type, language);
  const sums = accounts.map(({ code, currency, opening, closing }) => {
    const amount = (minor: number): string => formatAmount(minor, currency);
    return `${named(accountTexts, code, language)} ${currency}: ${word("opening")} ${amount(opening)}, ${word("closing")} ${amount(closing)}`;
  });
  const [title, open] = language === "en" ? ["Statement", "not final"] : ["日账单", "未定稿"];
  const final = isFinal(statement, statement.asOf) ? "" : ` (${open})`;
  return { title: `${title} ${day}${final}`, lines: [id, `${shown(from)} – ${shown(to)} (${timeZone})`, ...sums] };
}
