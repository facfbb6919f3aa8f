import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { database, inTransaction } from "#kit/db.ts";
import { newId } from "#kit/ids.ts";
import type { NewEvent } from "#kit/outbox.ts";
import { eventually } from "#test/elsewhere.ts";
import { aPayer, aShop, ok, type Shop, times } from "#test/factories.ts";
import { usePlatform } from "#test/platform.ts";
import {
  anEndpoint,
  aReceiver,
  deliveries,
  delivery,
  happen,
  happened,
  idsOf,
  type Received,
  verify,
} from "#test/receiver.ts";
import { enqueueDeliveries, toEndpoint } from "./enqueue.ts";

const platform = usePlatform({ LOG_LEVEL: "fatal" });

const post = (shop: Shop, path: string, body: object = {}) => platform.call("POST", path, { token: shop.key, body });
describe("a message", () => {
  test("tells a real payment: signed as the official library checks, with the event's own id and the object as it was", async (t) => {
    const [shop, payer, receiver] = [await aShop(platform), await aPayer(platform), await aReceiver(t)];
    const { secret } = await anEndpoint(platform, shop, receiver.url);
    const payment = await ok(shop.scan(await payer.code()));
    const [message] = (await receiver.got(1)) as [Received];
    verify(secret, message);
    assert.throws(() => verify(`whsec_${Buffer.alloc(32).toString("base64")}`, message), /No matching signature/);
    const event = await ok(shop.get(`/v1/events/${message.id}`));
    const { headers, ...body } = message.body;
    assert.equal(headers["content-type"], "application/json");
    assert.deepEqual(body, {
      id: event.id,
      object: "event",
      type: "payment.succeeded",
      timestamp: event.created_at,
      livemode: false,
      sequence: 1,
      data: { object: payment },
    });
  });

  test("of one object comes after the one before, with its number", async (t) => {
    const [shop, receiver] = [await aShop(platform), await aReceiver(t)];
    await anEndpoint(platform, shop, receiver.url);
    const firsts = happened(shop, 5, { type: "payment.requires_payment" });
    const later = (type: string) => firsts.map((event) => ({ ...event, id: newId("evt"), type }));
    // An answer takes a while: a later event may not even be on its way before.
    const answered = new Set<string>();
    const early: string[] = [];
    receiver.answer((response, { body }) => {
      const { id } = body.data.object;
      if (body.sequence > 1 && !answered.has(`${id} ${body.sequence - 1}`)) early.push(`${id} ${body.sequence}`);
      setTimeout(() => {
        answered.add(`${id} ${body.sequence}`);
        response.end();
      }, 30);
    });
    await happen(...firsts, ...later("payment.processing"), ...later("payment.succeeded"));
    const messages = await receiver.got(15);
    assert.deepEqual(early, []);
    for (const { objectId } of firsts) {
      const told = messages
        .filter(({ body }) => body.data.object.id === objectId)
        .map(({ body }) => [body.type, body.sequence]);
      assert.deepEqual(told, [
        ["payment.requires_payment", 1],
        ["payment.processing", 2],
        ["payment.succeeded", 3],
      ]);
    }
  });

  test("goes to who asked for it: by type, by object, for everything; of its own merchant and mode", async (t) => {
    const [shop, other] = [await aShop(platform), await aShop(platform)];
    const receivers = await Promise.all(times(5, () => aReceiver(t)));
    const asked = [["payment.failed"], ["payment.*"], ["*"], ["store.created"], ["*"]];
    for (const [i, events] of asked.entries())
      await anEndpoint(platform, i === 4 ? other : shop, (receivers[i] as { url: string }).url, { events });
    const [failed] = await happen(...happened(shop, 1, { type: "payment.failed" }));
    const [paid] = await happen(...happened(shop));
    await happen(...happened(shop, 1, { livemode: true }));
    await ok(post(shop, "/v1/stores", { name: "West Lake" }));
    const heard = (i: number) =>
      (receivers[i]?.received ?? []).map(({ body }) => body.type).filter((type) => !type.startsWith("webhook"));
    await eventually(() => heard(2).includes("store.created") && heard(3).length === 1);
    assert.deepEqual(heard(0), ["payment.failed"]);
    assert.deepEqual(idsOf(receivers[1]?.received ?? []), idsOf([failed as NewEvent, paid as NewEvent]));
    assert.deepEqual(new Set(heard(2)), new Set(["payment.failed", "payment.succeeded", "store.created"]));
    assert.deepEqual(heard(4), []);
  });
});

