import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, test } from "node:test";
import { eventually } from "#test/elsewhere.ts";
import { aPayer, aShop } from "#test/factories.ts";
import { usePlatform } from "#test/platform.ts";

interface ReceivedSpan {
  readonly name: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly traceId: string;
}

/** An OTLP receiver on this machine. */
let text = "";
const spans: ReceivedSpan[] = [];
const receiver = createServer((request, response) => {
  let body = "";
  request.setEncoding("utf8").on("data", (chunk: string) => {
    body += chunk;
  });
  request.on("end", () => {
    text += body;
    for (const { scopeSpans } of JSON.parse(body).resourceSpans)
      for (const scope of scopeSpans) spans.push(...scope.spans);
    response.writeHead(200, { "content-type": "application/json" }).end("{}");
  });
});
await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
after(() => {
  receiver.closeAllConnections();
  receiver.close();
});

const endpoint = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
const platform = usePlatform({ LOG_LEVEL: "fatal", OTEL_EXPORTER_OTLP_ENDPOINT: endpoint });

const named = (name: string) => spans.filter((span) => span.name === name);

test("requests, their statements and batches are traced, and say nothing of whose they are", async () => {
  const [shop, payer] = [await aShop(platform), await aPayer(platform)];
  const payment = await shop.paid({}, payer);
  await shop.get(`/v1/payments/${payment.id}`);
  await eventually(() => named("GET /v1/payments/:id").length === 1 && named("POST /v1/payments").length === 1, 30_000);

  const [read] = named("GET /v1/payments/:id");
  assert.ok(spans.some(({ parentSpanId, traceId }) => parentSpanId === read?.spanId && traceId === read?.traceId));
  const [batch] = spans.filter(({ name }) => name.startsWith("batch payments"));
  assert.ok(batch && !batch.parentSpanId, "a batch belongs to no request alone");
  assert.ok(spans.some(({ parentSpanId }) => parentSpanId === batch?.spanId));

  const secrets = [payer.phone, payer.password, payer.token, shop.key, payer.id, shop.id, payment.id, "127.0.0.1"];
  for (const secret of secrets) assert.ok(!text.includes(secret), `${secret} is in a trace`);
});
