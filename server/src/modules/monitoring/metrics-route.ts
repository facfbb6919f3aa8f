import ipaddr from "ipaddr.js";
import { Type } from "typebox";
import { open } from "#kit/access.ts";
import { config } from "#kit/config.ts";
import { constantTimeEqual } from "#kit/crypto.ts";
import type { FastifyRequest, Http } from "#kit/http.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { metricsText } from "#kit/metrics.ts";

/** `GET /metrics`: what this process counts and measures, for Prometheus. */
export function metricsRoute(app: Http): void {
  app.get(
    "/metrics",
    {
      config: open(),
      schema: {
        tags: ["Health"],
        summary: "Metrics in Prometheus' text format",
        description:
          "With `Authorization: Bearer` and the operator's `METRICS_TOKEN`; where none is set, for callers on the same machine that come without a proxy.",
        response: { 200: Type.String() },
      },
      serializerCompiler: () => (text) => text as string,
    },
    async (request, reply) => {
      assertMayRead(request);
      return reply.type("text/plain; version=0.0.4; charset=utf-8").send(await metricsText());
    },
  );
}

/** To everybody else there is nothing here. */
function assertMayRead({ headers, socket }: FastifyRequest): void {
  const { metricsToken } = config();
  if (metricsToken) {
    if (headers.authorization === undefined) throw kitErrors.credentials_missing();
    if (!constantTimeEqual(headers.authorization, `Bearer ${metricsToken}`)) throw kitErrors.credentials_unknown();
    return;
  }
  // A proxy on this machine speaks for somebody else.
  const isForwarded =
    "forwarded" in headers || "x-forwarded-for" in headers || "x-real-ip" in headers || "via" in headers;
  if (isForwarded || !isLoopback(socket.remoteAddress)) throw kitErrors.route_not_found();
}

const isLoopback = (address = ""): boolean => ipaddr.isValid(address) && ipaddr.process(address).range() === "loopback";
