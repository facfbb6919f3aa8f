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
      typeof details.payment === "string" && `${language === "zh" ? "付款" : "payment"} ${details.payment}`,
      error.requestId && `${language === "zh" ? "请求" : "request"} ${error.requestId}`,
    ];
    return `${sign}${error.message}\n  ${facts.filter(Boolean).join(" · ")}`;
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
