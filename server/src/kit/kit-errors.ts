import {
  catalogue,
  conflict,
  forbid,
  internal,
  invalid,
  missing,
  refuse,
  tooLarge,
  tooMany,
  unauthenticated,
  unavailable,
  unprocessable,
  wrongMedia,
} from "./errors.ts";

/** Errors that any route may answer. */
export const kitErrors = catalogue({
  parameter_missing: invalid({
    en: "A required field is missing.",
    zh: "缺少必填参数。",
    advice: "Send the field that `param` names.",
  }),
  parameter_unknown: invalid({
    en: "The request has a field that does not exist here.",
    zh: "请求包含未知参数。",
    advice: "Remove the field that `param` names, or correct its spelling.",
  }),
  parameter_invalid: invalid({
    en: "A field has a value that is not allowed.",
    zh: "参数值无效。",
    advice: "Correct the field that `param` names; `details.reason` says what is expected.",
  }),
  body_invalid: invalid({
    en: "The body is not valid JSON.",
    zh: "请求体不是有效的 JSON。",
    advice: "Send one JSON object in UTF-8.",
  }),
  json_duplicate_key: invalid({
    en: "An object of the body names the same field twice.",
    zh: "请求体中同一字段出现两次。",
    advice: "Send the field that `param` names once.",
    signal: "body_hostile",
  }),
  json_name_forbidden: invalid({
    en: "A field has a name that belongs to every object of the language.",
    zh: "请求体包含禁止使用的字段名。",
    advice: "Remove the field that `param` names.",
    signal: "body_hostile",
  }),
  body_too_large: tooLarge({
    en: "The body is too large.",
    zh: "请求体过大。",
    advice: "Stay below the limit in `details.limit` bytes.",
  }),
  headers_too_large: tooLarge({
    en: "The request's headers are too large.",
    zh: "请求头过大。",
    advice: "Send fewer or shorter headers.",
  }),
  content_type_unsupported: wrongMedia({
    en: "This content type is not accepted.",
    zh: "不支持的内容类型。",
    advice: "Send `Content-Type: application/json`.",
  }),
  request_invalid: invalid({
    en: "This is not a valid HTTP request.",
    zh: "HTTP 请求无效。",
    advice: "Check the client's HTTP library.",
    signal: "request_broken",
  }),
  request_timeout: invalid({
    en: "The request did not arrive in time.",
    zh: "请求接收超时。",
    advice: "Send the whole request without pauses; retry with the same key.",
  }),
  version_unknown: invalid({
    en: "This API version does not exist.",
    zh: "API 版本不存在。",
    advice: "Leave `Feiqian-Version` out or send one the documentation names.",
    param: "Feiqian-Version",
  }),
  route_not_found: missing({
    en: "There is nothing at this address.",
    zh: "接口不存在。",
    advice: "Check method and path against `/docs`.",
  }),
  not_found: missing({
    en: "There is no such object.",
    zh: "对象不存在。",
    advice: "Check the id; what belongs to somebody else is not found either.",
  }),
  idempotency_key_missing: invalid({
    en: "This request moves money and needs an Idempotency-Key.",
    zh: "资金操作必须携带 Idempotency-Key。",
    advice: "Send a fresh random key with each new request, the same key with a retry.",
    param: "Idempotency-Key",
  }),
  idempotency_key_invalid: invalid({
    en: "The Idempotency-Key is not 1 to 255 visible characters.",
    zh: "Idempotency-Key 格式无效。",
    advice: "Use a UUID.",
    param: "Idempotency-Key",
  }),
  idempotency_key_reused: unprocessable({
    en: "This Idempotency-Key was used for another request.",
    zh: "Idempotency-Key 已用于其他请求。",
    advice: "Use a new key for a new request; repeat a request without changing it.",
    param: "Idempotency-Key",
  }),
  idempotency_in_progress: conflict({
    en: "The first request with this Idempotency-Key is still running.",
    zh: "相同 Idempotency-Key 的请求正在处理。",
    advice: "Repeat the same request after `Retry-After` seconds.",
    param: "Idempotency-Key",
  }),
  state_conflict: conflict({
    en: "The object is in a state that does not allow this.",
    zh: "当前状态不允许此操作。",
    advice: "Read the object; `details.status` is its present state.",
  }),
  credentials_missing: unauthenticated({
    en: "No credentials were sent.",
    zh: "缺少身份凭证。",
    advice: "Send `Authorization: Bearer …`.",
  }),
  credentials_unknown: unauthenticated({
    en: "The key or token is not valid.",
    zh: "密钥或令牌无效。",
    advice: "Check the key, or sign in again.",
    signal: "credentials_unknown",
  }),
  signature_missing: unauthenticated({
    en: "This key takes signed requests only.",
    zh: "该密钥要求请求签名。",
    advice: "Sign the request as `docs/signed-requests.md` shows.",
  }),
  signature_invalid: unauthenticated({
    en: "The request's signature is not valid.",
    zh: "请求签名无效。",
    advice:
      "`details` names the component or parameter at fault; compare with the vectors in `docs/signed-requests.md`.",
  }),
  signature_expired: unauthenticated({
    en: "The request was signed too long ago, or is dated in the future.",
    zh: "请求签名已过期或时间超前。",
    advice: "Set the clock by `details.server_time` and sign each attempt anew.",
  }),
  signature_replayed: unauthenticated({
    en: "A request with this nonce was received before.",
    zh: "签名随机数重复。",
    advice: "Sign each attempt anew, with a fresh nonce; the Idempotency-Key stays the same.",
  }),
  token_expired: unauthenticated({
    en: "The access token has expired.",
    zh: "访问令牌已过期。",
    advice: "Refresh the session.",
  }),
  actor_not_allowed: forbid({
    en: "This kind of key or token may not do this.",
    zh: "该类型凭证无权执行此操作。",
    advice: "See in `/docs` who may call it.",
  }),
  scope_missing: forbid({
    en: "The key or role lacks a permission.",
    zh: "缺少权限。",
    advice: "`details.scope` names the permission that is needed.",
  }),
  origin_not_allowed: forbid({
    en: "Pages of this origin may not call the API.",
    zh: "该来源的网页不允许调用接口。",
    advice: "Have the operator add the origin to `CORS_ORIGINS`, or call from a server.",
    param: "Origin",
    signal: "origin_refused",
  }),
  account_frozen: refuse({
    en: "The customer's account is frozen.",
    zh: "账户已冻结。",
    advice: "The customer should contact the operator.",
  }),
  test_clock_off: forbid({
    en: "The test clock is switched off on this server.",
    zh: "测试时钟未启用。",
    advice: "Start a test-mode server with `TEST_CLOCK=1`.",
  }),
  test_inbox_off: forbid({
    en: "There is no inbox for tests on this server.",
    zh: "测试收件箱未启用。",
    advice: "It exists in test mode only; in live mode messages reach their recipients.",
  }),
  message_undeliverable: unavailable({
    en: "This server can't send such a message.",
    zh: "暂无法发送此类消息。",
    advice:
      "Use an email instead of a phone, or the other way round. The operator sets `SMTP_URL` or `SMS_GATEWAY_URL`.",
  }),
  rate_limited: tooMany({
    en: "Too many requests.",
    zh: "请求过于频繁。",
    advice: "Repeat the same request after `Retry-After` seconds; `RateLimit` says how many more there is room for.",
    signal: "rate_limited",
  }),
  overloaded: unavailable({
    en: "The platform has more work than it can take.",
    zh: "系统繁忙。",
    advice: "Repeat the same request after `Retry-After` seconds.",
    signal: "overloaded",
  }),
  database_unavailable: unavailable({
    en: "The database can't be reached at the moment.",
    zh: "数据库暂不可用。",
    advice: "Repeat the same request with the same key after `Retry-After` seconds.",
    signal: "database_unavailable",
  }),
  shutting_down: unavailable({
    en: "This process is stopping.",
    zh: "服务正在停止。",
    advice: "Repeat the same request; another process will take it.",
  }),
  internal_error: internal({
    en: "Something went wrong on our side.",
    zh: "系统内部错误。",
    advice: "Repeat the same request with the same key; tell the operator the request id if it stays.",
    signal: "request_failed",
  }),
});
