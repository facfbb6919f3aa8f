import { actorOf, allow } from "#kit/access.ts";
import type { Http } from "#kit/http.ts";
import { once } from "#kit/idempotency.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { checkPin } from "#modules/identity";
import { bankRoutes } from "./bank-routes.ts";
import { assertWalletCurrency, createTransfer } from "./create-transfer.ts";
import { readTransfer, readTransfers } from "./read-transfers.ts";
import { readWallet } from "./read-wallet.ts";
import { checkRecipient, lookUpRecipient, type RecipientName } from "./recipients.ts";
import { CreateTransfer, ListTransfers, ReadRecipient, ReadTransfer, ReadWallet } from "./schemas.ts";
import { presentTransfer } from "./transfer.ts";

export function walletRoutes(app: Http): void {
  bankRoutes(app);

  app.get("/v1/wallet", { schema: ReadWallet, config: allow("user") }, (request) =>
    readWallet(actorOf(request, "user")),
  );

  app.get("/v1/recipients", { schema: ReadRecipient, config: allow("user") }, async (request, reply) => {
    const [name, param] = recipientNameOf(request.query);
    const { recipient, headers } = await lookUpRecipient(actorOf(request, "user"), name, param);
    reply.headers(headers);
    return { object: "recipient" as const, user: recipient.id, name: recipient.name, phone: recipient.phone };
  });

  app.post(
    "/v1/transfers",
    {
      schema: CreateTransfer,
      config: allow("user"),
      // The PIN is judged before the transaction: a wrong one counts even though nothing else happens.
      preHandler: async (request) => {
        const actor = actorOf(request, "user");
        assertWalletCurrency(request.body.currency);
        await checkRecipient(actor, request.body.to);
        await checkPin(actor.userId, request.body.pin);
      },
    },
    once(async (request, tx) => presentTransfer(await createTransfer(tx, actorOf(request, "user"), request.body)), {
      required: true,
    }),
  );

  app.get("/v1/transfers", { schema: ListTransfers, config: allow("user") }, (request) =>
    readTransfers(actorOf(request, "user"), request.query),
  );

  app.get("/v1/transfers/:id", { schema: ReadTransfer, config: allow("user") }, async (request) =>
    presentTransfer(await readTransfer(actorOf(request, "user"), request.params.id)),
  );
}

function recipientNameOf({ phone, user }: { phone?: string; user?: string }): [name: RecipientName, param: string] {
  if (phone !== undefined && user !== undefined)
    throw kitErrors.parameter_invalid({ param: "user", details: { reason: "not together with phone" } });
  if (phone !== undefined) return [{ phone }, "phone"];
  if (user !== undefined) return [{ user }, "user"];
  throw kitErrors.parameter_missing({ param: "phone" });
}