describe("an attempt that fails", () => {
  test("may be a redirect, which is not followed", async (t) => {
    const [shop, receiver] = [await aShop(platform), await aReceiver(t)];
    receiver.answer((response) => response.writeHead(302, { location: "http://169.254.169.254/" }).end("moved"));
    const endpoint = await anEndpoint(platform, shop, receiver.url);
    await happen(...happened(shop));
    const shown = await delivery(shop, endpoint, { attempts: 1, response_status: 302, status: "pending" });
    assert.equal(shown.response_excerpt, "moved");
  });

  test("waits as long as Retry-After says", async (t) => {
    const [shop, receiver] = [await aShop(platform), await aReceiver(t)];
    receiver.answer((response) => response.writeHead(429, { "retry-after": "1800" }).end());
    const endpoint = await anEndpoint(platform, shop, receiver.url);
    await happen(...happened(shop));
    const shown = await delivery(shop, endpoint, { attempts: 1, status: "pending" });
    const waits = Date.parse(shown.next_attempt_at) - Date.parse(shown.last_attempt_at);
    assert.ok(waits >= 1_800_000 && waits <= 1_980_000);
  });

  test("shows a kilobyte of an answer without end", async (t) => {
    const [shop, receiver] = [await aShop(platform), await aReceiver(t)];
    receiver.answer((response) => {
      const pour = () => {
        while (!response.destroyed && response.write("饭\u0000".repeat(4_000)));
      };
      response.on("drain", pour).on("error", () => {});
      pour();
    });
    const endpoint = await anEndpoint(platform, shop, receiver.url);
    await happen(...happened(shop));
    const { response_excerpt: excerpt } = await delivery(shop, endpoint, { status: "succeeded" });
    assert.match(excerpt, /^饭+$/);
    assert.ok(Buffer.byteLength(excerpt) <= 1_024 && excerpt.length > 200);
  });

  test("to an address where nobody listens says so", async (t) => {
    const [shop, receiver] = [await aShop(platform), await aReceiver(t)];
    const endpoint = await anEndpoint(platform, shop, receiver.url.replace(/:\d+/, ":1025"));
    await happen(...happened(shop));
    await delivery(shop, endpoint, {
      attempts: 1,
      status: "pending",
      error: "connection_failed",
      response_status: null,
    });
  });
});

describe("receivers", () => {
  test("that hang or fail hold nobody up: another merchant's thousand events and its own other endpoint's arrive", {
    timeout: 60_000,
  }, async (t) => {
    const [shop, other] = [await aShop(platform), await aShop(platform)];
    const [hanging, failing, fast, beside] = await Promise.all(times(4, () => aReceiver(t)));
    hanging?.answer(() => {});
    failing?.answer(500);
    for (const [who, receiver] of [
      [shop, hanging],
      [shop, failing],
      [shop, beside],
      [other, fast],
    ] as const)
      await anEndpoint(platform, who, receiver?.url ?? "");
    const [mine, theirs] = [happened(shop, 1_000), happened(other, 1_000)];
    for (let at = 0; at < 1_000; at += 250) await happen(...mine.slice(at, at + 250), ...theirs.slice(at, at + 250));
    await Promise.all([fast?.got(1_000, 20_000), beside?.got(1_000, 20_000)]);
    assert.deepEqual(idsOf(fast?.received ?? []), idsOf(theirs));
    assert.deepEqual(idsOf(beside?.received ?? []), idsOf(mine));
    assert.ok((hanging?.received.length ?? 0) <= 32, "few connections wait for the one that hangs");
  });

  test("an event that fails does not hold up later ones of the same object", async (t) => {
    const [shop, receiver] = [await aShop(platform), await aReceiver(t)];
    const endpoint = await anEndpoint(platform, shop, receiver.url);
    receiver.answer((response, { body }) => response.writeHead(body.sequence === 1 ? 500 : 200).end());
    const [event] = happened(shop, 1, { type: "payment.processing" }) as [NewEvent];
    await happen(event, { ...event, id: newId("evt"), type: "payment.succeeded" });
    await receiver.got(2);
    await eventually(async () => (await deliveries(shop, endpoint, "status=succeeded")).length === 1);
    assert.equal((await deliveries(shop, endpoint, "status=pending")).length, 1);
  });
});

test("a secret lies sealed in the database", async (t) => {
  const [shop, receiver] = [await aShop(platform), await aReceiver(t)];
  const { id, secret } = await anEndpoint(platform, shop, receiver.url);
  const { rows } = await database().query("select w::text as row from webhook_endpoints w where id = $1", [id]);
  assert.ok(!rows[0].row.includes(secret) && !rows[0].row.includes(secret.slice(6)));
});

test("what is added in the very moment in which its lane is given back is not forgotten", async (t) => {
  const [shop, receiver] = [await aShop(platform), await aReceiver(t)];
  const endpoint = await anEndpoint(platform, shop, receiver.url);
  const held = Promise.withResolvers<void>();
  receiver.answer((response) => void held.promise.then(() => response.end()));
  const [first] = (await happen(...happened(shop))) as [NewEvent];
  await receiver.got(1);
  const { id, objectId } = first as NewEvent & { id: string };
  const again = { eventId: id, eventType: "payment.succeeded", objectId };
  await inTransaction(async (tx) => {
    const key = { merchantId: shop.id, livemode: false };
    await enqueueDeliveries(tx, [{ ...key, ...toEndpoint(endpoint.id), ...again }]);
    // The first is answered: nothing more is to be seen, and the sender gives the lane back, on which this transaction sits.
    held.resolve();
    await eventually(async () => {
      const waiting =
        "select from pg_stat_activity where wait_event_type = 'Lock' and query like '%update webhook_lanes l%'";
      return (await database().query(`${waiting} and datname = current_database()`)).rowCount === 1;
    }, 20_000);
  });
  await receiver.got(2, 10_000);
});
