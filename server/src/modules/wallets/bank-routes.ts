import { actorOf, allow } from "#kit/access.ts";
import { database } from "#kit/db.ts";
import { type Http, languageOf } from "#kit/http.ts";
import { once } from "#kit/idempotency.ts";
import { checkPin } from "#modules/identity";
import { checkBankAccount, createTopUp, createWithdrawal } from "./create-movement.ts";
import { assertWalletCurrency } from "./create-transfer.ts";
import { presentTopUp, presentWithdrawal } from "./movement.ts";
import { readMovement, readMovements } from "./read-movements.ts";
import { CreateTopUp, CreateWithdrawal, ListTopUps, ListWithdrawals, ReadTopUp, ReadWithdrawal } from "./schemas.ts";

/** Money between a wallet and a bank account. */
export function bankRoutes(app: Http): void {
  const config = allow("user");

  app.post(
    "/v1/topups",
    {
      schema: CreateTopUp,
      config,
      // The PIN is judged before the transaction: a wrong one counts even though nothing else happens.
      preHandler: async (request) => {
        assertWalletCurrency(request.body.currency);
        await checkBankAccount(database(), actorOf(request, "user"), request.body.source, "/source");
        await checkPin(actorOf(request, "user").userId, request.body.pin);
      },
    },
    once(
      async (request, tx) => {
        const { amount, currency, source: account } = request.body;
        const topUp = await createTopUp(tx, actorOf(request, "user"), { amount, currency, account });
        return presentTopUp(topUp, languageOf(request));
      },
      { required: true },
    ),
  );
  app.get("/v1/topups", { schema: ListTopUps, config }, (request) =>
    readMovements(actorOf(request, "user"), "topup", request.query, (one) => presentTopUp(one, languageOf(request))),
  );
  app.get("/v1/topups/:id", { schema: ReadTopUp, config }, async (request) =>
    presentTopUp(await readMovement(actorOf(request, "user"), "topup", request.params.id), languageOf(request)),
  );

  app.post(
    "/v1/withdrawals",
    {
      schema: CreateWithdrawal,
      config,
      preHandler: async (request) => {
        assertWalletCurrency(request.body.currency);
        await checkBankAccount(database(), actorOf(request, "user"), request.body.destination, "/destination");
        await checkPin(actorOf(request, "user").userId, request.body.pin);
      },
    },
    once(
      async (request, tx) => {
        const { amount, currency, destination: account } = request.body;
        const withdrawal = await createWithdrawal(tx, actorOf(request, "user"), { amount, currency, account });
        return presentWithdrawal(withdrawal, languageOf(request));
      },
      { required: true },
    ),
  );
  app.get("/v1/withdrawals", { schema: ListWithdrawals, config }, (request) =>
    readMovements(actorOf(request, "user"), "withdrawal", request.query, (one) =>
      presentWithdrawal(one, languageOf(request)),
    ),
  );
  app.get("/v1/withdrawals/:id", { schema: ReadWithdrawal, config }, async (request) => {
    const withdrawal = await readMovement(actorOf(request, "user"), "withdrawal", request.params.id);
    return presentWithdrawal(withdrawal, languageOf(request));
  });
}
