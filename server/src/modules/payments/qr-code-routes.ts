import { actorOf, allow } from "#kit/access.ts";
import { type Http, languageOf } from "#kit/http.ts";
import { once } from "#kit/idempotency.ts";
import { drawPng, drawSvg } from "#modules/codes";
import { admitCollector, collect } from "./collect.ts";
import { Collect, ResolveCollectCode } from "./collect-schemas.ts";
import { createQrCode, draftQrCode } from "./create-qr-code.ts";
import { presentToPayer } from "./payment.ts";
import {
  CreateQrCode,
  DrawQrCodePng,
  DrawQrCodeSvg,
  ListQrCodes,
  ReadQrCode,
  RevokeQrCode,
} from "./qr-code-schemas.ts";
import { drawQrCode, endQrCode, readQrCode, readQrCodes } from "./read-qr-codes.ts";
import { resolveCollectCode } from "./resolve-collect-code.ts";

/** QR codes that merchants show and payers scan. They stand here because a dynamic one lives as long as its payment waits. */
export function qrCodeRoutes(app: Http): void {
  app.post(
    "/v1/qr_codes",
    { schema: CreateQrCode, config: allow("merchant", "qr_codes:write") },
    async (request, reply) => {
      // Judged before the transaction, which must not wait for other connections; told inside it, so that a repetition gets its answer.
      const draft = draftQrCode(actorOf(request, "merchant"), request.body);
      await Promise.allSettled([draft]);
      await once(async (_, tx) => createQrCode(tx, await draft)).call(app, request, reply);
    },
  );

  app.get("/v1/qr_codes", { schema: ListQrCodes, config: allow("merchant", "qr_codes:read") }, (request) =>
    readQrCodes(actorOf(request, "merchant"), request.query),
  );

  app.get("/v1/qr_codes/:id", { schema: ReadQrCode, config: allow("merchant", "qr_codes:read") }, (request) =>
    readQrCode(actorOf(request, "merchant"), request.params.id),
  );

  app.delete("/v1/qr_codes/:id", { schema: RevokeQrCode, config: allow("merchant", "qr_codes:write") }, (request) =>
    endQrCode(actorOf(request, "merchant"), request.params.id),
  );

  app.get(
    "/v1/qr_codes/:id/png",
    { schema: DrawQrCodePng, config: allow("merchant", "qr_codes:read") },
    async (request, reply) => {
      const png = await drawQrCode(actorOf(request, "merchant"), request.params.id, request.query, drawPng);
      return reply.type("image/png").send(png);
    },
  );

  app.get(
    "/v1/qr_codes/:id/svg",
    { schema: DrawQrCodeSvg, config: allow("merchant", "qr_codes:read") },
    async (request, reply) => {
      const svg = await drawQrCode(actorOf(request, "merchant"), request.params.id, request.query, drawSvg);
      return reply.type("image/svg+xml").send(svg);
    },
  );

  app.post("/v1/collect/resolve", { schema: ResolveCollectCode, config: allow("user") }, (request) =>
    resolveCollectCode(actorOf(request, "user"), request.body.qr),
  );

  app.post("/v1/collect", { schema: Collect, config: allow("user") }, async (request, reply) => {
    const actor = actorOf(request, "user");
    const collection = await admitCollector(actor, request.body);
    const pay = once(async (_, tx) => presentToPayer(await collect(tx, actor, collection), languageOf(request)), {
      required: true,
    });
    await pay.call(app, request, reply);
  });
}
