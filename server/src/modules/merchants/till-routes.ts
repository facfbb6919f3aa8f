import { allow, open } from "#kit/access.ts";
import type { Http } from "#kit/http.ts";
import { once } from "#kit/idempotency.ts";
import { createPairingCode } from "./create-pairing-code.ts";
import { pairTerminal } from "./pair-terminal.ts";
import { keeperOf } from "./reach.ts";
import { reportLost } from "./report-lost.ts";
import { presentTerminal } from "./terminal.ts";
import { CreatePairingCode, PairTerminal, ReportLost } from "./till-schemas.ts";

/** How a device becomes the till of a terminal, and how it ceases to be. */
export function tillRoutes(app: Http): void {
  app.post(
    "/v1/terminals/:id/pairing_codes",
    { schema: CreatePairingCode, config: allow(["merchant", "staff"], "merchants:write") },
    once(async (request, tx) => createPairingCode(tx, keeperOf(request), request.params.id, request), { secret: true }),
  );

  // A token is never stored, so this one ignores `Idempotency-Key`.
  app.post("/v1/terminals/pair", { schema: PairTerminal, config: open() }, async (request, reply) => {
    reply.header("Cache-Control", "no-store");
    return pairTerminal(request.body.pairing_code, request);
  });

  app.post(
    "/v1/terminals/:id/report_lost",
    { schema: ReportLost, config: allow(["merchant", "staff"], "merchants:write") },
    once(async (request, tx) => presentTerminal(await reportLost(tx, keeperOf(request), request.params.id, request))),
  );
}
