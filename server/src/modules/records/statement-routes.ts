import { actorOf, allow } from "#kit/access.ts";
import { type Http, languageOf } from "#kit/http.ts";
import { sendFile } from "#kit/send-file.ts";
import { exportStatement } from "./export-statement.ts";
import { readOneStatement, readStatementLines, readStatements } from "./read-statements.ts";
import { ExportStatement, ListStatementLines, ListStatements, ReadStatement } from "./statement-schemas.ts";

export function statementRoutes(app: Http): void {
  const config = allow(["merchant", "user"], "records:read");

  app.get("/v1/statements", { schema: ListStatements, config }, (request) =>
    readStatements(actorOf(request, "merchant", "user"), request.query),
  );

  app.get("/v1/statements/:id", { schema: ReadStatement, config }, (request) =>
    readOneStatement(actorOf(request, "merchant", "user"), request.params.id),
  );

  app.get("/v1/statements/:id/lines", { schema: ListStatementLines, config }, (request) =>
    readStatementLines(actorOf(request, "merchant", "user"), request.params.id, request.query),
  );

  app.get("/v1/statements/:id/export", { schema: ExportStatement, config }, async (request, reply) => {
    const { params, query } = request;
    const actor = actorOf(request, "merchant", "user");
    return sendFile(reply, await exportStatement(actor, params.id, query.format, languageOf(request)));
  });
}
