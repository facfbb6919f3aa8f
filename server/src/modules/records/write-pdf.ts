import type { Readable } from "node:stream";
import { setImmediate as breathe } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import Pdf from "pdfkit";
import type { Language } from "#kit/errors.ts";
import { type Column, isMoney, textOf } from "#kit/table.ts";
import { type Heading } from "./table.ts";

/** Has every character of GB 18030's common part; only those that are used go into a file. */
const font = fileURLToPath(import.meta.resolve("@expo-google-fonts/noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf"));

const margin = 36;
const lineHeight = 13;
const textSize = 7.5;
const gap = 4;
/** Rows between which other requests get their turn. */
const rowsAtOnce = 25;

type Document = InstanceType<typeof Pdf>;

/** A PDF page of A4 with the font that shows Chinese; `draw` fills it, and what it throws ends the stream. */
export function pdfOf(
  { title, landscape = false }: { title: string; landscape?: boolean },
  draw: (document: Document) => Promise<void> | void,
): Readable {
  const document = new Pdf({
    size: "A4",
    layout: landscape ? "landscape" : "portrait",
    margin,
    font,
    info: { Title: title },
  });
  const drawing = async () => {
    await draw(document);
    document.end();
  };
  drawing().catch((error: Error) => document.destroy(error));
  return document;
}

/** A heading, then rows as a table with its titles on every page. Long texts are cut; columns without a width are left out. */
export function writePdf<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  language: Language,
  heading: Heading,
): Readable {
  return pdfOf({ title: heading.title, landscape: true }, async (document) => {
    const { width, height } = document.page;
    const shown = columns.filter((column) => column.width !== undefined);
    const shares = shown.reduce((sum, column) => sum + (column.width ?? 0), 0);
    const widths = shown.map((column) => ((width - 2 * margin) * (column.width ?? 0)) / shares);
    let y = drawHeading(document, heading);
    let page = 0;
    const line = (cells: readonly { text: string; right: boolean }[]) => {
      let x = margin;
      cells.forEach(({ text, right }, i) => {
        const columnWidth = widths[i] ?? 0;
        const room = { width: columnWidth - gap, height: lineHeight, lineBreak: false, ellipsis: true } as const;
        document.text(text, x, y, { ...room, align: right ? "right" : "left" });
        x += columnWidth;
      });
      y += lineHeight;
    };
    const beginPage = () => {
      page++;
      document.fontSize(textSize).fillColor("#666");
      document.text(String(page), margin, height - margin + 4, {
        width: width - 2 * margin,
        align: "center",
        lineBreak: false,
      });
      line(
        shown.map(({ title, cell }) => ({
          text: title[language],
          right: rows[0] !== undefined && isMoney(cell(rows[0], language)),
        })),
      );
      document
        .moveTo(margin, y - 2)
        .lineTo(width - margin, y - 2)
        .lineWidth(0.5)
        .stroke("#999");
      document.fillColor("#000");
      y += 2;
    };
    beginPage();
    for (const [n, row] of rows.entries()) {
      if (n % rowsAtOnce === rowsAtOnce - 1) await breathe();
      if (y + lineHeight > height - margin) {
        document.addPage();
        y = margin;
        beginPage();
      }
      line(
        shown.map(({ cell }) => {
          const value = cell(row, language);
          return { text: textOf(value).replace(/\s+/g, " "), right: isMoney(value) };
        }),
      );
    }
  });
}

/** Gives the height at which what follows begins. */
export function drawHeading(document: Document, { title, lines }: Heading): number {
  document.fontSize(14).fillColor("#000").text(title, margin, margin);
  document.fontSize(9).fillColor("#444");
  for (const text of lines) document.text(text);
  return document.y + 10;
}
