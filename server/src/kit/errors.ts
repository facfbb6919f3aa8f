import type { SignalKind } from "./security-signals.ts";

/**
 * Errors are typed by what the caller should do. A module lists its own in `errors.ts` with {@link catalogue};
 * `docs/errors.md` and the OpenAPI document are generated from the same list.
 */
export type ErrorType =
  | "invalid_request"
  | "authentication"
  | "payment_refused"
  | "permission"
  | "not_found"
  | "conflict"
  | "rate_limit"
  | "platform";

export type Language = "en" | "zh-CN";

export interface ErrorEntry {
  readonly type: ErrorType;
  readonly status: number;
  /** What happened, for the one who reads the answer. */
  readonly en: string;
  readonly zh: string;
  /** What to do about it, for `docs/errors.md`. */
  readonly advice: string;
  /** JSON pointer of the request field that is always the cause. */
  readonly param?: string;
  /** What the operator's monitoring counts whenever this is answered. */
  readonly signal?: SignalKind;
}

export interface ErrorFacts {
  /** JSON pointer of the field in the request body, or the name of a header or query parameter. */
  param?: string;
  details?: Record<string, unknown>;
  /** Seconds after which the same request makes sense again; sent as `Retry-After`. */
  retryAfter?: number;
  cause?: unknown;
}

export class ApiError extends Error {
  override name = "ApiError";
  readonly code: string;
  readonly entry: ErrorEntry;
  readonly param: string | null;
  readonly details: Record<string, unknown> | undefined;
  readonly retryAfter: number | undefined;

  constructor(code: string, entry: ErrorEntry, facts: ErrorFacts = {}) {
    super(entry.en, { cause: facts.cause });
    this.code = code;
    this.entry = entry;
    this.param = facts.param ?? entry.param ?? null;
    this.details = facts.details;
    this.retryAfter = facts.retryAfter;
  }

  get status(): number {
    return this.entry.status;
  }

  /** The body of the answer (API.md, "Errors"). */
  toBody(requestId: string, language: Language): ErrorBody {
    return {
      error: {
        type: this.entry.type,
        code: this.code,
        message: language === "zh-CN" ? this.entry.zh : this.entry.en,
        param: this.param,
        doc_url: `/docs/errors#${this.code}`,
        request_id: requestId,
        ...(this.details && { details: this.details }),
      },
    };
  }
}

export interface ErrorBody {
  error: {
    type: ErrorType;
    code: string;
    message: string;
    param: string | null;
    doc_url: string;
    request_id: string;
    details?: Record<string, unknown>;
  };
}

type Texts = Pick<ErrorEntry, "en" | "zh" | "advice" | "param" | "signal">;
const entry =
  (type: ErrorType, status: number) =>
  (texts: Texts): ErrorEntry => ({ type, status, ...texts });

export const invalid = entry("invalid_request", 400);
export const unauthenticated = entry("authentication", 401);
export const refuse = entry("payment_refused", 402);
export const forbid = entry("permission", 403);
export const missing = entry("not_found", 404);
export const conflict = entry("conflict", 409);
export const tooLarge = entry("invalid_request", 413);
export const wrongMedia = entry("invalid_request", 415);
export const unprocessable = entry("invalid_request", 422);
export const tooMany = entry("rate_limit", 429);
export const unavailable = entry("platform", 503);
export const internal = entry("platform", 500);

const registered = new Map<string, ErrorEntry>();

/** Declares errors; each name becomes a function that makes the error: `throw walletErrors.pin_invalid({ details })`. */
export function catalogue<const E extends Record<string, ErrorEntry>>(
  entries: E,
): { readonly [Code in keyof E]: (facts?: ErrorFacts) => ApiError } {
  const makers: Record<string, (facts?: ErrorFacts) => ApiError> = {};
  for (const [code, entry] of Object.entries(entries)) {
    if (registered.has(code)) throw new Error(`error code ${code} is declared twice`);
    registered.set(code, entry);
    makers[code] = (facts) => new ApiError(code, entry, facts);
  }
  return makers as { readonly [Code in keyof E]: (facts?: ErrorFacts) => ApiError };
}

/** Every error declared by the modules loaded so far, sorted by code. */
export const allErrors = (): [code: string, entry: ErrorEntry][] =>
  [...registered].sort(([a], [b]) => (a < b ? -1 : 1));

/** Why something failed, as its object tells it: an error's code and its text. */
export function presentFailure(code: string, language: Language): { code: string; message: string } {
  const entry = registered.get(code);
  return { code, message: (language === "zh-CN" ? entry?.zh : entry?.en) ?? code };
}
