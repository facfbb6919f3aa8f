import type { Language } from "#kit/errors.ts";
import type { Message } from "#kit/messages.ts";
import type { CodePurpose } from "./one-time-code.ts";

/** What the platform writes to people, in their language. Nothing of it was typed by somebody else. */
export type Letter = Pick<Message, "kind" | "subject" | "text" | "values">;

const purposes: Record<CodePurpose, Record<Language, string>> = {
  register: { en: "open your account", "zh-CN": "注册账户" },
  sign_in: { en: "sign in on a new device", "zh-CN": "在新设备上登录" },
  reset_password: { en: "reset your password", "zh-CN": "重置登录密码" },
  reset_pin: { en: "set a new payment PIN", "zh-CN": "重置支付密码" },
  verify: { en: "confirm that this is yours", "zh-CN": "验证本人" },
  change_phone: { en: "use this phone for your account", "zh-CN": "绑定新手机号" },
  change_email: { en: "use this email for your account", "zh-CN": "绑定新邮箱" },
};

interface CodeValues {
  code: string;
  purpose: CodePurpose;
}

function oneTimeCode(language: Language, { code, purpose }: CodeValues): Letter {
  const what = purposes[purpose][language];
  const texts: Record<Language, [subject: string, text: string]> = {
    en: [
      "Your Feiqian code",
      `Feiqian: ${code} is your code to ${what}. It is valid for 10 minutes. We never ask for it: give it to nobody.`,
    ],
    "zh-CN": ["飞钱验证码", `【飞钱】验证码 ${code}，用于${what}，10分钟内有效。工作人员不会索要，请勿告诉他人。`],
  };
  const [subject, text] = texts[language];
  return { kind: "one_time_code", subject, text, values: { code, purpose } };
}

/** To whom shall work here. */
function staffInvitation(language: Language, { token }: { token: string }): Letter {
  const texts: Texts = {
    en: [
      "Your invitation to Feiqian",
      `You are invited to work with Feiqian. Choose a password and set up an authenticator app with this invitation, which works once and for 72 hours: ${token} Give it to nobody, not to those who invited you either.`,
    ],
    "zh-CN": [
      "飞钱员工邀请",
      `您受邀使用飞钱管理平台。请凭此邀请码设置密码并绑定身份验证器，72小时内有效，仅可使用一次：${token} 请勿告诉任何人，包括邀请您的人。`,
    ],
  };
  const [subject, text] = texts[language];
  return { kind: "staff_invitation", subject, text, values: { token } };
}

type Texts = Record<Language, readonly [subject: string, text: string]>;

const notice =
  (kind: string, texts: Texts) =>
  (language: Language): Letter => {
    const [subject, text] = texts[language];
    return { kind, subject, text };
  };

/** A change of the account, told to its owner. */
const change = (kind: string, en: string, zh: string) =>
  notice(kind, {
    en: [
      "Your Feiqian account was changed",
      `Feiqian: ${en}. If it was not you, reset your password at once and tell us.`,
    ],
    "zh-CN": ["飞钱账户变更通知", `【飞钱】${zh}。如非本人操作，请立即重置密码并联系客服。`],
  });

export const letters = {
  one_time_code: oneTimeCode,
  staff_invitation: staffInvitation,
  /** Instead of a code, to whom has an account already. */
  account_exists: notice("account_exists", {
    en: [
      "You already have a Feiqian account",
      "Feiqian: somebody wanted to use this address for a new account, but it has one. Sign in, or reset your password. If it was not you, there is nothing to do.",
    ],
    "zh-CN": [
      "您已有飞钱账户",
      "【飞钱】有人试图用此号码或邮箱注册，但其已绑定飞钱账户。请直接登录或重置密码；非本人操作请忽略。",
    ],
  }),
  password_changed: change("password_changed", "your password was changed", "您的登录密码已修改"),
  password_reset: change("password_reset", "your password was reset by a code", "您的登录密码已通过验证码重置"),
  phone_changed: change("phone_changed", "your account has another phone now", "您的账户已换绑手机号"),
  email_changed: change("email_changed", "your account has another email now", "您的账户已换绑邮箱"),
  new_device: notice("new_device", {
    en: [
      "New sign-in to your Feiqian account",
      "Feiqian: your account was signed in to from a new device. If it was not you, reset your password at once and tell us.",
    ],
    "zh-CN": ["飞钱新设备登录提醒", "【飞钱】您的账户刚刚在新设备上登录。如非本人操作，请立即重置密码并联系客服。"],
  }),
  totp_activated: change("totp_activated", "your account has an authenticator app now", "您的账户已绑定动态验证器"),
  totp_removed: change("totp_removed", "the authenticator app of your account was removed", "您的账户已停用动态验证器"),
  recovery_codes_renewed: change(
    "recovery_codes_renewed",
    "your account has new recovery codes",
    "您的账户已更换恢复码",
  ),
  recovery_code_used: change(
    "recovery_code_used",
    "a recovery code of your account was used",
    "您账户的一个恢复码已被使用",
  ),
  passkey_created: change("passkey_created", "your account has a new passkey", "您的账户已添加通行密钥"),
  passkey_removed: change("passkey_removed", "a passkey of your account was deleted", "您的账户已删除通行密钥"),
  passkey_copied: change(
    "passkey_copied",
    "a copy of a passkey of your account was refused; delete that passkey",
    "您账户通行密钥的副本被拒绝登录，请删除该通行密钥",
  ),
  device_trusted: change("device_trusted", "your account trusts a device now", "您的账户已信任一台设备"),
  payment_pin_changed: change("payment_pin_changed", "your payment PIN was changed", "您的支付密码已修改"),
};
