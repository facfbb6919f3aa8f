import type { Loop } from "#kit/loop.ts";

/** Minor units that one order may move: more than anybody does, and little enough that no sum in the books runs over. */
export const mostByBank = 1_000_000_000_000;

/** `collect`: money from a customer's bank account to ours. `pay`: the other way. */
export type BankOrderKind = "collect" | "pay";

/** What a bank is asked to do. */
export interface BankOrder {
  /** Ours, and one for each order: a bank that gets it again does nothing again. */
  readonly reference: string;
  readonly kind: BankOrderKind;
  /** Minor units. */
  readonly amount: number;
  readonly currency: string;
  /** The customer's account, as a token. */
  readonly account: string;
}

/** What a bank says of an order. `pending`: it has it and will decide. `returned`: the money moved, and moved back afterwards. */
export interface BankOutcome extends BankOrder {
  readonly state: "pending" | "succeeded" | "refused" | "returned";
  /** The bank's own word for a refusal or a return. */
  readonly reason: string | null;
}

/**
 * A bank, or a channel that stands for one. Whatever is thrown, a time-out included, means that the outcome is not known.
 * Nobody calls it while a transaction is open.
 */
export interface BankPort {
  /** The channel's name, as payments show it. */
  readonly name: string;
  /** Whether there can be such an account; answered without asking the bank. */
  knowsAccount(account: string): boolean;
  /** Gives an order to the bank and what it says at once. */
  send(order: BankOrder, signal: AbortSignal): Promise<BankOutcome>;
  /** What the bank knows of an order by now; nothing when it never got it. */
  query(reference: string, signal: AbortSignal): Promise<BankOutcome | undefined>;
  /**
   * Passes on what the bank tells by itself: confirmations that come late, money that came back. `tell` gets each at least once, again
   * and again until it resolves. For the worker.
   */
  follow(tell: (outcome: BankOutcome) => Promise<void>): Loop;
}

let port: BankPort | undefined;

/** Connects a bank, or none. Called by the role that composes the modules. */
export function useBank(connected: BankPort | undefined): void {
  port = connected;
}

/** The bank that is connected, if there is one. */
export const bank = (): BankPort | undefined => port;
