import "./jobs.ts";

export { codeKey, formatCode, stepAt, stepIsCurrent } from "./algorithm.ts";
export { assertMayScan, countWrong, type Guess } from "./count-wrong.ts";
export { endDeviceCodes } from "./end-device-codes.ts";
export { type EnrolledKey, type Enrolment, enrolCodeKeys } from "./enrol-code-keys.ts";
export { codeErrors } from "./errors.ts";
export { type CodeResolution, resolveCode } from "./resolve-code.ts";
export { codeRoutes } from "./routes.ts";
export type { CodeUse } from "./sql.ts";
export { type AliasState, findUses, insertUses, readAliases } from "./use-codes.ts";
