import Fastify, { type FastifyInstance } from "fastify";
import { open } from "#kit/access.ts";
import type { Http } from "#kit/http.ts";

export const documentationPath = "/docs";

/** The page that shows the OpenAPI document. Its program is 4 MB for browsers, so it is loaded when somebody opens the page first. */
export function readerPage(app: Http): void {
  let reader: Promise<FastifyInstance> | undefined;
  for (const path of [documentationPath, `${documentationPath}/*`]) {
    app.get(path, { config: open(), schema: { hide: true } }, async (request, reply) => {
      const { statusCode, headers, rawPayload } = await (await (reader ??= openReader())).inject(request.url);
      for (const name of ["content-type", "location"]) if (headers[name]) reply.header(name, headers[name]);
      return reply.code(statusCode).send(rawPayload);
    });
  }
}

async function openReader(): Promise<FastifyInstance> {
  const { default: reference } = await import("@scalar/fastify-api-reference");
  const reader = Fastify();
  await reader.register(reference, { routePrefix: documentationPath, configuration: { url: "/v1/openapi.json" } });
  return reader;
}
