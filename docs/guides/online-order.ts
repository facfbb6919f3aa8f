import { readFileSync } from "node:fs";
import { createClient } from "@feiqian/sdk";

const { base_url, merchant, users } = JSON.parse(readFileSync(".feiqian/credentials.json", "utf8"));

// Your server: it alone knows the key.
const shop = createClient({ baseUrl: base_url, apiKey: merchant.api_key });
const order = await shop.payments.create({
  amount: 12_800, // 128.00: minor units, always whole numbers
  currency: "CNY",
  out_trade_no: `tea-${Date.now()}`, // your own number of this order: one number, one payment
  subject: "Green tea, 250 g",
  metadata: { basket: "7" },
});
console.log(`The order ${order.id} is ${order.status}.`);

// Your page: it gets `order.id` and `order.payment_key`, or sends the payer to `order.checkout_url`.
const page = createClient({ baseUrl: base_url });
const checkout = await page.payments.checkout.retrieve(order.id, { payment_key: order.payment_key });
console.log(
  `The payer sees "${checkout.subject}" of ${checkout.merchant.name}: ${checkout.total} ${checkout.currency}.`,
);

// The payer signs in and agrees with the payment PIN.
const [{ phone, password, payment_pin }] = users;
const { access_token } = await page.sessions.create({ phone, password });
const payer = createClient({ baseUrl: base_url, apiKey: access_token });
const paid = await payer.payments.confirm(order.id, {
  payment_key: order.payment_key,
  method: "wallet",
  pin: payment_pin,
});
console.log(`The payer is told: ${paid.status}.`);

// Your server again: what a browser says is hearsay, so it asks before it ships.
const payment = await shop.payments.retrieve(order.id);
const isPaid = payment.status === "succeeded" && payment.amount === 12_800 && payment.currency === "CNY";
console.log(isPaid ? `Shipped: ${payment.amount} came in.` : "Not shipped.");

// The key ended with the order: nobody can pay twice or look again.
await page.payments.checkout.retrieve(order.id, { payment_key: order.payment_key }).catch((error) => {
  console.log(`The key opens nothing any more: ${error.code}.`);
});
