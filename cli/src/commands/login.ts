import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { createClient, PermissionError } from "@feiqian/sdk";
import type { Command } from "../command.ts";
import { UsageError } from "../failures.ts";
import {
  findCredentials,
  newWebhookSecret,
  type Profile,
  profilePath,
  removeProfile,
  saveProfile,
} from "../profile.ts";

export const login: Command = {
  name: "login",
  usage: "[--local] [options]",
  summary: { en: "remember a platform and a merchant's key", zh: "保存平台地址与商户密钥" },
  positionals: { min: 0, max: 0 },
  options: {
    local: {
      type: "boolean",
      help: {
        en: "take the demo merchant of a platform that `npm start` runs",
        zh: "使用 `npm start` 启动的平台中的演示商户",
      },
    },
    file: { type: "string", value: "PATH", help: { en: "its credentials.json", zh: "credentials.json 的路径" } },
    "base-url": { type: "string", value: "URL", help: { en: "the platform's address", zh: "平台地址" } },
  },
  async run({ flag, text, env, output, language }) {
    const profile =
      flag("local") || text("file") ? localProfile(text("file")) : await askedProfile(text("base-url"), language);
    await assertUsable(profile);
    const path = saveProfile(env, profile);
    output.object({ base_url: profile.base_url, profile: path }, [
      [{ en: "Platform", zh: "平台" }, profile.base_url],
      [{ en: "Saved in", zh: "保存于" }, path],
    ]);
  },
};

export const logout: Command = {
  name: "logout",
  usage: "",
  summary: { en: "forget them", zh: "清除登录信息" },
  positionals: { min: 0, max: 0 },
  options: {},
  async run({ env, output }) {
    removeProfile(env);
    const path = profilePath(env);
    output.object({ removed: path }, [[{ en: "Removed", zh: "已删除" }, path]]);
  },
};

function localProfile(file: string | undefined): Profile {
  const { path, credentials } = findCredentials(file);
  const { base_url, merchant, webhook_secret } = credentials;
  return { base_url, api_key: merchant.api_key, webhook_secret, credentials_file: path };
}

/** Asks at the terminal, or reads the lines that another program writes: address (unless it is an option), then key. */
async function askedProfile(baseUrl: string | undefined, language: "en" | "zh"): Promise<Profile> {
  const questions = {
    url: language === "zh" ? "平台地址：" : "Platform's address: ",
    key: language === "zh" ? "商户密钥（不显示）：" : "Merchant's key (not shown): ",
  };
  const lines = askLines();
  const base_url = baseUrl ?? (await lines.ask(questions.url, true));
  const api_key = await lines.ask(questions.key, false);
  lines.close();
  if (!URL.canParse(base_url) || !/^https?:$/.test(new URL(base_url).protocol))
    throw new UsageError({
      en: `"${base_url}" is no address: https://…`,
      zh: `“${base_url}”不是有效地址，应为 https://…`,
    });
  if (!/^sk_(test|live)_/.test(api_key))
    throw new UsageError({
      en: "A merchant's key begins with sk_test_ or sk_live_.",
      zh: "商户密钥以 sk_test_ 或 sk_live_ 开头。",
    });
  return { base_url: base_url.replace(/\/+$/, ""), api_key, webhook_secret: newWebhookSecret() };
}

function askLines() {
  const isTerminal = process.stdin.isTTY;
  let isHidden = false;
  // The line editor shows what is typed by writing to its output; a key must not be seen.
  const output = new Writable({
    write(chunk, _encoding, done) {
      if (!isHidden) process.stderr.write(chunk);
      done();
    },
  });
  const terminal = createInterface({ input: process.stdin, output, terminal: isTerminal });
  const lines = terminal[Symbol.asyncIterator]();
  return {
    async ask(question: string, isShown: boolean): Promise<string> {
      if (isTerminal) process.stderr.write(question);
      isHidden = !isShown;
      const { value, done } = await lines.next();
      if (isHidden && isTerminal) process.stderr.write("\n");
      isHidden = false;
      return done ? "" : value.trim();
    },
    close: () => terminal.close(),
  };
}

/** A key that the platform does not know is not worth keeping; one that may not list payments is. */
async function assertUsable({ base_url, api_key }: Profile): Promise<void> {
  try {
    await createClient({ baseUrl: base_url, apiKey: api_key, maxRetries: 1 }).payments.list({ limit: 1 });
  } catch (error) {
    if (!(error instanceof PermissionError)) throw error;
  }
}
