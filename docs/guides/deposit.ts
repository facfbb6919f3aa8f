import { readFileSync } from "node:fs";
import { ConflictError, createClient } from "@feiqian/sdk";

const { base_url, merchant, users } = JSON.parse(readFileSync(".feiqian/credentials.json", "utf8"));
const rental = createClient({ baseUrl: base_url, apiKey: merchant.api_key });

// The customer's phone shows a code; here the program plays the phone too.
const [{ phone, password }] = users;
const { access_token } = await createClient({ baseUrl: base_url }).sessions.create({ phone, password });
const customer = createClient({ baseUrl: base_url, apiKey: access_token });

/** What the customer could spend now. */
async function available(): Promise<number> {
  const { balances } = await customer.wallet.retrieve();
  return balances[0]?.available ?? 0;
}

const before = await available();

/** A bicycle goes out against a deposit of 200.00. */
async function rentOut(bicycle: string) {
  return rental.payments.create({
    amount: 20_000,
    currency: "CNY",
    out_trade_no: `${bicycle}-${Date.now()}`,
    code: (await customer.paymentCodes.create({})).code,
    capture: "manual", // hold it, don't take it
    subject: `Deposit, bicycle ${bicycle}`,
  });
}

const ride = await rentOut("17");
console.log(`Deposit: ${ride.status}. The customer has ${before - (await available())} less to spend.`);

// It comes back after two hours: 6.50. The rest is free again in the same moment.
const returned = await rental.payments.capture(ride.id, { amount: 650 });
console.log(`Returned: ${returned.status}, ${returned.amount_captured} of ${returned.amount} taken.`);
console.log(`The ride cost ${before - (await available())}.`);

// A hold is captured once.
await rental.payments.capture(ride.id, { amount: 100 }).catch((error) => {
  if (error instanceof ConflictError) console.log(`Nothing more can be taken: it is ${String(error.details.status)}.`);
});

// The next bicycle has a flat tyre and never leaves: all of the deposit goes back.
const other = await rentOut("18");
const cancelled = await rental.payments.cancel(other.id);
console.log(`Cancelled: ${cancelled.status}, ${cancelled.amount_captured} taken.`);
console.log(`In the end the customer has ${before - (await available())} less.`);
