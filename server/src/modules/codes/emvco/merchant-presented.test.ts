import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { currencies, exponentOf } from "#kit/money.ts";
import { independently } from "#test/emvco.ts";
import { crc16 } from "./crc16.ts";
import {
  type MerchantPresented,
  readMerchantPresented,
  withCrc,
  writeMerchantPresented,
} from "./merchant-presented.ts";
import { Unreadable, writeObjects } from "./objects.ts";

/** The specification's own example. */
const bestTransport =
  "00020101021229300012D156000000000510A93FO3230Q31280012D15600000001030812345678520441115802CN5914BEST TRANSPORT" +
  "6007BEIJING64200002ZH0104最佳运输0202北京540523.7253031565502016233030412340603***0708A60086670902ME91320016A011223344" +
  "9988770708123456786304A13A";

const unreadable = (text: string) => assert.throws(() => readMerchantPresented(text), Unreadable, text);

const plain = { noNullPrototype: true } as const;
const ascii = (most: number, least = 1) =>
  fc.string({
    unit: fc.integer({ min: 0x20, max: 0x7e }).map((c) => String.fromCharCode(c)),
    minLength: least,
    maxLength: most,
  });
const digits = (count: number) => fc.stringMatching(new RegExp(`^[0-9]{${count}}$`));
const orNull = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
/** Any script; the independent parser counts UTF-16 units, so what it reads stays within the basic plane. */
const anyText = (most: number, unit: "grapheme" | "binary" | fc.Arbitrary<string>) =>
  fc.string({ unit, minLength: 1, maxLength: most }).filter((s) => s.isWellFormed() && [...s].length <= most);
const han = fc.constantFrom(..."飞钱演示店杭州茶咖啡éß한국スタ");

const template = (most: number) =>
  fc
    .tuple(
      ascii(32),
      fc.dictionary(
        digits(2).filter((id) => id !== "00"),
        ascii(12),
        { maxKeys: 3 },
      ),
    )
    .map(([owner, rest]) => new Map([["00", owner], ...Object.entries(rest)]))
    .filter((objects) => writeObjects(objects).length <= most);

const idBetween = (least: number, most: number) =>
  fc.integer({ min: least, max: most }).map((id) => String(id).padStart(2, "0"));
const mapOf = <T>(id: fc.Arbitrary<string>, value: fc.Arbitrary<T>, minLength: number) =>
  fc
    .uniqueArray(fc.tuple(id, value), { selector: ([key]) => key, minLength, maxLength: 3 })
    .map((all) => new Map(all.sort(([a], [b]) => (a < b ? -1 : 1))));

const code = (unit: "grapheme" | "binary" | fc.Arbitrary<string>): fc.Arbitrary<MerchantPresented> =>
  fc
    .record(
      {
        initiation: orNull(fc.constantFrom("static" as const, "dynamic" as const)),
        accounts: mapOf<string | ReadonlyMap<string, string>>(idBetween(26, 51), template(99), 1),
        mcc: digits(4),
        currency: fc.constantFrom("CNY", "JPY", "KWD", "BRL", "CLF"),
        wanted: orNull(fc.bigInt({ min: 1n, max: 9_999_999_999n })),
        country: fc.stringMatching(/^[A-Z]{2}$/),
        name: ascii(25),
        city: ascii(15),
        additional: orNull(
          fc
            .record(
              {
                billNumber: orNull(ascii(25)),
                store: orNull(ascii(20)),
                reference: orNull(ascii(20)),
                terminal: orNull(ascii(15)),
              },
              plain,
            )
            .filter((it) => Object.values(it).some((label) => label !== null)),
        ),
        local: orNull(
          fc.record(
            {
              language: fc.stringMatching(/^[A-Z]{2}$/),
              name: anyText(25, unit),
              city: orNull(anyText(15, unit)),
            },
            plain,
          ),
        ),
        unreserved: mapOf(idBetween(80, 99), template(99), 0),
      },
      plain,
    )
    .map(({ wanted, ...rest }) => ({ ...rest, amount: wanted === null ? null : Number(wanted) }));

