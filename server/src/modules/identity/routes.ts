import { actorOf, allow, open } from "#kit/access.ts";
import { recordAct } from "#kit/audit.ts";
import { database } from "#kit/db.ts";
import { type Http, languageOf } from "#kit/http.ts";
import { once } from "#kit/idempotency.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { accountRoutes } from "./account-routes.ts";
import { approvalRoutes } from "./approval-routes.ts";
import { auditRoutes } from "./audit-routes.ts";
import { assertMayChange, changeDevice } from "./change-device.ts";
import { devicesOf, getDevice, presentDevice, presentNamelessDevice } from "./device.ts";
import { deviceKeyRoutes } from "./device-key-routes.ts";
import { endOwnSession } from "./end-session.ts";
import { enrolDevice } from "./enrol-device.ts";
import { factorRoutes } from "./factor-routes.ts";
import { keptUserRoutes } from "./kept-user-routes.ts";
import { neverStored } from "./never-stored.ts";
import { presentPaymentPin, setPaymentPin } from "./payment-pin.ts";
import { refresh } from "./refresh.ts";
import { register } from "./register.ts";
import { relyingPartyOf } from "./relying-party.ts";
import { revokeDevice } from "./revoke-device.ts";
import * as schemas from "./schemas.ts";
import { presentSession, sessionOf, sessionsOf } from "./session.ts";
import { answersToken, forgetCookie, shownToken } from "./session-cookie.ts";
import { signIn } from "./sign-in.ts";
import { signInStaff } from "./sign-in-staff.ts";
import { getStaff, presentStaff } from "./staff.ts";
import { staffKeepingRoutes } from "./staff-routes.ts";
import { updateProfile } from "./update-profile.ts";
import { findUser, presentUser } from "./user.ts";

/** Tokens and passwords are never stored, so the routes that are open ignore `Idempotency-Key`. */
export function identityRoutes(app: Http): void {
  userRoutes(app);
  accountRoutes(app);
  deviceRoutes(app);
  deviceKeyRoutes(app);
  sessionRoutes(app);
  factorRoutes(app);
  staffRoutes(app);
  auditRoutes(app);
  staffKeepingRoutes(app);
  keptUserRoutes(app);
  approvalRoutes(app);
}

function userRoutes(app: Http): void {
  app.post("/v1/users", { schema: schemas.Register, config: open() }, async (request) =>
    presentUser(await register({ ...request.body, locale: request.body.locale ?? languageOf(request) }, request)),
  );

  app.get("/v1/users/me", { schema: schemas.ReadUser, config: allow("user") }, async (request) => {
    const user = await findUser(database(), actorOf(request, "user").userId);
    if (!user) throw kitErrors.not_found();
    return presentUser(user);
  });

  app.patch("/v1/users/me", { schema: schemas.UpdateUser, config: allow("user") }, async (request) =>
    presentUser(await updateProfile(actorOf(request, "user").userId, request.body, request)),
  );

  app.get("/v1/users/me/payment_pin", { schema: schemas.ReadPaymentPin, config: allow("user") }, (request) =>
    presentPaymentPin(actorOf(request, "user").userId),
  );

  app.put("/v1/users/me/payment_pin", { schema: schemas.SetPaymentPin, config: allow("user") }, async (request) => {
    const { userId } = actorOf(request, "user");
    await setPaymentPin(userId, request.body, request);
    return presentPaymentPin(userId);
  });
}

function deviceRoutes(app: Http): void {
  app.post(
    "/v1/users/me/devices",
    { schema: schemas.EnrolDevice, config: allow("user") },
    once(
      async (request, tx) => {
        const { userId, livemode } = actorOf(request, "user");
        const device = await enrolDevice(tx, { id: userId, livemode }, request.body);
        const [object, after] = [{ type: "device", id: device.id }, presentNamelessDevice(device)];
        await recordAct(tx, request, { action: "device.enrolled", object, after });
        return presentDevice(device);
      },
      { secret: true },
    ),
  );

  app.get("/v1/users/me/devices", { schema: schemas.ListDevices, config: allow("user") }, (request) =>
    devicesOf(actorOf(request, "user").userId, "/v1/users/me/devices", request.query),
  );

  app.get("/v1/users/me/devices/:id", { schema: schemas.ReadDevice, config: allow("user") }, async (request) =>
    presentDevice(await getDevice(actorOf(request, "user").userId, request.params.id)),
  );

  app.patch(
    "/v1/users/me/devices/:id",
    {
      schema: schemas.ChangeDevice,
      config: allow("user"),
      onRequest: neverStored,
      preHandler: async (request) =>
        assertMayChange(actorOf(request, "user").userId, request.params.id, request.body, request.ip),
    },
    async (request) => {
      const { userId, livemode } = actorOf(request, "user");
      const { device, trustToken } = await changeDevice(
        request,
        { id: userId, livemode },
        request.params.id,
        request.body,
      );
      return { ...presentDevice(device), ...(trustToken !== undefined && { trust_token: trustToken }) };
    },
  );

  app.delete("/v1/users/me/devices/:id", { schema: schemas.RevokeDevice, config: allow("user") }, async (request) =>
    presentDevice(await revokeDevice(actorOf(request, "user").userId, request.params.id, request)),
  );
}

function sessionRoutes(app: Http): void {
  app.post("/v1/sessions", { schema: schemas.SignIn, config: open(), ...answersToken }, (request) =>
    signIn(request.body, { address: request.ip, party: relyingPartyOf(request) }),
  );

  app.post("/v1/sessions/refresh", { schema: schemas.Refresh, config: open(), ...answersToken }, (request) =>
    refresh(shownToken(request, request.body.refresh_token)),
  );

  app.delete(
    "/v1/sessions/current",
    { schema: schemas.SignOut, config: allow(["user", "staff"]) },
    async (request, reply) => {
      const session = sessionOf(actorOf(request, "user", "staff"));
      forgetCookie(request, reply);
      return presentSession(await endOwnSession(session, "signed_out", request), session.sessionId);
    },
  );

  app.get("/v1/users/me/sessions", { schema: schemas.ListSessions, config: allow("user") }, (request) =>
    sessionsOf(sessionOf(actorOf(request, "user")), "/v1/users/me/sessions", request.query),
  );

  app.delete("/v1/users/me/sessions/:id", { schema: schemas.EndSession, config: allow("user") }, async (request) => {
    const { ownerId, sessionId } = sessionOf(actorOf(request, "user"));
    const ended = await endOwnSession({ ownerId, sessionId: request.params.id }, "ended_by_owner", request);
    return presentSession(ended, sessionId);
  });
}

function staffRoutes(app: Http): void {
  app.post("/v1/staff/sessions", { schema: schemas.SignInStaff, config: open(), ...answersToken }, (request) =>
    signInStaff(request.body, request),
  );

  app.get("/v1/staff/me", { schema: schemas.ReadStaff, config: allow("staff") }, async (request) =>
    presentStaff(await getStaff(actorOf(request, "staff").staffId)),
  );
}
