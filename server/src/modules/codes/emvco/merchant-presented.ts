import { currencyOfNumber, exponentOf, formatAmount, numberOf } from "#kit/money.ts";
import { crc16 } from "./crc16.ts";
import { type Objects, readObjects, Unreadable, writeObjects } from "./objects.ts";

/**
 * A merchant-presented EMVCo QR code (EMV QRCPS, merchant-presented mode 1.1), as far as this platform writes and reads it. Objects that
 * have no place here (tips, postal code, what is reserved) are read over.
 */
export interface MerchantPresented {
  /** `static`: for many payments; `dynamic`: for one; null: the code does not say. */
  readonly initiation: "static" | "dynamic" | null;
  /** Merchant account information by id: 02 to 25 as networks define them, 26 to 51 templates whose 00 names the scheme. */
  readonly accounts: ReadonlyMap<string, string | Objects>;
  readonly mcc: string;
  /** ISO 4217 alphabetic code. */
  readonly currency: string;
  /** Minor units; null: the payer enters it. */
  readonly amount: number | null;
  readonly country: string;
  /** Printable ASCII, at most 25 characters; the name as people write it stands in `local`. */
  readonly name: string;
  /** Printable ASCII, at most 15 characters. */
  readonly city: string;
  readonly additional: AdditionalData | null;
  readonly local: LocalNames | null;
  /** Templates of whoever likes, 80 to 99, whose 00 names their owner. */
  readonly unreserved: ReadonlyMap<string, Objects>;
}

/** What shop and payer know the payment by; printable ASCII, at most 25 characters each and 99 together with their heads. */
export interface AdditionalData {
  readonly billNumber: string | null;
  readonly store: string | null;
  readonly reference: string | null;
  readonly terminal: string | null;
}

export interface LocalNames {
  /** ISO 639 code of two letters in upper case. */
  readonly language: string;
  /** At most 25 characters of any script. */
  readonly name: string;
  /** At most 15 characters. */
  readonly city: string | null;
}

export const nameLength = 25;
export const cityLength = 15;

/** An amount's text has at most 13 characters: CNY up to 9,999,999,999.99. */
export const amountFits = (amount: number, currency: string): boolean => formatAmount(amount, currency).length <= 13;

/** Everything but the CRC, and before it the unreserved templates: the text that a signature in one of those can cover. */
export function writeBody(code: MerchantPresented): string {
  const { initiation, additional, local, amount, currency } = code;
  return writeObjects([
    ["00", "01"],
    ["01", initiation && { static: "11", dynamic: "12" }[initiation]],
    ...[...code.accounts].map(([id, value]) => [id, typeof value === "string" ? value : writeObjects(value)] as const),
    ["52", code.mcc],
    ["53", numberOf(currency)],
    ["54", amount === null ? null : amountText(amount, currency)],
    ["58", code.country],
    ["59", code.name],
    ["60", code.city],
    ["62", additional && writeAdditional(additional)],
    [
      "64",
      local &&
        writeObjects([
          ["00", local.language],
          ["01", local.name],
          ["02", local.city],
        ]),
    ],
  ]);
}

/** Ends a code: its CRC, which covers its own id and length too. */
export const withCrc = (text: string): string => `${text}6304${crc16(`${text}6304`)}`;

/** The text of the QR code. Throws RangeError for what does not fit. */
export const writeMerchantPresented = (code: MerchantPresented): string =>
  withCrc(writeBody(code) + writeObjects([...code.unreserved].map(([id, value]) => [id, writeObjects(value)])));

function amountText(amount: number, currency: string): string {
  if (!amountFits(amount, currency)) throw new RangeError(`${amount} is too much for a code`);
  return formatAmount(amount, currency);
}

const writeAdditional = ({ billNumber, store, reference, terminal }: AdditionalData): string =>
  writeObjects([
    ["01", billNumber],
    ["03", store],
    ["05", reference],
    ["07", terminal],
  ]);

/** Reads the text of a QR code strictly: order, lengths, formats, CRC. Throws {@link Unreadable}. */
export function readMerchantPresented(text: string): MerchantPresented {
  const objects = readObjects(text);
  requireFrame(text, objects);
  const accounts = new Map(
    [...objects]
      .filter(([id]) => id >= "02" && id <= "51")
      .map(([id, value]) => [id, id < "26" ? value : template(value)]),
  );
  if (accounts.size === 0) throw new Unreadable("no merchant account information");
  const currency = currencyOfNumber(field(objects, "53", /^\d{3}$/));
  if (currency === undefined) throw new Unreadable("object 53 is no currency");
  const initiation = optional(objects, "01", /^1[12]$/);
  return {
    initiation: initiation === null ? null : initiation === "11" ? "static" : "dynamic",
    accounts,
    mcc: field(objects, "52", /^\d{4}$/),
    currency,
    amount: readAmount(optional(objects, "54", /^(?=.{1,13}$)\d+(\.\d*)?$/), currency),
    country: field(objects, "58", /^[A-Z]{2}$/),
    name: field(objects, "59", printable(nameLength)),
    city: field(objects, "60", printable(cityLength)),
    additional: readAdditional(objects.get("62")),
    local: readLocal(objects.get("64")),
    unreserved: new Map([...objects].filter(([id]) => id >= "80").map(([id, value]) => [id, template(value)])),
  };
}

const printable = (most: number): RegExp => new RegExp(`^[\\x20-\\x7e]{1,${most}}$`);

function requireFrame(text: string, objects: Objects): void {
  const ids = [...objects.keys()];
  if (ids[0] !== "00" || objects.get("00") !== "01") throw new Unreadable("does not begin with object 00");
  if (ids.at(-1) !== "63" || objects.get("63")?.length !== 4) throw new Unreadable("does not end with a CRC");
  if (crc16(text.slice(0, -4)) !== text.slice(-4)) throw new Unreadable("the CRC is wrong");
}

function field(objects: Objects, id: string, shape: RegExp): string {
  const value = objects.get(id);
  if (value === undefined) throw new Unreadable(`object ${id} is missing`);
  if (!shape.test(value)) throw new Unreadable(`object ${id} is malformed`);
  return value;
}

const optional = (objects: Objects, id: string, shape: RegExp): string | null =>
  objects.has(id) ? field(objects, id, shape) : null;

/** A template that says whose it is: object 00, at most 32 characters, comes first. */
function template(value: string): Objects {
  const objects = readObjects(value);
  if (objects.keys().next().value !== "00") throw new Unreadable("a template does not say whose it is");
  field(objects, "00", printable(32));
  return objects;
}

function readAmount(text: string | null, currency: string): number | null {
  if (text === null) return null;
  const exponent = exponentOf(currency);
  const [whole = "", decimals = ""] = text.split(".");
  if (decimals.length > exponent) throw new Unreadable("the amount has too many decimals");
  const minor = Number(whole + decimals.padEnd(exponent, "0"));
  if (minor === 0 || !Number.isSafeInteger(minor)) throw new Unreadable("the amount is out of range");
  return minor;
}

function readAdditional(value: string | undefined): AdditionalData | null {
  if (value === undefined) return null;
  const objects = readObjects(value);
  const label = (id: string) => optional(objects, id, printable(25));
  return { billNumber: label("01"), store: label("03"), reference: label("05"), terminal: label("07") };
}

function readLocal(value: string | undefined): LocalNames | null {
  if (value === undefined) return null;
  const objects = readObjects(value);
  return {
    language: field(objects, "00", /^[A-Z]{2}$/),
    name: field(objects, "01", /^.{1,25}$/su),
    city: optional(objects, "02", /^.{1,15}$/su),
  };
}
