import type { Row } from "./world.ts";

/** What comes of being late. They let time pass, the last of them so much that every session ends. */
export const lateErrors: Row[] = [
  {
    code: "payment_code_expired",
    when: "a code is scanned minutes later",
    async provoke(world) {
      const terms = await world.scan();
      await world.wait(150);
      return world.merchant.payments.create(terms);
    },
  },
  {
    code: "confirmation_expired",
    when: "the customer agrees too late",
    async provoke(world) {
      const { payer, user } = await world.aPayer();
      const { id } = await world.merchant.payments.create(world.order({ amount: 6_000, code: await payer.code() }));
      await world.wait(600);
      const { access_token } = await world.visitor.sessions.create({ phone: payer.phone, password: payer.password });
      return user.payments.confirmOnDevice(id, { pin: payer.pin }, { apiKey: access_token });
    },
  },
  {
    code: "token_expired",
    when: "an access token is used hours later",
    async provoke(world) {
      const { user } = await world.aPayer(0);
      await world.wait(6 * 60 * 60);
      return user.wallet.retrieve();
    },
  },
];
