import { type ApiError, ConnectionError, errorOf, FeiqianError, TimeoutError } from "./errors.ts";
import type { List } from "./generated/types.ts";
import { type PageRequest, pagesOf } from "./pages.ts";
import { pause, pauseBefore, reasonOf } from "./retry.ts";
import { type RequestSigner, signRequest } from "./signing.ts";

export type { List } from "./generated/types.ts";

/** What one call may say besides its parameters. */
export interface RequestOptions {
  /** Made once for each call that posts, and sent with every attempt, unless you have your own: then the call can be repeated after a crash. */
  idempotencyKey?: string;
  /** Milliseconds that one attempt may take. */
  timeoutMs?: number;
  /** How often a lost answer or an overload is tried again. */
  maxRetries?: number;
  signal?: AbortSignal;
  /** Another key or token than the client's; `null`: none. */
  apiKey?: string | null;
  language?: "en" | "zh-CN";
  headers?: Record<string, string>;
}

/** An answer with what stood around it. */
export interface RawAnswer<T> {
  data: T;
  status: number;
  headers: Headers;
  requestId: string | null;
  /** It had been given before to the same idempotency key. */
  replayed: boolean;
}

/** The object that was asked for; `withResponse()` gives the answer around it too. */
export interface Answer<T> extends Promise<T> {
  withResponse(): Promise<RawAnswer<T>>;
}

/** A file, as the server made it. */
export interface Download {
  bytes: Uint8Array;
  contentType: string;
  fileName: string | null;
}

/** One request, before options. */
export interface Asked {
  method: string;
  path: string;
  query?: object;
  body?: object;
  headers?: Record<string, string | undefined>;
  /** For anyone: there is no owner whose idempotency key it could be. */
  open?: boolean;
}

/** What generated methods call. */
export interface Api {
  call<T>(asked: Asked, options?: RequestOptions): Answer<T>;
  pages<T>(asked: Asked, options?: RequestOptions): PageRequest<T>;
  download(asked: Asked, options?: RequestOptions): Answer<Download>;
}

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface ApiSettings {
  baseUrl: string;
  apiKey: string | null | (() => string | Promise<string>);
  language: string | undefined;
  version: string | undefined;
  timeoutMs: number;
  maxRetries: number;
  signer: RequestSigner | undefined;
  headers: Record<string, string>;
  fetch: Fetch;
}

/** Sends requests: with a key, a time-out, repetitions and typed errors. */
export function createApi(settings: ApiSettings): Api {
  const call = <T>(asked: Asked, options: RequestOptions = {}) =>
    answerOf(send(settings, asked, options).then((raw) => ({ ...raw, data: parse(raw) as T })));
  return {
    call,
    pages: <T>(asked: Asked, options: RequestOptions = {}) =>
      pagesOf<T>((query) => call<List<T>>({ ...asked, query }, options), asked.query ?? {}),
    download: (asked, options = {}) =>
      answerOf(send(settings, asked, options).then((raw) => ({ ...raw, data: fileOf(raw) }))),
  };
}

function answerOf<T>(raw: Promise<RawAnswer<T>>): Answer<T> {
  const data = raw.then((answer) => answer.data);
  return Object.assign(data, {
    withResponse() {
      data.catch(() => {}); // Whoever takes the raw answer gets its error there.
      return raw;
    },
  });
}

async function send(settings: ApiSettings, asked: Asked, options: RequestOptions): Promise<RawAnswer<Uint8Array>> {
  const mayHaveKey = asked.method === "POST" && !asked.open;
  const idempotencyKey = options.idempotencyKey ?? (mayHaveKey ? crypto.randomUUID() : undefined);
  const repeatable = asked.method !== "POST" || idempotencyKey !== undefined;
  const maxRetries = options.maxRetries ?? settings.maxRetries;
  for (let made = 1; ; made++) {
    const outcome = await attempt(settings, asked, options, idempotencyKey);
    if (!(outcome instanceof FeiqianError)) return outcome;
    const wait = made > maxRetries ? undefined : pauseBefore(outcome, { repeatable, made });
    if (wait === undefined) throw Object.assign(outcome, { idempotencyKey });
    await pause(wait, options.signal);
  }
}

