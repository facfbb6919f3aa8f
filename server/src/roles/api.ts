import swagger from "@fastify/swagger";
import { Type } from "typebox";
import { open } from "#kit/access.ts";
import type { Config } from "#kit/config.ts";
import { isLoopbackOrigin } from "#kit/cors.ts";
import { currencyRoutes } from "#kit/currency-routes.ts";
import { createHttp, type Http, type HttpOptions } from "#kit/http.ts";
import { testClockRoutes } from "#kit/test-clock.ts";
import { testInboxRoutes } from "#kit/test-inbox.ts";
import { codeRoutes } from "#modules/codes";
import { identityRoutes } from "#modules/identity";
import { ledgerRoutes } from "#modules/ledger";
import { merchantRoutes } from "#modules/merchants";
import { measureRequests, monitoringRoutes, probeRoutes } from "#modules/monitoring";
import { notificationRoutes } from "#modules/notifications";
import { orderRoutes, paymentRoutes, qrCodeRoutes, refundRoutes } from "#modules/payments";
import { recordRoutes, statementRoutes } from "#modules/records";
import { vaultRoutes } from "#modules/vault";
import { walletRoutes } from "#modules/wallets";
import { errorPage } from "./error-page.ts";
import { type Document, openApi, openApiDocument } from "./openapi.ts";
import { documentationPath, readerPage } from "./reader-page.ts";

const modules = [
  identityRoutes,
  merchantRoutes,
  vaultRoutes,
  codeRoutes,
  walletRoutes,
  paymentRoutes,
  orderRoutes,
  qrCodeRoutes,
  refundRoutes,
  ledgerRoutes,
  recordRoutes,
  statementRoutes,
  notificationRoutes,
  monitoringRoutes,
  currencyRoutes,
  testClockRoutes,
  testInboxRoutes,
];

/** The HTTP interface: every module's routes on one server, described by the OpenAPI document made from their schemas. */
export function createApi(options: HttpOptions = {}): Http {
  const app = createHttp(options);
  let document: Document | undefined;
  measureRequests(app);
  app.register(swagger, openApi);
  app.register(async (routes) => {
    for (const register of modules) register(routes);
    routes.get("/", { config: open(), schema: { hide: true } }, (_request, reply) => reply.redirect(documentationPath));
    const description = { tags: ["Documentation"], summary: "This document", response: { 200: Type.Object({}) } };
    routes.get("/v1/openapi.json", { config: open(), schema: description }, () => (document ??= openApiDocument(app)));
    errorPage(routes);
    readerPage(routes);
  });
  return app;
}

/** The HTTP interface of a process without the `api` role: what its supervisors ask. */
export function createProbes(options: HttpOptions = {}): Http {
  const app = createHttp(options);
  measureRequests(app);
  app.register(async (routes) => probeRoutes(routes));
  return app;
}

/** What stands between the network and the routes, as the operator has set it. */
export const edgeOf = (config: Config): HttpOptions => ({
  trustedProxies: config.trustProxy,
  mostConnections: config.mostConnections,
  mostConnectionsPerAddress: config.mostConnectionsPerAddress,
  rateLimits: config.rateLimits,
  isHttps: config.publicUrl.startsWith("https:"),
  isAllowedOrigin: isAllowedOrigin(config),
});

/** Pages that the operator names, those at our public address, and in test mode those of whoever develops a page on this machine. */
function isAllowedOrigin({ corsOrigins, publicUrl, mode }: Config): HttpOptions["isAllowedOrigin"] {
  const named = new Set(corsOrigins);
  if (publicUrl !== "") named.add(new URL(publicUrl).origin);
  if (mode === "test") return (origin) => named.has(origin) || isLoopbackOrigin(origin);
  return named.size > 0 ? (origin) => named.has(origin) : undefined;
}
