import { createHash, createSign, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { isoCBOR } from "@simplewebauthn/server/helpers";
import { Secret, TOTP } from "otpauth";
import { now } from "#kit/clock.ts";

/** What an authenticator app shows so many steps from now. */
export const appCode = (secret: string, steps = 0): string =>
  TOTP.generate({ secret: Secret.fromBase32(secret), timestamp: now() + steps * 30_000 });

/** What of a ceremony an attacker changes. */
export interface Twist {
  origin?: string;
  /** The domain that the authenticator was asked for. */
  domain?: string;
  type?: string;
  crossOrigin?: boolean;
  /** Flags of the authenticator data; present and verified unless given. */
  flags?: number;
  challenge?: string;
  userHandle?: string;
  /** How many signatures the authenticator says it has made. */
  counter?: number;
}

const present = 0x01;
const verified = 0x04;
export const presentAlone = present;
const hasCredential = 0x40;
const sha256 = (data: string | Buffer): Buffer => createHash("sha256").update(data).digest();
const base64url = (data: string | Uint8Array): string => Buffer.from(data as Uint8Array).toString("base64url");

interface Ceremony {
  challenge: string;
  rp?: { id: string };
  rpId?: string;
  user?: { id: string };
}

/** An authenticator in software, with one key: what a phone does when a page asks for a passkey. Its counter rises unless `counts` is false. */
export function anAuthenticator(origin: string, { algorithm = -7, counts = true } = {}) {
  const { publicKey, privateKey } =
    algorithm === -8 ? generateKeyPairSync("ed25519") : generateKeyPairSync("ec", { namedCurve: "P-256" });
  const id = randomBytes(32);
  let userHandle = "";
  let counter = 0;

  const clientData = (type: string, { challenge }: Ceremony, twist: Twist): Buffer =>
    Buffer.from(
      JSON.stringify({
        type: twist.type ?? type,
        challenge: twist.challenge ?? challenge,
        origin: twist.origin ?? origin,
        crossOrigin: twist.crossOrigin ?? false,
      }),
    );
  const authenticatorData = (domain: string, extra: Buffer, flags: number, twist: Twist): Buffer => {
    if (counts) counter++;
    const count = Buffer.alloc(4);
    count.writeUInt32BE(twist.counter ?? counter);
    return Buffer.concat([sha256(twist.domain ?? domain), Buffer.from([twist.flags ?? flags]), count, extra]);
  };

  return {
    id: base64url(id),
    /** `navigator.credentials.create`. */
    create(options: Ceremony, twist: Twist = {}) {
      userHandle = options.user?.id ?? "";
      const length = Buffer.alloc(2);
      length.writeUInt16BE(id.length);
      const extra = Buffer.concat([Buffer.alloc(16), length, id, coseKey(publicKey, algorithm)]);
      const authData = authenticatorData(options.rp?.id ?? "", extra, present | verified | hasCredential, twist);
      const attestation = new Map<string, unknown>([
        ["fmt", "none"],
        ["attStmt", new Map()],
        ["authData", new Uint8Array(authData)],
      ]);
      return {
        id: base64url(id),
        rawId: base64url(id),
        type: "public-key",
        clientExtensionResults: {},
        authenticatorAttachment: "platform",
        response: {
          clientDataJSON: base64url(clientData("webauthn.create", options, twist)),
          attestationObject: base64url(isoCBOR.encode(attestation as never)),
          transports: ["internal"],
        },
      };
    },
    /** `navigator.credentials.get`. */
    get(options: Ceremony, twist: Twist = {}) {
      const client = clientData("webauthn.get", options, twist);
      const authData = authenticatorData(options.rpId ?? "", Buffer.alloc(0), present | verified, twist);
      return {
        id: base64url(id),
        rawId: base64url(id),
        type: "public-key",
        clientExtensionResults: {},
        response: {
          clientDataJSON: base64url(client),
          authenticatorData: base64url(authData),
          signature: base64url(signed(privateKey, algorithm, Buffer.concat([authData, sha256(client)]))),
          ...((twist.userHandle ?? userHandle) && { userHandle: twist.userHandle ?? userHandle }),
        },
      };
    },
  };
}

const signed = (key: KeyObject, algorithm: number, data: Buffer): Buffer =>
  algorithm === -8 ? sign(null, data, key) : createSign("sha256").update(data).sign(key);

/** RFC 9053: OKP (1) with Ed25519 (6), or EC2 (2) with P-256 (1). */
function coseKey(key: KeyObject, algorithm: number): Buffer {
  const { x = "", y = "" } = key.export({ format: "jwk" });
  const bytes = (text: string) => new Uint8Array(Buffer.from(text, "base64url"));
  const isEd = algorithm === -8;
  const entries: [number, number | Uint8Array][] = [
    [1, isEd ? 1 : 2],
    [3, algorithm],
    [-1, isEd ? 6 : 1],
    [-2, bytes(x)],
  ];
  if (!isEd) entries.push([-3, bytes(y)]);
  return Buffer.from(isoCBOR.encode(new Map(entries) as never));
}
