import { createPrivateKey, type KeyObject } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import type { RequestSigner } from "@feiqian/sdk";
import { UsageError } from "./failures.ts";

/** What a merchant's key signs its requests with: an HMAC secret, or an Ed25519 private key, which stays in the user's own file. */
export type SigningKey =
  | { readonly key_id: string; readonly secret: string }
  | { readonly key_id: string; readonly key_file: string };

/** Puts a signing key together from what the user said. Throws when it can't be one; what is wrong is not shown, for it may be a secret. */
export function signingKeyOf(
  key_id: string,
  { secret, file }: { secret?: string | undefined; file?: string | undefined },
): SigningKey {
  if (!/^[\w-]+$/.test(key_id))
    throw new UsageError({
      en: "A signing key's id is what the platform named `keyid`: key_…",
      zh: "签名密钥的编号即平台返回的 `keyid`：key_…",
    });
  if (file) {
    readPrivateKey(resolve(file));
    return { key_id, key_file: resolve(file) };
  }
  if (!/^sgk_(test|live)_\w+$/.test(secret ?? ""))
    throw new UsageError({
      en: "A secret to sign with begins with sgk_test_ or sgk_live_.",
      zh: "签名密钥以 sgk_test_ 或 sgk_live_ 开头。",
    });
  return { key_id, secret: secret ?? "" };
}

/** The signing key of the environment: an id, and either a secret or a file. */
export function signingKeyFrom(env: NodeJS.ProcessEnv): SigningKey | undefined {
  const { FEIQIAN_SIGNING_KEY_ID: id, FEIQIAN_SIGNING_SECRET: secret, FEIQIAN_SIGNING_KEY_FILE: file } = env;
  if (!id && !secret && !file) return undefined;
  if (!id || Boolean(secret) === Boolean(file))
    throw new UsageError({
      en: "Set FEIQIAN_SIGNING_KEY_ID, and one of FEIQIAN_SIGNING_SECRET and FEIQIAN_SIGNING_KEY_FILE.",
      zh: "请设置 FEIQIAN_SIGNING_KEY_ID，并在 FEIQIAN_SIGNING_SECRET 与 FEIQIAN_SIGNING_KEY_FILE 中设置其一。",
    });
  return signingKeyOf(id, { secret, file });
}

/** As the SDK signs with it. */
export function signerOf(key: SigningKey): RequestSigner {
  if ("secret" in key) return { keyId: key.key_id, algorithm: "hmac-sha256", key: key.secret };
  const bytes = Uint8Array.from(readPrivateKey(key.key_file).export({ format: "der", type: "pkcs8" }));
  return { keyId: key.key_id, algorithm: "ed25519", key: bytes };
}

/** Reads an Ed25519 private key that is the user's alone. */
function readPrivateKey(path: string): KeyObject {
  const text = textOf(path);
  const key = privateKeyOf(text);
  if (key?.asymmetricKeyType !== "ed25519")
    throw new UsageError({
      en: `${path} is no Ed25519 private key in PEM (PKCS #8). \`openssl genpkey -algorithm ed25519\` makes one.`,
      zh: `${path} 不是 PEM（PKCS #8）格式的 Ed25519 私钥。可用 \`openssl genpkey -algorithm ed25519\` 生成。`,
    });
  return key;
}

function textOf(path: string): string {
  let mode: number;
  let text: string;
  try {
    mode = statSync(path).mode;
    text = readFileSync(path, "utf8");
  } catch (error) {
    const reason = error instanceof Error && "code" in error ? String(error.code) : "";
    throw new UsageError({ en: `${path} can't be read: ${reason}`, zh: `无法读取 ${path}：${reason}` });
  }
  // Windows keeps no such bits.
  if (process.platform !== "win32" && mode & 0o077)
    throw new UsageError({
      en: `Others can read the private key ${path}. Keep it to yourself: chmod 600 ${path}`,
      zh: `其他用户可以读取私钥 ${path}，请先运行 chmod 600 ${path}`,
    });
  return text;
}

function privateKeyOf(text: string): KeyObject | undefined {
  try {
    return createPrivateKey(text);
  } catch {
    return undefined;
  }
}
