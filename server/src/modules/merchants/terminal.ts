import type { TerminalStatus } from "./states.ts";

export interface Terminal {
  readonly id: string;
  readonly merchantId: string;
  readonly livemode: boolean;
  readonly storeId: string;
  readonly name: string;
  readonly status: TerminalStatus;
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
    created_at: terminal.createdAt.toISOString(),
  };
}
