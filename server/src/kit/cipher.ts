import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from "node:crypto";

/** AES-256-GCM with a random nonce: base64url of nonce, ciphertext and tag. What a value belongs to is authenticated with it. */
const nonceBytes = 12;
const tagBytes = 16;

/** Sealed under a key that is not here, changed, or belonging elsewhere. Says nothing about the content. */
export class UnsealError extends Error {
  override name = "UnsealError";
}

export function encrypt(key: KeyObject, plain: string | Buffer, context: string): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(context));
  const text = typeof plain === "string" ? cipher.update(plain, "utf8") : cipher.update(plain);
  return Buffer.concat([nonce, text, cipher.final(), cipher.getAuthTag()]).toString("base64url");
}

/** Throws {@link UnsealError}. */
export function decrypt(key: KeyObject, box: string, context: string): Buffer {
  const bytes = Buffer.from(box, "base64url");
  // One spelling only: decoding skips foreign characters, and leftover bits of the last one are ignored.
  if (bytes.length < nonceBytes + tagBytes || bytes.toString("base64url") !== box)
    throw new UnsealError("this was not sealed here");
  const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes })
    .setAAD(Buffer.from(context))
    .setAuthTag(bytes.subarray(-tagBytes));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(nonceBytes, -tagBytes)), decipher.final()]);
  } catch (error) {
    throw new UnsealError("this was changed, or belongs elsewhere", { cause: error });
  }
}
