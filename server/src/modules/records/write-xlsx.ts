import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { localTime } from "#kit/business-day.ts";
import { config } from "#kit/config.ts";
import type { Language } from "#kit/errors.ts";
import { exponentOf, formatAmount } from "#kit/money.ts";
import { type Cell, type Column, clean, isMoney } from "#kit/table.ts";
import { Turns } from "#kit/turns.ts";
import type { SheetCell, SheetMessage, SheetSettings } from "./sheet.ts";

/** Most characters that Excel keeps in a cell. */
const longestText = 32_767;
/** Rows that are handed to the thread together. */
const rowsAtOnce = 500;

/** A file takes a thread and some hundred megabytes: a process makes one at a time. */
const turns = new Turns({ mostWaiting: 8 });

/**
 * Rows as one sheet: amounts are numbers with the currency's decimals, times by the operator's clock, texts never formulas. Made in a
 * thread of its own; what `rows` throws ends it. Throws `overloaded` when too many wait for theirs.
 */
export const writeXlsx = <Row>(
  columns: readonly Column<Row>[],
  rows: AsyncIterable<Row>,
  language: Language,
): Promise<Buffer> => turns.take("xlsx", () => inThread(columns, rows, language));

async function inThread<Row>(
  columns: readonly Column<Row>[],
  rows: AsyncIterable<Row>,
  language: Language,
): Promise<Buffer> {
  const settings: SheetSettings = { widths: columns.map(({ width = 10 }) => Math.max(10, width * 2)) };
  const thread = new Worker(new URL("./xlsx-thread.ts", import.meta.url), { workerData: settings });
  const send = (message: SheetMessage) => thread.postMessage(message, []);
  const made = once(thread, "message");
  // It is looked at when the rows have been sent; until then its failure is nobody's surprise.
  made.catch(() => {});
  try {
    let waiting: SheetCell[][] = [columns.map(({ title }) => title[language])];
    for await (const row of rows) {
      waiting.push(columns.map(({ cell }) => sheetCell(cell(row, language))));
      if (waiting.length < rowsAtOnce) continue;
      send({ rows: waiting });
      waiting = [];
    }
    send({ rows: waiting });
    send({ end: true });
    const [bytes] = (await made) as [Uint8Array];
    return Buffer.from(bytes);
  } finally {
    await thread.terminate();
  }
}

function sheetCell(cell: Cell): SheetCell {
  if (cell === null) return null;
  if (typeof cell === "string") return clean(cell).slice(0, longestText);
  if (isMoney(cell)) {
    return { value: Number(formatAmount(cell.minor, cell.currency)), decimals: exponentOf(cell.currency) };
  }
  // Sheets know no zones: what the operator's clock showed is written as if it were UTC.
  return { shown: `${localTime(cell.getTime(), config().timeZone).replace(" ", "T")}Z` };
}
