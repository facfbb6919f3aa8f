import { localTime } from "./business-day.ts";
import { config } from "./config.ts";
import type { Language } from "./errors.ts";
import { formatAmount } from "./money.ts";

/** An amount to be shown: minor units, and whose. */
export interface Money {
  readonly minor: number;
  readonly currency: string;
}

export type Cell = string | Date | Money | null;

/** A column of a file for people, whatever its format. */
export interface Column<Row> {
  readonly title: Readonly<Record<Language, string>>;
  /** Share of a PDF's line; without one the column is left out there. */
  readonly width?: number;
  readonly cell: (row: Row, language: Language) => Cell;
}

export const isMoney = (cell: Cell): cell is Money => cell !== null && typeof cell === "object" && "minor" in cell;

/** Control characters and halves of characters break files, and mean nothing in them. */
export const clean = (text: string): string => text.toWellFormed().replace(/(?![\t\n\r])\p{Cc}|[\ufffe\uffff]/gu, "");

/** A cell as text: amounts in major units with the currency's decimals, times by the operator's clock. */
export function textOf(cell: Cell): string {
  if (cell === null) return "";
  if (typeof cell === "string") return clean(cell);
  return isMoney(cell) ? formatAmount(cell.minor, cell.currency) : localTime(cell.getTime(), config().timeZone);
}
