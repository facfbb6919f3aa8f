import { actorOf, allow } from "#kit/access.ts";
import { type Http, languageOf } from "#kit/http.ts";
import { sendFile } from "#kit/send-file.ts";
import { exportRecords } from "./export-records.ts";
import { readReceipt } from "./read-receipt.ts";
import { readRecord, readRecords } from "./read-records.ts";
import { readStatistics } from "./read-statistics.ts";
import { ReadReceipt } from "./receipt-schemas.ts";
import { presentRecord } from "./record.ts";
import { ExportRecords, ListRecords, ReadRecord, ReadStatistics, Search } from "./schemas.ts";
import { search } from "./search.ts";
import { contentTypes } from "./table.ts";

export function recordRoutes(app: Http): void {
  app.get("/v1/records", { schema: ListRecords, config: allow(["user", "merchant"], "records:read") }, (request) =>
    readRecords(actorOf(request, "user", "merchant"), request.query, languageOf(request)),
  );

  app.get(
    "/v1/records/export",
    { schema: ExportRecords, config: allow(["user", "merchant"], "records:read") },
    async (request, reply) =>
      sendFile(reply, await exportRecords(actorOf(request, "user", "merchant"), request.query, languageOf(request))),
  );

  app.get(
    "/v1/records/:id",
    { schema: ReadRecord, config: allow(["user", "merchant"], "records:read") },
    async (request) =>
      presentRecord(await readRecord(actorOf(request, "user", "merchant"), request.params.id), languageOf(request)),
  );

  app.get("/v1/search", { schema: Search, config: allow(["merchant", "user"], "records:read") }, (request) =>
    search(actorOf(request, "merchant", "user"), request.query),
  );

  app.get(
    "/v1/statistics",
    { schema: ReadStatistics, config: allow(["merchant", "staff"], "payments:read") },
    (request) => readStatistics(actorOf(request, "merchant", "staff"), request.query),
  );

  app.get(
    "/v1/receipts/:payment",
    { schema: ReadReceipt, config: allow(["merchant", "user"], "records:read") },
    async (request, reply) => {
      const receipt = await readReceipt(actorOf(request, "merchant", "user"), request.params.payment);
      const { format = wantsPdf(request.headers.accept) ? "pdf" : "json" } = request.query;
      if (format === "json") return receipt;
      const { writeReceipt } = await import("./write-receipt.ts");
      const body = writeReceipt(receipt, languageOf(request));
      return sendFile(reply, { name: `${receipt.id}.pdf`, contentType: contentTypes.pdf, body });
    },
  );
}

const wantsPdf = (accept = ""): boolean => /^\s*application\/pdf\b/i.test(accept);
