import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { database } from "#kit/db.ts";
import { aPayer, ok, times } from "#test/factories.ts";
import { usePlatform } from "#test/platform.ts";
import { forgetOldLookups } from "./recipients.ts";

const platform = usePlatform();
const pass = (seconds: number) =>
  database().query("update test_clock set offset_ms = offset_ms + $1", [seconds * 1000]);
const byPhone = (phone: string) => `/v1/recipients?phone=${encodeURIComponent(phone)}`;

describe("recipients", () => {
  test("a phone or an id gives the masked name and nothing more", async () => {
    const [ann, ben] = [await aPayer(platform), await aPayer(platform, { name: "王小明" })];
    const found = await ok(ann.get(byPhone(ben.phone)));
    const masked = { name: "**明", phone: `139****${ben.phone.slice(-4)}` };
    assert.deepEqual(found, { object: "recipient", user: ben.id, ...masked });
    assert.deepEqual(await ok(ann.get(`/v1/recipients?user=${ben.id}`)), found);
  });

  test("who is not here is not found, whatever the number; what is asked must be one thing", async () => {
    const ann = await aPayer(platform);
    for (const query of [byPhone("+8613900000000"), `/v1/recipients?user=usr_${"0".repeat(26)}`]) {
      const { status, body } = await ann.get(query);
      assert.deepEqual([status, body.error.code, body.error.details], [404, "recipient_not_found", undefined]);
    }
    const param = async (query: string) => {
      const { status, body } = await ann.get(`/v1/recipients${query}`);
      return [status, body.error.param];
    };
    assert.deepEqual(await param(""), [400, "phone"]);
    assert.deepEqual(await param(`?user=${ann.id}&phone=%2B8613900000000`), [400, "user"]);
    assert.deepEqual(await param("?phone=123"), [400, "phone"]);
    assert.equal((await platform.call("GET", byPhone("+8613900000000"))).status, 401);
  });

  test("forty look-ups at once: thirty are answered, the rest wait as long as they are told", async () => {
    const [ann, ben] = [await aPayer(platform), await aPayer(platform)];
    const first = await ann.get(byPhone(ben.phone));
    assert.match(first.headers.get("ratelimit-policy") ?? "", /^"recipients";q=30;w=\d+$/);
    assert.match(first.headers.get("ratelimit") ?? "", /^"recipients";r=29;t=60$/);
    const answers = await Promise.all(times(39, (n) => ann.get(byPhone(n % 2 ? ben.phone : "+8613900000000"))));
    const held = answers.filter(({ status }) => status === 429);
    assert.equal(held.length, 10);
    const wait = Number(held[0]?.headers.get("retry-after"));
    assert.ok(wait > 0 && wait <= 60, String(wait));
    assert.equal(held[0]?.body.error.code, "recipient_lookups_limited");
    assert.equal((await ben.get(byPhone(ann.phone))).status, 200, "another user is not held up");
    await pass(wait);
    assert.equal((await ann.get(byPhone(ben.phone))).status, 200);
    assert.equal((await ann.get(byPhone(ben.phone))).status, 429);
  });

  test("phones can't be tried out by transfers either, while transfers to people who are there never wait", async () => {
    const [ann, ben] = [await aPayer(platform), await aPayer(platform)];
    for (let n = 0; n < 40; n++) await ok(ann.transfer(ben, 1));
    const tries = await Promise.all(times(40, (n) => ann.transfer({ phone: `+86139000000${n + 10}` }, 1)));
    assert.equal(tries.filter(({ status }) => status === 404).length, 30);
    assert.equal(tries.filter(({ status }) => status === 429).length, 10);
    await ok(ann.transfer(ben, 1));
  });

  test("look-ups of yesterday are forgotten", async () => {
    await pass(25 * 60 * 60);
    await forgetOldLookups();
    const { rows } = await database().query("select count(*)::int as n from recipient_lookups");
    assert.equal(rows[0].n, 0);
  });
});
