import { catalogue, conflict, forbid, invalid, tooMany, unauthenticated } from "#kit/errors.ts";

export const identityErrors = catalogue({
  erasure_blocked: conflict({
    en: "Something has to be settled before this account can be erased.",
    zh: "账户尚有未结事项，暂不能注销。",
    advice:
      "Settle what `details.reasons` names: empty the wallet (`wallet_not_empty`), wait for what is under way (`payment_pending`, `bank_movement_pending`), or ask the operator (`account_frozen`).",
  }),
  phone_taken: conflict({
    en: "An account with this phone exists already.",
    zh: "该手机号已注册。",
    advice: "Sign in instead, or register another phone.",
    param: "/phone",
  }),
  email_taken: conflict({
    en: "An account with this email exists already.",
    zh: "该邮箱已注册。",
    advice: "Sign in instead, or register another email.",
    param: "/email",
  }),
  credentials_invalid: unauthenticated({
    en: "The account, the password or the code is wrong.",
    zh: "账号、密码或验证码错误。",
    advice: "Check what was typed. The answer is the same whether or not the account exists.",
  }),
  sign_in_throttled: tooMany({
    en: "Too many attempts. Please wait.",
    zh: "尝试次数过多，请稍后再试。",
    advice: "Wait for `Retry-After` seconds. Other networks of the same account are not held up.",
    signal: "sign_in_throttled",
  }),
  refresh_token_invalid: unauthenticated({
    en: "The refresh token is not valid or its session has ended.",
    zh: "刷新令牌无效或会话已结束。",
    advice: "Sign in again.",
  }),
  refresh_token_reused: unauthenticated({
    en: "The refresh token was used before, so its session has been ended.",
    zh: "刷新令牌被重复使用，会话已终止。",
    advice:
      "Sign in again. Two parties held the same token: if this was not a defect of the client, change the password.",
  }),
  password_too_short: invalid({
    en: "This password is too short.",
    zh: "密码长度不足。",
    advice: "Use at least `details.least` characters of any kind; a few words are easy to remember.",
    param: "/password",
  }),
  password_breached: invalid({
    en: "This password is among those that are tried first.",
    zh: "该密码过于常见，易被破解。",
    advice: "Choose one that nobody else uses: it is known from breaches, or a word or name.",
    param: "/password",
  }),
  password_predictable: invalid({
    en: "This password is easy to guess.",
    zh: "该密码容易被猜到。",
    advice: "Use no repetition, sequence or date, and not your own phone, email or name or that of the service.",
    param: "/password",
  }),
  password_invalid: forbid({
    en: "The password is wrong.",
    zh: "登录密码错误。",
    advice: "Ask for the password again.",
    param: "/password",
  }),
  pin_too_simple: invalid({
    en: "This payment PIN is too easy to guess.",
    zh: "支付密码过于简单。",
    advice: "Choose six digits that neither repeat nor run up or down.",
    param: "/pin",
  }),
  pin_not_set: forbid({
    en: "No payment PIN has been set.",
    zh: "尚未设置支付密码。",
    advice: "Set one with `PUT /v1/users/me/payment_pin`.",
  }),
  pin_invalid: forbid({
    en: "The payment PIN is wrong.",
    zh: "支付密码错误。",
    advice: "Ask again; `details.attempts_left` says how often that is possible.",
    param: "/pin",
    signal: "pin_wrong",
  }),
  pin_locked: forbid({
    en: "The payment PIN is locked after too many wrong attempts.",
    zh: "支付密码错误次数过多，已锁定。",
    advice: "Wait until `details.retry_at`, or set a new PIN with the password and a one-time code.",
    signal: "pin_locked",
  }),
  mfa_required: forbid({
    en: "This has to be confirmed by another factor.",
    zh: "需要进一步验证身份。",
    advice:
      "Answer with one of `details.methods` at `POST /v1/sessions/challenge`, together with `details.challenge`, within five minutes. Staff who are signed in: give a fresh code at `POST /v1/staff/me/confirm`.",
  }),
  challenge_invalid: unauthenticated({
    en: "This challenge is over, used up, or none.",
    zh: "验证请求已失效。",
    advice: "Sign in again from the beginning.",
  }),
  second_factor_invalid: unauthenticated({
    en: "The code or the passkey is wrong.",
    zh: "验证码或通行密钥错误。",
    advice: "Try again; `details.attempts_left` says how often that is possible. A code works once: wait for the next.",
  }),
  totp_invalid: forbid({
    en: "The code is wrong or was used.",
    zh: "动态验证码错误或已使用。",
    advice: "Take the code that the authenticator app shows now; check the clock of its phone.",
    param: "/code",
  }),
  recovery_code_invalid: forbid({
    en: "The recovery code is wrong or was used.",
    zh: "恢复码错误或已使用。",
    advice: "Take another of the ten; `POST /v1/users/me/recovery_codes` makes new ones.",
    param: "/recovery_code",
  }),
  passkey_invalid: invalid({
    en: "This passkey can't be registered here.",
    zh: "无法注册该通行密钥。",
    advice:
      "Ask for new options and let the browser answer these, within five minutes and from a page of this platform.",
    param: "/credential",
  }),
  passkey_limit_reached: conflict({
    en: "This account has as many passkeys as it may have.",
    zh: "通行密钥数量已达上限。",
    advice: "Delete a passkey first; `details.most` is the limit.",
  }),
  device_signature_missing: unauthenticated({
    en: "This device signs what it does, and did not sign this.",
    zh: "该设备的操作需要设备签名。",
    advice: "Sign the request with the device's key as `docs/signed-requests.md` shows.",
  }),
  device_signature_invalid: unauthenticated({
    en: "The device's signature is not valid.",
    zh: "设备签名无效。",
    advice: "`details` names what is at fault. Sign each attempt anew; if the key is lost, sign in as a new device.",
  }),
  device_session_needed: forbid({
    en: "A key can only be bound to the device one is signed in from.",
    zh: "只能为当前登录的设备绑定密钥。",
    advice: "Sign in with `device: {id}` on that device.",
  }),
  device_key_proof_invalid: invalid({
    en: "The proof was not made with this key for this device.",
    zh: "设备密钥证明无效。",
    advice: "Sign the text that `docs/signed-requests.md` shows with the private half of `public_key`.",
    param: "/proof",
  }),
  device_key_exists: conflict({
    en: "This device has a key already.",
    zh: "该设备已绑定密钥。",
    advice: "A device keeps its key for good: for another one revoke it, and enrol the device anew.",
  }),
  device_limit_reached: conflict({
    en: "This account has as many devices as it may have.",
    zh: "设备数量已达上限。",
    advice: "Revoke a device first; `details.most` is the limit.",
  }),
  one_time_code_missing: invalid({
    en: "The one-time code is missing.",
    zh: "缺少验证码。",
    advice: "Have one sent with `POST /v1/one_time_codes`, and send it as `code`.",
    param: "/code",
  }),
  one_time_code_invalid: forbid({
    en: "The one-time code is wrong, used or expired.",
    zh: "验证码错误或已失效。",
    advice: "Check what was typed; after five wrong guesses, or ten minutes, have a new one sent.",
    param: "/code",
  }),
  one_time_codes_limited: tooMany({
    en: "A one-time code was sent just now. Please wait.",
    zh: "验证码发送过于频繁，请稍后再试。",
    advice: "Wait for `Retry-After` seconds before another is sent; the last one may still arrive.",
  }),
  staff_email_taken: conflict({
    en: "A member of staff with this email exists already.",
    zh: "该员工邮箱已存在。",
    advice: "Use another email.",
    param: "/email",
  }),
  approval_own: forbid({
    en: "Nobody approves what they asked for or what concerns themselves.",
    zh: "不能审批自己发起的或与自己有关的申请。",
    advice: "Another member of staff has to decide.",
  }),
  approval_changed: conflict({
    en: "This is not what waits for approval.",
    zh: "审批内容与申请内容不一致。",
    advice: "Read the approval again, look at its content, and send the digest that stands there.",
    param: "/digest",
  }),
  approval_tampered: conflict({
    en: "What is stored of this request was changed, so nobody can decide on it.",
    zh: "该审批申请的存储内容已被改动，无法处理。",
    advice:
      "Nothing was done, and nothing will be. Ask for the act anew, and tell whoever runs the platform: somebody changed the database, or its keys are not the ones this was sealed under.",
  }),
  approval_result_withheld: forbid({
    en: "Only who asked for it may fetch the result.",
    zh: "只有申请人可以领取结果。",
    advice: "The maker fetches it, once and within 24 hours; afterwards the act has to be asked for again.",
  }),
  invitation_invalid: unauthenticated({
    en: "This invitation is not valid (any more).",
    zh: "邀请无效或已失效。",
    advice: "Ask for a new one: an invitation works once and for 72 hours.",
    param: "/token",
  }),
});
