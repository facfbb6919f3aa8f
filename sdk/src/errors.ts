import type { ErrorCodes } from "./generated/error-codes.ts";

/** Errors are typed by what the caller should do about them. `code` is a key of `docs/errors.md`; nobody needs to read `message`. */

/** Every code that the API documents. */
export type ErrorCode = ErrorCodes[keyof ErrorCodes];

/** What an answer tells about its error. */
export interface ErrorFacts {
  status: number;
  type: string;
  code: string;
  message: string;
  /** JSON pointer of the field in the body, or the name of a header or query parameter. */
  param: string | null;
  /** What helps the one who may see it. */
  details: Readonly<Record<string, unknown>>;
  docUrl: string | null;
  requestId: string | null;
  headers: Headers;
}

/** Whatever this library throws of itself. */
export class FeiqianError extends Error {
  override name = "FeiqianError";
  /** The key that a repetition of the request has to send, where it had one. */
  idempotencyKey: string | undefined;
}

/** The API answered with an error. */
export class ApiError<Code extends string = string> extends FeiqianError {
  override name = "ApiError";
  readonly status: number;
  readonly type: string;
  readonly code: Code;
  readonly param: string | null;
  readonly details: Readonly<Record<string, unknown>>;
  readonly docUrl: string | null;
  /** Tell the operator this one. */
  readonly requestId: string | null;
  readonly headers: Headers;

  constructor(facts: ErrorFacts) {
    super(facts.message);
    this.status = facts.status;
    this.type = facts.type;
    this.code = facts.code as Code; // Checked where the class is chosen by the type.
    this.param = facts.param;
    this.details = facts.details;
    this.docUrl = facts.docUrl;
    this.requestId = facts.requestId;
    this.headers = facts.headers;
  }

  /** Seconds after which the same request makes sense again, where the answer says so. */
  get retryAfter(): number | undefined {
    return secondsOf(this.headers.get("retry-after"));
  }
}

/** Fix the request: `param` names the field. */
export class InvalidRequestError extends ApiError<ErrorCodes["invalid_request"]> {
  override name = "InvalidRequestError";
}

/** Send a valid key, token or signature. */
export class AuthenticationError extends ApiError<ErrorCodes["authentication"]> {
  override name = "AuthenticationError";
}

/** Show the customer why the payment was refused; `payment` is the payment that failed. */
export class PaymentRefusedError extends ApiError<ErrorCodes["payment_refused"]> {
  override name = "PaymentRefusedError";

  get payment(): string | undefined {
    return typeof this.details.payment === "string" ? this.details.payment : undefined;
  }
}

/** Stop: the act needs another role, scope or factor. */
export class PermissionError extends ApiError<ErrorCodes["permission"]> {
  override name = "PermissionError";
}

/** There is no such object, or it belongs to somebody else. */
export class NotFoundError extends ApiError<ErrorCodes["not_found"]> {
  override name = "NotFoundError";
}

/** The object is not in the state that this needs: read it again. */
export class ConflictError extends ApiError<ErrorCodes["conflict"]> {
  override name = "ConflictError";
}

/** Too fast: wait `retryAfter` seconds. */
export class RateLimitError extends ApiError<ErrorCodes["rate_limit"]> {
  override name = "RateLimitError";
}

/** The platform can't answer now; the outcome is unknown. Repeat with the same idempotency key. */
export class PlatformError extends ApiError<ErrorCodes["platform"] | "answer_unreadable"> {
  override name = "PlatformError";
}

/** No answer came: the outcome is unknown. Repeat with the same idempotency key. */
export class ConnectionError extends FeiqianError {
  override name = "ConnectionError";
}

/** No answer came in time. */
export class TimeoutError extends ConnectionError {
  override name = "TimeoutError";
}

/** What claims to be a webhook is not signed by the holder of the secret, or is too old. */
export class WebhookVerificationError extends FeiqianError {
  override name = "WebhookVerificationError";
}

const classes: Record<string, new (facts: ErrorFacts) => ApiError> = {
  invalid_request: InvalidRequestError,
  authentication: AuthenticationError,
  payment_refused: PaymentRefusedError,
  permission: PermissionError,
  not_found: NotFoundError,
  conflict: ConflictError,
  rate_limit: RateLimitError,
  platform: PlatformError,
};

/** The error that an answer stands for. What is no answer of the API (a proxy's page, say) is a {@link PlatformError}. */
export function errorOf(status: number, headers: Headers, body: unknown): ApiError {
  const requestId = headers.get("request-id");
  const said = isObject(body) && isObject(body.error) ? body.error : undefined;
  if (!said || typeof said.code !== "string" || typeof said.type !== "string") {
    const message = `The server answered ${status} with something that is no answer of the API.`;
    const unreadable = { status, type: "platform", code: "answer_unreadable", message, param: null, docUrl: null };
    return new PlatformError({ ...unreadable, details: {}, requestId, headers });
  }
  return new (classes[said.type] ?? ApiError)({
    status,
    type: said.type,
    code: said.code,
    message: typeof said.message === "string" ? said.message : said.code,
    param: typeof said.param === "string" ? said.param : null,
    details: isObject(said.details) ? said.details : {},
    docUrl: typeof said.doc_url === "string" ? said.doc_url : null,
    requestId: typeof said.request_id === "string" ? said.request_id : requestId,
    headers,
  });
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === "object" && !Array.isArray(value);

/** `Retry-After` in its two forms: seconds, or a date. */
export function secondsOf(header: string | null): number | undefined {
  if (!header) return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds);
  const until = Date.parse(header);
  return Number.isNaN(until) ? undefined : Math.max(0, (until - Date.now()) / 1000);
}
