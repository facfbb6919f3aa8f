import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { database, inTransaction } from "#kit/db.ts";
import { newId } from "#kit/ids.ts";
import { caughtUp, emit, type NewEvent } from "#kit/outbox.ts";
import { recordsLoops } from "#modules/records";
import { elsewhere, eventually } from "#test/elsewhere.ts";
import { aPayer, aShop, ok, type Shop, times } from "#test/factories.ts";
import { usePlatform } from "#test/platform.ts";
import { aRecord, keep, noon } from "./test-records.ts";

const platform = usePlatform({ ROLES: "api", TIME_ZONE: "Asia/Shanghai" });

const aSale = (merchant: string, facts: Parameters<typeof aRecord>[1] = {}) =>
  aRecord(merchant, { method: "wallet", ...facts });
const note = (...records: ReturnType<typeof aRecord>[]) => keep(records);
const minutes = (n: number) => n * 60_000;

async function projected(): Promise<void> {
  const loop = recordsLoops();
  try {
    assert.ok(await caughtUp("records", 20_000), "the records did not catch up");
  } finally {
    await loop.stop();
  }
}

/** Rows of an answer as [group, count, failed, volume]. */
async function rows(who: Pick<Shop, "get">, query = ""): Promise<unknown[][]> {
  const { data } = await ok(who.get(`/v1/statistics${query}`));
  return data.map((row: Record<string, unknown>) => [row.group, row.count, row.failed_count, row.volume]);
}

const byGroup = ([a]: unknown[], [b]: unknown[]): number => (String(a) < String(b) ? -1 : 1);

describe("what is counted", () => {
  test("volume, count, average and success rate; refunds beside them; the payer's side and other types not at all", async () => {
    const shop = await aShop(platform);
    await note(
      aSale(shop.id, { amount: 100 }),
      aSale(shop.id, { amount: 101 }),
      aSale(shop.id, { amount: 102 }),
      aSale(shop.id, { amount: 7, result: "failed", failureCode: "x" }),
      aSale(shop.id, { amount: 40, type: "refund", direction: "out" }),
      aSale(shop.id, { amount: 41, type: "refund", direction: "out", result: "failed", failureCode: "x" }),
      aSale(shop.id, { amount: 1_000, type: "transfer" }),
      aSale(newId("usr"), { amount: 100, direction: "out" }),
      aSale(shop.id, { amount: 1, livemode: true }),
      aSale(shop.id, { amount: 5, currency: "USD" }),
    );
    const answer = await ok(shop.get("/v1/statistics"));
    assert.deepEqual(answer, {
      object: "statistics",
      group_by: null,
      from: null,
      to: null,
      time_zone: "Asia/Shanghai",
      data: [
        {
          group: null,
          currency: "CNY",
          volume: 303,
          count: 3,
          failed_count: 1,
          average: 101,
          success_rate: 0.75,
          refund_count: 1,
          refunded: 40,
        },
        {
          group: null,
          currency: "USD",
          volume: 5,
          count: 1,
          failed_count: 0,
          average: 5,
          success_rate: 1,
          refund_count: 0,
          refunded: 0,
        },
      ],
    });
    assert.deepEqual((await ok(shop.get("/v1/statistics?currency=USD"))).data, answer.data.slice(1));
  });

  test("by hour, by the operator's day, by method and store; a period is made of quarters of an hour", async () => {
    const shop = await aShop(platform);
    const [north, south] = [newId("sto"), newId("sto")];
    await note(
      aSale(shop.id, { at: minutes(0), amount: 1, storeId: north }),
      aSale(shop.id, { at: minutes(14), amount: 2, storeId: south, method: "bank" }),
      aSale(shop.id, { at: minutes(15), amount: 4, storeId: north }),
      // 16:00 UTC is midnight in Shanghai.
      aSale(shop.id, { at: minutes(239), amount: 8 }),
      aSale(shop.id, { at: minutes(240), amount: 16, method: null }),
    );
    assert.deepEqual(await rows(shop, "?group_by=hour"), [
      ["2026-11-21T12:00:00.000Z", 3, 0, 7],
      ["2026-11-21T15:00:00.000Z", 1, 0, 8],
      ["2026-11-21T16:00:00.000Z", 1, 0, 16],
    ]);
    assert.deepEqual(await rows(shop, "?group_by=day"), [
      ["2026-11-21", 4, 0, 15],
      ["2026-11-22", 1, 0, 16],
    ]);
    assert.deepEqual(await rows(shop, "?group_by=method"), [
      ["bank", 1, 0, 2],
      ["wallet", 3, 0, 13],
      [null, 1, 0, 16],
    ]);
    assert.deepEqual(
      (await rows(shop, "?group_by=store")).sort(byGroup),
      [
        [north, 2, 0, 5],
        [south, 1, 0, 2],
        [null, 2, 0, 24],
      ].sort(byGroup),
    );
    assert.deepEqual(await rows(shop, `?store=${north}&method=wallet`), [[null, 2, 0, 5]]);
    const quarter = "created_gte=2026-11-21T12:07:00Z&created_lt=2026-11-21T12:14:59.999Z";
    const { from, to, data } = await ok(shop.get(`/v1/statistics?${quarter}`));
    assert.deepEqual([from, to, data[0].volume], ["2026-11-21T12:00:00.000Z", "2026-11-21T12:15:00.000Z", 3]);
    assert.deepEqual(await rows(shop, "?created_gte=2026-11-21T12:15:00Z&created_lt=2026-11-21T16:00:00Z"), [
      [null, 2, 0, 12],
    ]);
    assert.deepEqual(await rows(shop, "?created_gte=2026-12-01T00:00:00Z"), []);
  });
});

