import { createHmac, type KeyObject } from "node:crypto";
import anyAscii from "any-ascii";
import { constantTimeEqual, digestKey } from "#kit/crypto.ts";
import {
  type AdditionalData,
  cityLength,
  type LocalNames,
  type MerchantPresented,
  nameLength,
  readMerchantPresented,
  withCrc,
  writeBody,
} from "./emvco/merchant-presented.ts";
import { Unreadable, writeObjects } from "./emvco/objects.ts";
import { codeErrors } from "./errors.ts";

/**
 * The codes that merchants show: merchant-presented EMVCo QR codes whose account information is ours, signed with a keyed digest, because
 * anybody can compute a CRC. The format is published in `docs/collect-codes.md` with vectors in `vectors-collect.json`.
 */
export const collectScheme = "cn.feiqian.pay";
const accountId = "26";
const sealId = "80";
/** 96 bits of HMAC-SHA-256 in base64url. */
const macLength = 16;
const labelLength = 20;

/** What a code of ours says. The rest of it (names, labels) is for the eyes and for other wallets. */
export interface CollectCode {
  /** `static`: for many payments, `reference` is a QR code (`qr_…`); `dynamic`: for one order, `reference` is the payment. */
  readonly type: "static" | "dynamic";
  readonly merchantId: string;
  readonly livemode: boolean;
  readonly reference: string;
  /** Minor units; null: the payer enters it. */
  readonly amount: number | null;
  readonly currency: string;
}

/** What else stands in a code, in any script. */
export interface CollectLabels {
  readonly merchant: { readonly name: string; readonly city: string; readonly country: string; readonly mcc: string };
  readonly store: string | null;
  readonly terminal: string | null;
  readonly orderNumber: string | null;
}

/** The key of the digests in this operator's collect codes. */
const collectKey = (): KeyObject => digestKey("collect_codes");

/** The text of the QR code. Throws RangeError for an amount that has no room in it ({@link amountFits}). */
export function writeCollectCode(code: CollectCode, labels: CollectLabels, key = collectKey()): string {
  return sealed(writeBody(asMerchantPresented(code, labels)), key);
}

/** Reads a scanned text. Throws `collect_code_invalid`, `collect_code_foreign`, `collect_code_tampered`. */
export function readCollectCode(text: string, key = collectKey()): CollectCode {
  if (text.includes(schemeObject)) {
    if (!isGenuine(text, key)) throw codeErrors.collect_code_tampered();
    return asCollectCode(readMerchantPresented(text));
  }
  const network = foreignNetwork(text);
  if (network) throw codeErrors.collect_code_foreign({ details: { network } });
  throw codeErrors.collect_code_invalid();
}

const schemeObject = writeObjects([["00", collectScheme]]);

/** HMAC-SHA-256 over all that stands before the seal, its first 16 characters in base64url. */
const macOf = (signed: string, key: KeyObject): string =>
  createHmac("sha256", key).update(signed).digest("base64url").slice(0, macLength);

const sealed = (signed: string, key: KeyObject): string =>
  withCrc(signed + writeObjects([[sealId, schemeObject + writeObjects([["01", macOf(signed, key)]])]]));

/** Heads of the template and of the digest in it, and the CRC object. */
const tailLength = 4 + schemeObject.length + 4 + macLength + 8;

/** Whether these are the very characters that we would write around what the text begins with. */
const isGenuine = (text: string, key: KeyObject): boolean =>
  constantTimeEqual(sealed(text.slice(0, -tailLength), key), text);

function asCollectCode(read: MerchantPresented): CollectCode {
  const account = read.accounts.get(accountId);
  const own = (id: string): string => (account instanceof Map ? (account.get(id) ?? "") : "");
  return {
    type: read.initiation ?? "static",
    merchantId: own("01"),
    reference: own("02"),
    livemode: own("03") === "live",
    amount: read.amount,
    currency: read.currency,
  };
}

function asMerchantPresented(code: CollectCode, { merchant, ...labels }: CollectLabels): MerchantPresented {
  const account = new Map([
    ["00", collectScheme],
    ["01", code.merchantId],
    ["02", code.reference],
    ["03", code.livemode ? "live" : "test"],
  ]);
  const { name, city } = merchant;
  return {
    initiation: code.type,
    accounts: new Map([[accountId, account]]),
    mcc: merchant.mcc,
    currency: code.currency,
    amount: code.amount,
    country: merchant.country,
    name: inLatin(name, nameLength) || "MERCHANT",
    city: inLatin(city, cityLength) || "CITY",
    additional: additionalOf(code, labels),
    local: localNames(name, city),
    unreserved: new Map(),
  };
}

/** Labels share 99 characters, so each is cut; an order number that is longer than the standard allows is left out. */
function additionalOf(code: CollectCode, labels: Omit<CollectLabels, "merchant">): AdditionalData {
  const { store, terminal, orderNumber } = labels;
  return {
    billNumber: orderNumber !== null && orderNumber.length <= 25 ? orderNumber : null,
    store: store === null ? null : inLatin(store, labelLength) || null,
    reference: code.reference.slice(-16),
    terminal: terminal === null ? null : inLatin(terminal, labelLength) || null,
  };
}

/** Printable ASCII for readers that know nothing else: each character by its commonest reading (`杭州`: `HangZhou`). */
const inLatin = (text: string, most: number): string =>
  anyAscii(text)
    .replace(/[^\x20-\x7e]/g, "")
    .slice(0, most)
    .trim();

/** Japanese before Chinese: it is written with both. */
const languages = [
  ["JA", /[\p{Script=Hiragana}\p{Script=Katakana}]/u],
  ["KO", /\p{Script=Hangul}/u],
  ["ZH", /\p{Script=Han}/u],
] as const;

/** The names as people write them, where that is not in Latin letters. */
function localNames(name: string, city: string): LocalNames | null {
  const language = languages.find(([, script]) => script.test(name + city))?.[0];
  if (language === undefined) return null;
  return { language, name: firstOf(name, nameLength), city: firstOf(city, cityLength) };
}

const firstOf = (text: string, most: number): string => [...text].slice(0, most).join("");

/** Whose code it is when it is not ours; nothing when it is no payment code at all. */
function foreignNetwork(text: string): string | undefined {
  const known = networks.find(([, shape]) => shape.test(text))?.[0];
  if (known !== undefined) return known;
  try {
    readMerchantPresented(text);
    return "emvco";
  } catch (error) {
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
}

/** Codes that are addresses and not EMVCo's. */
const networks = [
  ["alipay", /^https:\/\/qr\.alipay\.com\//i],
  ["wechatpay", /^(wxp|weixin):\/\//i],
  ["unionpay", /^https:\/\/qr\.95516\.com\//i],
] as const;
