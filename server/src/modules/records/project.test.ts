import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { database, inTransaction } from "#kit/db.ts";
import { newId } from "#kit/ids.ts";
import { log } from "#kit/log.ts";
import type { Loop } from "#kit/loop.ts";
import { caughtUp, emit, type NewEvent } from "#kit/outbox.ts";
import { recordsLoops } from "#modules/records";
import { useDatabase } from "#test/database.ts";
import { elsewhere, eventually } from "#test/elsewhere.ts";
import { times } from "#test/factories.ts";
import { projections } from "./projections.ts";
import { netOf } from "./record.ts";

const { url } = useDatabase();

/** A payment object as its event carries it; amounts and fee in minor units. */
const aPayment = (facts: Record<string, unknown> = {}) => ({
  id: newId("pay"),
  object: "payment",
  status: "succeeded",
  amount: 1_250,
  amount_captured: 1_250,
  amount_refunded: 0,
  fee: 8,
  fee_bearer: "merchant",
  total: 1_250,
  net: 1_242,
  currency: "CNY",
  out_trade_no: "A-1",
  subject: '茶 "tea", {x} \\ 😀',
  method: "wallet",
  channel: null,
  payer: newId("usr"),
  merchant: newId("mch"),
  store: newId("sto"),
  terminal: newId("trm"),
  failure: null,
  action: null,
  receipt: null,
  livemode: false,
  created_at: "2026-11-21T08:05:08.990Z",
  succeeded_at: "2026-11-21T08:05:09.123Z",
  expires_at: null,
  metadata: { till: "3", note: 'says "no", {often}' },
  ...facts,
});
type PaymentFacts = ReturnType<typeof aPayment>;

const happened = (type: string, payment: PaymentFacts): NewEvent => ({
  ownerId: payment.merchant,
  livemode: payment.livemode,
  type,
  objectId: payment.id,
  object: payment,
});
const succeeded = (facts?: Record<string, unknown>) => happened("payment.succeeded", aPayment(facts));
const failed = (code: string, facts?: Record<string, unknown>) =>
  happened(
    "payment.failed",
    aPayment({ status: "failed", failure: { code, message: code }, succeeded_at: null, amount_captured: 0, ...facts }),
  );

const happen = (...events: NewEvent[]) => inTransaction((tx) => emit(tx, events));

/** Runs the projection until it has seen everything. */
async function projected(): Promise<void> {
  const loop = recordsLoops();
  try {
    assert.ok(await caughtUp("records", 10_000), "the records did not catch up");
  } finally {
    await loop.stop();
  }
}

const recordsOf = async (payment: unknown): Promise<Record<string, unknown>[]> =>
  (await database().query("select * from records where payment_id = $1 order by direction", [payment])).rows;

/** How many records each payment has, and how many payments have so many. */
async function spread(payments: readonly string[]): Promise<Record<number, number>> {
  const { rows } = await database().query(
    `select n, count(*) from (
       select count(r.payment_id) as n from unnest($1::text[]) p left join records r on r.payment_id = p group by p
     ) c group by n`,
    [payments],
  );
  return Object.fromEntries(rows.map(({ n, count }) => [n, count]));
}

