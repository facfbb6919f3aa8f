import swagger from "@fastify/swagger";
import reference from "@scalar/fastify-api-reference";
import { Type } from "typebox";
import { open } from "#kit/access.ts";
import { currencyRoutes } from "#kit/currency-routes.ts";
import { apiVersion, createHttp, documentationPath, type Http } from "#kit/http.ts";
import { testClockRoutes } from "#kit/test-clock.ts";
import { codeRoutes } from "#modules/codes";
import { identityRoutes } from "#modules/identity";
import { ledgerRoutes } from "#modules/ledger";
import { merchantRoutes } from "#modules/merchants";
import { monitoringRoutes } from "#modules/monitoring";
import { notificationRoutes } from "#modules/notifications";
import { paymentRoutes } from "#modules/payments";
import { recordRoutes } from "#modules/records";
import { errorPage } from "./error-page.ts";

const modules = [
  identityRoutes,
  merchantRoutes,
  codeRoutes,
  paymentRoutes,
  ledgerRoutes,
  recordRoutes,
  notificationRoutes,
  monitoringRoutes,
  currencyRoutes,
  testClockRoutes,
];

/** The HTTP interface: every module's routes on one server, described by the OpenAPI document made from their schemas. */
export function createApi(): Http {
  const app = createHttp();
  app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Feiqian",
        version: apiVersion,
        description: "Open, self-hosted mobile payment platform. Errors are listed in `/docs/errors`.",
        license: { name: "Apache-2.0", identifier: "Apache-2.0" },
      },
      components: {
        securitySchemes: {
          merchant: { type: "http", scheme: "bearer", description: "A merchant's API key: `sk_test_…` or `sk_live_…`" },
          user: { type: "http", scheme: "bearer", bearerFormat: "JWT", description: "A user's access token" },
          staff: { type: "http", scheme: "bearer", bearerFormat: "JWT", description: "A staff access token" },
        },
      },
    },
  });
  app.register(async (routes) => {
    for (const register of modules) register(routes);
    routes.get("/", { config: open(), schema: { hide: true } }, (_request, reply) => reply.redirect(documentationPath));
    const description = { tags: ["Documentation"], summary: "This document", response: { 200: Type.Object({}) } };
    routes.get("/v1/openapi.json", { config: open(), schema: description }, () => app.swagger());
    errorPage(routes);
  });
  app.register(reference, { routePrefix: documentationPath });
  return app;
}
