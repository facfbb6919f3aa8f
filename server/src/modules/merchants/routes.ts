import { allow } from "#kit/access.ts";
import { onceApproved } from "#kit/approvable.ts";
import { database, first } from "#kit/db.ts";
import type { Http } from "#kit/http.ts";
import { once } from "#kit/idempotency.ts";
import { page } from "#kit/lists.ts";
import { changesMerchant, makesPricingPlan, takesOnMerchant } from "./acts.ts";
import { apiKeyRoutes } from "./api-key-routes.ts";
import { changeStore } from "./change-store.ts";
import { changeTerminal } from "./change-terminal.ts";
import { createStore } from "./create-store.ts";
import { createTerminal } from "./create-terminal.ts";
import { presentMerchant } from "./merchant.ts";
import { presentPricingPlan } from "./pricing-plan.ts";
import { found, keeperOf, listReach, reachOf } from "./reach.ts";
import {
  ChangeMerchant,
  ChangeStore,
  ChangeTerminal,
  CreateMerchant,
  CreatePricingPlan,
  CreateStore,
  CreateTerminal,
  ListMerchants,
  ListPricingPlans,
  ListStores,
  ListTerminals,
  ReadMerchant,
  ReadPricingPlan,
  ReadStore,
  ReadTerminal,
} from "./schemas.ts";
import {
  list,
  listMerchants,
  listPlans,
  listStores,
  listTerminals,
  selectMerchant,
  selectPlan,
  selectStore,
  selectTerminal,
} from "./sql.ts";
import { presentStore } from "./store.ts";
import { presentTerminal } from "./terminal.ts";
import { tillRoutes } from "./till-routes.ts";

/** Merchants and what belongs to them. A merchant's key keeps its own stores, terminals and keys; staff keep everybody's. */
export function merchantRoutes(app: Http): void {
  pricingPlanRoutes(app);
  merchantsOwnRoutes(app);
  storeRoutes(app);
  terminalRoutes(app);
  tillRoutes(app);
  apiKeyRoutes(app);
}

function pricingPlanRoutes(app: Http): void {
  app.post(
    "/v1/pricing_plans",
    { schema: CreatePricingPlan, config: allow("staff", "pricing:write") },
    onceApproved(makesPricingPlan),
  );

  app.get("/v1/pricing_plans", { schema: ListPricingPlans, config: allow("staff", "merchants:read") }, ({ query }) =>
    page(
      "/v1/pricing_plans",
      query,
      (window) => list(database(), listPlans, window, query, [query.currency]),
      presentPricingPlan,
    ),
  );

  app.get(
    "/v1/pricing_plans/:id",
    { schema: ReadPricingPlan, config: allow("staff", "merchants:read") },
    async (request) => presentPricingPlan(found(await first(database(), selectPlan, [request.params.id]))),
  );
}

function merchantsOwnRoutes(app: Http): void {
  app.post(
    "/v1/merchants",
    { schema: CreateMerchant, config: allow("staff", "merchants:write") },
    onceApproved(takesOnMerchant),
  );

  app.get("/v1/merchants", { schema: ListMerchants, config: allow("staff", "merchants:read") }, ({ query }) =>
    page(
      "/v1/merchants",
      query,
      (window) => list(database(), listMerchants, window, query, [query.status, query.pricing_plan]),
      presentMerchant,
    ),
  );

  app.get(
    "/v1/merchants/:id",
    { schema: ReadMerchant, config: allow(["staff", "merchant"], "merchants:read") },
    async (request) => {
      const { merchantId } = reachOf(keeperOf(request), { merchant: request.params.id });
      return presentMerchant(found(await first(database(), selectMerchant, [merchantId])));
    },
  );

  app.patch(
    "/v1/merchants/:id",
    { schema: ChangeMerchant, config: allow("staff", "merchants:write") },
    onceApproved(changesMerchant),
  );
}

function storeRoutes(app: Http): void {
  app.post(
    "/v1/stores",
    { schema: CreateStore, config: allow(["merchant", "staff"], "merchants:write") },
    once(async (request, tx) => presentStore(await createStore(tx, keeperOf(request), request.body, request))),
  );

  app.get("/v1/stores", { schema: ListStores, config: allow(["merchant", "staff"], "merchants:read") }, (request) => {
    const { query } = request;
    const { merchantId, livemode } = listReach(keeperOf(request), query);
    return page(
      "/v1/stores",
      query,
      (window) => list(database(), listStores, window, query, [merchantId, livemode]),
      presentStore,
    );
  });

  app.get(
    "/v1/stores/:id",
    { schema: ReadStore, config: allow(["merchant", "staff"], "merchants:read") },
    async (request) => {
      const { merchantId, livemode } = reachOf(keeperOf(request));
      return presentStore(found(await first(database(), selectStore, [request.params.id, merchantId, livemode])));
    },
  );

  app.patch(
    "/v1/stores/:id",
    { schema: ChangeStore, config: allow(["merchant", "staff"], "merchants:write") },
    async (request) => presentStore(await changeStore(keeperOf(request), request.params.id, request.body, request)),
  );
}

function terminalRoutes(app: Http): void {
  app.post(
    "/v1/terminals",
    { schema: CreateTerminal, config: allow(["merchant", "staff"], "merchants:write") },
    once(async (request, tx) => presentTerminal(await createTerminal(tx, keeperOf(request), request.body, request))),
  );

  app.get(
    "/v1/terminals",
    { schema: ListTerminals, config: allow(["merchant", "staff"], "merchants:read") },
    (request) => {
      const { query } = request;
      const { merchantId, livemode } = listReach(keeperOf(request), query);
      const own = [merchantId, livemode, query.store, query.status];
      return page(
        "/v1/terminals",
        query,
        (window) => list(database(), listTerminals, window, query, own),
        presentTerminal,
      );
    },
  );

  app.get(
    "/v1/terminals/:id",
    { schema: ReadTerminal, config: allow(["merchant", "staff"], "merchants:read") },
    async (request) => {
      const { merchantId, livemode } = reachOf(keeperOf(request));
      return presentTerminal(found(await first(database(), selectTerminal, [request.params.id, merchantId, livemode])));
    },
  );

  app.patch(
    "/v1/terminals/:id",
    { schema: ChangeTerminal, config: allow(["merchant", "staff"], "merchants:write") },
    async (request) =>
      presentTerminal(await changeTerminal(keeperOf(request), request.params.id, request.body, request)),
  );
}
