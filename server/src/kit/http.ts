import type { Socket } from "node:net";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import { Ajv, type ErrorObject } from "ajv";
import formats from "ajv-formats";
import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { authorize, proveBody } from "./access.ts";
import { isOutage } from "./db.ts";
import { ApiError, type ErrorFacts } from "./errors.ts";
import { answeredBefore, sendAnswer } from "./idempotency.ts";
import { newId } from "./ids.ts";
import { kitErrors } from "./kit-errors.ts";
import { languageOf } from "./language.ts";
import { log } from "./log.ts";
import { callerOf, signal } from "./security-signals.ts";

/** The version this code speaks; a request may pin one that exists. */
export const apiVersion = "2026-11-01";
const bodyLimit = 128 * 1024;

/** Fastify, typed by TypeBox schemas. What modules register their routes on. */
export type Http = ReturnType<typeof createHttp>;

export interface HttpLimits {
  /** Milliseconds in which a request's headers must have arrived. */
  headersTimeout?: number;
  /** Milliseconds in which the whole request must have arrived. */
  requestTimeout?: number;
  /** How often, in milliseconds, the two are checked. */
  connectionsCheckingInterval?: number;
}

/**
 * Makes the HTTP server with the conventions of API.md: strict validation, one error shape, request ids, versions,
 * limits on size and time. Routes are registered on it; see {@link allow} for who may call them.
 */
