/** How an order may be paid. What each method does stands in `methods.ts`. */
export const orderMethods = ["wallet"] as const;

export type OrderMethod = (typeof orderMethods)[number];
