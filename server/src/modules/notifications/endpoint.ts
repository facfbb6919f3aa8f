/** A merchant's address for events of one mode. Its secrets are sealed. */
export interface Endpoint {
  readonly id: string;
  readonly merchantId: string;
  readonly livemode: boolean;
  readonly url: string;
  readonly description: string | null;
  readonly events: readonly string[];
  readonly status: "enabled" | "disabled";
  readonly disabledReason: DisabledReason | null;
  readonly failingSince: Date | null;
  readonly previousUntil: Date | null;
  readonly createdAt: Date;
}

/** Who switched it off: the merchant, its own answer 410, or days of failures. */
export type DisabledReason = "merchant" | "gone" | "failing";

/** Whose endpoint of which mode. */
export type EndpointKey = Pick<Endpoint, "merchantId" | "livemode" | "id">;

/** What a secret is sealed for. */
export const secretContext = ({ merchantId, livemode }: Pick<EndpointKey, "merchantId" | "livemode">, of: string) =>
  `webhook secret ${merchantId} ${livemode} ${of}`;

/** The webhook endpoint of API.md, without its secret. */
export const presentEndpoint = (endpoint: Endpoint) => ({
  id: endpoint.id,
  object: "webhook_endpoint" as const,
  url: endpoint.url,
  description: endpoint.description,
  events: [...endpoint.events],
  enabled: endpoint.status === "enabled",
  disabled_reason: endpoint.disabledReason,
  failing_since: endpoint.failingSince?.toISOString() ?? null,
  previous_secret_expires_at: endpoint.previousUntil?.toISOString() ?? null,
  livemode: endpoint.livemode,
  created_at: endpoint.createdAt.toISOString(),
});
