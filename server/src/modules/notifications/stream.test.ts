import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { describe, test } from "node:test";
import { inTransaction } from "#kit/db.ts";
import { firstEventId, newId } from "#kit/ids.ts";
import { emit, type NewEvent } from "#kit/outbox.ts";
import { eventually } from "#test/elsewhere.ts";
import { aPayer, aShop, ok, type Shop, times } from "#test/factories.ts";
import { usePlatform } from "#test/platform.ts";
import { aProcess } from "#test/process.ts";
import { happen, happened } from "#test/receiver.ts";
import { aStream, type Told } from "#test/stream.ts";

const platform = usePlatform({ LOG_LEVEL: "fatal", ROLES: "api" });
const idsOf = (messages: readonly { id?: string | undefined }[]) => messages.map(({ id }) => id);

describe("a stream", () => {
  test("tells a merchant of its payments as they happen, as the event reads", async (t) => {
    const [shop, payer] = [await aShop(platform), await aPayer(platform)];
    const stream = await aStream(platform, shop.key, { t });
    assert.deepEqual([stream.status, stream.headers.get("content-type")], [200, "text/event-stream; charset=utf-8"]);
    assert.match(stream.headers.get("request-id") ?? "", /^req_/);
    const payment = await ok(shop.scan(await payer.code(), { metadata: { note: "two\nlines" } }));
    const [{ id, event, data }] = (await stream.got(1)) as [Told];
    assert.deepEqual([event, data.data.object], ["payment.succeeded", payment]);
    assert.deepEqual(data, await ok(shop.get(`/v1/events/${id}`)));
  });

  test("tells everybody their own: merchants of their mode, users also what they pay, without the merchant's notes; staff all", async (t) => {
    const [shop, other] = [await aShop(platform), await aShop(platform)];
    const [payer, stranger] = [await aPayer(platform), await aPayer(platform)];
    const [hers, theirs, his, strangers, all] = await Promise.all(
      [shop.key, other.key, payer.token, stranger.token, await platform.operator()].map((token) =>
        aStream(platform, token, { t }),
      ),
    );
    const order = { metadata: { secret: "note" } };
    const payment = await ok(shop.scan(await payer.code(), order));
    await happen(...happened(shop, 1, { livemode: true }), ...happened(shop, 1, { object: { payer: "usr_nobody" } }));
    const [own] = await happen({ ...(happened(shop)[0] as NewEvent), ownerId: payer.id, type: "transfer.succeeded" });
    const [last] = await happen(...happened(other));
    await Promise.all([theirs?.got(1), all?.got(5), his?.got(2)]);
    assert.equal(hers?.told.length, 2);
    assert.deepEqual(idsOf(theirs?.told ?? []), [last?.id]);
    assert.deepEqual(
      his?.told.map(({ event }) => event),
      ["payment.succeeded", "transfer.succeeded"],
    );
    assert.equal(his?.told[1]?.id, own?.id);
    assert.deepEqual(his?.told[0]?.data.data.object, { ...payment, metadata: {} });
    assert.deepEqual(strangers?.told, []);
    assert.equal(all?.told.filter(({ data }) => data.livemode).length, 1);
  });

  test("tells what was committed late in its place, and nothing before it", async (t) => {
    const shop = await aShop(platform);
    const stream = await aStream(platform, shop.key, { t });
    const [early, late] = [happened(shop), happened(shop)];
    await inTransaction(async (tx) => {
      await emit(tx, early);
      await happen(...late);
      await assert.rejects(stream.got(1, 600), "nothing may pass the transaction that is open");
    });
    await stream.got(2);
    assert.deepEqual(idsOf(stream.told), idsOf([...early, ...late]));
  });

  test("needs a key or token with the scope, and a Last-Event-ID that is one", async () => {
    const shop = await aShop(platform);
    const key = async (...scopes: string[]) =>
      (await ok(platform.call("POST", "/v1/api_keys", { token: shop.key, body: { name: "narrow", scopes } }))).secret;
    const ask = async (token: string | undefined, headers = {}) => {
      const { status, body } = await platform.call("GET", "/v1/stream", { ...(token && { token }), headers });
      return [status, body.error?.code, body.error?.param];
    };
    assert.deepEqual(await ask(undefined), [401, "credentials_missing", null]);
    assert.deepEqual(await ask(await key("payments:write")), [403, "scope_missing", null]);
    assert.deepEqual(await ask(shop.key, { "last-event-id": "7" }), [400, "parameter_invalid", "last-event-id"]);
  });

  test("is one of at most twenty of an owner; a place that is left is free again", async (t) => {
    const [shop, other] = [await aShop(platform), await aShop(platform)];
    const open = await Promise.all(times(20, () => aStream(platform, shop.key, { t })));
    const refused = await platform.call("GET", "/v1/stream", { token: shop.key });
    assert.deepEqual([refused.status, refused.body.error.code], [429, "stream_limit"]);
    assert.ok(Number(refused.headers.get("retry-after")) > 0);
    assert.equal((await aStream(platform, other.key, { t })).status, 200);
    await open[0]?.close();
    await eventually(async () => {
      const again = await aStream(platform, shop.key, { t });
      return again.status === 200;
    });
    const [event] = await happen(...happened(shop));
    await Promise.all(open.slice(1).map((stream) => stream.got(1)));
    assert.equal(open[1]?.told[0]?.id, event?.id);
  });
});

