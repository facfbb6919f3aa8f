export { expandPaymentBy } from "./expand.ts";
export { expireConfirmations } from "./expire-confirmations.ts";
export { drainPayments } from "./pay-by-code.ts";
export { presentFailure } from "./payment.ts";
export { paymentRoutes } from "./routes.ts";
