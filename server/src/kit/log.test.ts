import assert from "node:assert/strict";
import { test } from "node:test";
import { elsewhere } from "#test/elsewhere.ts";

interface Line {
  time: string;
  pid: number;
  msg: string;
  answer: number;
  deep: { deeper: { api_key: string } };
  err: { type: string; message: string; cause: { reason: string; constraint: string } };
}

/** What a process writes to its standard output when it logs. */
async function logged(lines: string): Promise<Line[]> {
  const output = await elsewhere(
    "postgres://127.0.0.1:1/none",
    `import { log } from "#kit/log.ts"; log.level = "info"; ${lines}`,
  ).output;
  return output.split("\n").map((line) => JSON.parse(line));
}

test("a line is one JSON object with its time in UTC", async () => {
  const [line] = await logged(`log.info({ answer: 42 }, "hello");`);
  assert.match(line?.time ?? "", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.deepEqual([line?.answer, line?.msg, typeof line?.pid], [42, "hello", "number"]);
});

test("secrets are replaced wherever they stand", async () => {
  const secrets = `{ password: "p4ss", deep: { authorization: "p4ss", deeper: { api_key: "p4ss", list: { cvc: "p4ss" } } }, pin: "p4ss", code: "p4ss" }`;
  const [line] = await logged(`log.warn(${secrets}, "careful");`);
  assert.doesNotMatch(JSON.stringify(line), /p4ss/);
  assert.equal(line?.deep.deeper.api_key, "[redacted]");
});

test("a card number reaches no line, whoever put it there", async () => {
  const [line] = await logged(`
    const number = "411111" + "1111111111";
    log.error({ note: "for " + number, digits: Number(number), err: new Error("card " + number + " refused", { cause: new Error("4111 1111 " + "1111 1111") }) }, "charging " + number);`);
  assert.equal(line?.msg, "charging 411111******1111");
  assert.doesNotMatch(JSON.stringify(line).replaceAll(" ", ""), /41111111/);
});

test("an error shows its kind, reason and cause, and never the row that PostgreSQL quotes", async () => {
  const [line] = await logged(`
    const refused = Object.assign(new Error("duplicate key"), { code: "23505", constraint: "users_phone", detail: "Key (phone)=(+8613800000000)" });
    log.error({ err: new TypeError("failed", { cause: refused }) }, "oh");`);
  assert.deepEqual(
    [line?.err.type, line?.err.message, line?.err.cause.reason, line?.err.cause.constraint],
    ["TypeError", "failed", "23505", "users_phone"],
  );
  assert.doesNotMatch(JSON.stringify(line), /13800000000/);
});

test("what a client wrote forges no line and moves no terminal", async () => {
  const hostile = String.raw`"\n{\"level\":60,\"msg\":\"forged\"}\r\n\u001b[2J\u001b]0;owned\u0007\u009b31m\u202e\u2028x\u0000"`;
  const lines = await logged(`
    const hostile = ${hostile};
    log.error({ route: hostile, [hostile]: hostile, err: new Error(hostile, { cause: hostile }) }, hostile);
    log.info("after");`);
  assert.deepEqual([lines.length, lines[1]?.msg], [2, "after"]);
  const { output } = elsewhere(
    "postgres://127.0.0.1:1/none",
    `import { log } from "#kit/log.ts"; log.level = "info"; log.warn({ a: ${hostile} }, ${hostile});`,
  );
  // oxlint-disable-next-line no-control-regex
  assert.doesNotMatch(await output, /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/);
});
