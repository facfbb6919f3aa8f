import "./bank-refunds.ts";
import "./settle-attempt.ts";

export { expandPaymentBy } from "./expand.ts";
export { expirePayments } from "./expire-payments.ts";
export { notifyAddresses } from "./notify-addresses.ts";
export { orderRoutes } from "./order-routes.ts";
export { drainPayments } from "./pay-by-code.ts";
export { type Payment, totalOf } from "./payment.ts";
export { qrCodeRoutes } from "./qr-code-routes.ts";
export { refundsOf } from "./read-refunds.ts";
export type { Refund } from "./refund.ts";
export { refundRoutes } from "./refund-routes.ts";
export { paymentRoutes } from "./routes.ts";
export { findOrders, findPayment } from "./sql.ts";
export { paymentMoves } from "./states.ts";
