import { actorOf, allow, open } from "#kit/access.ts";
import { type Http, languageOf } from "#kit/http.ts";
import * as schemas from "./account-schemas.ts";
import { changePassword, resetPassword } from "./change-password.ts";
import { eraseUser, presentErasure } from "./erase-user.ts";
import { codeSeconds, sendOneTimeCode } from "./one-time-code.ts";
import { resendSeconds } from "./one-time-code-pace.ts";
import { changeContact, verifyOwnContact } from "./prove-contact.ts";
import { presentUser } from "./user.ts";

/** What proves that somebody is who they are, and changes it. */
export function accountRoutes(app: Http): void {
  app.post("/v1/one_time_codes", { schema: schemas.SendOneTimeCode, config: open() }, async (request) => {
    const { purpose } = request.body;
    await sendOneTimeCode({ ...request.body, language: languageOf(request) }, request.ip);
    return { object: "one_time_code" as const, purpose, expires_in: codeSeconds, resend_in: resendSeconds };
  });

  app.post("/v1/users/me/erasure", { schema: schemas.EraseUser, config: allow("user") }, async (request) => {
    const { userId: user } = actorOf(request, "user");
    await eraseUser(user, request.body.password, request);
    return presentErasure(user);
  });

  app.put("/v1/users/me/password", { schema: schemas.ChangePassword, config: allow("user") }, async (request) => {
    const sessions_ended = await changePassword(actorOf(request, "user"), request.body, request);
    return { object: "password_change" as const, sessions_ended };
  });

  app.post("/v1/password_resets", { schema: schemas.ResetPassword, config: open() }, async (request) => {
    const sessions_ended = await resetPassword(request.body, request);
    return { object: "password_reset" as const, sessions_ended };
  });

  app.post("/v1/users/me/verifications", { schema: schemas.VerifyContact, config: allow("user") }, async (request) =>
    presentUser(await verifyOwnContact(actorOf(request, "user").userId, request.body, request)),
  );

  app.put("/v1/users/me/phone", { schema: schemas.ChangePhone, config: allow("user") }, async (request) =>
    presentUser(await changeContact(actorOf(request, "user").userId, request.body, request)),
  );

  app.put("/v1/users/me/email", { schema: schemas.ChangeEmail, config: allow("user") }, async (request) =>
    presentUser(await changeContact(actorOf(request, "user").userId, request.body, request)),
  );
}
