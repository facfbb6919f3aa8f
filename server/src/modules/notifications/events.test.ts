import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { inTransaction } from "#kit/db.ts";
import { firstEventId, newId } from "#kit/ids.ts";
import { emit, type NewEvent } from "#kit/outbox.ts";
import { aPayer, aShop, ok, type Payer, type Shop, times } from "#test/factories.ts";
import { type Answer, usePlatform } from "#test/platform.ts";

const platform = usePlatform({ ROLES: "api" });

/** An event of this owner about an object of its own. */
function anEvent(ownerId: string, facts: Partial<NewEvent> = {}): NewEvent & { id: string } {
  const id = newId("pay");
  return {
    id: newId("evt"),
    ownerId,
    livemode: false,
    type: "payment.succeeded",
    objectId: id,
    object: { id, object: "payment", amount: Number.MAX_SAFE_INTEGER, subject: '茶 "tea"\n\u0000', metadata: {} },
    ...facts,
  };
}

const happen = (...events: NewEvent[]) => inTransaction((tx) => emit(tx, events));
const list = async (who: Pick<Shop | Payer, "get">, query = "") => ok(who.get(`/v1/events?${query}`));
const ids = ({ data }: Answer["body"]): string[] => data.map((event: { id: string }) => event.id);
const newestFirst = (events: readonly { id: string }[]): string[] =>
  events
    .map(({ id }) => id)
    .sort()
    .toReversed();

/** A shop whose events of being set up are out of the way: a query that leaves them out. */
async function aQuietShop() {
  const shop = await aShop(platform);
  return { ...shop, list: (query = "") => list(shop, `type=payment.succeeded&${query}`) };
}

