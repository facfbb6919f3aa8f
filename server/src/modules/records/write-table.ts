import type { Language } from "#kit/errors.ts";
import type { FileAnswer } from "#kit/send-file.ts";
import { type Column } from "#kit/table.ts";
import { writeCsv } from "#kit/write-csv.ts";
import { recordErrors } from "./errors.ts";
import { contentTypes, type FileFormat, type Heading, mostRows } from "./table.ts";
import { writeXlsx } from "./write-xlsx.ts";

/** Rows as a file of the format. Throws `export_too_large` before anything is sent. */
export async function writeTable<Row>(
  format: FileFormat,
  columns: readonly Column<Row>[],
  rows: AsyncIterable<Row>,
  language: Language,
  heading: Heading,
): Promise<Pick<FileAnswer, "contentType" | "body">> {
  const contentType = contentTypes[format];
  switch (format) {
    case "csv":
      return { contentType, body: writeCsv(columns, rows, language) };
    case "xlsx":
      return { contentType, body: await writeXlsx(columns, atMost(rows, mostRows.xlsx, format), language) };
    case "pdf": {
      // The library of PDF weighs some 20 MB, which wait until somebody wants one.
      const { writePdf } = await import("./write-pdf.ts");
      const taken = await Array.fromAsync(atMost(rows, mostRows.pdf, format));
      return { contentType, body: writePdf(columns, taken, language, heading) };
    }
  }
}

async function* atMost<Row>(rows: AsyncIterable<Row>, most: number, format: FileFormat): AsyncGenerator<Row> {
  let taken = 0;
  for await (const row of rows) {
    if (taken++ === most) throw recordErrors.export_too_large({ param: "format", details: { format, most } });
    yield row;
  }
}
