import { randomInt, randomUUID } from "node:crypto";
import type { Feiqian } from "@feiqian/sdk";
import type { Context } from "./command.ts";
import { UsageError } from "./failures.ts";
import { readCredentials } from "./profile.ts";

/** A customer of a test platform, who pays when asked to. */
export interface Customer {
  readonly client: Feiqian;
  readonly pin: string;
  /** A fresh payment code, as the phone would show it. */
  code(): Promise<string>;
}

/** Acts as the demo customer, whose login a local start left; signs out afterwards. Throws when this is no local start's platform. */
export async function asDemoCustomer<T>(context: Context, act: (customer: Customer) => Promise<T>): Promise<T> {
  const file = context.profile.credentials_file;
  const login = file && readCredentials(file).users[0];
  if (!login) {
    throw new UsageError({
      en: "This needs a customer with money: log in beside a local platform with `feiqian login --local`.",
      zh: "此命令需要有余额的顾客，请用 `feiqian login --local` 登录本地平台。",
    });
  }
  return signedIn(context, login.phone, login.password, login.payment_pin, act);
}

/** Acts as a customer who was just registered and owns nothing. */
export async function asPoorCustomer<T>(context: Context, act: (customer: Customer) => Promise<T>): Promise<T> {
  const phone = `+861${randomInt(3, 10)}${String(randomInt(1e9)).padStart(9, "0")}`;
  const password = randomUUID();
  await context.clientOf().users.create({ phone, password, name: "Trigger" });
  return signedIn(context, phone, password, "", act);
}

async function signedIn<T>(
  context: Context,
  phone: string,
  password: string,
  pin: string,
  act: (customer: Customer) => Promise<T>,
): Promise<T> {
  const { access_token } = await context.clientOf().sessions.create({ phone, password });
  const client = context.clientOf(access_token);
  try {
    return await act({ client, pin, code: async () => (await client.paymentCodes.create({})).code });
  } finally {
    await client.sessions.current.delete();
  }
}
