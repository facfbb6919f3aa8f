import { createHmac, createSecretKey, type KeyObject } from "node:crypto";
import { now } from "@feiqian/server/kit/clock.ts";

/** A customer's phone as it left its enrolment: it shows codes without any network. */
export interface Phone {
  readonly alias: number;
  /** 256 bits. */
  readonly key: Uint8Array;
}

const stepMs = 30_000;
const codesPerStep = 3;

/**
 * Many phones that show codes in turn, each code once. An implementation of `docs/payment-codes.md` of its own, so that
 * a mistake in the server's is not repeated by those who test it.
 */
export class Phones {
  readonly #prefix: string;
  readonly #phones: readonly { alias: string; key: KeyObject }[];
  #shown = 0;
  #step = 0;
  #shownBeforeStep = 0;

  constructor(issuerPrefix: string, phones: readonly Phone[]) {
    this.#prefix = issuerPrefix;
    this.#phones = phones.map(({ alias, key }) => ({
      alias: String(alias).padStart(9, "0"),
      key: createSecretKey(key),
    }));
  }

  /** How many codes are left before the next step begins. */
  get left(): number {
    this.#keepStep();
    return this.#shownBeforeStep + codesPerStep * this.#phones.length - this.#shown;
  }

  /** Milliseconds until the next step brings new codes. */
  get nextStepInMs(): number {
    return stepMs - (now() % stepMs);
  }

  /** A code that was not shown before; it is accepted for 30 seconds at least. Nothing when all of this step were shown. */
  show(): string | undefined {
    if (this.left === 0) return undefined;
    const phone = this.#phones[this.#shown % this.#phones.length];
    const n = Math.floor((this.#shown - this.#shownBeforeStep) / this.#phones.length);
    this.#shown++;
    return phone && `${this.#prefix}${phone.alias}${digitsOf(phone.key, this.#step, n)}`;
  }

  #keepStep(): void {
    const step = Math.floor(now() / stepMs);
    if (step === this.#step) return;
    this.#step = step;
    this.#shownBeforeStep = this.#shown;
  }
}

/** HMAC-SHA-256 over the step (8 bytes) and n (1 byte), truncated as RFC 4226 does, to seven digits. */
export function digitsOf(key: KeyObject, step: number, n: number): string {
  const message = Buffer.alloc(9);
  message.writeBigUInt64BE(BigInt(step));
  message[8] = n;
  const mac = createHmac("sha256", key).update(message).digest();
  const offset = (mac.at(-1) as number) & 0xf;
  return String((mac.readUInt32BE(offset) & 0x7fff_ffff) % 10_000_000).padStart(7, "0");
}
