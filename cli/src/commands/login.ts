import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { createClient, PermissionError } from "@feiqian/sdk";
import type { Command, Context } from "../command.ts";
import { UsageError } from "../failures.ts";
import {
  findCredentials,
  newWebhookSecret,
  type Profile,
  profilePath,
  removeProfile,
  saveProfile,
} from "../profile.ts";
import { signerOf, signingKeyOf } from "../signing-key.ts";

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
    "signing-key-id": {
      type: "string",
      value: "ID",
      help: {
        en: "for a key that requires signatures: the `keyid` it was made with; its secret, sgk_…, is asked for",
        zh: "密钥要求请求签名时：创建密钥时返回的 `keyid`，并会询问签名密钥 sgk_…",
      },
    },
    "signing-key-file": {
      type: "string",
      value: "PATH",
      help: {
        en: "instead of a secret, its Ed25519 private key (PEM); the file stays where it is",
        zh: "以 Ed25519 私钥文件（PEM）代替签名密钥；仅保存文件路径",
      },
    },
  },
  async run(context) {
    const { env, output } = context;
    const profile = isLocal(context) ? localProfile(context.text("file")) : await askedProfile(context);
    await assertUsable(profile);
    const path = saveProfile(env, profile);
    const { base_url, signing_key } = profile;
    output.object({ base_url, ...(signing_key && { signing_key_id: signing_key.key_id }), profile: path }, [
      [{ en: "Platform", zh: "平台" }, base_url],
      [{ en: "Signs with", zh: "签名密钥" }, signing_key?.key_id],
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

function isLocal({ flag, text }: Context): boolean {
  const local = flag("local") || text("file") !== undefined;
  const [id, file] = [text("signing-key-id"), text("signing-key-file")];
  if (local && (id ?? file) !== undefined)
    throw new UsageError({
      en: "The demo merchant's key needs no signing key: leave --local and --file out.",
      zh: "演示商户的密钥不需要签名密钥，请去掉 --local 和 --file。",
    });
  if (file !== undefined && id === undefined)
    throw new UsageError({
      en: "--signing-key-file needs --signing-key-id.",
      zh: "--signing-key-file 须与 --signing-key-id 同时使用。",
    });
  return local;
}

function localProfile(file: string | undefined): Profile {
  const { path, credentials } = findCredentials(file);
  const { base_url, merchant, webhook_secret } = credentials;
  return { base_url, api_key: merchant.api_key, webhook_secret, credentials_file: path };
}

/** Asks at the terminal, or reads the lines that another program writes: address (unless it is an option), key, and the secret to sign with. */
async function askedProfile({ text, language }: Context): Promise<Profile> {
  const questions = {
    url: language === "zh" ? "平台地址：" : "Platform's address: ",
    key: language === "zh" ? "商户密钥（不显示）：" : "Merchant's key (not shown): ",
    secret: language === "zh" ? "签名密钥 sgk_…（不显示）：" : "Secret to sign with, sgk_… (not shown): ",
  };
  const lines = askLines();
  const base_url = text("base-url") ?? (await lines.ask(questions.url, true));
  const api_key = await lines.ask(questions.key, false);
  const [keyId, file] = [text("signing-key-id"), text("signing-key-file")];
  const secret = keyId !== undefined && file === undefined ? await lines.ask(questions.secret, false) : undefined;
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
  return {
    base_url: base_url.replace(/\/+$/, ""),
    api_key,
    ...(keyId !== undefined && { signing_key: signingKeyOf(keyId, { secret, file }) }),
    webhook_secret: newWebhookSecret(),
  };
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
async function assertUsable({ base_url, api_key, signing_key }: Profile): Promise<void> {
  const signing = signing_key && { signing: signerOf(signing_key) };
  try {
    await createClient({ baseUrl: base_url, apiKey: api_key, maxRetries: 1, ...signing }).payments.list({ limit: 1 });
  } catch (error) {
    if (!(error instanceof PermissionError)) throw error;
  }
}