describe("what an event becomes", () => {
  test("a payment is one record for the merchant and one for the payer, each with its own side of it", async () => {
    const payment = aPayment();
    await happen(happened("payment.succeeded", payment));
    await projected();
    const [coming, going] = await recordsOf(payment.id);
    const shared = {
      livemode: false,
      time: new Date("2026-11-21T08:05:09.123Z"),
      type: "payment",
      result: "succeeded",
      amount: 1_250,
      currency: "CNY",
      failure_code: null,
      counterparty_name: null,
      subject: '茶 "tea", {x} \\ 😀',
      source_id: payment.id,
      payment_id: payment.id,
      method: "wallet",
      store_id: payment.store,
      id: coming?.id,
      created_at: coming?.created_at,
    };
    assert.deepEqual(coming, {
      ...shared,
      owner_id: payment.merchant,
      direction: "in",
      fee: 8,
      counterparty_id: payment.payer,
      out_trade_no: "A-1",
      terminal_id: payment.terminal,
      metadata: { till: "3", note: 'says "no", {often}' },
    });
    assert.deepEqual(going, {
      ...shared,
      id: going?.id,
      owner_id: payment.payer,
      direction: "out",
      fee: 0,
      counterparty_id: payment.merchant,
      out_trade_no: null,
      terminal_id: null,
      metadata: {},
    });
    assert.notEqual(coming?.id, going?.id);
  });

  test("a refused payment is a failed record at the time of its event; without a known payer the merchant's alone", async () => {
    const known = failed("insufficient_funds");
    const unknown = failed("payment_code_invalid", { payer: null, store: null, terminal: null, subject: null });
    await happen(known, unknown);
    await projected();
    const { rows } = await database().query("select created_at from events where object_id = $1", [known.objectId]);
    const both = await recordsOf(known.objectId);
    assert.deepEqual(
      both.map((r) => [r.direction, r.result, r.failure_code, r.fee, (r.time as Date).getTime()]),
      ["in", "out"].map((side) => [side, "failed", "insufficient_funds", 0, rows[0].created_at.getTime()]),
    );
    const [alone, more] = await recordsOf(unknown.objectId);
    assert.equal(more, undefined);
    assert.deepEqual([alone?.counterparty_id, alone?.store_id, alone?.subject], [null, null, null]);
  });

  test("what was captured counts, not what was asked", async () => {
    const part = succeeded({ amount_captured: 900 });
    await happen(part);
    await projected();
    assert.deepEqual(
      (await recordsOf(part.objectId)).map((r) => r.amount),
      [900, 900],
    );
  });

  test("whatever the amount and whoever bears the fee: what the payer gives is what the merchant gets and the fee", () => {
    const most = Number.MAX_SAFE_INTEGER;
    const sides = fc.tuple(fc.integer({ min: 1, max: most }), fc.nat(), fc.constantFrom("merchant", "payer"));
    fc.assert(
      fc.property(sides, ([amount_captured, fee, fee_bearer]) => {
        fc.pre(fee_bearer === "merchant" || amount_captured + fee <= most);
        const object = aPayment({ amount_captured, fee, fee_bearer });
        const event = { ...happened("payment.succeeded", object), object, id: newId("evt"), position: 1 };
        const drafts = projections.get("payment.succeeded")?.({ ...event, createdAt: new Date(0) });
        const [merchant, payer] = (drafts ?? []).map(netOf);
        assert.equal(BigInt(payer as number) - BigInt(merchant as number), BigInt(fee));
      }),
    );
  });

  test("2^53 - 1 arrives as it was", async () => {
    const most = succeeded({ amount: Number.MAX_SAFE_INTEGER, amount_captured: Number.MAX_SAFE_INTEGER, fee: 1 });
    await happen(most);
    await projected();
    const { rows } = await database().query("select amount::text from records where payment_id = $1", [most.objectId]);
    assert.deepEqual(rows, [{ amount: "9007199254740991" }, { amount: "9007199254740991" }]);
  });
});

/** An event of a user's wallet. */
const ofWallet = (type: string, object: { id: string } & Record<string, unknown>): NewEvent => ({
  ownerId: newId("usr"),
  livemode: false,
  type,
  objectId: object.id,
  object: { currency: "CNY", amount: 1_000, channel: "bank", created_at: "2026-11-21T08:00:00.000Z", ...object },
});
const recordsFrom = async (source: string): Promise<Record<string, unknown>[]> =>
  (await database().query("select * from records where source_id = $1 order by time", [source])).rows;

describe("what a wallet's events become", () => {
  const [source, at] = ["ba_test_ok", "2026-11-21T09:00:00.000Z"];
  const failure = { code: "bank_refused", message: "" };
  const cases: [type: string, facts: Record<string, unknown>, shown: unknown[] | null][] = [
    ["topup.pending", { id: newId("top"), source }, null],
    ["topup.succeeded", { id: newId("top"), source, succeeded_at: at }, ["topup", "in", "succeeded", 1_000, null]],
    ["topup.failed", { id: newId("top"), source, failure }, ["topup", "in", "failed", 1_000, "bank_refused"]],
    [
      "topup.returned",
      { id: newId("top"), source, returned_at: at, amount_owed: 300 },
      ["topup_return", "out", "succeeded", 700, null],
    ],
    ["topup.returned", { id: newId("top"), source, returned_at: at, amount_owed: 1_000 }, null],
    ["withdrawal.pending", { id: newId("wdl"), destination: source }, null],
    [
      "withdrawal.succeeded",
      { id: newId("wdl"), destination: source, succeeded_at: at },
      ["withdrawal", "out", "succeeded", 1_000, null],
    ],
    [
      "withdrawal.failed",
      { id: newId("wdl"), destination: source, failure },
      ["withdrawal", "out", "failed", 1_000, "bank_refused"],
    ],
    [
      "withdrawal.returned",
      { id: newId("wdl"), destination: source, returned_at: at },
      ["withdrawal_return", "in", "succeeded", 1_000, null],
    ],
  ];
  for (const [type, facts, shown] of cases) {
    test(`${type}${facts.amount_owed === 1_000 ? " of money that was gone" : ""}: ${shown ? shown.slice(0, 3).join(", ") : "no record"}`, async () => {
      const event = ofWallet(type, facts as { id: string });
      await happen(event);
      await projected();
      const found = await recordsFrom(event.objectId);
      assert.deepEqual(
        found.map((r) => [r.type, r.direction, r.result, r.amount, r.failure_code]),
        shown ? [shown] : [],
      );
      for (const record of found)
        assert.deepEqual([record.owner_id, record.counterparty_id, record.method], [event.ownerId, source, "bank"]);
    });
  }
});