describe("an event", () => {
  test("carries the whole object as it was emitted, to the last digit", async () => {
    const shop = await aShop(platform);
    const event = anEvent(shop.id);
    await happen(event);
    const answer = await ok(shop.get(`/v1/events/${event.id}`));
    assert.match(answer.created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.deepEqual(answer, {
      id: event.id,
      object: "event",
      type: "payment.succeeded",
      created_at: answer.created_at,
      livemode: false,
      data: { object: event.object },
    });
    assert.deepEqual((await list(shop, "type=payment.succeeded")).data, [answer]);
  });

  test("is its owner's alone, merchant or user, in its own mode", async () => {
    const [shop, other] = [await aShop(platform), await aShop(platform)];
    const payer = await aPayer(platform, { money: 0 });
    const [shops, live, payers] = [
      anEvent(shop.id),
      anEvent(shop.id, { livemode: true }),
      anEvent(payer.id, { type: "transfer.succeeded" }),
    ];
    await happen(shops, live, payers);
    assert.ok(ids(await list(shop)).includes(shops.id));
    assert.ok(ids(await list(payer)).includes(payers.id));
    for (const [who, event] of [
      [other, shops],
      [payer, shops],
      [shop, payers],
      [shop, live],
    ] as const) {
      const { status, body } = await who.get(`/v1/events/${event.id}`);
      assert.deepEqual([status, body.error.code], [404, "not_found"]);
      assert.ok(!ids(await list(who, "limit=100")).includes(event.id));
      assert.deepEqual((await list(who, `object=${event.objectId}`)).data, []);
    }
  });

  test("is read with the scope for it, and not by staff", async () => {
    const shop = await aShop(platform);
    const key = (scopes: string[]) =>
      ok(platform.call("POST", "/v1/api_keys", { token: shop.key, body: { name: "narrow", scopes } }));
    const ask = async (token?: string) => {
      const { status, body } = await platform.call("GET", "/v1/events", token ? { token } : {});
      return [status, body.error?.code];
    };
    assert.deepEqual(await ask((await key(["events:read"])).secret), [200, undefined]);
    assert.deepEqual(await ask((await key(["records:read"])).secret), [403, "scope_missing"]);
    assert.deepEqual(await ask(await platform.operator()), [403, "actor_not_allowed"]);
    assert.deepEqual(await ask(), [401, "credentials_missing"]);
  });
});

/** Ids of one millisecond have no order among them: what comes next falls into another one. */
async function untilAfter(ms: number): Promise<void> {
  while (Date.now() <= ms) await new Promise((resolve) => setImmediate(resolve));
}

describe("the list", () => {
  test("filters by type, object and time", async () => {
    const shop = await aShop(platform);
    const [early, late, failed] = [anEvent(shop.id), anEvent(shop.id), anEvent(shop.id, { type: "payment.failed" })];
    await happen(early);
    const { created_at } = await ok(shop.get(`/v1/events/${early.id}`));
    const next = new Date(Date.parse(created_at) + 1).toISOString();
    await untilAfter(Date.parse(next));
    const often = newId("pay");
    const first = anEvent(shop.id, { id: firstEventId(often), objectId: often, type: "payment.processing" });
    const second = anEvent(shop.id, { objectId: often, type: "payment.failed" });
    await happen(late, failed, first, second);
    const cases: [query: string, shown: { id: string }[]][] = [
      ["type=payment.succeeded", [early, late]],
      ["type=payment.failed", [failed, second]],
      ["type=payment.authorized", []],
      [`object=${late.objectId}`, [late]],
      [`object=${late.objectId}&type=payment.failed`, []],
      [`object=${often}`, [first, second]],
      [`object=${often}&type=payment.failed`, [second]],
      [`created_gte=${next}`, [late, failed, first, second]],
      [`type=payment.succeeded&created_lt=${next}`, [early]],
      ["type=payment.succeeded&created_lt=2020-01-01T00:00:00Z", []],
    ];
    for (const [query, shown] of cases) assert.deepEqual(ids(await list(shop, query)), newestFirst(shown), query);
  });

  test("walked while events arrive: what was there is shown once, newest first, both ways", async () => {
    const shop = await aQuietShop();
    const there = times(40, () => anEvent(shop.id));
    await happen(...there);
    const expected = newestFirst(there);
    await untilAfter(Date.now());
    let walking = true;
    const arriving = (async () => {
      while (walking) await happen(anEvent(shop.id), anEvent(shop.id));
    })();
    const down: string[] = [];
    try {
      for (let cursor = "", more = true; more; ) {
        const page = await shop.list(`limit=7${cursor}`);
        down.push(...ids(page));
        more = page.has_more;
        cursor = `&starting_after=${down.at(-1)}`;
      }
    } finally {
      walking = false;
      await arriving;
    }
    assert.deepEqual(down.slice(-40), expected);
    assert.deepEqual(down, [...new Set(down)].sort().toReversed());
    const back = await shop.list(`limit=3&ending_before=${expected[5]}`);
    assert.deepEqual([ids(back), back.has_more], [expected.slice(2, 5), true]);
  });

  test("what a query may not hold is named", async () => {
    const shop = await aShop(platform);
    const wrong: [query: string, code: string, param: string][] = [
      ["limit=0", "parameter_invalid", "limit"],
      ["limit=101", "parameter_invalid", "limit"],
      ["starting_after=evt_1", "parameter_invalid", "starting_after"],
      [`ending_before=${newId("pay")}`, "parameter_invalid", "ending_before"],
      [`starting_after=${newId("evt")}&ending_before=${newId("evt")}`, "parameter_invalid", "ending_before"],
      ["type=%00", "parameter_invalid", "type"],
      ["object=pay%20", "parameter_invalid", "object"],
      ["created_gte=0000-01-01T00:00:00Z", "parameter_invalid", "created_gte"],
      ["owner=me", "parameter_unknown", "owner"],
    ];
    for (const [query, code, param] of wrong) {
      const { status, body } = await shop.get(`/v1/events?${query}`);
      assert.deepEqual([status, body.error?.code, body.error?.param], [400, code, param], query);
    }
    assert.equal((await shop.get(`/v1/events/${newId("evt")}`)).status, 404);
  });
});
