import { hash } from "node:crypto";
import { open } from "#kit/access.ts";
import { sendPage } from "#kit/answer-headers.ts";
import { allErrors, type Language } from "#kit/errors.ts";
import { type Http, languageOf } from "#kit/http.ts";
import { documentationPath } from "./reader-page.ts";

const texts = {
  en: {
    title: "Errors",
    intro: "Every error the API answers. Act on the code; the message is for people.",
    field: "Field",
  },
  "zh-CN": { title: "错误码", intro: "API 的全部错误。程序请依据错误码处理，文字说明供人阅读。", field: "参数" },
} satisfies Record<Language, Record<string, string>>;

const style = `
:root { color-scheme: light dark; --bg: #f6f5f1; --text: #171d1b; --soft: #4a5451; --line: #dddcd4; --link: #0b6157 }
@media (prefers-color-scheme: dark) { :root { --bg: #0f1413; --text: #edf1ef; --soft: #b4bfbb; --line: #2c3633; --link: #6fcdbe } }
body { margin: 40px auto; max-width: 72ch; padding: 0 16px; background: var(--bg); color: var(--text); font: 16px/24px system-ui, "PingFang SC", "Microsoft YaHei", sans-serif }
section { border-top: 1px solid var(--line); padding: 12px 0 } section:target { border-left: 4px solid var(--link); padding-left: 12px }
h1 { font-size: 22px } h2 { font: 600 16px/24px ui-monospace, Menlo, Consolas, monospace; margin: 0 } h2 a { color: var(--link); text-decoration: none }
p { margin: 4px 0 } .soft { color: var(--soft) } code { font-family: ui-monospace, Menlo, Consolas, monospace }`;

/** The page's one style is known by its digest; nothing else is applied. */
const styleSource = `'sha256-${hash("sha256", style, "base64")}'`;

/** The page that every error's `doc_url` points into. */
export function errorPage(app: Http): void {
  app.get(`${documentationPath}/errors`, { config: open(), schema: { hide: true } }, (request, reply) => {
    const language = languageOf(request);
    reply.header("content-language", language);
    return sendPage(reply, page(language), { "style-src": styleSource });
  });
}

function page(language: Language): string {
  const text = texts[language];
  const sections = allErrors().map(([code, { status, type, en, zh, advice, param }]) => {
    const field = param ? `<p class="soft">${text.field}: <code>${escape(param)}</code></p>` : "";
    return `<section id="${code}"><h2><a href="#${code}">${code}</a></h2><p class="soft">${status} · ${type}</p>
<p>${escape(language === "zh-CN" ? zh : en)}</p><p>${withCode(escape(advice))}</p>${field}</section>`;
  });
  return `<!doctype html><html lang="${language}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Feiqian · ${text.title}</title><style>${style}</style><h1>${text.title}</h1><p>${text.intro}</p>${sections.join("\n")}</html>`;
}

const escape = (text: string): string =>
  text.replace(/[&<>"]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[sign] as string);

const withCode = (text: string): string => text.replace(/`([^`]+)`/g, "<code>$1</code>");
