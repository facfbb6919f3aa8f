import "./jobs.ts";
import "./sealed-columns.ts";

export { openSigningKeys } from "./access-tokens.ts";
export { askApproval } from "./ask-approval.ts";
export { sealAuditLog } from "./audit-chain.ts";
export { authenticateStaff, authenticateUser } from "./authenticate.ts";
export { type Device, findDevice } from "./device.ts";
export { unsignedActs } from "./device-acts.ts";
export { beforeErasure, onDeviceRevoked, onErased, onRegistered, onUserFrozen } from "./hooks.ts";
export { checkPin } from "./payment-pin.ts";
export { purgeAuditLog } from "./purge-audit-log.ts";
export { type Role, roles } from "./roles.ts";
export { identityRoutes } from "./routes.ts";
export { Phone } from "./schemas.ts";
export { createStaff, type Staff } from "./staff.ts";
export { forgiveAttempt, takeNamelessAttempt } from "./throttle.ts";
export { findUser, type MaskedUser, maskUser, type User, userByPhone, userNames } from "./user.ts";
export { type Tampering, type Verification, verifyAuditLog } from "./verify-audit-log.ts";
