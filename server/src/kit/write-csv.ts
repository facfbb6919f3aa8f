import { pipeline, Readable } from "node:stream";
import { stringify } from "csv-stringify";
import type { Language } from "./errors.ts";
import { type Column, textOf } from "./table.ts";

/** What a spreadsheet would take for a formula, or for the end of a cell before one (OWASP, "CSV Injection"). */
const formula = /^(\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n])/;

/** A text that a spreadsheet shows and never computes. */
export const neutral = (text: string): string => (formula.test(text) ? `'${text}` : text);

/**
 * Rows as CSV (RFC 4180) in UTF-8 with the mark that Excel needs, streamed: no more than a few rows are in memory, however many
 * there are.
 */
export function writeCsv<Row>(
  columns: readonly Column<Row>[],
  rows: AsyncIterable<Row> | Iterable<Row>,
  language: Language,
): Readable {
  async function* lines() {
    yield columns.map(({ title }) => title[language]);
    for await (const row of rows) {
      yield columns.map(({ cell }) => {
        const value = cell(row, language);
        // Amounts are our own digits: as texts they could not be added up.
        return typeof value === "string" ? neutral(textOf(value)) : textOf(value);
      });
    }
  }
  // What fails ends the stream without its end, so that the client sees that something is missing.
  return pipeline(Readable.from(lines()), stringify({ bom: true, record_delimiter: "windows" }), () => {});
}