describe("resumed", () => {
  /** Writes events all the time, by two writers, until stopped; gives them in the order in which they were committed by each. */
  function writing(t: { after: (end: () => Promise<void>) => void }, shop: Shop) {
    let on = true;
    const written: string[] = [];
    const writers = times(2, async () => {
      while (on) {
        const events = happened(shop, 3);
        await happen(...events);
        written.push(...events.map(({ id }) => id as string));
      }
    });
    const stop = async () => {
      on = false;
      await Promise.all(writers);
    };
    t.after(stop);
    return { written, stop };
  }

  test("after its last event it goes on without gap or double, however often it is cut", {
    timeout: 60_000,
  }, async (t) => {
    const shop = await aShop(platform);
    let stream = await aStream(platform, shop.key, { t });
    const writer = writing(t, shop);
    const heard: Told[] = [];
    for (let cut = 0; cut < 8; cut++) {
      await stream.got(1 + Math.floor(Math.random() * 40));
      await stream.close();
      heard.push(...stream.told);
      stream = await aStream(platform, shop.key, { t, lastId: heard.at(-1)?.id });
    }
    await writer.stop();
    await eventually(() => heard.length + stream.told.length >= writer.written.length, 20_000);
    heard.push(...stream.told);
    assert.equal(new Set(idsOf(heard)).size, heard.length, "nothing twice");
    assert.deepEqual(new Set(idsOf(heard)), new Set(writer.written));
  });

  test("a payer hears what it paid meanwhile, and its own, in order", async (t) => {
    const [shop, payer] = [await aShop(platform), await aPayer(platform)];
    const before = await aStream(platform, payer.token, { t });
    await ok(shop.scan(await payer.code()));
    await before.got(1);
    await before.close();
    const paid = await ok(shop.scan(await payer.code()));
    const [own] = await happen({ ...(happened(shop)[0] as NewEvent), ownerId: payer.id, type: "transfer.succeeded" });
    await happen(...happened(shop, 3));
    const after = await aStream(platform, payer.token, { t, lastId: before.told[0]?.id });
    await after.got(2);
    assert.deepEqual(idsOf(after.told), [firstEventId(paid.id), own?.id]);
  });

  test("staff go on too", async (t) => {
    const [shop, token] = [await aShop(platform), await platform.operator()];
    const [seen, ...missed] = await happen(...happened(shop, 4));
    const stream = await aStream(platform, token, { t, lastId: seen?.id });
    await stream.got(3);
    assert.deepEqual(idsOf(stream.told), idsOf(missed));
  });

  test("after an event that is not there, or another's, it says that something may be missing", async (t) => {
    const [shop, other] = [await aShop(platform), await aShop(platform)];
    const [others] = await happen(...happened(other));
    for (const lastId of [newId("evt"), others?.id]) {
      const stream = await aStream(platform, shop.key, { t, lastId });
      const [event] = await happen(...happened(shop));
      await stream.got(2);
      assert.deepEqual(
        stream.told.map((told) => told.event),
        ["stream.reset", "payment.succeeded"],
      );
      assert.equal(stream.told[1]?.id, event?.id);
    }
  });
});

test("a reader that does not read is cut off, and nobody waits for it", { timeout: 60_000 }, async (t) => {
  const shop = await aShop(platform);
  const { hostname, port } = new URL(platform.url);
  const socket = connect(Number(port), hostname);
  t.after(() => socket.destroy());
  socket.write(`GET /v1/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${shop.key}\r\n\r\n`);
  await new Promise((resolve) => socket.once("data", resolve));
  socket.pause();
  let closed = false;
  socket.once("close", () => {
    closed = true;
  });
  const beside = await aStream(platform, shop.key, { t });
  const large = { object: { note: "x".repeat(50_000) } };
  for (let told = 0; told < 600; told += 50) {
    await happen(...happened(shop, 50, large));
    await beside.got(told + 50);
  }
  socket.resume();
  await eventually(() => closed);
});

test("says that it is there while nothing happens, and ends when its key is revoked", {
  timeout: 60_000,
}, async (t) => {
  const shop = await aShop(platform);
  const key = await ok(platform.call("POST", "/v1/api_keys", { token: shop.key, body: { name: "listener" } }));
  const [revoked, kept] = [await aStream(platform, key.secret, { t }), await aStream(platform, shop.key, { t })];
  await ok(platform.call("DELETE", `/v1/api_keys/${key.id}`, { token: shop.key }));
  await eventually(() => revoked.ended, 30_000);
  await eventually(() => kept.beats > 0, 30_000);
  assert.equal(kept.ended, false);
});

test("ends when its process does, within seconds, and goes on with the next one without a gap", {
  timeout: 60_000,
}, async (t) => {
  const shop = await aShop(platform);
  const child = await aProcess(t, platform.env);
  const stream = await aStream(child, shop.key, { t });
  const [seen] = await happen(...happened(shop));
  await stream.got(1);
  const stopping = performance.now();
  child.process.kill("SIGTERM");
  const [code] = await once(child.process, "exit");
  assert.equal(code, 0);
  assert.ok(performance.now() - stopping < 8_000);
  await eventually(() => stream.ended);
  const missed = await happen(...happened(shop, 3));
  const next = await aStream(await aProcess(t, platform.env), shop.key, { t, lastId: seen?.id });
  await next.got(3);
  assert.deepEqual(idsOf(next.told), idsOf(missed));
});
