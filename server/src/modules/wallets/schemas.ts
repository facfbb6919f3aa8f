import { Type } from "typebox";
import { Currency, Time } from "#kit/schemas.ts";

export const ReadWallet = {
  tags: ["Payer"],
  summary: "Balances and limits of the signed-in user",
  response: {
    200: Type.Object({
      object: Type.Literal("wallet"),
      balances: Type.Array(Type.Object({ currency: Currency, available: Type.Integer(), pending: Type.Integer() })),
      limits: Type.Array(
        Type.Object({
          type: Type.Literal("code_payment_daily"),
          currency: Currency,
          limit: Type.Integer(),
          left: Type.Integer(),
          resets_at: Time,
        }),
      ),
    }),
  },
};
