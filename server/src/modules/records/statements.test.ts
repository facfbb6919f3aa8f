import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parse } from "csv-parse/sync";
import { readSheet } from "read-excel-file/node";
import { extractText } from "unpdf";
import { startOfBusinessDay } from "#kit/business-day.ts";
import { now } from "#kit/clock.ts";
import { database } from "#kit/db.ts";
import { newId } from "#kit/ids.ts";
import { eventually } from "#test/elsewhere.ts";
import { aPayer, aShop, giveMoney, ok, type Shop, times } from "#test/factories.ts";
import { usePlatform } from "#test/platform.ts";
import { dayAfter, dayOf } from "./statement.ts";

const platform = usePlatform({ TIME_ZONE: "Asia/Shanghai" });

type Owner = Pick<Shop, "get">;

/** Moves everybody's clock to so many milliseconds after the beginning of a business day. */
async function moveTo(day: string, afterMs = 0): Promise<void> {
  const at = new Date(startOfBusinessDay(day, "Asia/Shanghai") + afterMs).toISOString();
  await ok(platform.call("POST", "/v1/test_clock", { token: await platform.operator(), body: { now: at } }));
}

/** A payer whose session never runs out, however the clock moves. */
async function aPatientPayer({ money }: { money: number }) {
  const payer = await aPayer(platform, { money });
  const call = async (method: string, path: string, body?: object) => {
    const who = { phone: payer.phone, password: payer.password };
    const { access_token: token } = await ok(platform.call("POST", "/v1/sessions", { body: who, key: null }));
    return platform.call(method, path, { token, ...(body && { body }) });
  };
  return {
    id: payer.id,
    get: (path: string) => call("GET", path),
    code: async () => (await ok(call("POST", "/v1/payment_codes", {}))).code,
    balance: async () => (await ok(call("GET", "/v1/wallet"))).balances[0].available,
    transfer: (to: { id: string }, amount: number) =>
      call("POST", "/v1/transfers", { to: { user: to.id }, amount, currency: "CNY", pin: payer.pin }),
  };
}

const today = () => dayOf(now());
const hour = 3_600_000;

interface Account {
  account: string;
  code: string;
  opening: number;
  closing: number;
  change: number;
  movements: { type: string; direction: string; count: number; amount: number }[];
}
const statementOf = (who: Owner, day: string) => ok(who.get(`/v1/statements/${day}`));

/** Asserts that a statement's accounts add up, and gives them. */
function addsUp(statement: { accounts: Account[] }): Account[] {
  for (const { opening, closing, change, movements } of statement.accounts) {
    const moved = movements.reduce((so, { direction, amount }) => so + (direction === "in" ? amount : -amount), 0);
    assert.equal(opening + moved, closing);
    assert.equal(change, moved);
  }
  return statement.accounts;
}
const accountOf = (statement: { accounts: Account[] }, code: string): Account => {
  const account = addsUp(statement).find((one) => one.code === code);
  assert.ok(account, `no ${code}`);
  return account;
};

