import {
  ApiError,
  AuthenticationError,
  ConnectionError,
  PermissionError,
  PlatformError,
  RateLimitError,
} from "@feiqian/sdk";
import type { Language, Words } from "./words.ts";

/** How the program ends; `feiqian --help` lists the same. */
export const exitCodes = {
  done: 0,
  refused: 1,
  usage: 2,
  notAllowed: 3,
  platform: 4,
  interrupted: 130,
} as const;

/** The command line was not understood, or something on this machine is missing. */
export class UsageError extends Error {
  override name = "UsageError";
  readonly words: Words;
  readonly exitCode: number;
  constructor(words: Words, exitCode: number = exitCodes.usage) {
    super(words.en);
    this.words = words;
    this.exitCode = exitCode;
  }
}

/** What the platform was asked for did not happen. */
export class NotDone extends UsageError {
  override name = "NotDone";
  constructor(words: Words) {
    super(words, exitCodes.refused);
  }
}

export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return error.exitCode;
  if (error instanceof AuthenticationError || error instanceof PermissionError) return exitCodes.notAllowed;
  if (error instanceof ConnectionError || error instanceof PlatformError || error instanceof RateLimitError)
    return exitCodes.platform;
  return exitCodes.refused;
}

const signatureHint: Words = {
  en: `No signing key is set for it. Log in with it: feiqian login --signing-key-id key_… asks for the secret, sgk_…;
with --signing-key-file PATH it takes an Ed25519 private key. Or set FEIQIAN_SIGNING_KEY_ID; see feiqian --help.`,
  zh: `尚未设置签名密钥。请重新登录：feiqian login --signing-key-id key_… 会询问签名密钥 sgk_…；
加上 --signing-key-file PATH 则使用 Ed25519 私钥。也可设置 FEIQIAN_SIGNING_KEY_ID，请见 feiqian --help。`,
};

/** An error for people: what happened, and what to look up. */
export function failureText(error: unknown, language: Language): string {
  const sign = language === "zh" ? "错误：" : "Error: ";
  if (error instanceof UsageError) return sign + error.words[language];
  if (error instanceof ApiError) {
    const { details } = error;
    const facts = [
      error.code,
      error.param && `${language === "zh" ? "参数" : "field"} ${error.param}`,
      typeof details.reason === "string" && details.reason,
      typeof details.parameter === "string" && `${language === "zh" ? "签名参数" : "signature's"} ${details.parameter}`,
      typeof details.payment === "string" && `${language === "zh" ? "付款" : "payment"} ${details.payment}`,
      error.requestId && `${language === "zh" ? "请求" : "request"} ${error.requestId}`,
    ];
    const hint = error.code === "signature_missing" ? `\n${signatureHint[language]}` : "";
    return `${sign}${error.message}\n  ${facts.filter(Boolean).join(" · ")}${hint}`;
  }
  if (error instanceof ConnectionError) {
    const why = error.cause instanceof Error ? causeOf(error.cause) : "";
    const words = language === "zh" ? "无法连接平台。" : "The platform could not be reached.";
    return `${sign}${words}${why && `\n  ${why}`}`;
  }
  return sign + (error instanceof Error ? error.message : String(error));
}

/** `fetch` hides the reason one level down. */
const causeOf = (error: Error): string => (error.cause instanceof Error ? error.cause.message : error.message);

/** An error for programs. */
export function failureJson(error: unknown): object {
  if (error instanceof ApiError) {
    const { type, code, message, param, details, requestId, status } = error;
    return { error: { type, code, message, param, details, request_id: requestId, status } };
  }
  const type = error instanceof UsageError ? "usage" : error instanceof ConnectionError ? "connection" : "failure";
  return { error: { type, message: error instanceof Error ? error.message : String(error) } };
}
