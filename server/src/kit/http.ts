import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import { Ajv } from "ajv";
import formats from "ajv-formats";
import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { proveBody } from "./access.ts";
import { isWithin, parseAddressRanges } from "./address-ranges.ts";
import { answerError, bodyLimit, toApiError } from "./answer-error.ts";
import { apiVersion, demandHttps, nameAnswer } from "./answer-headers.ts";
import { answerBrokenRequest, boundConnections, closeIdleConnections } from "./connections.ts";
import { answerOrigin, type IsAllowedOrigin } from "./cors.ts";
import { answeredBefore, sendAnswer } from "./idempotency.ts";
import { newId } from "./ids.ts";
import { kitErrors } from "./kit-errors.ts";
import { admitWithin } from "./limit-requests.ts";
import { parseJson } from "./parse-json.ts";
import { limitsOfRoute, type Policies, parsePolicies } from "./rate-limit-policies.ts";
import { beginRequestSpan, endRequestSpan, isTracing } from "./tracing.ts";

/** Fastify, typed by TypeBox schemas. What modules register their routes on. */
export type Http = ReturnType<typeof createHttp>;

/** What stands between the network and the routes. Without any: this machine alone is asking. */
export interface HttpOptions {
  /** Milliseconds in which a request's headers must have arrived. */
  headersTimeout?: number;
  /** Milliseconds in which the whole request must have arrived. */
  requestTimeout?: number;
  /** How often, in milliseconds, the two are checked. */
  connectionsCheckingInterval?: number;
  mostConnections?: number;
  mostConnectionsPerAddress?: number;
  /** Addresses and ranges of the load balancers whose `X-Forwarded-…` are believed. */
  trustedProxies?: string;
  /** Browsers reach us by HTTPS. */
  isHttps?: boolean;
  /** Nothing: pages of other origins are not answered at all. */
  isAllowedOrigin?: IsAllowedOrigin | undefined;
  rateLimits?: Policies;
}

/**
 * Makes the HTTP server with the conventions of API.md: strict validation, one error shape, request ids, versions,
 * limits on size, time and number. Routes are registered on it; see {@link allow} for who may call them.
 */
export function createHttp({
  headersTimeout = 10_000,
  requestTimeout = 20_000,
  connectionsCheckingInterval = 5_000,
  mostConnections = 16_384,
  mostConnectionsPerAddress = 4_096,
  trustedProxies = "",
  isHttps = false,
  isAllowedOrigin,
  rateLimits = parsePolicies(""),
}: HttpOptions = {}) {
  const isProxy = isWithin(parseAddressRanges(trustedProxies));
  const app = Fastify({
    loggerInstance: undefined,
    logger: false,
    bodyLimit,
    requestTimeout,
    connectionTimeout: 0,
    keepAliveTimeout: 72_000,
    forceCloseConnections: "idle",
    return503OnClosing: false,
    trustProxy: trustedProxies !== "" && isProxy,
    requestIdHeader: false,
    routerOptions: { maxParamLength: 128, ignoreTrailingSlash: false },
    http: { headersTimeout, connectionsCheckingInterval, maxHeaderSize: 16 * 1024, insecureHTTPParser: false },
    genReqId: () => newId("req"),
    clientErrorHandler: answerBrokenRequest,
    frameworkErrors: (error, request, reply) => void answerError(error, request, reply),
  }).withTypeProvider<TypeBoxTypeProvider>();
  boundConnections(app.server, { mostConnections, mostConnectionsPerAddress, isProxy });
  closeIdleConnections(app);

  app.setValidatorCompiler(({ schema, httpPart }) => (httpPart === "body" ? strict : fromText).compile(schema));
  // A POST without a body means one without fields; what is required is then missing by name.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>("application/json", { parseAs: "buffer" }, (request, body, done) => {
    const read = (): void => {
      let value: unknown;
      try {
        value = body.length === 0 ? {} : parseJson(body);
      } catch (error) {
        return done(error as Error);
      }
      done(null, value);
    };
    if (request.unproven) proveBody(request, request.unproven, body).then(read, done);
    else read();
  });
  app.addHook("preValidation", (request, _reply, next) => {
    const body = request.body;
    if (body === undefined && request.method !== "GET") request.body = {};
    if (!request.unproven) return next();
    // A body that something else has read is not what the signature is about.
    if (body !== undefined) return next(kitErrors.signature_invalid() as unknown as FastifyError);
    proveBody(request, request.unproven, "").then(() => next(), next);
  });
  // Presenters choose every field; the schema of an answer is documentation and is checked by tests.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  app.decorateRequest("actor", undefined);
  app.decorateRequest("unproven", undefined);
  app.decorate("isAllowedOrigin", isAllowedOrigin);

  app.addHook("onRoute", (route) => {
    const access = route.config?.access;
    if (!access) throw new Error(`${String(route.method)} ${route.url} does not say who may call it`);
    route.config = { ...route.config, limits: limitsOfRoute(String(route.method), route.url, access) };
  });
  const admit = admitWithin(rateLimits);
  if (isTracing()) {
    app.addHook("onRequest", (request, _reply, next) => beginRequestSpan(request, next));
    app.addHook("onResponse", (request, reply, next) => {
      endRequestSpan(request, reply);
      next();
    });
  }
  app.addHook("onRequest", (request, reply, next) => {
    nameAnswer(request, reply);
    if (isHttps) demandHttps(reply);
    try {
      if (isAllowedOrigin && answerOrigin(request, reply, isAllowedOrigin)) return;
      refuseOdd(request);
      const { access, limits } = request.routeOptions.config;
      const waiting = access && admit(request, reply, access, limits);
      if (waiting) waiting.then(() => next(), next);
      else next();
    } catch (error) {
      next(error as FastifyError);
    }
  });
  // After the schemas, which name the field. Nothing of ours is named by U+0000, and PostgreSQL does not take it.
  app.addHook("preHandler", (request, _reply, next) => {
    next(request.url.includes("%00") ? (kitErrors.request_invalid() as unknown as FastifyError) : undefined);
  });
  app.setErrorHandler(async (error, request, reply) => {
    try {
      const known = toApiError(error, request);
      // Who is told to come later need not know yet, and a flood must not reach the database.
      const before = known.status < 500 && known.status !== 429 ? await answeredBefore(request, known) : undefined;
      if (!before) return answerError(error, request, reply);
      sendAnswer(reply, before);
      return reply;
    } catch (failure) {
      // Nobody knows whether it was done before: it is not refused now.
      return answerError(failure, request, reply);
    }
  });
  app.setNotFoundHandler({}, (request, reply) => answerError(kitErrors.route_not_found(), request, reply));
  return app;
}

const strict = new Ajv({ coerceTypes: false, removeAdditional: false, useDefaults: true, allErrors: false });
/** Query strings, path parameters and headers arrive as text, so numbers among them are read from it. */
const fromText = new Ajv({ coerceTypes: "array", removeAdditional: false, useDefaults: true, allErrors: false });
for (const ajv of [strict, fromText]) formats.default(ajv, ["date-time", "date", "email"]);

/** Throws for a version that there is not. */
function refuseOdd({ headers }: FastifyRequest): void {
  const pinned = headers["feiqian-version"];
  if (pinned !== undefined && pinned !== apiVersion) throw kitErrors.version_unknown();
}

export { apiVersion } from "./answer-headers.ts";
export { languageOf } from "./language.ts";
export type { FastifyInstance, FastifyReply, FastifyRequest };
