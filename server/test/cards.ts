import { isLuhn } from "#kit/card-numbers.ts";

/** Numbers of no real card that payment companies publish for tests: all that may stand in this repository. */
export const testCards = {
  visa: "4111111111111111",
  mastercard: "5555555555554444",
  amex: "378282246310005",
  unionpay: "6200000000000005",
} as const;

/** A number of this length that begins so and has the right check digit, made while a test runs. */
export function cardNumber(beginning: string, length = 16): string {
  let body = beginning;
  while (body.length < length - 1) body += Math.floor(Math.random() * 10);
  for (let digit = 0; digit < 10; digit++) if (isLuhn(`${body}${digit}`)) return `${body}${digit}`;
  throw new Error("no digit makes it right");
}
