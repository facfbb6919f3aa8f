import assert from "node:assert/strict";
import { test } from "node:test";
import * as sdk from "@feiqian/sdk";
import { allErrors } from "@feiqian/server/kit/errors.ts";
import { usePlatform } from "@feiqian/server/test/platform.ts";
import { accountErrors } from "./accounts.ts";
import { bookErrors } from "./books.ts";
import { collectErrors } from "./collect.ts";
import { factorErrors } from "./factors.ts";
import { deviceErrors, keyErrors } from "./keys.ts";
import { lateErrors } from "./late.ts";
import { orderErrors, requestErrors, scanErrors } from "./payments.ts";
import { accessErrors, bankErrors, bankPaymentErrors, transferErrors } from "./people.ts";
import { holdErrors, refundErrors, webhookErrors } from "./refunds-and-webhooks.ts";
import { vaultErrors } from "./vault.ts";
import { aWorld, type World } from "./world.ts";

/** Every documented error, provoked by a client as one would in earnest. */
// Without the worker, who would end what is late before its customer comes.
const platform = usePlatform({ SMALL_PAYMENT_LIMIT: "5000", DAILY_CODE_LIMIT: "10000", ROLES: "api" });
let world: Promise<World> | undefined;

const rows = [
  ...scanErrors,
  ...orderErrors,
  ...refundErrors,
  ...holdErrors,
  ...transferErrors,
  ...bankErrors,
  ...bankPaymentErrors,
  ...vaultErrors,
  ...collectErrors,
  ...webhookErrors,
  ...requestErrors,
  ...bookErrors,
  ...accessErrors,
  ...keyErrors,
  ...deviceErrors,
  ...accountErrors,
  ...factorErrors,
  ...lateErrors, // In the end, for they move the clock.
];

/** What no client of ours can provoke at will; the server's own tests do. */
const elsewhere = [
  "body_invalid", // This client writes valid JSON,
  "json_duplicate_key", // each name once,
  "json_name_forbidden", // and no name that is not asked for,
  "idempotency_key_missing", // sends a key,
  "request_invalid", // writes valid HTTP,
  "request_timeout", // and does not stop half way.
  "database_unavailable", // Faults and overload.
  "internal_error",
  "overloaded",
  "rate_limited", // More than one client asks in a test.
  "origin_not_allowed", // A browser is told so, not a program.
  "shutting_down",
  "test_clock_off", // Another setting of the server.
  "test_inbox_off",
  "message_undeliverable",
  "one_time_code_missing", // Test mode does without.
  "export_too_large", // A million records,
  "statistics_too_many_groups", // and ten thousand groups.
  "bank_refused", // What became of a top-up, not the answer to a call.
  "staff_email_taken", // Staff are taken on by two.
  "approval_own",
  "approval_changed",
  "approval_result_withheld",
  "approval_tampered", // Somebody at the database.
  "order_ended", // What became of an attempt.
];

const classes: Record<string, unknown> = {
  invalid_request: sdk.InvalidRequestError,
  authentication: sdk.AuthenticationError,
  payment_refused: sdk.PaymentRefusedError,
  permission: sdk.PermissionError,
  not_found: sdk.NotFoundError,
  conflict: sdk.ConflictError,
  rate_limit: sdk.RateLimitError,
  platform: sdk.PlatformError,
};

for (const { code, when, param, provoke } of rows) {
  test(`${code}: ${when}`, async () => {
    const documented = new Map(allErrors()).get(code);
    assert.ok(documented, "is documented");
    world ??= aWorld(platform);
    const error = await provoke(await world).then(
      () => undefined,
      (error: unknown) => error,
    );
    assert.ok(error instanceof sdk.ApiError, String(error));
    assert.equal(error.code, code, error.message);
    assert.equal(error.constructor, classes[documented.type]);
    assert.deepEqual([error.status, error.type], [documented.status, documented.type]);
    assert.equal(error.param, param ?? documented.param ?? null);
    assert.equal(error.message, documented.en);
    assert.match(error.requestId ?? "", /^req_/);
    if (error.status === 429) assert.ok((error.retryAfter ?? 0) > 0, "says when to come again");
  });
}

test("every documented error is provoked above, or said to be tested elsewhere", () => {
  const tested = new Set([...rows.map(({ code }) => code), ...elsewhere]);
  const documented = allErrors().map(([code]) => code);
  assert.deepEqual(
    documented.filter((code) => !tested.has(code)),
    [],
    "add a row to sdk/test/errors",
  );
});