describe("whose they are", () => {
  test("a merchant sees its own alone; staff see all, by merchant or one", async () => {
    const [shop, other] = [await aShop(platform), await aShop(platform)];
    await note(aSale(shop.id, { amount: 3, at: minutes(9_000) }), aSale(other.id, { amount: 5, at: minutes(9_000) }));
    assert.deepEqual(await rows(shop), [[null, 1, 0, 3]]);
    const token = await platform.operator();
    const staff = { get: (path: string) => platform.call("GET", path, { token }) };
    const day = "created_gte=2026-11-27T00:00:00Z&created_lt=2026-11-29T00:00:00Z";
    assert.deepEqual(await rows(staff, `?${day}`), [[null, 2, 0, 8]]);
    assert.deepEqual(await rows(staff, `?${day}&merchant=${other.id}`), [[null, 1, 0, 5]]);
    assert.deepEqual(
      (await rows(staff, `?${day}&group_by=merchant`)).sort(byGroup),
      [
        [shop.id, 1, 0, 3],
        [other.id, 1, 0, 5],
      ].sort(byGroup),
    );
    assert.equal((await shop.get(`/v1/statistics?merchant=${other.id}`)).status, 404);
    const payer = await aPayer(platform, { money: 0 });
    assert.equal((await payer.get("/v1/statistics")).status, 403);
  });

  test("what a query may not hold is named", async () => {
    const shop = await aShop(platform);
    const wrong: [query: string, code: string, param: string][] = [
      ["group_by=week", "parameter_invalid", "group_by"],
      ["group_by=merchant", "parameter_invalid", "group_by"],
      ["created_gte=yesterday", "parameter_invalid", "created_gte"],
      ["created_lt=2026-06-30T23:59:60Z", "parameter_invalid", "created_lt"],
      ["currency=yuan", "parameter_invalid", "currency"],
      ["store=1", "parameter_invalid", "store"],
      ["livemode=true", "livemode_unavailable", "livemode"],
      ["from=2026", "parameter_unknown", "from"],
    ];
    for (const [query, code, param] of wrong) {
      const { status, body } = await shop.get(`/v1/statistics?${query}`);
      assert.deepEqual([status, body.error?.code, body.error?.param], [400, code, param], query);
    }
  });

  test("more groups than fit into one answer are refused by name", async () => {
    const shop = await aShop(platform);
    await database().query(
      `insert into statistics select $1, false, timestamptz '1990-01-01' + n * interval '1 hour', 'CNY', '', '', 1, 0, 1, 0, 0
         from generate_series(1, 10001) n`,
      [shop.id],
    );
    const { status, body } = await shop.get("/v1/statistics?group_by=hour");
    assert.deepEqual(
      [status, body.error.code, body.error.details],
      [400, "statistics_too_many_groups", { most: 10_000 }],
    );
    assert.equal((await rows(shop, "?group_by=day")).length, 418);
  });
});

