import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { networkInterfaces } from "node:os";
import { test } from "node:test";
import { configure } from "#kit/config.ts";
import { eventually } from "#test/elsewhere.ts";
import { aPayer, aShop, ok } from "#test/factories.ts";
import { callApi, usePlatform } from "#test/platform.ts";

const platform = usePlatform({ LOG_LEVEL: "fatal", HOST: "0.0.0.0" });
const metrics = (headers: Record<string, string> = {}) => platform.call("GET", "/metrics", { headers });
const text = async (): Promise<string> => ok(metrics());

test("a payment, its request, batch and event are counted, and nothing says whose they were", async () => {
  const [shop, payer] = [await aShop(platform), await aPayer(platform)];
  const payment = await shop.paid({}, payer);
  await ok(shop.get(`/v1/payments/${payment.id}`));
  await eventually(async () => /feiqian_events_total\{type="payment.succeeded"\} 1/.test(await text()), 20_000);
  const shown = await text();
  for (const wanted of [
    /^feiqian_http_request_seconds_count\{method="POST",route="\/v1\/payments",status="200"\} 1$/m,
    /^feiqian_http_request_seconds_count\{method="GET",route="\/v1\/payments\/:id",status="200"\} 1$/m,
    /^feiqian_batch_seconds_count\{batch="payments[^"]*"\} [1-9]/m,
    /^feiqian_batch_waiting\{batch="payments[^"]*"\} 0$/m,
    /^feiqian_database_connections\{state="idle"\} \d+$/m,
    /^feiqian_feed_behind\{consumer="records"\} \d+$/m,
    /^feiqian_webhooks_pending \d+$/m,
    /^feiqian_jobs_waiting|^feiqian_alerts|^process_resident_memory_bytes \d+$/m,
    /^nodejs_eventloop_lag_seconds\{quantile="0.99"\} [\d.e-]+$/m,
  ]) {
    assert.match(shown, wanted);
  }
  assert.doesNotMatch(shown, /[a-z]{2,4}_[0-9a-hjkmnp-tv-z]{26}|order-/);
  const line = /^(# (HELP|TYPE) .+|[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [-+\d.e]+)$/;
  assert.deepEqual(
    shown
      .trimEnd()
      .split("\n")
      .filter((one) => !line.test(one)),
    [],
  );
});

test("is there for this machine alone while no token is set: not behind a proxy, not from another address", async () => {
  assert.match(String((await metrics()).headers.get("content-type")), /^text\/plain; version=0\.0\.4/);
  for (const header of ["x-forwarded-for", "forwarded", "via"])
    assert.equal((await metrics({ [header]: "1.1 proxy" })).status, 404, header);
  const own = Object.values(networkInterfaces())
    .flat()
    .find((one) => one?.family === "IPv4" && !one.internal);
  if (!own) return;
  const elsewhere = platform.url.replace(/\/\/[^:]+/, `//${own.address}`);
  assert.equal((await callApi(elsewhere, "GET", "/metrics")).status, 404);
});

test("is there for whoever has the token when one is set", async (t) => {
  const token = randomUUID();
  configure({ ...platform.env, METRICS_TOKEN: token });
  t.after(() => configure(platform.env));
  assert.equal((await metrics()).body.error.code, "credentials_missing");
  assert.equal((await metrics({ authorization: "Bearer wrong" })).body.error.code, "credentials_unknown");
  assert.equal((await metrics({ authorization: `Bearer ${token}`, "x-forwarded-for": "203.0.113.9" })).status, 200);
});
