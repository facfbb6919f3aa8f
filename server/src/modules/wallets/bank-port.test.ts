import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { aPayer } from "#test/factories.ts";
import { usePlatform } from "#test/platform.ts";
import { bank } from "./bank-port.ts";
import { embeddedBank } from "./embedded-bank.ts";

const platform = usePlatform({ MODE: "live", TEST_CLOCK: "0", LOOPBACK_URLS: "" });

describe("in live mode", () => {
  test("there is no embedded bank, whoever asks for it", () => {
    assert.equal(bank(), undefined);
    assert.throws(embeddedBank, /test mode/);
  });

  test("without a bank top-ups and withdrawals are refused by name, and nothing begins", async () => {
    const payer = await aPayer(platform, { money: 0 });
    for (const { status, body } of [await payer.topUp(100), await payer.withdraw(100)]) {
      assert.deepEqual([status, body.error.code], [402, "channel_unavailable"]);
    }
    assert.deepEqual((await payer.get("/v1/topups")).body.data, []);
  });
});
