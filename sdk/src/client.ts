import { type ApiSettings, createApi, type Fetch } from "./api.ts";
import { resources } from "./generated/resources.ts";
import type { RequestSigner } from "./signing.ts";
import { type StreamOptions, streamEvents } from "./stream.ts";
import { verifyWebhook } from "./webhooks.ts";

export interface FeiqianOptions {
  /** Where the platform is: `https://pay.example.com`. */
  baseUrl: string;
  /** A merchant's key, or a user's or staff member's access token; a function is asked before each attempt, so that it can refresh a token. */
  apiKey?: string | (() => string | Promise<string>);
  /** The language of messages. */
  language?: "en" | "zh-CN";
  /** Pins the version of the API. */
  version?: string;
  /** Milliseconds that one attempt may take: 30,000 unless set. */
  timeoutMs?: number;
  /** How often a lost answer or an overload is tried again: 3 unless set. */
  maxRetries?: number;
  /** For keys that require signed requests. */
  signing?: RequestSigner;
  /** Sent with every request. */
  headers?: Record<string, string>;
  fetch?: Fetch;
}

/** A client of one platform in one caller's name. */
export type Feiqian = ReturnType<typeof createClient>;

/**
 * Makes a client: `const feiqian = createClient({ baseUrl, apiKey })`, then `feiqian.payments.create({ … })`.
 * Every call that posts has an idempotency key and is repeated with it when the answer was lost.
 */
export function createClient(options: FeiqianOptions) {
  const settings: ApiSettings = {
    baseUrl: options.baseUrl,
    apiKey: options.apiKey ?? null,
    language: options.language,
    version: options.version,
    timeoutMs: options.timeoutMs ?? 30_000,
    maxRetries: options.maxRetries ?? 3,
    signer: options.signing,
    headers: options.headers ?? {},
    fetch: options.fetch ?? ((url, init) => fetch(url, init)),
  };
  const generated = resources(createApi(settings));
  return {
    ...generated,
    events: {
      ...generated.events,
      /** Events as they happen, resumable: `for await (const event of feiqian.events.stream())` */
      stream: (stream?: StreamOptions) => streamEvents(settings, stream),
    },
    webhooks: { verify: verifyWebhook },
  };
}
