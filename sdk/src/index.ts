export type { Answer, Download, Fetch, RawAnswer, RequestOptions } from "./api.ts";
export { createClient, type Feiqian, type FeiqianOptions } from "./client.ts";
export {
  ApiError,
  AuthenticationError,
  ConflictError,
  ConnectionError,
  type ErrorCode,
  FeiqianError,
  InvalidRequestError,
  NotFoundError,
  PaymentRefusedError,
  PermissionError,
  PlatformError,
  RateLimitError,
  TimeoutError,
  WebhookVerificationError,
} from "./errors.ts";
export type { ErrorCodes } from "./generated/error-codes.ts";
export type * from "./generated/types.ts";
export type { Page, PageRequest } from "./pages.ts";
export { type RequestSigner, type SignableRequest, signRequest } from "./signing.ts";
export type { StreamOptions } from "./stream.ts";
export { type VerifyOptions, verifyWebhook, type WebhookEvent, type WebhookHeaders } from "./webhooks.ts";
