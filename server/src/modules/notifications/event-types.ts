import { paymentMoves } from "#modules/payments";

/** Every type of event that a merchant may hear of, by the object that it is about. */
const verbs = {
  payment: [...Object.keys(paymentMoves), "paid_late"],
  refund: ["pending", "succeeded", "failed"],
  merchant: ["created", "updated"],
  store: ["created", "updated"],
  terminal: ["created", "updated", "paired", "lost"],
  api_key: ["created", "updated", "rolled", "revoked"],
  qr_code: ["created", "revoked"],
  bank_account: ["added", "removed"],
  webhook_endpoint: ["created", "updated", "secret_rotated", "disabled", "deleted", "test"],
} as const satisfies Record<string, readonly string[]>;

const eventTypes: readonly string[] = Object.entries(verbs).flatMap(([object, happened]) =>
  happened.map((verb) => `${object}.${verb}`),
);

/** What an endpoint may ask for: a type, all of one object (`payment.*`), or everything (`*`). */
export const eventFilters: ReadonlySet<string> = new Set([
  "*",
  ...Object.keys(verbs).map((object) => `${object}.*`),
  ...eventTypes,
]);
