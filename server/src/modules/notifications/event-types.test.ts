import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { eventFilters } from "./event-types.ts";

const modules = join(import.meta.dirname, "..");

test("an endpoint may ask for every type of event that the code tells of the objects it knows", () => {
  const objects = [...eventFilters].flatMap((filter) => (/^(\w+)\.\*$/.exec(filter) ?? []).slice(1));
  // Acts that wait for a second person, and those that only the audit log tells of, are no events.
  const literal = new RegExp(`(?<!(?:kind|action): )"(?:${objects.join("|")})\\.[a-z_]+"`, "g");
  const told = readdirSync(modules, { recursive: true, encoding: "utf8" })
    .filter((path) => /^[\w/-]+\.ts$/.test(path) && !path.endsWith("sql.ts"))
    .flatMap((path) => readFileSync(join(modules, path), "utf8").match(literal) ?? [])
    .map((quoted) => quoted.slice(1, -1));
  assert.ok(told.includes("merchant.created") && told.includes("qr_code.revoked"), String(told));
  assert.deepEqual(
    [...new Set(told)].filter((type) => !eventFilters.has(type)),
    [],
  );
});

test("what is not one is not taken for one", () => {
  for (const wrong of ["", "payment", "payment.", "payment.**", "**", "Payment.succeeded", "user.created"])
    assert.ok(!eventFilters.has(wrong), wrong);
});
