import { actorOf, allow } from "#kit/access.ts";
import { database } from "#kit/db.ts";
import { type Http, languageOf } from "#kit/http.ts";
import { once } from "#kit/idempotency.ts";
import { approvalsFor, getApproval, presentApproval } from "./approval.ts";
import { Approve, Cancel, ListApprovals, ReadApproval, Refuse, TakeResult } from "./approval-schemas.ts";
import { approve, cancel, refuse, takeResult } from "./decide-approval.ts";

/** What needs a second person: everybody sees the own requests, who decides sees all. */
export function approvalRoutes(app: Http): void {
  const maker = allow("staff");
  const checker = allow("staff", "approvals:write");

  app.get("/v1/approvals", { schema: ListApprovals, config: maker }, (request) =>
    approvalsFor(actorOf(request, "staff"), request.query, languageOf(request)),
  );

  app.get("/v1/approvals/:id", { schema: ReadApproval, config: maker }, async (request) =>
    presentApproval(await getApproval(database(), actorOf(request, "staff"), request.params.id), languageOf(request)),
  );

  app.post(
    "/v1/approvals/:id/approve",
    { schema: Approve, config: checker },
    once(async (request, tx) => {
      const { params, body } = request;
      return presentApproval(
        await approve(tx, request, actorOf(request, "staff"), params.id, body.digest),
        languageOf(request),
      );
    }),
  );

  app.post(
    "/v1/approvals/:id/refuse",
    { schema: Refuse, config: checker },
    once(async (request, tx) => {
      const { params, body } = request;
      return presentApproval(
        await refuse(tx, request, actorOf(request, "staff"), params.id, body.reason),
        languageOf(request),
      );
    }),
  );

  app.post(
    "/v1/approvals/:id/cancel",
    { schema: Cancel, config: maker },
    once(async (request, tx) =>
      presentApproval(await cancel(tx, request, actorOf(request, "staff"), request.params.id), languageOf(request)),
    ),
  );

  app.post(
    "/v1/approvals/:id/result",
    { schema: TakeResult, config: maker },
    once(async (request, tx) => takeResult(tx, request, actorOf(request, "staff"), request.params.id), {
      secret: true,
    }),
  );
}
