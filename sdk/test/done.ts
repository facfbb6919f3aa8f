import assert from "node:assert/strict";
import type { Approval } from "@feiqian/sdk";

/** What was done at once, as everything is that a merchant's own key asks for. */
export function done<T extends { object?: string | undefined }>(answer: T | Approval): T {
  assert.notEqual(answer.object, "approval");
  return answer as T;
}
