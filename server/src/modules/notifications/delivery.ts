/** What a delivery may become. A resent one is a new delivery of the same event. */
export const deliveryMoves = {
  pending: ["succeeded", "failed", "canceled"],
  succeeded: [],
  failed: [],
  canceled: [],
} as const;

export type DeliveryStatus = keyof typeof deliveryMoves;

/** Why an attempt failed: an answer other than 2xx, none in time, no connection, or an address that is not called. */
export const deliveryErrors = ["status", "timeout", "connection_failed", "address_refused", "event_expired"] as const;
export type DeliveryError = (typeof deliveryErrors)[number];

/** One event on its way to one receiver. */
export interface Delivery {
  readonly id: string;
  readonly livemode: boolean;
  /** Nothing for a payment's own address. */
  readonly endpointId: string | null;
  readonly url: string | null;
  readonly eventId: string;
  readonly eventType: string;
  readonly status: DeliveryStatus;
  readonly attempts: number;
  readonly nextAttemptAt: Date | null;
  readonly lastAttemptAt: Date | null;
  readonly responseStatus: number | null;
  readonly responseExcerpt: string | null;
  readonly error: DeliveryError | null;
  readonly durationMs: number | null;
  readonly createdAt: Date;
}

export const presentDelivery = (delivery: Delivery) => ({
  id: delivery.id,
  object: "webhook_delivery" as const,
  endpoint: delivery.endpointId,
  url: delivery.url,
  event: delivery.eventId,
  event_type: delivery.eventType,
  status: delivery.status,
  attempts: delivery.attempts,
  response_status: delivery.responseStatus,
  response_excerpt: delivery.responseExcerpt,
  error: delivery.error,
  duration_ms: delivery.durationMs,
  next_attempt_at: delivery.nextAttemptAt?.toISOString() ?? null,
  last_attempt_at: delivery.lastAttemptAt?.toISOString() ?? null,
  livemode: delivery.livemode,
  created_at: delivery.createdAt.toISOString(),
});
