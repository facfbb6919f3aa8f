import type { Transaction } from "#kit/db.ts";
import type { BankOrder } from "./bank-port.ts";
import type { InstructionState } from "./states.ts";

/** What we ask a bank to do, and what is known of it. */
export interface Instruction extends BankOrder {
  /** Which module's object it is for, and so who is told how it ended. */
  readonly purpose: string;
  readonly ownerId: string;
  readonly livemode: boolean;
  /** Id of the object that it is for. */
  readonly subjectId: string;
  readonly state: InstructionState;
  readonly tries: number;
}

/** What an outcome means to the object that the instruction is for. Each runs once, in the transaction that notes the outcome. */
export interface InstructionPurpose {
  succeeded(tx: Transaction, instruction: Instruction): Promise<void>;
  /** Definitely not done. */
  refused(tx: Transaction, instruction: Instruction): Promise<void>;
  /** Done, and undone by the bank afterwards. */
  returned(tx: Transaction, instruction: Instruction): Promise<void>;
  /** The money moved although the bank had refused. */
  late(tx: Transaction, instruction: Instruction): Promise<void>;
  /** What became of late money that was to be sent back: it is back where it came from, or the bank would not take it. */
  lateMoney(tx: Transaction, instruction: Instruction, fate: "returned" | "held"): Promise<void>;
}

const purposes = new Map<string, InstructionPurpose>();

/** Declares what a purpose's outcomes do. */
export function onBankOutcome(purpose: string, does: InstructionPurpose): void {
  if (purposes.has(purpose)) throw new Error(`there are two purposes named ${purpose}`);
  purposes.set(purpose, does);
}

export function purposeOf({ purpose }: Instruction): InstructionPurpose {
  const does = purposes.get(purpose);
  if (!does) throw new Error(`nobody takes outcomes for ${purpose}`);
  return does;
}
