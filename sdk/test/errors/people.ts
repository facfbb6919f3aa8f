import { randomUUID } from "node:crypto";
import type { PaymentsCreateParams } from "@feiqian/sdk";
import { done } from "../done.ts";
import { closeWallet, type Row, type World } from "./world.ts";

const nobody = "usr_00000000000000000000000000";
const send = ({ payer }: World, to: { user: string } | { phone: string }, amount = 100) => ({
  to,
  amount,
  currency: "CNY",
  pin: payer.pin,
});

/** Wallet to wallet. */
export const transferErrors: Row[] = [
  {
    code: "recipient_not_found",
    when: "money is sent to nobody",
    param: "/to/user",
    provoke: (world) => world.user.transfers.create(send(world, { user: nobody })),
  },
  {
    code: "recipient_is_sender",
    when: "money is sent to oneself",
    provoke: (world) => world.user.transfers.create(send(world, { user: world.payer.id })),
  },
  {
    code: "recipient_unavailable",
    when: "the recipient's wallet is closed",
    async provoke(world) {
      const { payer } = await world.aPayer(0);
      await closeWallet(world, payer.id);
      return world.user.transfers.create(send(world, { user: payer.id }));
    },
  },
  {
    code: "recipient_lookups_limited",
    when: "one phone after the other is looked up",
    async provoke({ aPayer }) {
      const { user } = await aPayer(0);
      for (let n = 0; n < 1_000; n++)
        await user.recipients.retrieve({ phone: `+8613900${String(n).padStart(6, "0")}` }).catch((error: unknown) => {
          if (error instanceof Error && "status" in error && error.status === 429) throw error;
        });
    },
  },
  {
    code: "insufficient_funds",
    when: "more is sent than there is",
    async provoke(world) {
      const { user } = await world.aPayer(99);
      return user.transfers.create(send(world, { user: world.payer.id }));
    },
  },
  {
    code: "parameter_invalid",
    when: "money of another currency is sent",
    param: "/currency",
    provoke: (world) => world.user.transfers.create({ ...send(world, { phone: "+8613900000000" }), currency: "JPY" }),
  },
  {
    code: "pin_invalid",
    when: "the PIN is wrong",
    async provoke(world) {
      const { user } = await world.aPayer();
      return user.transfers.create({ ...send(world, { user: world.payer.id }), pin: "730184" });
    },
  },
  {
    code: "pin_locked",
    when: "the PIN was wrong too often",
    async provoke(world) {
      const { user } = await world.aPayer();
      const guess = () => user.transfers.create({ ...send(world, { user: world.payer.id }), pin: "730184" });
      for (let n = 0; n < 5; n++) await guess().catch(() => {});
      return guess();
    },
  },
  {
    code: "pin_not_set",
    when: "the user has no PIN",
    provoke: async (world) => (await aNewcomer(world)).user.transfers.create(send(world, { user: world.payer.id })),
  },
];

/** To the wallet from the bank, and back. */
export const bankErrors: Row[] = [
  {
    code: "bank_account_unknown",
    when: "money is fetched from an account that there is not",
    param: "/source",
    provoke: ({ user, payer }) =>
      user.topups.create({ amount: 100, currency: "CNY", source: "ba_nobody", pin: payer.pin }),
  },
  {
    code: "bank_account_unknown",
    when: "money is sent to an account that there is not",
    param: "/destination",
    provoke: ({ user, payer }) =>
      user.withdrawals.create({ amount: 100, currency: "CNY", destination: "ba_nobody", pin: payer.pin }),
  },
  {
    code: "insufficient_funds",
    when: "more is withdrawn than there is",
    async provoke({ aPayer }) {
      const { payer, user } = await aPayer(99);
      return user.withdrawals.create({ amount: 100, currency: "CNY", destination: "ba_test_ok", pin: payer.pin });
    },
  },
  {
    code: "pin_invalid",
    when: "the PIN of a top-up is wrong",
    async provoke({ aPayer }) {
      const { user } = await aPayer(0);
      return user.topups.create({ amount: 100, currency: "CNY", source: "ba_test_ok", pin: "730184" });
    },
  },
  {
    code: "not_found",
    when: "somebody else's top-up is read",
    async provoke({ aPayer, user, payer }) {
      const top = await user.topups.create({ amount: 100, currency: "CNY", source: "ba_test_ok", pin: payer.pin });
      return (await aPayer(0)).user.topups.retrieve(top.id);
    },
  },
];

/** An order whose payer turns to the bank. */
async function byBank(world: World, terms: Partial<PaymentsCreateParams>, source: string) {
  const order = await world.merchant.payments.create(world.order(terms));
  const confirm = () =>
    world.user.payments.confirm(order.id, { payment_key: order.payment_key, method: "bank", source });
  return { order, confirm };
}

