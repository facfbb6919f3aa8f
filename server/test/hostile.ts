import fc from "fast-check";

/** A JSON schema, as far as the OpenAPI document uses it. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
  readonly format?: string;
}

/** What breaks programs that trust their input. */
const hostileTexts: readonly string[] = [
  "",
  " ",
  "\u0000",
  "a\u0000b",
  "\ud800",
  "\udfff\ud800",
  "\u202e\u2066",
  "飞钱".repeat(2_000),
  "x".repeat(70_000),
  "🧧".repeat(300),
  "'; drop table payments; --",
  "1' or '1'='1",
  "$1",
  "%00%0d%0aSet-Cookie: a=b",
  "../../../../etc/passwd",
  "<script>alert(1)</script>",
  "{{7*7}}${7*7}",
  "=cmd|' /C calc'!A0",
  "\r\nX-Injected: 1",
  "\u001b[2J",
  "__proto__",
  "constructor",
  "null",
  "NaN",
  "-0",
  "1e400",
  "9007199254740993",
  "99999999999999999999999999",
  "2026-02-30T25:61:61Z",
  "+275760-09-13T00:00:00.001Z",
  "0000-01-01T00:00:00Z",
  "http://169.254.169.254/latest/meta-data/",
  "http://[::1]:5432/",
  "file:///etc/passwd",
  "javascript:alert(1)",
];

const hostileValues: readonly unknown[] = [
  null,
  true,
  0,
  -0,
  -1,
  0.1,
  1e308,
  -1e308,
  Number.MAX_SAFE_INTEGER,
  Number.MAX_SAFE_INTEGER + 2,
  2 ** 31,
  2 ** 63,
  [],
  {},
  [[[[[[[[[[]]]]]]]]]],
  { $gt: "" },
  JSON.parse('{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}'),
  Array.from({ length: 300 }, (_, i) => i),
  Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`key_${i}`, "v".repeat(600)])),
];

/** Any value: mostly what the schema asks for or nearly so, now and then something else altogether. */
export function valuesFor(schema: Schema, known: readonly string[]): fc.Arbitrary<unknown> {
  return fc.oneof(
    { weight: 5, arbitrary: fittingValues(schema, known) },
    { weight: 1, arbitrary: fc.constantFrom(...hostileValues) },
    { weight: 1, arbitrary: texts(known) },
    { weight: 1, arbitrary: fc.jsonValue() },
  );
}

const texts = (known: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 2, arbitrary: fc.constantFrom(...hostileTexts) },
    { weight: 2, arbitrary: fc.string({ unit: "binary", maxLength: 40 }) },
    { weight: 3, arbitrary: fc.constantFrom(...known) },
  );

function fittingValues(schema: Schema, known: readonly string[]): fc.Arbitrary<unknown> {
  const choices = schema.anyOf ?? schema.oneOf ?? schema.allOf;
  if (choices?.length) return fc.oneof(...choices.map((choice) => valuesFor(choice, known)));
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum?.length) return fc.constantFrom(...schema.enum);
  const type = Array.isArray(schema.type) ? schema.type[0] : (schema.type ?? (schema.properties ? "object" : "string"));
  switch (type) {
    case "object":
      return objectsFor(schema, known);
    case "array":
      return fc.array(valuesFor(schema.items ?? {}, known), { maxLength: 4 });
    case "integer":
    case "number":
      return numbersFor(schema);
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    default:
      return fittingTexts(schema, known);
  }
}

function fittingTexts({ pattern, format }: Schema, known: readonly string[]): fc.Arbitrary<unknown> {
  const some = fc.oneof(
    fc.constantFrom("CNY", "USD", "2026-11-21T08:00:00Z", "2026-11-21", "static", "ba_test_ok"),
    texts(known),
  );
  if (format === "date-time")
    return fc.oneof(
      fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
      some,
    );
  // Strings cannot be made to fit every kind of pattern.
  if (pattern === undefined || pattern.includes("(?")) return some;
  return fc.oneof(fc.stringMatching(new RegExp(pattern, "u")), some);
}

const numbersFor = ({ minimum = -10, maximum = Number.MAX_SAFE_INTEGER }: Schema): fc.Arbitrary<unknown> =>
  fc.oneof(
    fc.integer({ min: Math.max(minimum, Number.MIN_SAFE_INTEGER), max: Math.min(maximum, 5_000) }),
    fc.constantFrom(minimum, maximum, minimum - 1, maximum + 1),
  );

/** Mostly with what is required, now and then without, or with a field that nobody knows. */
function objectsFor({ properties = {}, required = [] }: Schema, known: readonly string[]): fc.Arbitrary<unknown> {
  const fields = Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [name, valuesFor(schema, known)]),
  );
  return fc.oneof(
    { weight: 6, arbitrary: fc.record(fields, { requiredKeys: required.filter((name) => name in fields) }) },
    { weight: 1, arbitrary: fc.record(fields, { requiredKeys: [] }) },
    { weight: 1, arbitrary: fc.record({ ...fields, unknown_field: fc.jsonValue() }, { requiredKeys: [] }) },
  );
}

/** Bodies as they travel: JSON, and what is not quite. */
export const bodiesFor = (schema: Schema, known: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 12, arbitrary: valuesFor(schema, known).map((value) => JSON.stringify(value) ?? "null") },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        "",
        "{",
        "[",
        "nul",
        "\ufeff{}",
        '{"a":1,"a":2}',
        "[".repeat(5_000),
        '{"\\ud800":1}',
        "1e999",
      ),
    },
  );

/** For a place in a path, a query or a header. */
export const wordsFor = (schema: Schema, known: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof(
    fittingTexts(schema, known).map(String),
    texts(known),
    fc.integer().map(String),
    fc.constantFrom(...(schema.enum ?? [""]).map(String)),
  );
