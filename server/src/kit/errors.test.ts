import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError, allErrors, catalogue, conflict, invalid, refuse } from "./errors.ts";

const errors = catalogue({
  test_conflict: conflict({ en: "In the way.", zh: "冲突。", advice: "Step aside." }),
  test_param: invalid({ en: "Wrong.", zh: "错误。", advice: "Correct it.", param: "/amount" }),
  test_refused: refuse({ en: "No.", zh: "不行。", advice: "Ask again." }),
});

test("an error knows its status, and its body has the shape of API.md in the reader's language", () => {
  const cause = new Error("why");
  const error = errors.test_conflict({ details: { left: 3 }, retryAfter: 2, cause });
  assert.ok(error instanceof ApiError && error instanceof Error);
  assert.deepEqual([error.status, error.retryAfter, error.cause], [409, 2, cause]);
  assert.deepEqual(error.toBody("req_1", "en"), {
    error: {
      type: "conflict",
      code: "test_conflict",
      message: "In the way.",
      param: null,
      doc_url: "/docs/errors#test_conflict",
      request_id: "req_1",
      details: { left: 3 },
    },
  });
  assert.equal(error.toBody("req_1", "zh-CN").error.message, "冲突。");
});

test("details are left out when there are none, and the catalogue's param stands unless another is given", () => {
  assert.equal("details" in errors.test_refused().toBody("req_1", "en").error, false);
  assert.equal(errors.test_param().param, "/amount");
  assert.equal(errors.test_param({ param: "/other" }).param, "/other");
});

test("a code is declared once", () => {
  assert.throws(() => catalogue({ test_conflict: conflict({ en: "", zh: "", advice: "" }) }), /declared twice/);
});

test("every declared error is found, sorted by code", () => {
  const codes = allErrors().map(([code]) => code);
  assert.ok(codes.includes("test_refused"));
  assert.deepEqual(codes, [...codes].sort());
});
