import type { Row, World } from "./world.ts";

const card = { number: "4111111111111111", exp_month: 12, exp_year: 2040 };
const account = { number: "62220212345678", country: "CN" };
const client = async ({ aPayer }: World) => (await aPayer(0)).user;

/** Saved cards and bank accounts. */
export const vaultErrors: Row[] = [
  {
    code: "sensitive_data_refused",
    when: "a security code is sent along",
    param: "/cvv",
    // The types have no such field; who has no types may send it all the same.
    provoke: ({ user }) => user.cards.create(Object.assign({ cvv: "123" }, card)),
  },
  {
    code: "card_number_invalid",
    when: "a digit is wrong",
    provoke: ({ user }) => user.cards.create({ ...card, number: "4111111111111112" }),
  },
  {
    code: "card_expired",
    when: "the card's time is over",
    provoke: ({ user }) => user.cards.create({ ...card, exp_year: 2020 }),
  },
  {
    code: "card_exists",
    when: "a card is saved twice",
    async provoke(world) {
      const user = await client(world);
      await user.cards.create(card);
      return user.cards.create(card);
    },
  },
  {
    code: "card_limit_reached",
    when: "one card after the other is saved",
    async provoke(world) {
      const user = await client(world);
      for (let n = 0; ; n++)
        await user.cards.create({ ...card, number: withCheckDigit(`4${String(n).padStart(14, "0")}`) });
    },
  },
  {
    code: "bank_account_invalid",
    when: "an IBAN's check digits are wrong",
    param: "/iban",
    provoke: ({ user }) => user.bankAccounts.create({ iban: "DE89370400440532013001" }),
  },
  {
    code: "bank_account_exists",
    when: "an account is saved twice",
    async provoke(world) {
      const user = await client(world);
      await user.bankAccounts.create(account);
      return user.bankAccounts.create(account);
    },
  },
  {
    code: "bank_account_limit_reached",
    when: "one account after the other is saved",
    async provoke(world) {
      const user = await client(world);
      for (let n = 100_000; ; n++) await user.bankAccounts.create({ ...account, number: String(n) });
    },
  },
  {
    code: "erasure_blocked",
    when: "somebody with money in the wallet wants to be erased",
    async provoke({ aPayer }) {
      const { payer, user } = await aPayer(100);
      return user.users.me.erasure({ password: payer.password });
    },
  },
];

function withCheckDigit(digits: string): string {
  let sum = 0;
  for (const [at, digit] of [...digits].reverse().entries())
    sum += at % 2 === 1 ? Number(digit) : Number(digit) > 4 ? Number(digit) * 2 - 9 : Number(digit) * 2;
  return digits + ((10 - (sum % 10)) % 10);
}