/** An order paid from a bank account. */
export const bankPaymentErrors: Row[] = [
  {
    code: "attempt_in_progress",
    when: "an order is paid again before the bank has answered",
    async provoke(world) {
      const { confirm } = await byBank(world, {}, "ba_test_late");
      await confirm();
      return confirm();
    },
  },
  {
    code: "method_unavailable",
    when: "an order for wallets alone is paid by bank",
    provoke: async (world) => (await byBank(world, { methods: ["wallet"] }, "ba_test_ok")).confirm(),
  },
  {
    code: "parameter_missing",
    when: "nobody says from which account",
    param: "/source",
    async provoke(world) {
      const { order } = await byBank(world, {}, "ba_test_ok");
      return world.user.payments.confirm(order.id, { payment_key: order.payment_key, method: "bank" });
    },
  },
];

/** Somebody who has just registered. */
async function aNewcomer({ visitor, clientOf }: World) {
  const phone = `+86137${Math.random().toFixed(8).slice(2)}`;
  const password = randomUUID();
  await visitor.users.create({ phone, password });
  const session = await visitor.sessions.create({ phone, password });
  return { phone, password, session, user: clientOf(session.access_token) };
}

/** Signing in, and who may do what. */
export const accessErrors: Row[] = [
  {
    code: "invitation_invalid",
    when: "an invitation is made up",
    provoke: ({ visitor }) => visitor.staff.invitations.open({ token: "inv_made_up" }),
  },
  { code: "credentials_missing", when: "no key is sent", provoke: ({ visitor }) => visitor.payments.list() },
  {
    code: "credentials_unknown",
    when: "the key is nobody's",
    provoke: ({ clientOf }) => clientOf("sk_test_1").payments.list(),
  },
  {
    code: "live_key_refused",
    when: "a live key is used on a test server",
    provoke: ({ clientOf }) => clientOf(`sk_live_${"a".repeat(43)}`).payments.list(),
  },
  { code: "actor_not_allowed", when: "a shop reads a wallet", provoke: ({ merchant }) => merchant.wallet.retrieve() },
  {
    code: "scope_missing",
    when: "a key that may only read takes a payment",
    async provoke({ merchant, clientOf, order }) {
      const { secret } = done(await merchant.apiKeys.create({ name: "Reader", scopes: ["payments:read"] }));
      return clientOf(secret).payments.create(order());
    },
  },
  {
    code: "livemode_unavailable",
    when: "a test key makes a live key",
    provoke: ({ merchant }) => merchant.apiKeys.create({ name: "Live", livemode: true }),
  },
  {
    code: "merchant_suspended",
    when: "a suspended shop goes on",
    async provoke({ staff, aShop }) {
      const { shop, merchant } = await aShop();
      await staff.merchants.update(shop.id, { status: "suspended" });
      return merchant.payments.list();
    },
  },
  {
    code: "credentials_invalid",
    when: "the password is wrong",
    provoke: ({ visitor, payer }) => visitor.sessions.create({ phone: payer.phone, password: "wrong" }),
  },
  {
    code: "sign_in_throttled",
    when: "passwords are tried one after the other",
    async provoke(world) {
      const { phone } = await aNewcomer(world);
      for (let n = 0; n < 20; n++)
        await world.visitor.sessions.create({ phone, password: `wrong ${n}` }).catch((error: unknown) => {
          if (error instanceof Error && "status" in error && error.status === 429) throw error;
        });
    },
  },
  {
    code: "phone_taken",
    when: "a phone is registered twice",
    provoke: ({ visitor, payer }) => visitor.users.create({ phone: payer.phone, password: randomUUID() }),
  },
  {
    code: "email_taken",
    when: "an address is registered twice",
    async provoke({ visitor }) {
      const login = { email: `${randomUUID()}@example.com`, password: randomUUID() };
      await visitor.users.create(login);
      return visitor.users.create(login);
    },
  },
  {
    code: "refresh_token_invalid",
    when: "the refresh token is none",
    provoke: ({ visitor }) => visitor.sessions.refresh({ refresh_token: "rt_none" }),
  },
  {
    code: "refresh_token_reused",
    when: "an old refresh token is used when its successor was",
    async provoke(world) {
      const { session } = await aNewcomer(world);
      const { refresh_token } = await world.visitor.sessions.refresh({ refresh_token: session.refresh_token });
      await world.visitor.sessions.refresh({ refresh_token });
      return world.visitor.sessions.refresh({ refresh_token: session.refresh_token });
    },
  },
  {
    code: "password_invalid",
    when: "the PIN is set with a wrong password",
    provoke: async (world) =>
      (await aNewcomer(world)).user.users.me.paymentPin.set({ pin: "402917", password: "wrong" }),
  },
  {
    code: "pin_too_simple",
    when: "the PIN is one that everybody tries",
    async provoke(world) {
      const { user, password } = await aNewcomer(world);
      return user.users.me.paymentPin.set({ pin: "111111", password });
    },
  },
  {
    code: "device_limit_reached",
    when: "one device after the other is enrolled",
    async provoke(world) {
      const { user } = await aNewcomer(world);
      for (let n = 0; n < 200; n++) await user.users.me.devices.create({ name: `Phone ${n}` });
    },
  },
  {
    code: "device_not_enrolled",
    when: "a device without a key asks for its alias",
    async provoke(world) {
      const { user } = await aNewcomer(world);
      const { id } = await user.users.me.devices.create({ name: "Phone" });
      return user.devices.codeAlias(id);
    },
  },
];