/** Sends the request once. Gives the answer, or the error that it stands for; throws only when the caller gave up. */
async function attempt(
  settings: ApiSettings,
  asked: Asked,
  options: RequestOptions,
  idempotencyKey: string | undefined,
): Promise<RawAnswer<Uint8Array> | ApiError | ConnectionError> {
  const { url, init } = await requestOf(settings, asked, options, idempotencyKey);
  const limit = limitOf(options.timeoutMs ?? settings.timeoutMs, options.signal);
  try {
    const response = await settings.fetch(url, { ...init, signal: limit.signal, redirect: "manual" });
    const data = new Uint8Array(await response.arrayBuffer());
    const { status, headers } = response;
    if (!response.ok) return errorOf(status, headers, jsonOf(data));
    const replayed = headers.get("idempotent-replayed") === "true";
    return { data, status, headers, requestId: headers.get("request-id"), replayed };
  } catch (cause) {
    if (options.signal?.aborted) throw reasonOf(options.signal);
    if (limit.isOver()) return new TimeoutError("No answer came in time.", { cause });
    return new ConnectionError("The connection failed before an answer came.", { cause });
  } finally {
    limit.end();
  }
}

/** A signal that ends the attempt after its time, or with the caller's own. */
function limitOf(timeoutMs: number, signal: AbortSignal | undefined) {
  const controller = new AbortController();
  let over = false;
  const timer = setTimeout(() => {
    over = true;
    controller.abort();
  }, timeoutMs);
  const stop = () => controller.abort();
  if (signal?.aborted) stop();
  signal?.addEventListener("abort", stop, { once: true });
  return {
    signal: controller.signal,
    isOver: () => over,
    end: () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
    },
  };
}

/** What goes over the wire. */
export async function requestOf(
  settings: ApiSettings,
  asked: Asked,
  options: RequestOptions,
  idempotencyKey?: string,
): Promise<{ url: string; init: { method: string; headers: Record<string, string>; body?: string } }> {
  const url = urlOf(settings.baseUrl, asked);
  const apiKey = options.apiKey === undefined ? await keyOf(settings) : options.apiKey;
  const language = options.language ?? settings.language;
  const body = asked.body && JSON.stringify(asked.body);
  const headers: Record<string, string> = {
    accept: "application/json",
    ...(body !== undefined && { "content-type": "application/json" }),
    ...(apiKey && { authorization: `Bearer ${apiKey}` }),
    ...(idempotencyKey !== undefined && { "idempotency-key": idempotencyKey }),
    ...(language && { "accept-language": language }),
    ...(settings.version && { "feiqian-version": settings.version }),
    ...settings.headers,
    ...defined(asked.headers ?? {}),
    ...options.headers,
  };
  const request = { method: asked.method, url, headers, body };
  const signed = settings.signer ? await signRequest(request, settings.signer) : {};
  const init = { method: asked.method, headers: { ...headers, ...signed }, ...(body !== undefined && { body }) };
  return { url, init };
}

const keyOf = ({ apiKey }: ApiSettings) => (typeof apiKey === "function" ? apiKey() : apiKey);

const defined = (headers: Record<string, string | undefined>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));

function urlOf(baseUrl: string, { path, query = {} }: Asked): string {
  const words = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === null) continue;
    if (Array.isArray(value)) for (const one of value) words.append(`${name}[]`, String(one));
    else words.append(name, value instanceof Date ? value.toISOString() : String(value));
  }
  const search = words.size > 0 ? `?${words}` : "";
  return baseUrl.replace(/\/+$/, "") + path + search;
}

/** Reads JSON; nothing where there is none. */
function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

function parse({ data, status, headers }: RawAnswer<Uint8Array>): unknown {
  if (status === 204) return undefined;
  const value = jsonOf(data);
  if (value === undefined) throw errorOf(status, headers, undefined);
  return value;
}

function fileOf({ data, headers }: RawAnswer<Uint8Array>): Download {
  const named = /filename="([^"]*)"/.exec(headers.get("content-disposition") ?? "");
  return { bytes: data, contentType: headers.get("content-type") ?? "", fileName: named?.[1] ?? null };
}
