import type { Feiqian } from "@feiqian/sdk";
import { UsageError } from "./failures.ts";

/** How many decimals each currency has; asked of the platform once. */
export type Money = Awaited<ReturnType<typeof readMoney>>;

export async function readMoney(feiqian: Feiqian) {
  const { data } = await feiqian.currencies.list();
  const exponents = new Map(data.map(({ code, exponent }) => [code, exponent]));
  const exponentOf = (currency: string): number => {
    const exponent = exponents.get(currency);
    if (exponent !== undefined) return exponent;
    throw new UsageError({ en: `The platform has no currency ${currency}.`, zh: `平台不支持币种 ${currency}。` });
  };
  return {
    /** `1250 CNY` as `12.50 CNY`. */
    format: (amount: number, currency: string): string => `${decimal(amount, exponentOf(currency))} ${currency}`,
    /** `12.50` as 1250: minor units. Throws when it is no amount of the currency. */
    parse: (text: string, currency: string): number => {
      const exponent = exponentOf(currency);
      const [, whole = "", fraction = ""] = /^(\d{1,16})(?:\.(\d+))?$/.exec(text) ?? [];
      const amount = Number(whole + fraction.padEnd(exponent, "0"));
      if (whole && fraction.length <= exponent && Number.isSafeInteger(amount) && amount > 0) return amount;
      const example = decimal(1250, exponent);
      throw new UsageError({
        en: `"${text}" is no amount in ${currency}: write it like ${example}.`,
        zh: `“${text}”不是有效的 ${currency} 金额，请写成 ${example} 的形式。`,
      });
    },
  };
}

function decimal(amount: number, exponent: number): string {
  const digits = String(amount).padStart(exponent + 1, "0");
  return exponent === 0 ? digits : `${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`;
}