describe("what makes no sense", () => {
  const strange: [name: string, event: NewEvent][] = [
    ["no such type", happened("payment.dreamt_of", aPayment())],
    ["a type that every object has", happened("constructor", aPayment())],
    ["an empty object", { ...succeeded(), object: {} }],
    ["no object at all", { ...succeeded(), object: "null" }],
    ["a text as the object", { ...succeeded(), object: '"payment"' }],
    ["an amount as a text", succeeded({ amount_captured: "1250" })],
    ["an amount with a fraction", succeeded({ amount_captured: 12.5 })],
    ["an amount of nothing", succeeded({ amount_captured: 0 })],
    ["an amount that no number holds", succeeded({ amount_captured: 2 ** 53 })],
    ["a negative fee", succeeded({ fee: -1 })],
    ["nobody who bears the fee", succeeded({ fee_bearer: "nobody" })],
    ["a payer that is no user", succeeded({ payer: "mch_1,x" })],
    ["a text that PostgreSQL can't store", succeeded({ subject: "a\u0000b" })],
    ["half a character", succeeded({ subject: "\ud800" })],
    ["a success without its time", succeeded({ succeeded_at: null })],
    ["a time that no clock shows", succeeded({ succeeded_at: "2026-06-30T23:59:60Z" })],
    ["a time before time", succeeded({ succeeded_at: "1969-12-31T23:59:59Z" })],
    ["a failure without its reason", { ...failed("x"), object: aPayment() }],
    ["metadata of another kind", succeeded({ metadata: { till: 3 } })],
  ];

  test("is skipped and logged without its content; what stands behind it arrives", async (t) => {
    const errors = t.mock.method(log, "error", () => {});
    const good = succeeded();
    await happen(...strange.map(([, event]) => event), good);
    await projected();
    for (const [name, { objectId }] of strange) assert.deepEqual(await recordsOf(objectId), [], name);
    assert.equal((await recordsOf(good.objectId)).length, 2);
    const lines = errors.mock.calls.map(({ arguments: [facts] }) => facts as Record<string, unknown>);
    assert.equal(lines.length, strange.length - 2, "one line for each malformed object");
    for (const line of lines) assert.deepEqual(Object.keys(line), ["event", "event_type", "problem"]);
  });
});

describe("exactly once", () => {
  test("an event that is read again makes no second record", async () => {
    const event = succeeded();
    await happen(event);
    await projected();
    const before = await recordsOf(event.objectId);
    await database().query(
      `update event_cursors c set position = e.position - 1 from events e
        where c.consumer = 'records' and e.object_id = $1`,
      [event.objectId],
    );
    await projected();
    assert.deepEqual(await recordsOf(event.objectId), before);
  });

  test("two workers that are stopped and started while payments happen leave one record a side", async () => {
    const payments: string[] = [];
    let happening = true;
    const restarting = async () => {
      let loop: Loop = recordsLoops();
      while (happening) {
        await caughtUp("records", 5);
        await loop.stop();
        loop = recordsLoops();
      }
      await loop.stop();
    };
    const workers = [restarting(), restarting()];
    await Promise.all(
      times(4, async () => {
        for (let n = 0; n < 25; n++) {
          const events = times(1 + (n % 5), () => succeeded());
          payments.push(...events.map(({ objectId }) => objectId));
          await happen(...events);
        }
      }),
    );
    happening = false;
    await Promise.all(workers);
    await projected();
    assert.deepEqual(await spread(payments), { 2: payments.length });
  });

  for (const point of ["feed.before_handle", "feed.after_handle"]) {
    test(`a worker killed at ${point} in its third batch loses nothing and doubles nothing`, async () => {
      const worker = elsewhere(
        url(),
        `import { armFaultPoints } from "#kit/fault-points.ts";
         import { recordsLoops } from "#modules/records";
         armFaultPoints("${point}=kill+2");
         recordsLoops();
         await new Promise((resolve) => setTimeout(resolve, 20_000));`,
      );
      const payments: string[] = [];
      try {
        await eventually(async () => {
          const events = times(20, () => succeeded());
          payments.push(...events.map(({ objectId }) => objectId));
          await happen(...events);
          await caughtUp("records", 50);
          return worker.process.exitCode !== null || worker.process.signalCode !== null;
        }, 20_000);
      } finally {
        worker.process.kill("SIGKILL");
      }
      await projected();
      assert.deepEqual(await spread(payments), { 2: payments.length });
    });
  }
});
