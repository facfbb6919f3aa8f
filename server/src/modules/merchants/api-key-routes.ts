import { allow } from "#kit/access.ts";
import { onceApproved } from "#kit/approvable.ts";
import { database, first } from "#kit/db.ts";
import type { Http } from "#kit/http.ts";
import { page } from "#kit/lists.ts";
import { changesApiKey, makesApiKey, rollsApiKey } from "./acts.ts";
import { presentApiKey } from "./api-key.ts";
import { ChangeApiKey, CreateApiKey, ListApiKeys, ReadApiKey, RevokeApiKey, RollApiKey } from "./api-key-schemas.ts";
import { found, keeperOf, listReach, reachOf } from "./reach.ts";
import { revokeApiKey } from "./revoke-api-key.ts";
import { list, listKeys, selectKey } from "./sql.ts";

export function apiKeyRoutes(app: Http): void {
  app.post(
    "/v1/api_keys",
    { schema: CreateApiKey, config: allow(["merchant", "staff"], "keys:write") },
    onceApproved(makesApiKey),
  );

  app.get("/v1/api_keys", { schema: ListApiKeys, config: allow(["merchant", "staff"], "keys:read") }, (request) => {
    const { query } = request;
    const { merchantId, livemode } = listReach(keeperOf(request), query);
    return page(
      "/v1/api_keys",
      query,
      (window) => list(database(), listKeys, window, query, [merchantId, livemode]),
      presentApiKey,
    );
  });

  app.get(
    "/v1/api_keys/:id",
    { schema: ReadApiKey, config: allow(["merchant", "staff"], "keys:read") },
    async (request) => {
      const { merchantId, livemode } = reachOf(keeperOf(request));
      return presentApiKey(found(await first(database(), selectKey, [request.params.id, merchantId, livemode])));
    },
  );

  app.patch(
    "/v1/api_keys/:id",
    { schema: ChangeApiKey, config: allow(["merchant", "staff"], "keys:write") },
    onceApproved(changesApiKey),
  );

  app.post(
    "/v1/api_keys/:id/roll",
    { schema: RollApiKey, config: allow(["merchant", "staff"], "keys:write") },
    onceApproved(rollsApiKey),
  );

  app.delete(
    "/v1/api_keys/:id",
    { schema: RevokeApiKey, config: allow(["merchant", "staff"], "keys:write") },
    async (request) => presentApiKey(await revokeApiKey(keeperOf(request), request.params.id, request)),
  );
}
