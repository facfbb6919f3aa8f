export { expandPaymentBy } from "./expand.ts";
export { expireConfirmations } from "./expire-confirmations.ts";
export { drainPayments } from "./pay-by-code.ts";
export { presentFailure } from "./payment.ts";
export { refundRoutes } from "./refund-routes.ts";
export { paymentRoutes } from "./routes.ts";
export { type RefundOutcome, settleRefund } from "./settle-refund.ts";
