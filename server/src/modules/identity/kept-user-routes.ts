import { actorOf, allow } from "#kit/access.ts";
import { onceApproved } from "#kit/approvable.ts";
import { database } from "#kit/db.ts";
import type { Http } from "#kit/http.ts";
import { erases } from "./erase-user.ts";
import { findKeptUser, freeze, getKeptUser, presentKeptUser, unfreezes, unmask } from "./kept-user.ts";
import { Erase, FindUsers, Freeze, ReadKeptUser, Unfreeze, Unmask } from "./kept-user-schemas.ts";

/** Users as staff keep them: masked, stopped where it must be, and erased when they ask for it. */
export function keptUserRoutes(app: Http): void {
  const read = allow("staff", "users:read");
  const stop = allow("staff", "users:freeze");

  app.get("/v1/users", { schema: FindUsers, config: read }, async ({ query }) => ({
    object: "list" as const,
    data: (await findKeptUser(query)).map(presentKeptUser),
    has_more: false,
    url: "/v1/users",
  }));

  app.get("/v1/users/:id", { schema: ReadKeptUser, config: read }, async (request) =>
    presentKeptUser(await getKeptUser(database(), request.params.id)),
  );

  app.post("/v1/users/:id/freeze", { schema: Freeze, config: stop }, async (request) =>
    presentKeptUser(await freeze(request, request.params.id, request.body.reason)),
  );

  app.post("/v1/users/:id/unfreeze", { schema: Unfreeze, config: stop }, onceApproved(unfreezes));

  app.post("/v1/users/:id/erase", { schema: Erase, config: allow("staff", "users:erase") }, onceApproved(erases));

  app.post(
    "/v1/users/:id/unmask",
    {
      schema: Unmask,
      config: allow("staff", "users:unmask"),
      onRequest: async (_request, reply) => {
        reply.header("Cache-Control", "no-store");
      },
    },
    (request) => unmask(request, actorOf(request, "staff"), request.params.id, request.body),
  );
}