describe("a day's statement", () => {
  test("opening + movements = closing, and the next day opens with it; for the user and the merchant, fees and refunds included", async () => {
    const [shop, payer] = [await aShop(platform), await aPatientPayer({ money: 10_000 })];
    const first = today();
    const payment = await ok(shop.scan(await payer.code(), { amount: 1_000 }));
    await ok(shop.refund(payment, { amount: 400 }));
    const day = dayAfter(first);
    await moveTo(day, hour);
    await ok(shop.scan(await payer.code(), { amount: 2_000, fee_bearer: "payer" }));

    const before = await statementOf(payer, first);
    assert.deepEqual(accountOf(before, "wallet").movements, [
      { type: "adjustment", direction: "in", count: 1, amount: 10_000 },
      { type: "payment", direction: "out", count: 1, amount: 1_000 },
      { type: "refund", direction: "in", count: 1, amount: 400 },
    ]);
    const wallet = accountOf(before, "wallet");
    assert.deepEqual([wallet.opening, wallet.closing], [0, 9_400]);
    const after = await statementOf(payer, day);
    const next = accountOf(after, "wallet");
    assert.deepEqual([next.opening, next.closing], [9_400, 9_400 - 2_012]);
    assert.equal(next.closing, await payer.balance());

    const pending = accountOf(await statementOf(shop, first), "merchant_pending");
    assert.deepEqual(
      pending.movements.map(({ type, direction, amount }) => [type, direction, amount]),
      [
        ["payment", "in", 1_000],
        ["payment_fee", "out", 6],
        ["refund", "out", 400],
        ["refund_fee", "in", 2],
      ],
    );
    assert.equal(accountOf(await statementOf(shop, day), "merchant_pending").opening, pending.closing);
    assert.equal(before.final, true);
    assert.equal(after.final, false);
    assert.deepEqual([before.date, before.to], [first, after.from]);
  });

  test("the last moment of a day belongs to it, and the first of the next to that", async () => {
    const payer = await aPatientPayer({ money: 0 });
    const day = dayAfter(today(), 2);
    await moveTo(dayAfter(day, -1), 23 * hour);
    await giveMoney(platform, payer.id, 3);
    await moveTo(day);
    await giveMoney(platform, payer.id, 5);
    assert.equal(accountOf(await statementOf(payer, dayAfter(day, -1)), "wallet").closing, 3);
    const { opening, closing } = accountOf(await statementOf(payer, day), "wallet");
    assert.deepEqual([opening, closing], [3, 8]);
  });

  test("a transfer stamped at midnight to the millisecond belongs to the day that begins", async () => {
    const payer = await aPatientPayer({ money: 11 });
    const day = today();
    const { account } = accountOf(await statementOf(payer, day), "wallet");
    const midnight = new Date(startOfBusinessDay(day, "Asia/Shanghai"));
    await database().query("update ledger_accounts set created_at = $2 where id = $1", [
      account,
      new Date(midnight.getTime() - hour),
    ]);
    const stamp = (at: Date) =>
      database().query("update ledger_history set created_at = $2 where account_id = $1", [account, at]);
    const closings = async () => {
      const days = [dayAfter(day, -1), day];
      return Promise.all(days.map(async (one) => accountOf(await statementOf(payer, one), "wallet").closing));
    };
    await stamp(midnight);
    assert.deepEqual(await closings(), [0, 11]);
    await stamp(new Date(midnight.getTime() - 1));
    assert.deepEqual(await closings(), [11, 11]);
  });

  test("adds up at every look while money moves and the clock jumps over midnights; what was final stays", async () => {
    const shop = await aShop(platform);
    const payers = await Promise.all(times(3, () => aPatientPayer({ money: 50_000 })));
    const [first] = payers;
    assert.ok(first);
    const began = today();
    let moving = true;
    const traffic = payers.map(async (payer, n) => {
      for (let i = 0; moving; i++) {
        // A session or a code may end when the clock jumps; then the next one pays.
        const code = await payer.code().catch(() => "000000000000000000");
        const { status, body } = await shop.scan(code, { amount: 10 + i });
        if (status === 200 && i % 2 === n % 2) await shop.refund(body, { amount: 1 + (i % 5) });
        await payer.transfer(payers[(n + 1) % 3] ?? first, 1 + i);
      }
    });
    const seen = new Map<string, Account[]>();
    const look = async (who: Owner, key: string, day: string) => {
      const statement = await statementOf(who, day);
      addsUp(statement);
      const known = seen.get(`${key} ${day}`);
      if (known) assert.deepEqual(statement.accounts, known, `${key} ${day} was final`);
      if (statement.final) seen.set(`${key} ${day}`, statement.accounts);
    };
    try {
      for (let n = 0; n < 3; n++) {
        for (const day of new Set([began, today(), dayAfter(today(), -1)].filter((day) => day >= began)))
          await Promise.all([look(shop, "shop", day), look(first, "payer", day)]);
        await moveTo(dayAfter(today()), n % 2 === 0 ? 0 : 23 * hour);
        await whatRunsHasEnded();
      }
    } finally {
      moving = false;
      await Promise.all(traffic);
    }
    await moveTo(dayAfter(today()), hour);
    const owners: Owner[] = [shop, ...payers];
    for (const who of owners) {
      const { data } = await ok(who.get("/v1/statements?limit=10"));
      for (const [n, statement] of data.slice(0, -1).entries()) {
        assert.equal(statement.from, data[n + 1].to);
        for (const account of statement.accounts) {
          const earlier = data[n + 1].accounts.find((one: Account) => one.account === account.account);
          assert.equal(account.opening, earlier.closing, `${statement.date} opens with what the day before left`);
        }
        addsUp(await statementOf(who, statement.id));
      }
    }
    const balance = accountOf(await statementOf(first, today()), "wallet").closing;
    assert.equal(balance, await first.balance());
  });
});

