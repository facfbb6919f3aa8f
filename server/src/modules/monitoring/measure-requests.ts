import type { Http } from "#kit/http.ts";
import { histogram } from "#kit/metrics.ts";

const seconds = histogram(
  "feiqian_http_request_seconds",
  "How long requests took until their answer was sent, by route.",
  ["method", "route", "status"],
  [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
);

/** A stream lasts as long as somebody listens. */
const streams = new Set(["/v1/stream"]);

/** Counts and times every request of this server. */
export function measureRequests(app: Http): void {
  app.addHook("onResponse", (request, reply, done) => {
    const route = request.routeOptions.url;
    if (!streams.has(route ?? ""))
      seconds(request.method, route ?? "none", String(reply.statusCode)).observe(reply.elapsedTime / 1_000);
    done();
  });
}
