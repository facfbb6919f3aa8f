import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { masterKey } from "./master-key.ts";

const from = (masterKeyCommand: string) => masterKey({ masterKeyFile: "", masterKeyCommand });
const key = randomBytes(32);

test("a command gives the master key, in base64 or hexadecimal", async () => {
  assert.deepEqual(await from(`echo ${key.toString("base64")}`), key);
  assert.deepEqual(await from(`printf ${key.toString("hex")}`), key);
});

test("a command that fails or prints something else stops the start, and nothing of it is told", async () => {
  const token = "token-of-the-kms";
  for (const [command, reason] of [
    [`: ${token}; exit 3`, /MASTER_KEY_COMMAND ended with code 3/],
    [`echo ${token}`, /output of MASTER_KEY_COMMAND does not hold 32 bytes/],
    [`: ${token}; yes`, /printed more than a key/],
    [`: ${token}; printf ${"00".repeat(32)}`, /holds a default/],
  ] as const)
    await assert.rejects(from(command), (error: Error) => {
      assert.match(error.message, reason);
      assert.ok(!`${error.stack} ${String(error.cause)}`.includes(token), "the error quotes the command");
      return true;
    });
});

test("without a file and without a command there is no key", async () => {
  await assert.rejects(from(""), /MASTER_KEY_FILE or MASTER_KEY_COMMAND must be set/);
});
