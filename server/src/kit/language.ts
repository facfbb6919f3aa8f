import type { IncomingHttpHeaders } from "node:http";
import type { Language } from "./errors.ts";

/** The language in which somebody wants to be answered. */
export function languageOf({ headers }: { readonly headers: IncomingHttpHeaders }): Language {
  return /^\s*zh/i.test(headers["accept-language"] ?? "") ? "zh-CN" : "en";
}
