import currencyCodes from "currency-codes";

/** Amounts are integers of a currency's minor units, at most 2^53 - 1; between them only integer arithmetic is done. */
export interface Fee {
  /** Hundredths of a percent of the amount: 60 is 0.60 %. */
  rateBps: number;
  /** Minor units added to the rate's part. */
  fixed: number;
  min?: number | null;
  max?: number | null;
}

/** ISO 4217 lists metals, units of account and test codes too: nobody pays with those. */
const notMoney = /^X(?!AF|CD|OF|PF)/;
const money = currencyCodes.data.filter(({ code }) => !notMoney.test(code));
const exponents = new Map(money.map(({ code, digits }) => [code, digits]));
const numbers = new Map(money.map(({ code, number }) => [code, number]));
const codes = new Map(money.map(({ code, number }) => [number, code]));

/** Codes of every currency that amounts may be in, sorted. */
export const currencies = (): string[] => [...exponents.keys()].sort();

export const isCurrency = (code: string): boolean => exponents.has(code);

/** How many decimal places the currency's minor unit has (ISO 4217): CNY 2, JPY 0, KWD 3. Throws RangeError for no currency. */
export function exponentOf(currency: string): number {
  const exponent = exponents.get(currency);
  if (exponent === undefined) throw new RangeError(`${currency} is no ISO 4217 currency`);
  return exponent;
}

/** The currency's three digits in ISO 4217: CNY is `"156"`. Throws RangeError for no currency. */
export function numberOf(currency: string): string {
  const number = numbers.get(currency);
  if (number === undefined) throw new RangeError(`${currency} is no ISO 4217 currency`);
  return number;
}

/** The currency of three digits, or nothing. */
export const currencyOfNumber = (number: string): string | undefined => codes.get(number);

/** Minor units as a plain decimal in major units, every place shown: `formatAmount(123450, "CNY")` is `"1234.50"`. */
export function formatAmount(minor: number, currency: string): string {
  const exponent = exponentOf(currency);
  const digits = String(Math.abs(whole(minor))).padStart(exponent + 1, "0");
  const sign = minor < 0 ? "-" : "";
  return exponent === 0 ? sign + digits : `${sign}${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`;
}

/**
 * Splits a total by weights: parts add up to the total, each is less than one unit from its exact share, and what rounding
 * leaves goes to the largest remainders, the earlier part first among equals (Hamilton's method).
 */
export function splitByLargestRemainder(total: number, weights: readonly number[]): number[] {
  if (whole(total) < 0) throw new RangeError("a total to split is not negative");
  if (weights.some((weight) => whole(weight) < 0)) throw new RangeError("weights are not negative");
  const sum = weights.reduce((so, weight) => so + BigInt(weight), 0n);
  if (sum === 0n) throw new RangeError("at least one weight is above zero");
  const shares = weights.map((weight, index) => {
    const product = BigInt(total) * BigInt(weight);
    return { index, part: Number(product / sum), remainder: product % sum };
  });
  const parts = shares.map(({ part }) => part);
  const left = total - parts.reduce((so, part) => so + part, 0);
  shares.sort((a, b) => (a.remainder === b.remainder ? a.index - b.index : a.remainder > b.remainder ? -1 : 1));
  for (const { index } of shares.slice(0, left)) (parts[index] as number)++;
  return parts;
}

/** The fee of an amount: the rate's part rounded half to even, plus the fixed part, kept within the plan's least and most. */
export function feeOf(amount: number, { rateBps, fixed, min, max }: Fee): number {
  const fee = divideHalfEven(BigInt(whole(amount)) * BigInt(whole(rateBps)), 10_000n) + whole(fixed);
  return Math.min(Math.max(fee, min ?? 0), max ?? Number.MAX_SAFE_INTEGER);
}

/** `numerator / denominator` rounded to the nearest integer, halves to the even one. The denominator is above zero. */
export function divideHalfEven(numerator: bigint, denominator: bigint): number {
  const rest = numerator % denominator;
  const below = rest < 0n ? -1n : 0n;
  const floor = numerator / denominator + below;
  const twice = (rest - below * denominator) * 2n;
  const up = twice > denominator || (twice === denominator && floor % 2n !== 0n);
  return Number(up ? floor + 1n : floor);
}

function whole(value: number): number {
  if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is no whole number of minor units`);
  return value;
}
