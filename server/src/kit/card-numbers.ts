/** Numbers of payment cards: 13 to 19 digits whose last is a check digit (ISO/IEC 7812-1, Luhn). */
export function isLuhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 48;
    sum += i % 2 === 0 ? digit : digit > 4 ? digit * 2 - 9 : digit * 2;
  }
  return sum % 10 === 0;
}

/** Digits in a row or in groups, between anything that is no digit. No card begins with 0. */
const runs = /(?<!\d)[1-9](?:[ -]?\d){12,18}(?!\d)/g;

const isCardNumber = (run: string): boolean => isLuhn(run.replace(/\D/g, ""));

/** What looks like a card number in a text, as it stands there. */
export const cardNumbersIn = (text: string): string[] =>
  [...text.matchAll(runs)].map(([run]) => run).filter(isCardNumber);

/** A text without card numbers: stars, or zeros where a number stands by itself in JSON. */
export const withoutCardNumbers = (text: string): string =>
  text.replace(runs, (run, at: number) => {
    if (!isCardNumber(run)) return run;
    const isJsonNumber = /[:[,]/.test(text[at - 1] ?? "") && /[,}\]]/.test(text[at + run.length] ?? "");
    return isJsonNumber ? "0" : `${run.slice(0, 6)}******${run.slice(-4)}`;
  });
