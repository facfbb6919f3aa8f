import type { Language } from "#kit/errors.ts";
import { type Permission, type Role, roles } from "./roles.ts";

/** The table of `roles.ts` in words, for those who give roles and those who check them. */
type Texts = Readonly<Record<Language, string>>;
const text = (en: string, zh: string): Texts => ({ en, "zh-CN": zh });

const permissionTexts: Record<Permission, Texts> = {
  "users:read": text("See users, masked", "查看用户（脱敏）"),
  "users:unmask": text("See a user's phone, email or name in full, with a reason", "查看用户完整信息（须填写原因）"),
  "users:freeze": text("Freeze users, and ask for their unfreezing", "冻结用户、申请解冻"),
  "users:erase": text("Ask for the erasure of a user who wants it", "申请注销用户（应用户要求）"),
  "merchants:read": text("See merchants, stores and terminals", "查看商户、门店和终端"),
  "merchants:write": text("Set up, change and suspend merchants", "新增、变更和停用商户"),
  "pricing:write": text("Ask for pricing plans", "申请费率方案"),
  "keys:read": text("See merchants' API keys, without their secrets", "查看商户 API 密钥（不含密钥内容）"),
  "keys:write": text("Ask for merchants' API keys, and revoke them", "申请和吊销商户 API 密钥"),
  "payments:read": text("See payments and refunds", "查看支付和退款"),
  "refunds:write": text("Refund payments", "发起退款"),
  "ledger:read": text("See the books", "查看账簿"),
  "ledger:write": text("Ask for bookings by hand", "申请手工记账"),
  "settlement:read": text("See settlements, payouts and reconciliation", "查看结算、打款和对账"),
  "settlement:write": text("Settle, ask for payouts, resolve differences", "结算、申请打款、处理差异"),
  "channels:read": text("See channels and routes", "查看渠道和路由"),
  "channels:write": text("Ask for changes of channels and routes", "申请变更渠道和路由"),
  "risk:read": text("See risk rules, lists and cases", "查看风控规则、名单和案件"),
  "risk:write": text("Ask for changes of risk rules, work on cases", "申请变更风控规则、处理案件"),
  "approvals:read": text("See everything that waits for a second person", "查看全部待审批事项"),
  "approvals:write": text("Approve or refuse what others asked for", "审批他人的申请"),
  "staff:read": text("See who works here", "查看员工"),
  "staff:write": text("Ask for staff and roles, disable staff", "申请新增员工和变更角色、停用员工"),
  "audit:read": text("See who did what", "查看审计日志"),
  "events:read": text("See events and their deliveries", "查看事件及投递"),
  "alerts:read": text("See alarms", "查看告警"),
  "alerts:write": text("Acknowledge alarms", "确认告警"),
};

const roleTexts: Record<Role, Texts> = {
  operator: text("Runs the platform from day to day", "日常运营"),
  approver: text("The second pair of eyes: decides, starts nothing", "复核审批，不发起操作"),
  finance: text("Closes the day: books, settlements, payouts, reconciliation", "财务：账簿、结算、打款、对账"),
  risk: text("Rules, lists and cases", "风控：规则、名单、案件"),
  support: text("Answers customers and merchants; sees masked data", "客服：仅见脱敏数据"),
  auditor: text("Reads the books and who did what, changes nothing", "审计：只读"),
  admin: text("Decides who works here; touches no money", "管理员：管理员工，不接触资金"),
};

/** Every role with what it may do, in the reader's language. */
export const presentRoles = (language: Language) =>
  (Object.keys(roles) as Role[]).map((name) => ({
    object: "role" as const,
    name,
    text: roleTexts[name][language],
    permissions: roles[name].map((permission: Permission) => ({
      name: permission,
      text: permissionTexts[permission][language],
    })),
  }));
