export { confirmByWallet } from "./confirm-by-wallet.ts";
export { expandPaymentBy } from "./expand.ts";
export { expirePayments } from "./expire-payments.ts";
export { drainPayments } from "./pay-by-code.ts";
export { presentFailure } from "./payment.ts";
export { refundRoutes } from "./refund-routes.ts";
export { paymentRoutes } from "./routes.ts";
export { type RefundOutcome, settleRefund } from "./settle-refund.ts";
export { paymentMoves } from "./states.ts";
