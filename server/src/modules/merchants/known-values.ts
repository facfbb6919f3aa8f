import { kitErrors } from "#kit/kit-errors.ts";
import { isCurrency } from "#kit/money.ts";

/** Values that have the right shape may still not exist. Each throws `parameter_invalid` for the field it names. */
export function requireCurrency(currency: string): void {
  if (!isCurrency(currency)) throw unknown("/currency", "is no ISO 4217 currency");
}

const regions = new Intl.DisplayNames("en", { type: "region", fallback: "none" });

export function requireCountry(country: string): void {
  if (country === "ZZ" || regions.of(country) === undefined) throw unknown("/country", "is no ISO 3166-1 country");
}

export function requireTimeZone(timeZone: string): void {
  try {
    new Intl.DateTimeFormat("en", { timeZone });
  } catch {
    throw unknown("/time_zone", "is no IANA time zone");
  }
}

const unknown = (param: string, reason: string) => kitErrors.parameter_invalid({ param, details: { reason } });
