import type { SignalKind } from "#kit/security-signals.ts";
import type { Severity } from "#kit/severity.ts";

/** What signals are added up by: whose they are, the network they come from, the merchant they are about, or all together. */
export type Scope = "subject" | "address" | "merchant" | "platform";

/** So many signals of these kinds within these minutes make an alert. */
export interface Rule {
  readonly kinds: readonly SignalKind[];
  readonly by: Scope;
  readonly threshold: number;
  readonly minutes: number;
}

/** What people may be alarmed of: how grave it is and what they read. */
interface Concern {
  readonly severity: Severity;
  readonly en: string;
  readonly zh: string;
  /** Without a rule it is raised by whoever finds it. */
  readonly rule?: Rule;
}

const when = (threshold: number, minutes: number, by: Scope, ...kinds: SignalKind[]): Rule => ({
  kinds,
  by,
  threshold,
  minutes,
});

/** Every alarm there is. The whole truth: thresholds are changed here. */
export const concerns = {
  // Somebody tries to get in
  "sign_in.account_guessed": {
    severity: "warning",
    en: "Many failed sign-ins to one account.",
    zh: "同一账号多次登录失败。",
    rule: when(10, 15, "subject", "sign_in_failed", "second_factor_wrong", "one_time_code_wrong", "passkey_refused"),
  },
  "sign_in.network_guessing": {
    severity: "warning",
    en: "Many failed sign-ins from one network.",
    zh: "同一网络多次登录失败。",
    rule: when(30, 15, "address", "sign_in_failed", "sign_in_throttled", "second_factor_wrong", "one_time_code_wrong"),
  },
  "sign_in.spray": {
    severity: "critical",
    en: "Failed sign-ins all over the platform: somebody tries passwords on many accounts.",
    zh: "平台大范围登录失败，疑似撞库攻击。",
    rule: when(500, 10, "platform", "sign_in_failed"),
  },
  "sign_in.session_stolen": {
    severity: "warning",
    en: "A refresh token was used twice: two parties held it, and the session was ended.",
    zh: "刷新令牌被重复使用，可能被盗，会话已终止。",
    rule: when(1, 60, "subject", "refresh_token_reused"),
  },
  "sign_in.staff_guessed": {
    severity: "critical",
    en: "Failed sign-ins of a staff account.",
    zh: "员工账号多次登录失败。",
    rule: when(5, 15, "subject", "staff_sign_in_failed", "staff_sign_in_throttled"),
  },
  "sign_in.staff_network_guessing": {
    severity: "critical",
    en: "Failed staff sign-ins from one network.",
    zh: "同一网络多次员工登录失败。",
    rule: when(10, 15, "address", "staff_sign_in_failed", "staff_sign_in_throttled"),
  },
  "pin.guessed": {
    severity: "warning",
    en: "A payment PIN was locked after wrong attempts.",
    zh: "支付密码因多次错误被锁定。",
    rule: when(1, 60, "subject", "pin_locked"),
  },
  "device.misused": {
    severity: "warning",
    en: "A device that was revoked, or that signs wrongly, is being used.",
    zh: "已注销或签名错误的设备正在被使用。",
    rule: when(3, 60, "subject", "revoked_device_used", "device_signature_failed"),
  },

  // Somebody tries keys and codes
  "keys.guessing": {
    severity: "warning",
    en: "Many unknown keys or tokens from one network.",
    zh: "同一网络多次使用无效密钥或令牌。",
    rule: when(50, 10, "address", "credentials_unknown", "pairing_code_wrong"),
  },
  "keys.signatures_failing": {
    severity: "critical",
    en: "Requests with one API key fail their signature: the key may be known to others.",
    zh: "同一密钥多次签名校验失败，密钥可能泄露。",
    rule: when(5, 10, "subject", "signature_failed", "signature_replayed"),
  },
  "keys.from_elsewhere": {
    severity: "critical",
    en: "An API key is used from an address that it is not allowed from.",
    zh: "密钥在未授权的地址被使用。",
    rule: when(1, 10, "subject", "address_refused"),
  },
  "keys.lost_terminal": {
    severity: "critical",
    en: "A terminal that was reported lost or revoked is being used.",
    zh: "已挂失或注销的终端正在被使用。",
    rule: when(1, 60, "subject", "revoked_terminal_used"),
  },
  "permissions.probed": {
    severity: "warning",
    en: "Somebody keeps asking for what they may not do.",
    zh: "有人反复尝试越权操作。",
    rule: when(20, 10, "subject", "permission_refused", "approval_violated"),
  },
  "approvals.violated": {
    severity: "critical",
    en: "A member of staff keeps trying to get around the second person.",
    zh: "员工反复尝试绕过双人复核。",
    rule: when(3, 60, "subject", "approval_violated"),
  },
  "approvals.tampered": {
    severity: "critical",
    en: "A request for approval was changed in the database.",
    zh: "审批申请在数据库中被篡改。",
    rule: when(1, 60, "subject", "approval_tampered"),
  },
  "personal_data.shown_often": {
    severity: "warning",
    en: "A member of staff looks at one person's data after the other's.",
    zh: "员工频繁查看用户敏感信息。",
    rule: when(10, 60, "subject", "personal_data_shown"),
  },
  "codes.guessing": {
    severity: "warning",
    en: "A terminal or key sends many wrong payment codes.",
    zh: "终端或密钥多次提交错误付款码。",
    rule: when(15, 15, "subject", "payment_code_wrong"),
  },
  "codes.guessing_everywhere": {
    severity: "critical",
    en: "Wrong payment codes all over the platform.",
    zh: "平台大范围出现错误付款码。",
    rule: when(500, 10, "platform", "payment_code_wrong"),
  },
  "codes.payment_keys_guessed": {
    severity: "warning",
    en: "Many wrong payment keys from one network.",
    zh: "同一网络多次使用错误的支付密钥。",
    rule: when(20, 15, "address", "payment_key_wrong"),
  },
  "cards.testing": {
    severity: "warning",
    en: "Many refused cards from one network: somebody may be testing stolen numbers.",
    zh: "同一网络多次提交被拒卡片，疑似盗卡测试。",
    rule: when(10, 30, "address", "card_refused"),
  },
  "callbacks.forged": {
    severity: "critical",
    en: "A message with a wrong signature came in the name of a channel or merchant.",
    zh: "收到冒充渠道或商户的伪造通知。",
    rule: when(3, 10, "platform", "callback_forged"),
  },

  // Somebody tries to wear us down
  "edge.network_flooding": {
    severity: "warning",
    en: "One network keeps running into rate limits or sends broken requests.",
    zh: "同一网络持续触发限流或发送异常请求。",
    rule: when(300, 5, "address", "rate_limited", "request_broken", "body_hostile", "origin_refused"),
  },
  "edge.connections_flooding": {
    severity: "warning",
    en: "Connections are refused because there are too many.",
    zh: "连接数过多，部分连接被拒绝。",
    rule: when(100, 5, "platform", "connections_refused"),
  },

  // Money that moves strangely
  "refunds.unusual": {
    severity: "warning",
    en: "A merchant refunds far more than it used to, or than it sells.",
    zh: "商户退款异常：远高于以往水平或其销售额。",
    rule: when(1, 60, "merchant", "refunds_unusual"),
  },

  // We ourselves
  "ledger.difference": {
    severity: "critical",
    en: "The books are not what the transfers make them.",
    zh: "账务不一致：余额与分录不符。",
  },
  "audit_log.broken": {
    severity: "critical",
    en: "The audit log was changed or lacks entries.",
    zh: "审计日志被篡改或缺失。",
    rule: when(1, 60, "platform", "audit_log_broken"),
  },
  "secrets.unreadable": {
    severity: "critical",
    en: "A sealed value does not open: it was changed, or its key is missing.",
    zh: "密文无法解密：数据被改动或密钥缺失。",
    rule: when(1, 60, "platform", "unseal_failed"),
  },
  "platform.overloaded": {
    severity: "warning",
    en: "Requests are turned away because there is more work than the platform can take.",
    zh: "平台过载，部分请求被拒绝。",
    rule: when(100, 5, "platform", "overloaded"),
  },
  "platform.database_unavailable": {
    severity: "critical",
    en: "Requests failed because the database could not be reached.",
    zh: "数据库不可用，部分请求失败。",
    rule: when(5, 5, "platform", "database_unavailable"),
  },
  "platform.requests_failing": {
    severity: "warning",
    en: "Requests fail for reasons of our own.",
    zh: "请求因系统内部错误失败。",
    rule: when(5, 10, "platform", "request_failed"),
  },
  "platform.job_failing": {
    severity: "warning",
    en: "A background job keeps failing.",
    zh: "后台任务反复失败。",
    rule: when(5, 60, "subject", "job_failed", "loop_failed"),
  },
  "webhook_endpoint.disabled": {
    severity: "warning",
    en: "A merchant's webhook endpoint was switched off after nothing but failures.",
    zh: "商户回调地址持续失败，已被停用。",
  },
} as const satisfies Record<string, Concern>;

export type AlertType = keyof typeof concerns;

/** What is known of a type; nothing for one that only a later version knew. */
export const concernOf = (type: string): Concern | undefined =>
  Object.hasOwn(concerns, type) ? concerns[type as AlertType] : undefined;

/** The rules that a kind of signal counts for, with the type of alert that each raises. */
export const rulesOf: ReadonlyMap<string, readonly (Rule & { type: AlertType; severity: Severity })[]> = (() => {
  const found = new Map<string, (Rule & { type: AlertType; severity: Severity })[]>();
  for (const [type, { rule, severity }] of Object.entries(concerns) as [AlertType, Concern][]) {
    for (const kind of rule?.kinds ?? []) {
      const known = found.get(kind) ?? [];
      found.set(kind, [...known, { ...(rule as Rule), type, severity }]);
    }
  }
  return found;
})();
