import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { exitCodes, UsageError } from "./failures.ts";
import { type SigningKey, signingKeyFrom } from "./signing-key.ts";

/** What `feiqian login` leaves behind: where the platform is, and in whose name we speak. Mode 0600. */
export interface Profile {
  readonly base_url: string;
  readonly api_key: string;
  /** For a key that takes signed requests only. */
  readonly signing_key?: SigningKey;
  /** Signs what `listen` forwards. */
  readonly webhook_secret: string;
  /** The logins of a local start, for what needs a customer. */
  readonly credentials_file?: string;
}

/** The logins that `npm start` leaves, as far as they are used here. */
export interface LocalCredentials {
  readonly base_url: string;
  readonly merchant: { readonly api_key: string };
  readonly users: readonly { readonly phone: string; readonly password: string; readonly payment_pin: string }[];
  readonly webhook_secret: string;
}

export const newWebhookSecret = (): string => `whsec_${randomBytes(32).toString("base64")}`;

/** The user's own folder for configuration. */
export function profilePath({ FEIQIAN_CONFIG_HOME, XDG_CONFIG_HOME, APPDATA }: NodeJS.ProcessEnv): string {
  const folder = FEIQIAN_CONFIG_HOME || join(XDG_CONFIG_HOME || APPDATA || join(homedir(), ".config"), "feiqian");
  return join(folder, "profile.json");
}

/** Writes the profile whole, for the user's eyes only. */
export function saveProfile(env: NodeJS.ProcessEnv, profile: Profile): string {
  const path = profilePath(env);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const unfinished = `${path}.${process.pid}`;
  rmSync(unfinished, { force: true });
  writeFileSync(unfinished, `${JSON.stringify(profile, null, 2)}\n`, { mode: 0o600, flag: "wx" });
  chmodSync(unfinished, 0o600);
  renameSync(unfinished, path);
  return path;
}

/** Forgets the login; gives whether there was one. */
export function removeProfile(env: NodeJS.ProcessEnv): void {
  rmSync(profilePath(env), { force: true });
}

/**
 * The profile, with what the environment says instead: `FEIQIAN_BASE_URL`, `FEIQIAN_API_KEY`, `FEIQIAN_SIGNING_…`. Throws when nobody is
 * logged in.
 */
export function readProfile(env: NodeJS.ProcessEnv): Profile {
  const saved = readJson<Profile>(profilePath(env));
  const { FEIQIAN_BASE_URL, FEIQIAN_API_KEY } = env;
  const base_url = FEIQIAN_BASE_URL || saved?.base_url;
  const api_key = FEIQIAN_API_KEY || saved?.api_key;
  if (!base_url || !api_key) {
    const words = {
      en: "Not logged in. Run `feiqian login`, or `feiqian login --local` beside a platform that `npm start` runs.",
      zh: "尚未登录。请运行 `feiqian login`；若平台由 `npm start` 启动，可在其目录运行 `feiqian login --local`。",
    };
    throw new UsageError(words, exitCodes.notAllowed);
  }
  // The logins beside a profile belong to its platform.
  const isSavedPlace = base_url === saved?.base_url;
  // A signing key belongs to its merchant's key.
  const signing_key = signingKeyFrom(env) ?? (api_key === saved?.api_key ? saved.signing_key : undefined);
  return {
    base_url,
    api_key,
    ...(signing_key && { signing_key }),
    webhook_secret: saved?.webhook_secret ?? newWebhookSecret(),
    ...(isSavedPlace && saved.credentials_file && { credentials_file: saved.credentials_file }),
  };
}

/** Reads `.feiqian/credentials.json` of this folder or of one above it. */
export function findCredentials(asked: string | undefined): { path: string; credentials: LocalCredentials } {
  const tried: string[] = [];
  for (let folder = process.cwd(); ; folder = dirname(folder)) {
    const path = asked ? resolve(asked) : join(folder, ".feiqian", "credentials.json");
    const credentials = readJson<LocalCredentials>(path);
    if (credentials) return { path, credentials };
    tried.push(path);
    if (asked || folder === dirname(folder)) break;
  }
  throw new UsageError({
    en: `There is no ${tried[0]} (nor above it). Start a platform with \`npm start\`, or name its file: --file PATH.`,
    zh: `没有找到 ${tried[0]}（上级目录中也没有）。请先用 \`npm start\` 启动平台，或用 --file PATH 指定文件。`,
  });
}

export const readCredentials = (path: string): LocalCredentials => findCredentials(path).credentials;

function readJson<T>(path: string): T | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as T; // Written by this program, or by the platform's start.
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    // What JSON.parse says quotes the text, and so the secrets in it.
    if (error instanceof SyntaxError)
      throw new UsageError({ en: `${path} is no JSON.`, zh: `${path} 不是有效的 JSON。` });
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError({ en: `${path} can't be read: ${reason}`, zh: `无法读取 ${path}：${reason}` });
  }
}
