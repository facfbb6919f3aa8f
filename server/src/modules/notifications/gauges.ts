import { database, first } from "#kit/db.ts";
import { atMostEvery, gauge } from "#kit/metrics.ts";
import { countPending } from "./deliveries-sql.ts";

/** Of a queue that is longer only that it is. */
const mostCounted = 10_000;

gauge(
  "feiqian_webhooks_pending",
  "Webhook deliveries that wait to be taken by their receivers; counted up to 10,000.",
  [],
  atMostEvery(5_000, async () => [[[], (await first(database(), countPending, [mostCounted]))?.count ?? 0] as const]),
);
