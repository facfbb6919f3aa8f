import { randomBytes } from "node:crypto";
import Fastify, { type FastifyInstance } from "fastify";
import { open } from "#kit/access.ts";
import { sendPage } from "#kit/answer-headers.ts";
import type { Http } from "#kit/http.ts";

export const documentationPath = "/docs";

/** The page that shows the OpenAPI document. Its program is 4 MB for browsers, so it is loaded when somebody opens the page first. */
export function readerPage(app: Http): void {
  let reader: Promise<FastifyInstance> | undefined;
  for (const path of [documentationPath, `${documentationPath}/*`]) {
    app.get(path, { config: open(), schema: { hide: true } }, async (request, reply) => {
      const { statusCode, headers, rawPayload } = await (await (reader ??= openReader())).inject(request.url);
      const type = headers["content-type"] ?? "";
      if (headers.location) reply.header("location", headers.location);
      reply.code(statusCode);
      if (!type.startsWith("text/html")) return reply.header("content-type", type).send(rawPayload);
      const nonce = randomBytes(16).toString("base64");
      return sendPage(reply, rawPayload.toString("utf8").replaceAll(nonceMark, nonce), sourcesFor(nonce));
    });
  }
}

/** Stands in the page's text where each reader gets a nonce of their own. */
const nonceMark = "the-nonce-of-this-answer";

/**
 * Its scripts are those that bear the nonce; it reads the API's description, and nothing comes from or goes elsewhere. Styles are free here alone: the
 * program writes many as it goes, and with nowhere to send anything they can't tell what they see.
 */
const sourcesFor = (nonce: string) => ({
  "script-src": `'nonce-${nonce}' 'strict-dynamic'`,
  "style-src": "'unsafe-inline'",
  "img-src": "'self' data:",
  "font-src": "'self' data:",
  "connect-src": "'self'",
});

async function openReader(): Promise<FastifyInstance> {
  const { default: reference } = await import("@scalar/fastify-api-reference");
  const reader = Fastify();
  const configuration = {
    url: "/v1/openapi.json",
    nonce: nonceMark,
    withDefaultFonts: false,
    telemetry: false,
    agent: { disabled: true },
  };
  await reader.register(reference, { routePrefix: documentationPath, configuration });
  return reader;
}