/** What a recount of the events themselves says, whatever the records say. */
const recount = async (merchants: readonly string[]) =>
  (
    await database().query(
      `select owner_id, date_trunc('hour', (case type when 'payment.succeeded' then (object->>'succeeded_at')::timestamptz
                                                  else created_at end)) as hour,
              count(*) filter (where type = 'payment.succeeded') as succeeded,
              count(*) filter (where type = 'payment.failed') as failed,
              coalesce(sum((object->>'amount_captured')::bigint) filter (where type = 'payment.succeeded'), 0)::bigint as volume
         from events where owner_id = any($1) and type in ('payment.succeeded', 'payment.failed')
        group by 1, 2 order by 1, 2`,
      [merchants],
    )
  ).rows;
const counted = async (merchants: readonly string[]) =>
  (
    await database().query(
      `select merchant_id as owner_id, date_trunc('hour', slot) as hour, sum(succeeded)::bigint as succeeded,
              sum(failed)::bigint as failed, sum(volume)::bigint as volume
         from statistics where merchant_id = any($1) group by 1, 2 order by 1, 2`,
      [merchants],
    )
  ).rows;

/** A random outcome of a random payment of one of these merchants. */
function anOutcome(merchants: readonly string[]): NewEvent {
  const any = (n: number) => Math.floor(Math.random() * n);
  const merchant = merchants[any(merchants.length)] as string;
  const failed = any(4) === 0;
  const id = newId("pay");
  const object = {
    id,
    amount: 1 + any(1_000),
    amount_captured: failed ? 0 : 1 + any(1_000),
    fee: any(10),
    fee_bearer: "merchant",
    currency: "CNY",
    out_trade_no: id,
    subject: null,
    method: any(2) ? "wallet" : null,
    payer: any(2) ? newId("usr") : null,
    store: null,
    terminal: null,
    failure: failed ? { code: "insufficient_funds" } : null,
    succeeded_at: failed ? null : new Date(noon + any(minutes(600))).toISOString(),
    metadata: {},
  };
  return {
    ownerId: merchant,
    livemode: false,
    type: failed ? "payment.failed" : "payment.succeeded",
    objectId: id,
    object,
  };
}

describe("fed while it happens", () => {
  const merchants = times(5, () => newId("mch"));
  const happen = (count: number) =>
    inTransaction((tx) =>
      emit(
        tx,
        times(count, () => anOutcome(merchants)),
      ),
    );

  for (const point of ["feed.before_handle", "feed.after_handle"]) {
    test(`equal to a recount although a worker is killed at ${point} in its third batch and another goes on`, async () => {
      const worker = elsewhere(
        platform.databaseUrl,
        `import { armFaultPoints } from "#kit/fault-points.ts";
         import { recordsLoops } from "#modules/records";
         armFaultPoints("${point}=kill+2");
         recordsLoops();
         await new Promise((resolve) => setTimeout(resolve, 20_000));`,
      );
      try {
        await eventually(async () => {
          await happen(20);
          await caughtUp("records", 50);
          return worker.process.exitCode !== null || worker.process.signalCode !== null;
        }, 20_000);
      } finally {
        worker.process.kill("SIGKILL");
      }
      await Promise.all([projected(), projected(), happen(50)]);
      await projected();
      const truth = await recount(merchants);
      assert.ok(truth.length > 5);
      assert.deepEqual(await counted(merchants), truth);
    });
  }

  test("events that are read again count no second time", async () => {
    await happen(30);
    await projected();
    const before = await counted(merchants);
    await database().query("update event_cursors set position = 0 where consumer = 'records'");
    await projected();
    assert.deepEqual(await counted(merchants), before);
    assert.deepEqual(before, await recount(merchants));
  });
});