describe("merchant-presented EMVCo codes", () => {
  test("the CRC has its published check value, four upper-case digits always, and covers UTF-8 bytes", () => {
    assert.equal(crc16("123456789"), "29B1");
    assert.equal(crc16("飞"), crc16(Buffer.from("飞").toString()));
    assert.match(Array.from({ length: 5_000 }, (_, n) => crc16(String(n))).join(" "), /^([0-9A-F]{4} ?)+$/);
  });

  test("the specification's own example reads as the specification says", () => {
    const read = readMerchantPresented(bestTransport);
    assert.deepEqual([read.initiation, read.mcc, read.currency, read.amount], ["dynamic", "4111", "CNY", 2_372]);
    assert.deepEqual([read.name, read.city, read.country], ["BEST TRANSPORT", "BEIJING", "CN"]);
    assert.deepEqual(read.local, { language: "ZH", name: "最佳运输", city: "北京" });
    assert.deepEqual(
      read.accounts.get("29"),
      new Map([
        ["00", "D15600000000"],
        ["05", "A93FO3230Q"],
      ]),
    );
    assert.equal(read.additional?.terminal, "A6008667");
  });

  test("what is written is read back the same", () => {
    fc.assert(
      fc.property(code("binary"), (wanted) => {
        assert.deepEqual(readMerchantPresented(writeMerchantPresented(wanted)), wanted);
      }),
      { numRuns: 300 },
    );
  });

  test("an independent parser reads what is written, names in the language template and the CRC included", () => {
    fc.assert(
      fc.property(code(han), (wanted) => {
        const text = writeMerchantPresented(wanted);
        // The other parser takes what looks like a negative length for one and never comes back.
        fc.pre(!text.includes("-"));
        const { crcIsValid, valueOf, templateOf } = independently(text);
        assert.equal(crcIsValid, true);
        assert.deepEqual([valueOf("59"), valueOf("60")], [wanted.name, wanted.city]);
        const { local, additional } = wanted;
        assert.deepEqual(
          [templateOf("64")["01"] ?? null, templateOf("64")["02"] ?? null],
          [local?.name ?? null, local?.city ?? null],
        );
        assert.equal(templateOf("62")["05"] ?? null, additional?.reference ?? null);
        for (const [id, account] of wanted.accounts) assert.deepEqual(new Map(Object.entries(templateOf(id))), account);
        const amount = valueOf("54");
        assert.equal(
          amount === null ? null : Math.round(Number(amount) * 10 ** exponentOf(wanted.currency)),
          wanted.amount,
        );
      }),
      { numRuns: 200 },
    );
  });

  test("a code with any one character changed, left out or doubled is unreadable", () => {
    const text = bestTransport;
    const characters = [...text];
    characters.forEach((was, at) => {
      const around = (middle: string) => [...characters.slice(0, at), middle, ...characters.slice(at + 1)].join("");
      for (const other of ["0", "9", "A", "飞", "\u0000"]) if (other !== was) unreadable(around(other));
      unreadable(around(""));
      unreadable(around(was + was));
    });
    fc.assert(
      fc.property(code(han), fc.nat(), fc.integer({ min: 0x20, max: 0x7e }), (wanted, where, with_) => {
        const good = [...writeMerchantPresented(wanted)];
        const at = where % good.length;
        fc.pre(good[at] !== String.fromCharCode(with_));
        unreadable([...good.slice(0, at), String.fromCharCode(with_), ...good.slice(at + 1)].join(""));
      }),
    );
  });

  test("amounts have the currency's decimals and no others", () => {
    const shown = (amount: number, currency: string) =>
      writeMerchantPresented(readable({ amount, currency })).match(/53\d{5}54\d\d([\d.]+)58/)?.[1];
    assert.equal(shown(1_250, "CNY"), "12.50");
    assert.equal(shown(5, "CNY"), "0.05");
    assert.equal(shown(1_250, "JPY"), "1250");
    assert.equal(shown(1_250, "KWD"), "1.250");
    assert.equal(shown(999_999_999_999, "CNY"), "9999999999.99");
    assert.throws(() => shown(1_000_000_000_000, "CNY"), RangeError);
    assert.throws(() => shown(Number.MAX_SAFE_INTEGER, "JPY"), RangeError);
    for (const [text, currency, minor] of [
      ["12.5", "156", 1_250],
      ["12", "156", 1_200],
      ["12.", "156", 1_200],
      ["9007199254740", "392", 9_007_199_254_740],
    ] as const) {
      assert.equal(readMerchantPresented(withObjects({ "53": currency, "54": text })).amount, minor);
    }
    for (const [text, currency] of [
      ["12.505", "156"],
      ["1.5", "392"],
      ["0.00", "156"],
      ["0", "392"],
      ["-1", "156"],
      ["1e3", "156"],
      ["1,000.00", "156"],
      [".5", "156"],
      ["9999999999999", "414"],
      ["10000000000.00", "156"],
    ] as const) {
      unreadable(withObjects({ "53": currency, "54": text }));
    }
  });

  test("what breaks a rule is unreadable even with the right CRC", () => {
    unreadable("");
    unreadable("\ud800");
    unreadable("6304FFFF");
    unreadable(withObjects({ "52": null }));
    unreadable(withObjects({ "53": null }));
    unreadable(withObjects({ "58": null }));
    unreadable(withObjects({ "59": null }));
    unreadable(withObjects({ "60": null }));
    unreadable(withObjects({ "26": null }));
    unreadable(withObjects({ "00": "02" }));
    unreadable(withObjects({ "01": "13" }));
    unreadable(withObjects({ "52": "54A1" }));
    unreadable(withObjects({ "53": "000" }));
    unreadable(withObjects({ "58": "cn" }));
    unreadable(withObjects({ "59": "X".repeat(26) }));
    unreadable(withObjects({ "59": "飞钱" }));
    unreadable(withObjects({ "60": "X".repeat(16) }));
    unreadable(withObjects({ "26": "no template" }));
    unreadable(withObjects({ "26": writeObjects([["01", "nobody's"]]) }));
    unreadable(withObjects({ "64": writeObjects([["00", "ZH"]]) }));
    const good = withObjects({});
    unreadable(good.toLowerCase());
    unreadable(withCrc(`${good.slice(0, -8)}5802CN`));
    unreadable(withCrc(`${good.slice(0, -8)}6104`));
    unreadable(withCrc(`${good.slice(0, -8)}6100`));
    unreadable(withCrc(good.slice(6, -8) + good.slice(0, 6)));
    assert.equal(readMerchantPresented(withCrc(`${good.slice(0, -8)}7002XX`)).name, "SHOP");
  });

  test("every currency has three digits of its own", () => {
    for (const currency of currencies()) {
      assert.equal(readMerchantPresented(writeMerchantPresented(readable({ currency }))).currency, currency);
    }
  });
});

const readable = (changes: Partial<MerchantPresented>): MerchantPresented => ({
  initiation: "static",
  accounts: new Map([["26", new Map([["00", "test"]])]]),
  mcc: "5411",
  currency: "CNY",
  amount: null,
  country: "CN",
  name: "SHOP",
  city: "HANGZHOU",
  additional: null,
  local: null,
  unreserved: new Map(),
  ...changes,
});

/** A code written by hand, with objects changed or left out. */
function withObjects(changes: Record<string, string | null>): string {
  const plain = { "00": "01", "26": "0004test", "52": "5411", "53": "156", "58": "CN", "59": "SHOP", "60": "HANGZHOU" };
  const objects = Object.entries({ ...plain, ...changes }).sort(([a], [b]) => (a < b ? -1 : 1));
  return withCrc(writeObjects(objects));
}