export function createHttp({
  headersTimeout = 10_000,
  requestTimeout = 20_000,
  connectionsCheckingInterval = 5_000,
}: HttpLimits = {}) {
  const app = Fastify({
    loggerInstance: undefined,
    logger: false,
    bodyLimit,
    requestTimeout,
    connectionTimeout: 0,
    keepAliveTimeout: 72_000,
    forceCloseConnections: "idle",
    return503OnClosing: false,
    routerOptions: { maxParamLength: 128, ignoreTrailingSlash: false },
    http: { headersTimeout, connectionsCheckingInterval, maxHeaderSize: 16 * 1024 },
    genReqId: () => newId("req"),
    clientErrorHandler: answerBrokenRequest,
    frameworkErrors: (error, request, reply) => void answerError(error, request, reply),
  }).withTypeProvider<TypeBoxTypeProvider>();

  app.setValidatorCompiler(({ schema, httpPart }) => (httpPart === "body" ? strict : fromText).compile(schema));
  // A POST without a body means one without fields; what is required is then missing by name.
  const parseJson = app.getDefaultJsonParser("error", "error");
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<string>("application/json", { parseAs: "string" }, (request, body, done) => {
    const read = (): void => {
      if (body === "") done(null, {});
      else void parseJson(request, body, done);
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

  // A connection that falls idle while the server closes would be kept for another request, and the close would wait for it.
  // One that was opened and never used does not even count as idle.
  const sockets = new Set<Socket>();
  app.server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  app.addHook("preClose", (done) => {
    const closing = setInterval(() => {
      app.server.closeIdleConnections();
      for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
    }, 50);
    app.server.once("close", () => clearInterval(closing));
    done();
  });
  app.addHook("onRoute", (route) => {
    if (!route.config?.access) throw new Error(`${String(route.method)} ${route.url} does not say who may call it`);
  });
  app.addHook("onRequest", (request, reply, next) => {
    nameAnswer(request, reply);
    const pinned = request.headers["feiqian-version"];
    if (pinned !== undefined && pinned !== apiVersion)
      return next(kitErrors.version_unknown() as unknown as FastifyError);
    const access = request.routeOptions.config.access;
    if (!access) return next();
    try {
      const waiting = authorize(request, access);
      if (waiting) waiting.then(() => next(), next);
      else next();
    } catch (error) {
      next(error as FastifyError);
    }
  });
  app.setErrorHandler(async (error, request, reply) => {
    try {
      const { status } = toApiError(error, request);
      // Who is told to come later need not know yet, and a flood must not reach the database.
      const before = status < 500 && status !== 429 ? await answeredBefore(request) : undefined;
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

/** The headers that every answer has. */
function nameAnswer(request: FastifyRequest, reply: FastifyReply): void {
  reply.header("Request-Id", request.id);
  reply.header("Feiqian-Version", apiVersion);
}

/** Sends an error in the one shape there is. */
export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  // A path that can't be decoded never reaches the hook.
  if (!reply.hasHeader("Request-Id")) nameAnswer(request, reply);
  const known = toApiError(error, request);
  // An overload told to thousands is for the metrics; what nobody expected is for the log.
  if (known.status >= 500 && (known !== error || known.cause !== undefined))
    log.error(
      {
        request_id: request.id,
        method: request.method,
        route: request.routeOptions.url,
        answer: known.code,
        err: error,
      },
      "a request failed",
    );
  if (known.entry.signal) {
    const details = { code: known.code, route: request.routeOptions.url ?? null };
    signal(known.entry.signal, { ...callerOf(request.actor), address: request.ip, details });
  }
  if (known.retryAfter !== undefined) reply.header("Retry-After", String(known.retryAfter));
  if (known.status === 401) reply.header("WWW-Authenticate", "Bearer");
  return reply.code(known.status).send(known.toBody(request.id, languageOf(request)));
}

/** Anything thrown becomes an error of a catalogue: nothing undocumented leaves the server. */
export function toApiError(error: unknown, request?: FastifyRequest): ApiError {
  if (error instanceof ApiError) return error;
  const failure = error as FastifyError & { validationContext?: string };
  if (failure.validation)
    return validationError(failure.validation[0] as unknown as ErrorObject, failure.validationContext);
  switch (failure.code) {
    case "FST_ERR_CTP_BODY_TOO_LARGE":
      return kitErrors.body_too_large({ details: { limit: request?.routeOptions.bodyLimit ?? bodyLimit } });
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
      return kitErrors.content_type_unsupported({ details: { received: request?.headers["content-type"] ?? null } });
    case "FST_ERR_CTP_EMPTY_JSON_BODY":
    case "FST_ERR_CTP_INVALID_JSON_BODY":
    case "FST_ERR_CTP_INVALID_CONTENT_LENGTH":
      return kitErrors.body_invalid();
    case "FST_ERR_MAX_PARAM_LENGTH":
      return kitErrors.route_not_found();
  }
  if (failure instanceof SyntaxError && failure.statusCode === 400) return kitErrors.body_invalid();
  // Before the database is blamed: a client that hangs up resets a connection too.
  if (failure.statusCode && failure.statusCode < 500) return kitErrors.request_invalid({ cause: error });
  if (isOutage(error)) return kitErrors.database_unavailable({ retryAfter: 1, cause: error });
  return kitErrors.internal_error({ cause: error });
}

function validationError(problem: ErrorObject, context: string | undefined): ApiError {
  const inBody = context === "body";
  const at = (path: string): string => (inBody ? path || "/" : path.replace(/^\//, ""));
  const named = (child: string): string =>
    at(`${problem.instancePath}/${child.replace(/~/g, "~0").replace(/\//g, "~1")}`);
  switch (problem.keyword) {
    case "required":
      return kitErrors.parameter_missing({ param: named(problem.params.missingProperty) });
    case "additionalProperties":
      return kitErrors.parameter_unknown({ param: named(problem.params.additionalProperty) });
    default: {
      const facts: ErrorFacts = {
        param: at(problem.instancePath),
        details: {
          reason: problem.message ?? "not allowed",
          ...(problem.keyword === "enum" && { allowed: problem.params.allowedValues }),
        },
      };
      return kitErrors.parameter_invalid(facts);
    }
  }
}

/** A request that Node could not parse has no route and no request object: the answer is written by hand. */
function answerBrokenRequest(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === "ECONNRESET" || socket.destroyed || !socket.writable) return;
  const known =
    error.code === "HPE_HEADER_OVERFLOW"
      ? kitErrors.headers_too_large()
      : error.code === "ERR_HTTP_REQUEST_TIMEOUT"
        ? kitErrors.request_timeout()
        : kitErrors.request_invalid();
  const id = newId("req");
  const body = JSON.stringify(known.toBody(id, "en"));
  socket.end(
    `HTTP/1.1 ${known.status} Refused\r\nContent-Type: application/json; charset=utf-8\r\nRequest-Id: ${id}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

export { languageOf } from "./language.ts";
export type { FastifyInstance, FastifyReply, FastifyRequest };
