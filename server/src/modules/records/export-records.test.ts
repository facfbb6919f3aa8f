import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parse } from "csv-parse/sync";
import { readSheet } from "read-excel-file/node";
import { extractText } from "unpdf";
import { database } from "#kit/db.ts";
import { derivedIdAt, newId } from "#kit/ids.ts";
import { neutral } from "#kit/write-csv.ts";
import { aPayer, aShop, ok, type Payer, type Shop, times } from "#test/factories.ts";
import { usePlatform } from "#test/platform.ts";
import { aRecord, keep, noon } from "./test-records.ts";

const platform = usePlatform({ TIME_ZONE: "Asia/Shanghai" });

type Who = Pick<Shop, "key"> | Pick<Payer, "token">;
const tokenOf = (who: Who): string => ("key" in who ? who.key : who.token);

async function file(who: Who, query: string, language = "en") {
  const response = await fetch(`${platform.url}/v1/records/export?${query}`, {
    headers: { authorization: `Bearer ${tokenOf(who)}`, "accept-language": language },
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  assert.equal(response.status, 200, bytes.toString().slice(0, 500));
  return { bytes, headers: response.headers };
}
const csvOf = async (who: Who, query = "", language = "en"): Promise<Record<string, string>[]> =>
  parse((await file(who, `format=csv${query}`, language)).bytes, { bom: true, columns: true });

async function sheetOf(who: Who, query = "", language = "en"): Promise<unknown[][]> {
  return readSheet((await file(who, `format=xlsx${query}`, language)).bytes);
}
async function pdfTextOf(who: Who, query = "", language = "en"): Promise<string> {
  const { bytes } = await file(who, `format=pdf${query}`, language);
  assert.equal(bytes.subarray(0, 5).toString(), "%PDF-");
  return (await extractText(new Uint8Array(bytes), { mergePages: true })).text;
}

/** Sums in minor units of decimals with two places, without a float. */
const sum = (decimals: readonly string[]): number =>
  decimals.reduce((so, decimal) => so + Number(decimal.replace(".", "")), 0);

describe("what a file holds", () => {
  test("equals the list, row by row, in CSV and XLSX; the amounts add up to the same", async () => {
    const shop = await aShop(platform);
    const there = times(230, (n) =>
      aRecord(shop.id, {
        at: n * 7,
        amount: 1 + ((n * 7_919) % 100_000),
        fee: n % 11,
        outTradeNo: `order-${n}`,
        ...(n % 5 === 0 && { result: "failed", failureCode: "insufficient_funds", fee: 0 }),
      }),
    );
    await keep(there);
    const listed: { id: string; out_trade_no: string; amount: number; fee: number; net: number }[] = [];
    for (let cursor = "", more = true; more; cursor = `&starting_after=${listed.at(-1)?.id}`) {
      const page = await ok(shop.get(`/v1/records?limit=100${cursor}`));
      listed.push(...page.data);
      more = page.has_more;
    }
    const rows = await csvOf(shop);
    assert.deepEqual(
      rows.map((row) => [row["Order number"], sum([row.Amount ?? ""]), sum([row.Fee ?? ""]), sum([row.Net ?? ""])]),
      listed.map(({ out_trade_no, amount, fee, net }) => [out_trade_no, amount, fee, net]),
    );
    const [titles, ...sheet] = await sheetOf(shop);
    const column = (title: string) => sheet.map((row) => row[(titles ?? []).indexOf(title)]);
    assert.deepEqual(
      column("Order number"),
      listed.map((record) => record.out_trade_no),
    );
    assert.deepEqual(
      column("Amount").map((amount) => Math.round(Number(amount) * 100)),
      listed.map((record) => record.amount),
    );
    const failed = await csvOf(shop, "&result=failed&amount_gte=500");
    const { data } = await ok(shop.get("/v1/records?result=failed&amount_gte=500&limit=100"));
    assert.deepEqual(
      failed.map((row) => row["Order number"]),
      data.map((record: Record<string, unknown>) => record.out_trade_no),
    );
    assert.equal(failed[0]?.["Reason of failure"], "The wallet holds less than this takes.");
  });

  test("amounts have their currency's decimals and every digit; times are the operator's", async () => {
    const shop = await aShop(platform);
    await keep([
      aRecord(shop.id, { at: 3, amount: Number.MAX_SAFE_INTEGER }),
      aRecord(shop.id, { at: 2, amount: 5, currency: "JPY" }),
      aRecord(shop.id, { at: 1, amount: 1_005, currency: "KWD" }),
      aRecord(shop.id, { at: 0, amount: 7 }),
    ]);
    const rows = await csvOf(shop);
    assert.deepEqual(
      rows.map((row) => row.Amount),
      ["90071992547409.91", "5", "1.005", "0.07"],
    );
    assert.deepEqual(rows[0]?.Time, "2026-11-21 20:00:00");
    const [titles, first, , third, fourth] = await sheetOf(shop);
    const at = (title: string) => (titles ?? []).indexOf(title);
    assert.deepEqual(
      [first, third, fourth].map((row) => row?.[at("Amount")]),
      [90_071_992_547_409.91, 1.005, 0.07],
    );
    // Sheets count days in fractions: to the millisecond they are near enough.
    const shown = first?.[at("Time")];
    assert.ok(shown instanceof Date && Math.abs(shown.getTime() - Date.UTC(2026, 10, 21, 20)) <= 1);
  });

  test("in Chinese: titles, names and subjects in CSV, XLSX and PDF", async () => {
    const shop = await aShop(platform);
    await keep([
      aRecord(shop.id, { counterpartyName: "*三", counterpartyId: newId("usr"), subject: "茉莉花茶", amount: 123_456 }),
    ]);
    const csv = await file(shop, "format=csv", "zh-CN");
    assert.deepEqual([...csv.bytes.subarray(0, 3)], [0xef, 0xbb, 0xbf], "Excel needs the mark");
    assert.match(csv.headers.get("content-disposition") ?? "", /^attachment; filename="feiqian-records-[\d-]+\.csv"$/);
    const [row] = await csvOf(shop, "", "zh-CN");
    assert.deepEqual(
      [row?.类型, row?.收支, row?.结果, row?.对方, row?.说明],
      ["支付", "收入", "成功", "*三", "茉莉花茶"],
    );
    const [titles, values] = await sheetOf(shop, "", "zh-CN");
    assert.equal(titles?.[0], "时间");
    assert.ok(values?.includes("茉莉花茶"));
    const text = await pdfTextOf(shop, "", "zh-CN");
    for (const expected of ["账单明细", "时间", "支付", "*三", "茉莉花茶", "1234.56", "2026-11-21 20:00:00"]) {
      assert.ok(text.includes(expected), `${expected} is missing in ${text}`);
    }
  });

  test("a PDF of many pages has every row and the titles on each page", async () => {
    const shop = await aShop(platform);
    await keep(times(130, (n) => aRecord(shop.id, { at: n, outTradeNo: `N-${1_000 + n}` })));
    const text = await pdfTextOf(shop);
    const numbers = text.match(/N-\d{4}/g) ?? [];
    assert.deepEqual(
      numbers,
      times(130, (n) => `N-${1_129 - n}`),
    );
    assert.ok((text.match(/Counterparty/g) ?? []).length >= 3);
  });

  test("an empty one has its titles", async () => {
    const payer = await aPayer(platform, { money: 0 });
    assert.deepEqual(await csvOf(payer), []);
    assert.equal((await sheetOf(payer)).length, 1);
    assert.match(await pdfTextOf(payer), /Records/);
  });
});

describe("whose file, and how long", () => {
  test("each owner's own alone", async () => {
    const [shop, other] = [await aShop(platform), await aShop(platform)];
    await keep([aRecord(shop.id, { outTradeNo: "mine" }), aRecord(shop.id, { livemode: true, outTradeNo: "live" })]);
    assert.deepEqual(
      (await csvOf(shop)).map((row) => row["Order number"]),
      ["mine"],
    );
    assert.deepEqual(await csvOf(other), []);
  });

  test("CSV takes what the others refuse by name: more rows than they hold; a search goes on to the last record", async () => {
    const shop = await aShop(platform);
    await database().query(
      `insert into records (owner_id, livemode, id, time, type, direction, result, amount, fee, currency, source_id, metadata, created_at, subject, out_trade_no)
       select $1, false, 'rcd_' || $2 || lpad(n::text, 16, '0'), $3, 'payment', 'in', 'succeeded', 1, 0, 'CNY', 'pay_x', '{}', $3,
              case when n % 50000 = 1 then 'teapot' end, case when n = 1 then 'my-teapot' end
         from generate_series(1, 50002) n`,
      [shop.id, derivedIdAt("rcd", noon).slice(4, 14), new Date(noon)],
    );
    assert.equal((await csvOf(shop)).length, 50_002);
    assert.equal((await csvOf(shop, "&q=teapot")).length, 2);
    assert.equal((await sheetOf(shop, "&q=teapot")).length, 3);
    for (const [format, most] of [
      ["xlsx", 20_000],
      ["pdf", 5_000],
    ]) {
      const { status, body } = await shop.get(`/v1/records/export?format=${format}`);
      assert.deepEqual([status, body.error.code, body.error.details], [400, "export_too_large", { format, most }]);
    }
  });

  test("requests go on while a large XLSX is made", async () => {
    const shop = await aShop(platform);
    await keep(times(12_000, (n) => aRecord(shop.id, { at: n, subject: `茉莉花茶 ${n}` })));
    let made = false;
    const sheet = sheetOf(shop).finally(() => (made = true));
    let [asked, longest] = [0, 0];
    while (!made) {
      const began = performance.now();
      assert.equal((await platform.call("GET", "/healthz")).status, 200);
      asked++;
      longest = Math.max(longest, performance.now() - began);
    }
    assert.equal((await sheet).length, 12_001);
    assert.ok(asked > 20, `${asked} requests were answered meanwhile, the slowest after ${longest} ms`);
  });

  test("what a query may not hold is named", async () => {
    const shop = await aShop(platform);
    for (const [query, code, param] of [
      ["", "parameter_missing", "format"],
      ["format=doc", "parameter_invalid", "format"],
      ["format=csv&type=dream", "parameter_invalid", "type"],
      ["format=csv&limit=10", "parameter_unknown", "limit"],
    ]) {
      const { status, body } = await shop.get(`/v1/records/export?${query}`);
      assert.deepEqual([status, body.error?.code, body.error?.param], [400, code, param], query);
    }
    assert.equal((await platform.call("GET", "/v1/records/export?format=csv")).status, 401);
  });
});

describe("formulas", () => {
  const dangerous = [
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "  =1",
    "＝1",
    "－1",
    '=HYPERLINK("http://x","y")',
  ];

  test("never begin a cell of a CSV, whatever stands before or in them", async () => {
    const shop = await aShop(platform);
    for (const text of dangerous) assert.equal(neutral(text), `'${text}`);
    for (const text of ["tea", "5-1", "a=b", "茶", "'=1", ""]) assert.equal(neutral(text), text);
    await keep(
      dangerous.map((subject, at) => aRecord(shop.id, { at, subject, counterpartyName: subject, outTradeNo: "-1" })),
    );
    const rows = await csvOf(shop);
    assert.deepEqual(
      rows.map((row) => row.Subject).reverse(),
      dangerous.map((text) => `'${text}`),
    );
    for (const row of rows) for (const cell of Object.values(row)) assert.doesNotMatch(cell, /^[\s]*[=+\-@]/);
  });

  test("are texts in an XLSX", async () => {
    const shop = await aShop(platform);
    await keep([aRecord(shop.id, { subject: "=1+1 <b>&\u0001" })]);
    const [titles, row] = await sheetOf(shop);
    assert.equal(row?.[(titles ?? []).indexOf("Subject")], "=1+1 <b>&");
    const { bytes } = await file(shop, "format=xlsx");
    assert.ok(!bytes.includes("<f>"));
  });
});
