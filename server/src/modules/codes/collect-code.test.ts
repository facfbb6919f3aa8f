import assert from "node:assert/strict";
import { createSecretKey } from "node:crypto";
import { describe, test } from "node:test";
import { ApiError } from "#kit/errors.ts";
import { newId } from "#kit/ids.ts";
import { independently } from "#test/emvco.ts";
import { type CollectCode, type CollectLabels, readCollectCode, writeCollectCode } from "./collect-code.ts";
import { readMerchantPresented, withCrc } from "./emvco/merchant-presented.ts";
import vectors from "./vectors-collect.json" with { type: "json" };

const key = createSecretKey(Buffer.alloc(32, 7));

const aCode = (changes: Partial<CollectCode> = {}): CollectCode => ({
  type: "dynamic",
  merchantId: newId("mch"),
  livemode: false,
  reference: newId("pay"),
  amount: 1_250,
  currency: "CNY",
  ...changes,
});
const labels = (changes: Partial<CollectLabels> = {}): CollectLabels => ({
  merchant: { name: "飞钱演示店", city: "杭州", country: "CN", mcc: "5411" },
  store: "西湖店",
  terminal: "Counter 1",
  orderNumber: "order-1",
  ...changes,
});
const write = (code = aCode(), about = labels()): string => writeCollectCode(code, about, key);

function refusal(text: string): string {
  try {
    readCollectCode(text, key);
  } catch (error) {
    if (error instanceof ApiError) return error.code;
    throw error;
  }
  return "none";
}

describe("collect codes", () => {
  test("a code reads as what it was written for", () => {
    for (const code of [
      aCode(),
      aCode({ type: "static", reference: newId("qr"), amount: null }),
      aCode({ livemode: true, currency: "JPY", amount: 1 }),
      aCode({ currency: "KWD", amount: 1_250 }),
    ]) {
      assert.deepEqual(readCollectCode(write(code), key), code);
    }
  });

  test("the longest labels stay within EMVCo's lengths and below 512 characters", () => {
    const text = write(
      aCode({ livemode: true, amount: 999_999_999_999 }),
      labels({
        merchant: { name: "飞钱".repeat(50), city: "杭州市西湖区".repeat(10), country: "CN", mcc: "5411" },
        store: "西湖".repeat(50),
        terminal: "Counter ".repeat(12),
        orderNumber: "9".repeat(25),
      }),
    );
    assert.ok(text.length < 512);
    const { name, city, local, additional } = readMerchantPresented(text);
    assert.deepEqual([name.length, city.length, local?.name.length, local?.city?.length], [25, 15, 25, 15]);
    assert.equal(additional?.billNumber, "9".repeat(25));
  });

  test("an independent parser finds the names in both scripts, the labels and a right CRC", () => {
    const code = aCode();
    const { crcIsValid, valueOf, templateOf } = independently(write(code));
    assert.equal(crcIsValid, true);
    assert.deepEqual(["59", "60", "54", "53"].map(valueOf), ["FeiQianYanShiDian", "HangZhou", "12.50", "156"]);
    assert.deepEqual(templateOf("64"), { "00": "ZH", "01": "飞钱演示店", "02": "杭州" });
    const reference = code.reference.slice(-16);
    assert.deepEqual(templateOf("62"), { "01": "order-1", "03": "XiHuDian", "05": reference, "07": "Counter 1" });
    const { merchantId, reference: id } = code;
    assert.deepEqual(templateOf("26"), { "00": "cn.feiqian.pay", "01": merchantId, "02": id, "03": "test" });
  });

  test("names of other scripts have Latin letters too, and the language they are written in", () => {
    const named = (name: string, city: string) => {
      const read = readMerchantPresented(
        write(aCode(), labels({ merchant: { name, city, country: "JP", mcc: "5411" } })),
      );
      return [read.name, read.local?.language ?? null];
    };
    assert.deepEqual(named("スターバックス", "東京")[1], "JA");
    assert.deepEqual(named("서울 가게", "서울")[1], "KO");
    assert.deepEqual(named("Café Zoë", "Genève"), ["Cafe Zoe", null]);
    assert.deepEqual(named("\ue000", "\ue000"), ["MERCHANT", null]);
  });

  test("an order number that is too long for the code is left out", () => {
    assert.equal(
      readMerchantPresented(write(aCode(), labels({ orderNumber: "9".repeat(26) }))).additional?.billNumber,
      null,
    );
  });

  test("a code that was changed in any one character is never read, with or without a right CRC", () => {
    const characters = [...write()];
    characters.forEach((was, at) => {
      for (const other of ["0", "1", "Z", "z", "飞", ""]) {
        if (other === was) continue;
        const changed = [...characters.slice(0, at), other, ...characters.slice(at + 1)].join("");
        assert.match(refusal(changed), /^collect_code_(tampered|invalid)$/, changed);
        // The last eight characters are the CRC itself.
        if (at >= characters.length - 8) continue;
        assert.match(refusal(withCrc(changed.slice(0, -8))), /^collect_code_(tampered|invalid|foreign)$/, changed);
      }
    });
  });

  test("what claims to be ours and is not is told apart", () => {
    const text = write();
    const other = writeCollectCode(aCode(), labels(), createSecretKey(Buffer.alloc(32, 8)));
    const [body, seal] = [text.slice(0, -50), text.slice(-50, -8)];
    for (const wrong of [
      other,
      text.replace("12.50", "12.51"),
      withCrc(body.replace("12.50", "12.51") + seal),
      withCrc(body),
      withCrc(`${body}${seal}7002XX`),
      withCrc(`${body}7002XX${seal}`),
      body,
      `${text} `,
      text.slice(0, -4) + text.slice(-4).toLowerCase().replace(/^\d+$/, "abcd"),
      other.slice(0, -50) + text.slice(-50),
    ]) {
      assert.equal(refusal(wrong), "collect_code_tampered", wrong);
    }
  });

  test("other services' codes are foreign, and what is no code is invalid", () => {
    for (const foreign of [
      "00020101021126360014cn.elsewhere.p0114M00000000000015204541153031565802CN5917FEIQIAN DEMO SHOP6008HANGZHOU",
    ]) {
      assert.equal(refusal(withCrc(foreign)), "collect_code_foreign");
    }
    for (const foreign of ["https://qr.alipay.com/bax01234", "wxp://f2f0abc", "https://qr.95516.com/00010000/0123"]) {
      assert.equal(refusal(foreign), "collect_code_foreign");
    }
    for (const invalid of ["", "hello", "881234567890123456", "https://example.com", "000201", "\ud800", "\u0000"]) {
      assert.equal(refusal(invalid), "collect_code_invalid", invalid);
    }
  });

  test("the published vectors hold", () => {
    const vectorKey = createSecretKey(Buffer.from(vectors.key, "hex"));
    for (const { code, labels: about, payload, signed, mac } of vectors.vectors) {
      const wanted = code as CollectCode;
      assert.equal(writeCollectCode(wanted, about, vectorKey), payload);
      assert.deepEqual(readCollectCode(payload, vectorKey), wanted);
      assert.ok(payload.startsWith(signed));
      assert.ok(payload.slice(signed.length).includes(mac));
    }
    for (const { payload, error } of vectors.refused) {
      assert.throws(() => readCollectCode(payload, vectorKey), { code: error });
    }
  });
});