/** A day is given a minute for what was stamped within it to be committed. A jump of the clock skips that minute, so it is waited for. */
async function whatRunsHasEnded(): Promise<void> {
  const { rows } = await database().query("select pg_current_xact_id()::text as id");
  const over = "select pg_snapshot_xmin(pg_current_snapshot()) >= $1::xid8 as over";
  await eventually(async () => (await database().query(over, [rows[0].id])).rows[0].over);
}

describe("lists and lines", () => {
  test("one a day since the account was opened, walked both ways; a date shows one", async () => {
    const payer = await aPatientPayer({ money: 1 });
    const first = today();
    await moveTo(dayAfter(first, 5), hour);
    const days = times(6, (n) => dayAfter(first, 5 - n));
    const { data, has_more } = await ok(payer.get("/v1/statements"));
    assert.deepEqual(
      data.map(({ date }: { date: string }) => date),
      days,
    );
    assert.equal(has_more, false);
    const dates = async (query: string) => {
      const page = await ok(payer.get(`/v1/statements?${query}`));
      return [page.data.map(({ date }: { date: string }) => date), page.has_more];
    };
    assert.deepEqual(await dates("limit=2"), [days.slice(0, 2), true]);
    assert.deepEqual(await dates(`limit=2&starting_after=${data[1].id}`), [days.slice(2, 4), true]);
    assert.deepEqual(await dates(`limit=2&starting_after=${data[3].id}`), [days.slice(4), false]);
    assert.deepEqual(await dates(`limit=2&ending_before=${data[3].id}`), [days.slice(1, 3), true]);
    assert.deepEqual(await dates(`limit=9&ending_before=${data[3].id}`), [days.slice(0, 3), false]);
    assert.deepEqual(await dates(`date=${days[2]}`), [[days[2]], false]);
    assert.deepEqual(await dates("date=2001-01-01"), [[], false]);
    assert.equal((await ok(payer.get(`/v1/statements/${data[2].id}`))).date, days[2]);
  });

  test("an account's lines carry the balance from the opening to the closing", async () => {
    const [shop, payer] = [await aShop(platform), await aPatientPayer({ money: 10_000 })];
    for (const amount of [100, 200, 300]) await ok(shop.scan(await payer.code(), { amount }));
    const statement = await statementOf(payer, today());
    const { account, closing } = accountOf(statement, "wallet");
    const lines = async (query: string) =>
      ok(payer.get(`/v1/statements/${statement.id}/lines?account=${account}&${query}`));
    const { data } = await lines("limit=100");
    assert.deepEqual(
      data.map(({ type, direction, amount, balance }: Record<string, unknown>) => [type, direction, amount, balance]),
      [
        ["payment", "out", 300, 9_400],
        ["payment", "out", 200, 9_700],
        ["payment", "out", 100, 9_900],
        ["adjustment", "in", 10_000, 10_000],
      ],
    );
    assert.equal(data[0].balance, closing);
    const second = await lines(`limit=2&starting_after=${data[0].transfer}`);
    assert.deepEqual([second.data, second.has_more], [data.slice(1, 3), true]);
    const foreign = (await statementOf(shop, today())).accounts[0].account;
    const path = `/v1/statements/${statement.id}/lines`;
    assert.equal((await payer.get(`${path}?account=${foreign}`)).status, 404);
    assert.equal((await payer.get(path)).body.error.param, "account");
  });
});

