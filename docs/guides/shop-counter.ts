import { readFileSync } from "node:fs";
import { createClient, PaymentRefusedError } from "@feiqian/sdk";

const { base_url, merchant, users } = JSON.parse(readFileSync(".feiqian/credentials.json", "utf8"));
const till = createClient({ baseUrl: base_url, apiKey: merchant.api_key });

// The customer's phone shows a code; here the program plays the phone too.
const [{ phone, password }] = users;
const { access_token } = await createClient({ baseUrl: base_url }).sessions.create({ phone, password });
const customer = createClient({ baseUrl: base_url, apiKey: access_token });
const showCode = async () => (await customer.paymentCodes.create({})).code;

/** Charges a scanned code and says what the clerk has to know. */
async function charge(amount: number, code: string, out_trade_no: string): Promise<string | undefined> {
  try {
    const payment = await till.payments.create({ amount, currency: "CNY", out_trade_no, code, subject: "Breakfast" });
    switch (payment.status) {
      case "succeeded":
        console.log(`Paid: ${payment.amount}. The shop gets ${payment.net}.`);
        return payment.id;
      case "processing":
        console.log("The customer is asked to agree on the phone. Wait.");
        return payment.id;
      default:
        console.log(`Not paid: ${payment.failure?.message}`);
    }
  } catch (error) {
    if (!(error instanceof PaymentRefusedError)) throw error;
    console.log(`Not paid: ${error.message} (${error.code})`);
  }
}

const number = `counter-${Date.now()}`;
const code = await showCode();
const breakfast = await charge(1_850, code, `${number}-1`);

// A code is good for one payment. The clerk scans it again by mistake:
await charge(1_850, code, `${number}-2`);

// The refusal ended that attempt, so the number may be used for the next one, with a fresh code.
await charge(1_850, await showCode(), `${number}-2`);

// The coffee was cold: 4.50 back. The number makes the refund happen once, whatever is clicked twice.
const refund = await till.refunds.create({
  payment: breakfast ?? "",
  amount: 450,
  out_refund_no: `${number}-r1`,
  reason: "cold coffee",
});
console.log(
  `Refunded: ${refund.amount}, ${refund.status}. Of this payment ${refund.payment_amount_refunded} went back.`,
);

// The day's takings, page after page.
let sum = 0;
for await (const payment of till.payments.list({ status: "succeeded" })) {
  if (payment.out_trade_no.startsWith(number)) sum += payment.amount - payment.amount_refunded;
}
console.log(`Taken this morning: ${sum}.`);
