import { Type } from "typebox";
import { actorOf, allow } from "#kit/access.ts";
import { PublicKey } from "#kit/ed25519.ts";
import type { Http } from "#kit/http.ts";
import { once } from "#kit/idempotency.ts";
import { Id, Strict } from "#kit/schemas.ts";
import { presentDevice } from "./device.ts";
import { enrolDeviceKey } from "./enrol-device-key.ts";
import { DeviceObject } from "./schemas.ts";

const EnrolDeviceKey = {
  tags: ["Devices"],
  summary: "Bind a key to the device one is signed in from",
  description:
    "From then on whatever changes something must be signed by the device, apart from a few harmless acts: see `docs/signed-requests.md`. The key stays for good; another one belongs to another device.",
  params: Type.Object({ id: Id("dev") }),
  body: Strict({
    public_key: PublicKey,
    proof: Type.String({
      pattern: "^[A-Za-z0-9_-]{86}$",
      description:
        "Ed25519 signature by the private half, in base64url, over three lines joined by line feeds: `feiqian device key`, the device's id, the public key in base64url",
    }),
  }),
  response: { 200: DeviceObject },
};

export function deviceKeyRoutes(app: Http): void {
  app.post(
    "/v1/users/me/devices/:id/key",
    { schema: EnrolDeviceKey, config: allow("user") },
    once(async (request, tx) => {
      const { params, body } = request;
      return presentDevice(await enrolDeviceKey(tx, actorOf(request, "user"), params.id, body, request));
    }),
  );
}
