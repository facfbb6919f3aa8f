import "./jobs.ts";
import "./sealed-columns.ts";

export { codeKey, formatCode, stepAt, stepIsCurrent } from "./algorithm.ts";
export { type CollectCode, readCollectCode } from "./collect-code.ts";
export { collectPayload } from "./collect-payload.ts";
export { assertMayScan, countWrong, type Guess } from "./count-wrong.ts";
export { type Drawing, drawPng, drawSvg, leastSize } from "./draw-qr.ts";
export { endDeviceCodes, endUserCodes, freezeCodes } from "./end-device-codes.ts";
export { type EnrolledKey, type Enrolment, enrolCodeKeys } from "./enrol-code-keys.ts";
export { codeErrors } from "./errors.ts";
export type { QrCode } from "./qr-code.ts";
export { findQrCode, insertQrCode, listQrCodes, revokeQrCode } from "./qr-codes-sql.ts";
export { type CodeResolution, resolveCode } from "./resolve-code.ts";
export { codeRoutes } from "./routes.ts";
export type { CodeUse } from "./sql.ts";
export { type AliasState, findUses, insertUses, readAliases } from "./use-codes.ts";
