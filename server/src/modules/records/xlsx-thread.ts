import { parentPort, workerData } from "node:worker_threads";
import writeExcelFile, { type CellObject, type SheetData } from "write-excel-file/node";
import type { SheetCell, SheetMessage, SheetSettings } from "./sheet.ts";

/** A thread that makes one XLSX file: packing tens of thousands of rows would hold up every request of the process. */
const { widths } = workerData as SheetSettings;
const sheet: SheetData = [];

parentPort?.on("message", (message: SheetMessage) => {
  if ("end" in message) void finish();
  else for (const row of message.rows) sheet.push(row.map(sheet.length === 0 ? titleOf : cellOf));
});

/** What fails here ends the thread, and the other side hears of it. */
async function finish(): Promise<void> {
  const columns = widths.map((width) => ({ width }));
  const file = new Uint8Array(await writeExcelFile(sheet, { columns, stickyRowsCount: 1 }).toBuffer());
  parentPort?.postMessage(file, [file.buffer]);
  parentPort?.close();
}

const titleOf = (cell: SheetCell): CellObject => ({ value: typeof cell === "string" ? cell : "", fontWeight: "bold" });

function cellOf(cell: SheetCell): CellObject | null {
  if (cell === null) return null;
  if (typeof cell === "string") return { value: cell, type: String };
  if ("shown" in cell) return { value: new Date(cell.shown), type: Date, format: "yyyy-mm-dd hh:mm:ss" };
  const format = cell.decimals === 0 ? "#,##0" : `#,##0.${"0".repeat(cell.decimals)}`;
  return { value: cell.value, type: Number, format };
}
