import { bank } from "#modules/wallets";

/** How an order may be paid. What each method does stands in `methods.ts`. */
export const orderMethods = ["wallet", "bank"] as const;

export type OrderMethod = (typeof orderMethods)[number];

/** The methods by which such an order can be paid here: a bank has to be connected, and can't hold money for a later capture. */
export const methodsFor = ({ capture }: { capture: "automatic" | "manual" }): OrderMethod[] =>
  orderMethods.filter((method) => method === "wallet" || (bank() !== undefined && capture === "automatic"));
