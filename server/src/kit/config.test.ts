import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { ConfigurationError, config, configure, describeConfig, passkeyDomainOf, readMasterKey } from "./config.ts";

const folder = mkdtempSync(join(tmpdir(), "feiqian-config-"));
after(() => rmSync(folder, { recursive: true }));

function keyFile(name: string, content: string, mode = 0o600): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
}
const key = "8f3a1c5577d2e90b46aa10fe93c4b2d87e61f05a2b9c4d3e8f7061524a3b9cde";
const good = {
  DATABASE_URL: "postgres://feiqian@127.0.0.1:5432/feiqian",
  MASTER_KEY_FILE: keyFile("good", `${key}\n`),
};

function problemsOf(env: NodeJS.ProcessEnv): readonly string[] {
  try {
    configure(env);
  } catch (error) {
    assert.ok(error instanceof ConfigurationError);
    return error.problems;
  }
  return [];
}

test("nothing but the database and the master key must be given, and then the server is live and careful", () => {
  const { mode, testClock, faultPoints, host, port, roles, currency } = configure(good);
  assert.deepEqual(
    { mode, testClock, faultPoints, host, port, roles: [...roles], currency },
    {
      mode: "live",
      testClock: false,
      faultPoints: "",
      host: "127.0.0.1",
      port: 8080,
      roles: ["api", "worker"],
      currency: "CNY",
    },
  );
  assert.equal(config().mode, "live");
});

test("an empty variable counts as not set", () => {
  assert.equal(configure({ ...good, PORT: "", MODE: " " }).port, 8080);
});

test("everything that is wrong is told at once, each with its name and reason", () => {
  const problems = problemsOf({ MODE: "prod", PORT: "80x", ROLES: "api,cook", CURRENCY: "RMB", TIME_ZONE: "Shanghai" });
  for (const expected of [
    "DATABASE_URL: must be set",
    "MASTER_KEY_FILE: must be set",
    'MODE: "prod" is not one of test, live',
    'PORT: "80x" is not a whole number from 0 to 65535',
    'ROLES: "cook" is not one of api, worker',
    'CURRENCY: "RMB" is not an ISO 4217 code such as CNY',
    'TIME_ZONE: "Shanghai" is not an IANA time zone such as Asia/Shanghai',
  ])
    assert.ok(problems.includes(expected), `${expected} is missing in\n${problems.join("\n")}`);
  assert.equal(problems.length, 7);
});

test("a wrong value is refused, whatever variable it stands in", () => {
  const wrong = {
    DATABASE_URL: ["mysql://x", "nonsense"],
    PORT: ["-1", "65536", "1.5", "1e3", "0x10"],
    ISSUER_PREFIX: ["8", "888", "ab", "12", "28", "62"],
    SMALL_PAYMENT_LIMIT: ["-1", "1.5", "9007199254740993"],
    DAILY_CODE_LIMIT: ["much"],
    DAILY_ORDER_LIMIT: ["-1"],
    ORDER_MINUTES: ["0", "10081", "half"],
    PUBLIC_URL: [
      "pay.example.com",
      "http://pay.example.com",
      "https://pay.example.com/?a=1",
      "https://a@pay.example.com",
    ],
    TEST_CLOCK: ["yes", "true"],
    FAULT_POINTS: ["a=explode", "nothing"],
    DATABASE_CONNECTIONS: ["0", "3", "1000"],
    GROUP_COMMIT_LANES: ["0", "33"],
    LOG_LEVEL: ["loud"],
    ROLES: [",", "api,,worker", "API"],
  };
  for (const [variable, values] of Object.entries(wrong))
    for (const value of values) {
      const problems = problemsOf({ ...good, MODE: "test", [variable]: value });
      assert.equal(problems.length, 1, `${variable}=${value}`);
      assert.ok(problems[0]?.startsWith(`${variable}: `), problems[0]);
    }
});

test("in live mode neither the test clock nor fault points can be switched on", () => {
  const switches = { TEST_CLOCK: "1", FAULT_POINTS: "feed.after_handle=error" };
  assert.deepEqual(problemsOf({ ...good, ...switches }), [
    "TEST_CLOCK: not in live mode",
    "FAULT_POINTS: not in live mode",
  ]);
  assert.equal(configure({ ...good, ...switches, MODE: "test" }).testClock, true);
});

