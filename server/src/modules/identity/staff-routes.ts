import { actorOf, allow, open } from "#kit/access.ts";
import { onceApproved } from "#kit/approvable.ts";
import { database, first, run } from "#kit/db.ts";
import { type FastifyReply, type FastifyRequest, type Http, languageOf } from "#kit/http.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { page, valuesOf } from "#kit/lists.ts";
import { confirmTotp } from "./confirm-totp.ts";
import { acceptInvitation, openInvitation } from "./invitation.ts";
import { presentRoles } from "./role-texts.ts";
import { openStaff, presentStaff } from "./staff.ts";
import { changesRole, disableStaff, enablesStaff, resetsCredentials, takesOnStaff } from "./staff-acts.ts";
import * as schemas from "./staff-schemas.ts";
import { listStaff, selectAnyStaff } from "./staff-sql.ts";

const neverStored = async (_request: FastifyRequest, reply: FastifyReply): Promise<void> => {
  reply.header("Cache-Control", "no-store");
};

/** Who works here. What gives power waits for a second person. */
export function staffKeepingRoutes(app: Http): void {
  const read = allow("staff", "staff:read");
  const write = allow("staff", "staff:write");

  app.get("/v1/roles", { schema: schemas.ListRoles, config: allow("staff") }, (request) => ({
    object: "list" as const,
    data: presentRoles(languageOf(request)),
    has_more: false,
    url: "/v1/roles",
  }));

  app.get("/v1/staff", { schema: schemas.ListStaff, config: read }, ({ query }) =>
    page(
      "/v1/staff",
      query,
      (window) => run(database(), listStaff, [...valuesOf(window), query.role ?? null, query.status ?? null]),
      (row) => presentStaff(openStaff(row)),
    ),
  );

  app.get("/v1/staff/:id", { schema: schemas.ReadOneOfStaff, config: read }, async (request) => {
    const row = await first(database(), selectAnyStaff, [request.params.id]);
    if (!row) throw kitErrors.not_found();
    return presentStaff(openStaff(row));
  });

  app.post("/v1/staff", { schema: schemas.TakeOnStaff, config: write }, onceApproved(takesOnStaff));
  app.patch("/v1/staff/:id", { schema: schemas.ChangeRole, config: write }, onceApproved(changesRole));
  app.post("/v1/staff/:id/enable", { schema: schemas.EnableStaff, config: write }, onceApproved(enablesStaff));
  app.post("/v1/staff/:id/reset", { schema: schemas.ResetStaff, config: write }, onceApproved(resetsCredentials));

  app.post("/v1/staff/:id/disable", { schema: schemas.DisableStaff, config: write }, async (request) =>
    presentStaff(await disableStaff(request, request.params.id, request.body.reason)),
  );

  app.post("/v1/staff/me/confirm", { schema: schemas.ConfirmTotp, config: allow("staff") }, async (request) =>
    presentStaff(await confirmTotp(request, actorOf(request, "staff"), request.body.totp)),
  );

  app.post(
    "/v1/staff/invitations/open",
    { schema: schemas.OpenInvitation, config: open(), onRequest: neverStored },
    (request) => openInvitation(request.body.token),
  );

  app.post(
    "/v1/staff/invitations/accept",
    { schema: schemas.AcceptInvitation, config: open(), onRequest: neverStored },
    (request) => acceptInvitation(request, request.body),
  );
}