describe("as a file", () => {
  test("every line, in CSV, XLSX and PDF; they lead from the opening to the closing balance", async () => {
    const [shop, payer] = [await aShop(platform), await aPatientPayer({ money: 10_000 })];
    const day = today();
    const payments = [];
    for (const amount of [111, 222, 333]) payments.push(await ok(shop.scan(await payer.code(), { amount })));
    await moveTo(dayAfter(day), hour);
    const file = async (format: string, language = "en") => {
      const response = await fetch(`${platform.url}/v1/statements/${day}/export?format=${format}`, {
        headers: { authorization: `Bearer ${shop.key}`, "accept-language": language },
      });
      assert.equal(response.status, 200);
      return Buffer.from(await response.arrayBuffer());
    };
    const rows: Record<string, string>[] = parse(await file("csv"), { bom: true, columns: true });
    const ofPending = rows.filter((row) => row.Account === "Pending");
    assert.deepEqual(
      ofPending.map((row) => [row.Type, row.In, row.Out, row.Balance]),
      [
        ["Opening balance", "", "", "0.00"],
        ["Payment", "1.11", "", "1.11"],
        ["Payment fee", "", "0.01", "1.10"],
        ["Payment", "2.22", "", "3.32"],
        ["Payment fee", "", "0.01", "3.31"],
        ["Payment", "3.33", "", "6.64"],
        ["Payment fee", "", "0.02", "6.62"],
        ["Closing balance", "", "", "6.62"],
      ],
    );
    assert.deepEqual(
      ofPending.filter((row) => row.Type === "Payment").map((row) => row.Reference),
      payments.map(({ id }) => id),
    );
    assert.equal(accountOf(await statementOf(shop, day), "merchant_pending").closing, 662);
    const sheet = await readSheet(await file("xlsx", "zh-CN"));
    assert.deepEqual(sheet[0]?.slice(0, 4), ["账户", "币种", "时间", "类型"]);
    assert.deepEqual(sheet.find((row) => row[0] === "待结算" && row[3] === "期末余额")?.at(-1), 6.62);
    const { text } = await extractText(new Uint8Array(await file("pdf", "zh-CN")), { mergePages: true });
    for (const expected of [`日账单 ${day}`, "待结算 CNY: 期初余额 0.00, 期末余额 6.62", "支付手续费", "6.64"])
      assert.ok(text.includes(expected), `${expected} is missing in ${text}`);
  });
});

describe("whose statement", () => {
  test("nobody reads another's, by id or line; a date shows one's own", async () => {
    const [shop, payer, other] = [
      await aShop(platform),
      await aPatientPayer({ money: 77 }),
      await aPatientPayer({ money: 0 }),
    ];
    const statement = await statementOf(payer, today());
    for (const who of [shop, other]) {
      for (const path of ["", "/lines?account=acc_1", "/export?format=csv"]) {
        const { status, body } = await who.get(`/v1/statements/${statement.id}${path}`);
        assert.deepEqual([status, body.error.code], [404, "not_found"]);
      }
      const { status, body } = await who.get(`/v1/statements?starting_after=${statement.id}`);
      assert.deepEqual([status, body.error.param], [400, "starting_after"]);
      const own = await statementOf(who, today());
      assert.deepEqual(
        own.accounts.map(({ opening, closing }: Account) => [opening, closing]),
        own.accounts.map(() => [0, 0]),
      );
    }
  });

  test("what does not exist is not found; what a query may not hold is named", async () => {
    const payer = await aPatientPayer({ money: 0 });
    const tomorrow = dayAfter(today());
    for (const id of [tomorrow, "2001-01-01", "2026-02-30", "0000-01-01", "stm_1", newId("stm"), "today"]) {
      assert.equal((await payer.get(`/v1/statements/${id}`)).status, 404, id);
    }
    const wrong: [path: string, code: string, param: string][] = [
      ["?date=2026-02-30", "parameter_invalid", "date"],
      ["?date=now", "parameter_invalid", "date"],
      ["?limit=0", "parameter_invalid", "limit"],
      ["?starting_after=stm_1", "parameter_invalid", "starting_after"],
      ["?created_gte=2026-01-01T00:00:00Z", "parameter_unknown", "created_gte"],
      [`/${today()}/export`, "parameter_missing", "format"],
      [`/${today()}/export?format=doc`, "parameter_invalid", "format"],
    ];
    for (const [path, code, param] of wrong) {
      const { status, body } = await payer.get(`/v1/statements${path}`);
      assert.deepEqual([status, body.error?.code, body.error?.param], [400, code, param], path);
    }
  });
});
