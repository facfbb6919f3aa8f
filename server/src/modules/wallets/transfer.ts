import type { transferStates } from "./states.ts";

/** One side of a transfer between two wallets. Amounts in minor units. */
export interface WalletTransfer {
  /** Whose side this is. */
  readonly ownerId: string;
  readonly livemode: boolean;
  /** The same for both sides. */
  readonly id: string;
  readonly direction: "in" | "out";
  readonly amount: number;
  readonly currency: string;
  readonly counterpartyId: string;
  /** Masked, as it was when the money moved. */
  readonly counterpartyName: string | null;
  readonly counterpartyPhone: string | null;
  readonly note: string | null;
  readonly createdAt: Date;
}

/** The transfer object of the interface, as this side sees it. */
export const presentTransfer = (transfer: WalletTransfer) => ({
  id: transfer.id,
  object: "transfer" as const,
  status: "succeeded" as (typeof transferStates)[number],
  direction: transfer.direction,
  amount: transfer.amount,
  currency: transfer.currency,
  counterparty: {
    id: transfer.counterpartyId,
    name: transfer.counterpartyName,
    phone: transfer.counterpartyPhone,
  },
  note: transfer.note,
  livemode: transfer.livemode,
  created_at: transfer.createdAt.toISOString(),
});
