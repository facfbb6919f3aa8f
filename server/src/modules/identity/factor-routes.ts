import { actorOf, allow, open } from "#kit/access.ts";
import type { UserActor } from "#kit/actor.ts";
import { database, inTransaction, type Queryable, type Transaction } from "#kit/db.ts";
import type { FastifyRequest, Http } from "#kit/http.ts";
import { once } from "#kit/idempotency.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { confirmPassword } from "./check-password.ts";
import { endOtherSessions } from "./end-session.ts";
import * as schemas from "./factor-schemas.ts";
import { neverStored } from "./never-stored.ts";
import { getPasskey, passkeysOf, presentPasskey, renamePasskey } from "./passkey.ts";
import { passkeyRegistrationOptions, registerPasskey } from "./register-passkey.ts";
import { relyingPartyOf } from "./relying-party.ts";
import { remakeRecoveryCodes } from "./remake-recovery-codes.ts";
import { removePasskey } from "./remove-passkey.ts";
import { answersToken } from "./session-cookie.ts";
import { passkeySignInOptions, signInByPasskey } from "./sign-in-by-passkey.ts";
import { answerChallenge } from "./sign-in-challenge.ts";
import { findUser, type User } from "./user.ts";
import { activateTotp, assertMayRemoveTotp, readTotp, removeTotp, startTotp } from "./user-totp.ts";

/** What proves users besides the password: how they set it up, and how they sign in with it. */
export function factorRoutes(app: Http): void {
  totpRoutes(app);
  passkeyRoutes(app);
  signInRoutes(app);
}

const ownerOf = ({ userId, livemode }: UserActor) => ({ id: userId, livemode });

async function userOf(on: Queryable, request: FastifyRequest): Promise<User> {
  const user = await findUser(on, actorOf(request, "user").userId);
  if (!user) throw kitErrors.not_found();
  return user;
}

/** Whoever got in before a factor changed is out with the change, where its owner wants that. */
async function changed<Shown>(
  tx: Transaction,
  request: FastifyRequest<{ Body: { end_other_sessions?: boolean } }>,
  change: Promise<Shown>,
): Promise<Shown> {
  const shown = await change;
  if (request.body.end_other_sessions) await endOtherSessions(tx, request, actorOf(request, "user"));
  return shown;
}

/** The password is judged before the transaction: comparing takes a while, and a wrong one counts even though nothing else happens. */
const askPassword = async (request: FastifyRequest<{ Body: { password: string } }>): Promise<number> =>
  confirmPassword(actorOf(request, "user").userId, request.body.password, request.ip);

function totpRoutes(app: Http): void {
  const config = allow("user");

  app.get("/v1/users/me/totp", { schema: schemas.ReadTotp, config }, (request) =>
    readTotp(actorOf(request, "user").userId),
  );

  app.post(
    "/v1/users/me/totp",
    { schema: schemas.StartTotp, config: allow("user"), onRequest: neverStored, preHandler: askPassword },
    once(async (request, tx) => startTotp(tx, await userOf(tx, request)), { secret: true }),
  );

  app.post(
    "/v1/users/me/totp/confirm",
    { schema: schemas.ConfirmTotp, config: allow("user"), onRequest: neverStored },
    once(
      (request, tx) => {
        const owner = ownerOf(actorOf(request, "user"));
        return changed(tx, request, activateTotp(tx, request, owner, request.body.code));
      },
      { secret: true },
    ),
  );

  app.delete(
    "/v1/users/me/totp",
    {
      schema: schemas.RemoveTotp,
      config: allow("user"),
      preHandler: (request) => assertMayRemoveTotp(actorOf(request, "user").userId, request.body, request.ip),
    },
    (request) => {
      const owner = ownerOf(actorOf(request, "user"));
      return inTransaction((tx) => changed(tx, request, removeTotp(tx, request, owner, request.body)));
    },
  );

  app.post(
    "/v1/users/me/recovery_codes",
    { schema: schemas.RenewRecoveryCodes, config: allow("user"), onRequest: neverStored, preHandler: askPassword },
    once((request, tx) => remakeRecoveryCodes(tx, request, ownerOf(actorOf(request, "user"))), { secret: true }),
  );
}

function passkeyRoutes(app: Http): void {
  app.post(
    "/v1/users/me/passkeys/options",
    {
      schema: schemas.PasskeyRegistrationOptions,
      config: allow("user"),
      onRequest: neverStored,
      preHandler: askPassword,
    },
    async (request) => ({
      object: "passkey_options" as const,
      public_key: await passkeyRegistrationOptions(await userOf(database(), request), relyingPartyOf(request)),
    }),
  );

  app.post(
    "/v1/users/me/passkeys",
    { schema: schemas.RegisterPasskey, config: allow("user"), onRequest: neverStored },
    once(
      async (request, tx) => {
        const owner = ownerOf(actorOf(request, "user"));
        const party = relyingPartyOf(request);
        const made = await changed(tx, request, registerPasskey(tx, request, owner, request.body, party));
        return { ...presentPasskey(made.passkey), recovery_codes: made.recoveryCodes };
      },
      { secret: true },
    ),
  );

  app.get("/v1/users/me/passkeys", { schema: schemas.ListPasskeys, config: allow("user") }, (request) =>
    passkeysOf(actorOf(request, "user").userId, "/v1/users/me/passkeys", request.query),
  );

  app.get("/v1/users/me/passkeys/:id", { schema: schemas.ReadPasskey, config: allow("user") }, async (request) =>
    presentPasskey(await getPasskey(actorOf(request, "user").userId, request.params.id)),
  );

  app.patch("/v1/users/me/passkeys/:id", { schema: schemas.RenamePasskey, config: allow("user") }, async (request) =>
    presentPasskey(await renamePasskey(actorOf(request, "user").userId, request.params.id, request.body.name)),
  );

  app.delete(
    "/v1/users/me/passkeys/:id",
    {
      schema: schemas.RemovePasskey,
      config: allow("user"),
      preHandler: async (request) => {
        await getPasskey(actorOf(request, "user").userId, request.params.id);
        await askPassword(request);
      },
    },
    async (request) => {
      const owner = ownerOf(actorOf(request, "user"));
      const remove = (tx: Transaction) => removePasskey(tx, request, owner, request.params.id);
      return presentPasskey(await inTransaction((tx) => changed(tx, request, remove(tx))));
    },
  );
}

function signInRoutes(app: Http): void {
  app.post("/v1/sessions/challenge", { schema: schemas.AnswerChallenge, config: open(), ...answersToken }, (request) =>
    answerChallenge(request.body, { address: request.ip, party: relyingPartyOf(request) }),
  );

  app.post(
    "/v1/sessions/passkey/options",
    { schema: schemas.PasskeySignInOptions, config: open(), onRequest: neverStored },
    async (request) => ({
      object: "passkey_options" as const,
      public_key: await passkeySignInOptions(relyingPartyOf(request)),
    }),
  );

  app.post("/v1/sessions/passkey", { schema: schemas.SignInByPasskey, config: open(), ...answersToken }, (request) =>
    signInByPasskey(request.body, { address: request.ip, party: relyingPartyOf(request) }),
  );
}
