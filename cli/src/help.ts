import type { Command, OptionTerms } from "./command.ts";
import { padded, widthOf } from "./width.ts";
import type { Language, Words } from "./words.ts";

/** Options that every command takes. */
export const commonOptions = {
  json: { type: "boolean", help: { en: "JSON for programs instead of tables", zh: "以 JSON 输出，供程序使用" } },
  lang: { type: "string", value: "zh|en", help: { en: "language", zh: "语言" } },
  help: { type: "boolean", help: { en: "this help", zh: "显示帮助" } },
} as const satisfies Record<string, OptionTerms>;

const exitLines: readonly (readonly [string, Words])[] = [
  ["0", { en: "done", zh: "完成" }],
  ["1", { en: "refused, or not possible now", zh: "被拒绝或当前无法完成" }],
  ["2", { en: "the command line was not understood", zh: "命令行有误" }],
  ["3", { en: "not logged in, or not allowed", zh: "未登录或无权限" }],
  [
    "4",
    {
      en: "the platform could not be reached or can't answer now; repeat it",
      zh: "无法连接平台或平台暂不可用，请重试",
    },
  ],
  ["130", { en: "interrupted", zh: "被中断" }],
];

const titles = {
  usage: { en: "Usage", zh: "用法" },
  commands: { en: "Commands", zh: "命令" },
  options: { en: "Options", zh: "选项" },
  environment: { en: "Environment", zh: "环境变量" },
  exits: { en: "Exit codes", zh: "退出码" },
} satisfies Record<string, Words>;

const environment: readonly (readonly [string, Words])[] = [
  ["FEIQIAN_BASE_URL", { en: "the platform's address, instead of the login's", zh: "平台地址，优先于登录信息" }],
  ["FEIQIAN_API_KEY", { en: "the merchant's key, instead of the login's", zh: "商户密钥，优先于登录信息" }],
  [
    "FEIQIAN_SIGNING_KEY_ID",
    {
      en: "the id of what that key signs its requests with, and one of the next two",
      zh: "该密钥的请求签名密钥编号，须与下面两项之一同时设置",
    },
  ],
  ["FEIQIAN_SIGNING_SECRET", { en: "the secret to sign with, sgk_… (HMAC)", zh: "签名密钥 sgk_…（HMAC）" }],
  ["FEIQIAN_SIGNING_KEY_FILE", { en: "the file of an Ed25519 private key", zh: "Ed25519 私钥文件" }],
  ["FEIQIAN_CONFIG_HOME", { en: "folder of the login", zh: "登录信息所在目录" }],
];

/** What `feiqian --help` says. */
export function generalHelp(commands: readonly Command[], language: Language): string {
  const lines = commands.map(({ name, summary }) => [name, summary] as const);
  return [
    `${titles.usage[language]}: feiqian COMMAND [--help]`,
    section(titles.commands, lines, language),
    section(titles.options, optionLines(commonOptions), language),
    section(titles.environment, environment, language),
    section(titles.exits, exitLines, language),
  ].join("\n\n");
}

/** What `feiqian COMMAND --help` says. */
export function commandHelp({ name, usage, summary, options }: Command, language: Language): string {
  return [
    `${titles.usage[language]}: feiqian ${name} ${usage}`.trimEnd(),
    summary[language],
    section(titles.options, optionLines({ ...options, ...commonOptions }), language),
  ].join("\n\n");
}

const optionLines = (options: Readonly<Record<string, OptionTerms>>) =>
  Object.entries(options).map(([name, { value, help }]) => [`--${name}${value ? ` ${value}` : ""}`, help] as const);

function section(title: Words, lines: readonly (readonly [string, Words])[], language: Language): string {
  const width = Math.max(...lines.map(([name]) => widthOf(name)));
  return [
    `${title[language]}:`,
    ...lines.map(([name, words]) => `  ${padded(name, width, "left")}  ${words[language]}`),
  ].join("\n");
}
