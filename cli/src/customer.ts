import { randomInt, randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { Feiqian } from "@feiqian/sdk";
import type { Context } from "./command.ts";
import { NotDone, UsageError } from "./failures.ts";
import { readCredentials } from "./profile.ts";

/** A customer of a test platform, who pays when asked to. */
export interface Customer {
  readonly client: Feiqian;
  readonly pin: string;
  /** A fresh payment code, as the phone would show it. */
  readonly code: () => Promise<string>;
}

type Act<T> = (customer: Customer) => Promise<T>;

/** The test bank's account that pays at once, and how long we wait for it. */
const bankAccount = "ba_test_ok";
const patienceMs = 15_000;

/**
 * Acts as a customer who can pay this many minor units: the demo customer whose login a local start left, otherwise one who is registered
 * for it and topped up from the test bank.
 */
export function asCustomer<T>(context: Context, amount: number, act: Act<T>): Promise<T> {
  if (context.profile.api_key.startsWith("sk_live_")) {
    throw new UsageError({
      en: "There are test customers for test keys only.",
      zh: "只有测试密钥才能使用测试顾客。",
    });
  }
  const file = context.profile.credentials_file;
  const login = file && readCredentials(file).users[0];
  if (login) return signedIn(context, login.phone, login.password, login.payment_pin, act);
  return asNewCustomer(context, async (customer) => {
    await topUp(customer, amount);
    return act(customer);
  });
}

/** Acts as a customer who was just registered and owns nothing. */
export async function asNewCustomer<T>(context: Context, act: Act<T>): Promise<T> {
  const phone = `+861${randomInt(3, 10)}${String(randomInt(1e9)).padStart(9, "0")}`;
  const password = randomUUID();
  const pin = "402917";
  await context.clientOf().users.create({ phone, password, name: "Test customer" });
  return signedIn(context, phone, password, pin, async (customer) => {
    await customer.client.users.me.paymentPin.set({ pin, password });
    return act(customer);
  });
}

async function topUp({ client, pin }: Customer, amount: number): Promise<void> {
  const { id } = await client.topups.create({ amount, currency: "CNY", source: bankAccount, pin });
  for (const deadline = performance.now() + patienceMs; performance.now() < deadline; await pause(50)) {
    const { status } = await client.topups.retrieve(id);
    if (status === "succeeded") return;
    if (status !== "pending") break;
  }
  throw new NotDone({
    en: `The test customer could not be topped up (${id}): does a worker run?`,
    zh: `无法为测试顾客充值（${id}），请确认 worker 正在运行。`,
  });
}

async function signedIn<T>(context: Context, phone: string, password: string, pin: string, act: Act<T>): Promise<T> {
  const { access_token } = await context.clientOf().sessions.create({ phone, password });
  const client = context.clientOf(access_token);
  try {
    return await act({ client, pin, code: async () => (await client.paymentCodes.create({})).code });
  } finally {
    await client.sessions.current.delete();
  }
}
