import { argon2, randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { constantTimeEqual, seal, unseal } from "#kit/crypto.ts";
import { kitErrors } from "#kit/kit-errors.ts";

const derive = promisify(argon2);

/**
 * Parameters of argon2id; memory in KiB. Of a password OWASP's: 19 MiB, two passes, about 40 ms of one core. Of a PIN far less, about 2 ms: there are a
 * million PINs, so no hash makes one hard to find; that it is sealed does (docs/adr/0030).
 */
const parameters = {
  password: { memory: 19_456, passes: 2, parallelism: 1 },
  pin: { memory: 2_048, passes: 1, parallelism: 1 },
} as const;
const saltBytes = 16;
const tagBytes = 32;

/**
 * Bounds how many hashes are made at once: each takes a thread of Node's four, 19 MiB and a core. Who finds too long
 * a queue is told to come back, so that a storm of sign-ins can't eat the process.
 */
class Turnstile {
  readonly #waiting: (() => void)[] = [];
  #free: number;
  readonly #longest: number;

  constructor(atOnce: number, longest: number) {
    this.#free = atOnce;
    this.#longest = longest;
  }

  async pass<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else if (this.#waiting.length >= this.#longest) throw kitErrors.overloaded({ retryAfter: 2 });
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free++;
    }
  }
}

/** Passwords and PINs pass different gates: payments don't wait behind sign-ins. Together they leave one of Node's threads free. */
const turnstiles = { password: new Turnstile(2, 100), pin: new Turnstile(1, 100) } as const;

export type SecretKind = keyof typeof turnstiles;

let made = 0;

/** How many hashes this process has computed: the work that an answer took. */
export const hashesMade = (): number => made;

/**
 * Hashes a password or PIN and seals the result, so that a stolen dump can't even be guessed at: six digits would
 * fall to any hash. Throws `overloaded` when too many wait. The PHC string inside carries its parameters.
 */
export async function sealSecret(kind: SecretKind, plain: string, context: string): Promise<string> {
  const salt = randomBytes(saltBytes);
  const tag = await turnstiles[kind].pass(() => hash(plain, salt, parameters[kind], tagBytes));
  return seal(phcOf(kind, salt, tag), context);
}

/** What nobody's password matches, sealed as one that somebody has: comparing with it takes as long. */
export const sealedNothing = (context: string): string =>
  seal(phcOf("password", randomBytes(saltBytes), randomBytes(tagBytes)), context);

function phcOf(kind: SecretKind, salt: Buffer, tag: Buffer): string {
  const { memory, passes, parallelism } = parameters[kind];
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${base64(salt)}$${base64(tag)}`;
}

export interface Verdict {
  right: boolean;
  /** The hash was made with other parameters than today's: the one who knows the plain secret should seal it again. */
  outdated: boolean;
}

/** Compares a password or PIN with what {@link sealSecret} made. Throws `overloaded` when too many wait. */
export async function checkSecret(kind: SecretKind, plain: string, sealed: string, context: string): Promise<Verdict> {
  const { salt, tag, ...made } = parsePhc(unseal(sealed, context).toString("utf8"));
  const found = await turnstiles[kind].pass(() => hash(plain, salt, made, tag.length));
  const outdated =
    made.memory !== parameters[kind].memory ||
    made.passes !== parameters[kind].passes ||
    made.parallelism !== parameters[kind].parallelism ||
    tag.length !== tagBytes;
  return { right: constantTimeEqual(found, tag), outdated };
}

interface Costs {
  memory: number;
  passes: number;
  parallelism: number;
}

/** NFKC, as NIST SP 800-63B asks: the same password typed on another keyboard is the same bytes. */
function hash(plain: string, nonce: Buffer, costs: Costs, tagLength: number): Promise<Buffer> {
  made++;
  return derive("argon2id", { message: plain.normalize("NFKC"), nonce, tagLength, ...costs });
}

/** Reads a PHC string (github.com/P-H-C/phc-string-format) of argon2id, version 1.3. */
function parsePhc(text: string): Costs & { salt: Buffer; tag: Buffer } {
  const match = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(text);
  if (!match) throw new Error("a stored hash is not a PHC string of argon2id");
  const [, memory, passes, parallelism, salt, tag] = match as unknown as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  return {
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
    salt: Buffer.from(salt, "base64"),
    tag: Buffer.from(tag, "base64"),
  };
}

const base64 = (bytes: Buffer): string => bytes.toString("base64").replace(/=+$/, "");
