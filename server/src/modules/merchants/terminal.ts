import type { TerminalStatus } from "./states.ts";

export interface Terminal {
  readonly id: string;
  readonly merchantId: string;
  readonly livemode: boolean;
  readonly storeId: string;
  readonly name: string;
  readonly status: TerminalStatus;
  /** Minor units that it may refund in a business day. */
  readonly refundLimit: number;
  /** When its till was paired; null: none is. */
  readonly pairedAt: Date | null;
  readonly createdAt: Date;
}

export function presentTerminal(terminal: Terminal) {
  return {
    id: terminal.id,
    object: "terminal" as const,
    merchant: terminal.merchantId,
    store: terminal.storeId,
    livemode: terminal.livemode,
    name: terminal.name,
    status: terminal.status,
    refund_limit: terminal.refundLimit,
    paired_at: terminal.pairedAt?.toISOString() ?? null,
    created_at: terminal.createdAt.toISOString(),
  };
}
