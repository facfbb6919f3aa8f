import { createHash, createHmac, createSecretKey, type KeyObject, randomUUID, sign } from "node:crypto";
import { request } from "node:http";
import { now } from "#kit/clock.ts";

/** What a client signs with. */
export interface Signer {
  readonly keyid: string;
  readonly alg: string;
  /** A secret or a private key. */
  readonly key: KeyObject;
}

export interface Sendable {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The bytes that are sent instead. */
  readonly bytes?: Buffer;
}

/** What of a signature is not as usual. */
export interface Unusual {
  readonly created?: number;
  readonly nonce?: string;
  readonly tag?: string;
  readonly label?: string;
  /** The components, instead of all that should be covered. */
  readonly components?: readonly string[];
  /** The parameters after the components, instead of the usual ones. */
  readonly parameters?: string;
  readonly digest?: string;
  /** The host that is signed, instead of where the request goes. */
  readonly authority?: string;
}

export const digestOf = (body: string, algorithm: "sha-256" | "sha-512" = "sha-256"): string =>
  `${algorithm}=:${createHash(algorithm.replace("-", "")).update(body).digest("base64")}:`;

export const hmacSigner = (keyid: string, secret: string): Signer => ({
  keyid,
  alg: "hmac-sha256",
  key: createSecretKey(Buffer.from(secret)),
});

/** The request with its signature, as RFC 9421 says; written apart from the server's code. */
export function signed(base: string, asked: Sendable, signer: Signer, unusual: Unusual = {}): Sendable {
  const { created = Math.floor(now() / 1000), nonce = randomUUID(), tag = "feiqian-api", label = "sig1" } = unusual;
  const digest = unusual.digest ?? (asked.body === undefined ? undefined : digestOf(asked.body));
  const headers = { ...asked.headers, ...(digest !== undefined && { "content-digest": digest }) };
  const [path, query] = asked.path.split("?", 2) as [string, string?];
  const values: Record<string, string | undefined> = {
    "@method": asked.method,
    "@authority": unusual.authority ?? new URL(base).host,
    "@path": path,
    "@query": `?${query ?? ""}`,
    ...headers,
  };
  const usual = ["@method", "@authority", "@path", "@query", "content-type", "content-digest", "idempotency-key"];
  const covered = unusual.components ?? usual.filter((name) => values[name] !== undefined);
  const parameters =
    unusual.parameters ??
    `;created=${created};keyid="${signer.keyid}";alg="${signer.alg}";nonce="${nonce}";tag="${tag}"`;
  const input = `(${covered.map((name) => `"${name}"`).join(" ")})${parameters}`;
  const lines = covered.map((name) => `"${name}": ${values[name] ?? ""}`);
  const text = Buffer.from([...lines, `"@signature-params": ${input}`].join("\n"));
  const signature =
    signer.key.type === "secret"
      ? createHmac("sha256", signer.key).update(text).digest("base64")
      : sign(null, text, signer.key).toString("base64");
  return {
    ...asked,
    headers: { ...headers, "signature-input": `${label}=${input}`, signature: `${label}=:${signature}:` },
  };
}

export interface Sent {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: any;
}

/** Sends just these headers, a `Host` of one's own among them where it is given. */
export function send(base: string, { method, path, headers, body, bytes }: Sendable): Promise<Sent> {
  const { hostname, port } = new URL(base);
  return new Promise((resolve, reject) => {
    const content = bytes ?? (body === undefined ? undefined : Buffer.from(body));
    const length = content === undefined ? {} : { "content-length": String(content.length) };
    const asked = request({ hostname, port, method, path, headers: { ...headers, ...length }, agent: false });
    asked.on("error", reject);
    asked.on("response", (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (piece: string) => (text += piece));
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: text === "" ? undefined : JSON.parse(text),
        }),
      );
    });
    asked.end(content);
  });
}