test("payers are sent to an address with TLS, or to this machine; a slash at its end is dropped", () => {
  for (const [given, kept] of [
    ["https://pay.example.com/", "https://pay.example.com"],
    ["https://example.com/pay/", "https://example.com/pay"],
    ["http://127.0.0.1:8080", "http://127.0.0.1:8080"],
    ["", ""],
  ])
    assert.equal(configure({ ...good, PUBLIC_URL: given }).publicUrl, kept);
});

test("passkeys belong to the domain that payers know, or to the one that is named, and to its pages alone", () => {
  const domainOf = (env: NodeJS.ProcessEnv) => passkeyDomainOf(configure({ ...good, ...env }));
  assert.equal(domainOf({}), "localhost");
  assert.equal(domainOf({ PUBLIC_URL: "http://127.0.0.1:8080" }), "localhost");
  assert.equal(domainOf({ PUBLIC_URL: "https://pay.example.com/x" }), "pay.example.com");
  const named = { PASSKEY_DOMAIN: "example.com", PASSKEY_ORIGINS: "https://pay.example.com, https://example.com" };
  assert.equal(domainOf(named), "example.com");
  for (const origin of ["https://evil.com", "https://notexample.com", "http://example.com", "https://example.com/"])
    assert.match(problemsOf({ ...good, ...named, PASSKEY_ORIGINS: origin })[0] ?? "", /^PASSKEY_ORIGINS: /);
  assert.match(problemsOf({ ...good, PASSKEY_DOMAIN: "127.0.0.1" })[0] ?? "", /^PASSKEY_DOMAIN: /);
});

test("lanes leave connections for the rest", () => {
  const problems = problemsOf({ ...good, GROUP_COMMIT_LANES: "8", DATABASE_CONNECTIONS: "8" });
  assert.equal(problems.length, 1);
  assert.match(problems[0] as string, /^GROUP_COMMIT_LANES: /);
});

test("a wrong configuration leaves the one before in force", () => {
  configure({ ...good, PORT: "1234" });
  assert.throws(() => configure({ ...good, PORT: "none" }), ConfigurationError);
  assert.equal(config().port, 1234);
});

test("the master key is read from hexadecimal and base64", () => {
  const bytes = Buffer.from(key, "hex");
  for (const [name, text] of [
    ["hex", key.toUpperCase()],
    ["base64", bytes.toString("base64")],
    ["base64url", bytes.toString("base64url")],
  ] as const)
    assert.deepEqual(readMasterKey(keyFile(name, text)), bytes);
});

test("a master key that is missing, readable by others, short, long or a default is refused", () => {
  assert.throws(() => readMasterKey(join(folder, "none")), /there is no file/);
  assert.throws(() => readMasterKey(folder), /there is no file/);
  assert.throws(() => readMasterKey(keyFile("open", key, 0o644)), /can be read by others/);
  assert.throws(() => readMasterKey(keyFile("group", key, 0o640)), /can be read by others/);
  assert.throws(() => readMasterKey(keyFile("short", key.slice(2))), /32 bytes/);
  assert.throws(() => readMasterKey(keyFile("long", `${key}00`)), /32 bytes/);
  assert.throws(() => readMasterKey(keyFile("empty", "")), /32 bytes/);
  assert.throws(() => readMasterKey(keyFile("words", "correct horse battery staple")), /32 bytes/);
  assert.throws(() => readMasterKey(keyFile("zeros", "00".repeat(32))), /a default/);
  assert.throws(() => readMasterKey(keyFile("same", Buffer.alloc(32, 7).toString("base64"))), /a default/);
});

test("--help lists every variable with its default", () => {
  const text = describeConfig();
  for (const variable of ["DATABASE_URL", "TEST_CLOCK", "GROUP_COMMIT_LANES", "LOG_LEVEL"])
    assert.match(text, new RegExp(`^  ${variable} .*\\((must be set|default .+)\\)$`, "m"));
});
