import writeExcelFile, { type CellObject, type SheetData } from "write-excel-file/node";
import { localTime } from "#kit/business-day.ts";
import { config } from "#kit/config.ts";
import type { Language } from "#kit/errors.ts";
import { exponentOf, formatAmount } from "#kit/money.ts";
import { type Cell, type Column, clean, isMoney } from "./table.ts";

/** Most characters that Excel keeps in a cell. */
const longestText = 32_767;

/** Rows as one sheet: amounts are numbers with the currency's decimals, times by the operator's clock, texts never formulas. */
export async function writeXlsx<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  language: Language,
): Promise<Buffer> {
  const sheet: SheetData = [columns.map(({ title }) => ({ value: title[language], fontWeight: "bold" }))];
  for (const row of rows) sheet.push(columns.map(({ cell }) => sheetCell(cell(row, language))));
  const widths = columns.map(({ width = 10 }) => ({ width: Math.max(10, width * 2) }));
  return await writeExcelFile(sheet, { columns: widths, stickyRowsCount: 1 }).toBuffer();
}

function sheetCell(cell: Cell): CellObject | null {
  if (cell === null) return null;
  if (typeof cell === "string") return { value: clean(cell).slice(0, longestText), type: String };
  if (!isMoney(cell)) {
    // Sheets know no zones: what the operator's clock showed is written as if it were UTC.
    const shown = `${localTime(cell.getTime(), config().timeZone).replace(" ", "T")}Z`;
    return { value: new Date(shown), type: Date, format: "yyyy-mm-dd hh:mm:ss" };
  }
  const decimals = exponentOf(cell.currency);
  const format = decimals === 0 ? "#,##0" : `#,##0.${"0".repeat(decimals)}`;
  return { value: Number(formatAmount(cell.minor, cell.currency)), type: Number, format };
}
