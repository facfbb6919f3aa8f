import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ApiError } from "./errors.ts";
import { parseJson } from "./parse-json.ts";

/** Code and place of the refusal, or the value. */
function reading(text: string | Buffer): unknown {
  try {
    return parseJson(Buffer.from(text as string));
  } catch (error) {
    assert.ok(error instanceof ApiError, String(error));
    return [error.code, error.param];
  }
}

for (const [what, text, code, param] of [
  ["a name twice", '{"amount":1,"amount":100}', "json_duplicate_key", "/amount"],
  ["a name twice, once in disguise", '{"amount":1,"\\u0061mount":100}', "json_duplicate_key", "/amount"],
  ["a name twice deep down", '{"a":[0,{"b/c":{"d~":1,"e":2,"d~":1}}]}', "json_duplicate_key", "/a/1/b~1c/d~0"],
  [
    "a name twice among names that need none",
    '{"a":{"x":1},"b":{"x":1},"c":{"x":1,"y":2,"x":3}}',
    "json_duplicate_key",
    "/c/x",
  ],
  ["an empty name twice", '{"":1,"":2}', "json_duplicate_key", "/"],
  ["__proto__", '{"a":{"__proto__":{"admin":true}}}', "json_name_forbidden", "/a/__proto__"],
  ["__proto__ in disguise", '{"\\u005f_proto__":1}', "json_name_forbidden", "/__proto__"],
  ["__proto__ twice", '{"__proto__":1,"__proto__":2}', "json_name_forbidden", "/__proto__"],
  [
    "a constructor's prototype",
    '[{"constructor":{"prototype":{"admin":true}}}]',
    "json_name_forbidden",
    "/0/constructor",
  ],
  ["half of a pair", '{"a":["\\ud83d"]}', "parameter_invalid", "/a/0"],
  ["the other half first", '"\\udc00\\ud800"', "parameter_invalid", "/"],
  ["NUL in a value", '{"note":"a\\u0000b"}', "parameter_invalid", "/note"],
  ["NUL in a name", '{"metadata":{"a\\u0000":"b"}}', "parameter_invalid", "/metadata"],
  ["2^53", '{"a":{"b":9007199254740992}}', "parameter_invalid", "/a/b"],
  ["a whole number that is rounded", "[1,-12345678901234567890]", "parameter_invalid", "/1"],
  ["a fraction that is rounded", '{"rate":0.12345678901234567}', "parameter_invalid", "/rate"],
  ["a whole number with a fraction that vanishes", '{"a":1.00000000000000001}', "parameter_invalid", "/a"],
  ["more than every float", '{"a":1e999}', "parameter_invalid", "/a"],
  ["less than every float", '{"a":1e-999}', "parameter_invalid", "/a"],
  ["a byte order mark", "\ufeff{}", "body_invalid", null],
  ["33 arrays", `${"[".repeat(33)}${"]".repeat(33)}`, "body_invalid", null],
  ["NaN", '{"a":NaN}', "body_invalid", null],
  ["a comment", '{"a":1/*2*/}', "body_invalid", null],
  ["single quotes", "{'a':1}", "body_invalid", null],
  ["two values", "{}{}", "body_invalid", null],
] as const)
  test(`${what} is refused as ${code} at ${param}`, () => assert.deepEqual(reading(text), [code, param]));

test("bytes that are no UTF-8 are refused: overlong, surrogates, cut off, Latin-1", () => {
  for (const bytes of [[0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xe5, 0x92], [0xe9], [0xff]])
    assert.deepEqual(
      reading(Buffer.concat([Buffer.from('{"a":"'), Buffer.from(bytes), Buffer.from('"}')])),
      ["body_invalid", null],
      String(bytes),
    );
});

test("what is merely unusual is read: escapes, pairs, zeros, exponents, 2^53 - 1, 32 levels, colons and braces in texts", () => {
  for (const text of [
    '{"a":"\\u98de\\u94b1 \\ud83e\\udde7 \\"\\\\","b\\n":"{\\"a\\":1,\\"a\\":2}: [[[["}',
    '{"constructor":"Bob the builder","prototype":{}, "a":{"constructor":{"name":"x"}}}',
    "[0,-0.5,1.0,100e2,1.25E-3,0.000000000000000000000000001,9007199254740991,-9007199254740991,0.100000000000000000]",
    `${"[".repeat(32)}${"]".repeat(32)}`,
    ' \t\r\n{ "a" :\n[ 1 , { } , [ ] , null , true ] }\n',
    '"\ufffd is a sign like others"',
  ])
    assert.deepEqual(reading(text), JSON.parse(text), text);
});

test("whatever JSON.stringify writes is read as JSON.parse does, and refused with one name doubled", () => {
  const wellFormed = fc.string({ unit: "binary" }).filter((text) => !text.includes("\0"));
  const name = wellFormed.filter((text) => text !== "__proto__");
  const leaf = fc.oneof(wellFormed, fc.maxSafeInteger(), fc.boolean(), fc.constant(null));
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc.array(tie("tree")),
      fc.dictionary(name, tie("tree"), { noNullPrototype: true }),
    ),
  }));
  fc.assert(
    fc.property(tree, name, fc.boolean(), (value, twice, spaced) => {
      const text = JSON.stringify(value, null, spaced ? 1 : 0);
      assert.deepEqual(reading(text), JSON.parse(text));
      const doubled = `{"in":[${JSON.stringify({ [twice]: value }).slice(0, -1)},${JSON.stringify(twice)}:0}]}`;
      assert.deepEqual((reading(doubled) as unknown[])[0], "json_duplicate_key");
    }),
  );
});

test("a body as large as a body may be is judged in a moment, whatever it repeats", () => {
  const names = Array.from({ length: 9_000 }, (_, i) => `"k${i}":0`).join(",");
  const started = process.cpuUsage();
  assert.deepEqual(reading(`{${names},"k0":1}`), ["json_duplicate_key", "/k0"]);
  assert.deepEqual((reading(`["${"\\ud83e\\udde7".repeat(10_000)}"]`) as string[])[0]?.length, 20_000);
  assert.deepEqual(reading(`"${"\\\\".repeat(60_000)}\\u0000"`), ["parameter_invalid", "/"]);
  assert.ok(process.cpuUsage(started).user < 500_000);
});
