import assert from "node:assert/strict";
import { test } from "node:test";
import { usePlatform } from "#test/platform.ts";

const worker = usePlatform({ ROLES: "worker" });

test("a worker that takes no requests tells its supervisors how it is, and nobody anything else", async () => {
  const [alive, ready, metrics] = await Promise.all(
    ["/healthz", "/readyz", "/metrics"].map((path) => worker.call("GET", path)),
  );
  assert.deepEqual([alive?.status, alive?.body], [200, { status: "ok" }]);
  assert.deepEqual([ready?.status, ready?.body.status], [200, "ready"]);
  assert.equal(metrics?.status, 200);
  assert.match(String(metrics?.body), /^feiqian_database_connections\{state="busy"\} \d+$/m);
  for (const path of ["/v1/payments", "/v1/alerts", "/docs", "/v1/openapi.json"]) {
    const { status, body } = await worker.call("GET", path);
    assert.deepEqual([status, body.error.code], [404, "route_not_found"], path);
  }
});
