/** What a member of staff may do. A route names the one it needs: `allow("staff", "ledger:read")`. */
export type Permission =
  | "users:read"
  | "users:unmask"
  | "users:freeze"
  | "users:erase"
  | "merchants:read"
  | "merchants:write"
  | "pricing:write"
  | "keys:read"
  | "keys:write"
  | "payments:read"
  | "refunds:write"
  | "ledger:read"
  | "ledger:write"
  | "settlement:read"
  | "settlement:write"
  | "channels:read"
  | "channels:write"
  | "risk:read"
  | "risk:write"
  | "approvals:read"
  | "approvals:write"
  | "staff:read"
  | "staff:write"
  | "audit:read"
  | "events:read"
  | "alerts:read"
  | "alerts:write";

/** Who may do what. The whole truth: a permission that is not listed is not had. */
export const roles = {
  /** Runs the platform from day to day. */
  operator: [
    "users:read",
    "users:freeze",
    "users:erase",
    "merchants:read",
    "merchants:write",
    "pricing:write",
    "keys:read",
    "keys:write",
    "payments:read",
    "refunds:write",
    "ledger:read",
    "ledger:write",
    "settlement:read",
    "channels:read",
    "channels:write",
    "risk:read",
    "staff:read",
    "events:read",
    "alerts:read",
    "alerts:write",
  ],
  /** The second pair of eyes: sees what there is to judge, starts nothing. */
  approver: [
    "users:read",
    "merchants:read",
    "keys:read",
    "payments:read",
    "ledger:read",
    "settlement:read",
    "channels:read",
    "risk:read",
    "staff:read",
    "alerts:read",
    "approvals:read",
    "approvals:write",
  ],
  /** Closes the day: books, settlements, payouts, reconciliation. */
  finance: [
    "merchants:read",
    "payments:read",
    "refunds:write",
    "ledger:read",
    "ledger:write",
    "settlement:read",
    "settlement:write",
    "channels:read",
    "alerts:read",
  ],
  /** Rules, lists and cases. */
  risk: [
    "users:read",
    "users:unmask",
    "users:freeze",
    "merchants:read",
    "payments:read",
    "risk:read",
    "risk:write",
    "events:read",
    "alerts:read",
    "alerts:write",
  ],
  /** Answers customers and merchants; sees masked data. */
  support: ["users:read", "users:freeze", "merchants:read", "payments:read", "refunds:write"],
  /** Reads the books and who did what, changes nothing. */
  auditor: [
    "merchants:read",
    "keys:read",
    "payments:read",
    "ledger:read",
    "settlement:read",
    "staff:read",
    "approvals:read",
    "audit:read",
    "alerts:read",
  ],
  /** Decides who works here; touches no money. */
  admin: ["staff:read", "staff:write", "audit:read", "alerts:read", "alerts:write"],
} as const satisfies Record<string, readonly Permission[]>;

export type Role = keyof typeof roles;

const permissionsByRole = new Map<string, ReadonlySet<string>>(
  Object.entries(roles).map(([role, permissions]) => [role, new Set(permissions)]),
);
const none: ReadonlySet<string> = new Set();

/** The permissions of a role; none for one that this version does not know. */
export const permissionsOf = (role: string): ReadonlySet<string> => permissionsByRole.get(role) ?? none;
