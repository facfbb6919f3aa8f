import type { ErrorObject } from "ajv";
import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { nameAnswer } from "./answer-headers.ts";
import { UnsealError } from "./cipher.ts";
import { isOutage } from "./db.ts";
import { ApiError, type ErrorFacts } from "./errors.ts";
import { kitErrors } from "./kit-errors.ts";
import { languageOf } from "./language.ts";
import { log } from "./log.ts";
import { callerOf, signal } from "./security-signals.ts";

/** Bytes of a body, unless a route takes more. */
export const bodyLimit = 128 * 1024;

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
  if (known.cause instanceof UnsealError) signal("unseal_failed", { subject: request.routeOptions.url ?? null });
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
    case "FST_ERR_CTP_INVALID_CONTENT_LENGTH":
      return kitErrors.body_invalid();
    case "FST_ERR_MAX_PARAM_LENGTH":
      return kitErrors.route_not_found();
  }
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
