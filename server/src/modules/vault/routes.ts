import { actorOf, allow } from "#kit/access.ts";
import { type Actor, ownerOf } from "#kit/actor.ts";
import { database, first } from "#kit/db.ts";
import type { FastifyRequest, Http } from "#kit/http.ts";
import { once } from "#kit/idempotency.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { addBankAccount } from "./add-bank-account.ts";
import { addCard } from "./add-card.ts";
import { presentBankAccount } from "./bank-account.ts";
import { presentCard } from "./card.ts";
import { vaultErrors } from "./errors.ts";
import { listOf } from "./owner.ts";
import { removeBankAccount, removeCard } from "./remove.ts";
import * as schemas from "./schemas.ts";
import { listBankAccounts, listCards, selectBankAccount, selectCard } from "./sql.ts";

/** Users' cards, and the bank accounts of users and merchants. */
export function vaultRoutes(app: Http): void {
  cardRoutes(app);
  bankAccountRoutes(app);
}

function cardRoutes(app: Http): void {
  const config = allow("user");

  app.post(
    "/v1/cards",
    { schema: schemas.AddCard, config, preValidation: refuseSensitiveData },
    once(async (request, tx) => presentCard(await addCard(tx, by(request, actorOf(request, "user")), request.body)), {
      secret: true,
    }),
  );

  app.get("/v1/cards", { schema: schemas.ListCards, config }, (request) =>
    listOf(actorOf(request, "user"), "/v1/cards", request.query, listCards, presentCard),
  );

  app.get("/v1/cards/:id", { schema: schemas.ReadCard, config }, async (request) => {
    const { ownerId, livemode } = ownerOf(actorOf(request, "user"));
    const card = await first(database(), selectCard, [ownerId, livemode, request.params.id]);
    if (!card) throw kitErrors.not_found();
    return presentCard(card);
  });

  app.delete("/v1/cards/:id", { schema: schemas.RemoveCard, config }, async (request) =>
    presentCard(await removeCard(by(request, actorOf(request, "user")), request.params.id)),
  );
}

function bankAccountRoutes(app: Http): void {
  const reading = allow(["user", "merchant"], "bank_accounts:read");
  const writing = allow(["user", "merchant"], "bank_accounts:write");
  const keeper = (request: FastifyRequest) => actorOf(request, "user", "merchant");

  app.post(
    "/v1/bank_accounts",
    { schema: schemas.AddBankAccount, config: writing, preValidation: refuseSensitiveData },
    once(
      async (request, tx) => presentBankAccount(await addBankAccount(tx, by(request, keeper(request)), request.body)),
      {
        secret: true,
      },
    ),
  );

  app.get("/v1/bank_accounts", { schema: schemas.ListBankAccounts, config: reading }, (request) =>
    listOf(keeper(request), "/v1/bank_accounts", request.query, listBankAccounts, presentBankAccount),
  );

  app.get("/v1/bank_accounts/:id", { schema: schemas.ReadBankAccount, config: reading }, async (request) => {
    const { ownerId, livemode } = ownerOf(keeper(request));
    const account = await first(database(), selectBankAccount, [ownerId, livemode, request.params.id]);
    if (!account) throw kitErrors.not_found();
    return presentBankAccount(account);
  });

  app.delete("/v1/bank_accounts/:id", { schema: schemas.RemoveBankAccount, config: writing }, async (request) =>
    presentBankAccount(await removeBankAccount(by(request, keeper(request)), request.params.id)),
  );
}

const by = ({ id, ip }: FastifyRequest, actor: Actor) => ({ id, ip, actor });

/** What must never be stored after authorisation (PCI DSS 3.3.1), and so is not even taken: by any name that clients call it. */
const sensitive =
  /^(cvv2?|cvc2?|cid|csc|cav2?|security_?code|card_?(verification|security)_?(code|value)|verification_?(code|value)|track_?([123]|data)?(_?data)?|magstripe(_?data)?|emv(_?data)?|icc_?data|pin(_?block)?)$/i;

async function refuseSensitiveData({ body }: FastifyRequest): Promise<void> {
  if (typeof body !== "object" || body === null) return;
  const name = Object.keys(body).find((key) => sensitive.test(key.replace(/[- ]/g, "_")));
  if (name !== undefined) throw vaultErrors.sensitive_data_refused({ param: `/${name}` });
}
