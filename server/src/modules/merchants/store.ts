export interface Store {
  readonly id: string;
  readonly merchantId: string;
  readonly livemode: boolean;
  readonly name: string;
  /** IANA name; the store's days begin and end by it. */
  readonly timeZone: string;
  readonly address: string | null;
  readonly createdAt: Date;
}

export function presentStore(store: Store) {
  return {
    id: store.id,
    object: "store" as const,
    merchant: store.merchantId,
    livemode: store.livemode,
    name: store.name,
    time_zone: store.timeZone,
    address: store.address,
    created_at: store.createdAt.toISOString(),
  };
}
