import { first, type Queryable, run, sql, type Transaction } from "#kit/db.ts";
import type { BankOrder } from "./bank-port.ts";
import type { Instruction } from "./instruction.ts";
import type { InstructionState } from "./states.ts";

const columns = `i.reference, i.purpose, i.owner_id as "ownerId", i.livemode, i.subject_id as "subjectId", i.kind, i.amount,
  i.currency, i.account, i.state, i.tries`;

const insertUnaskedStatement = sql<Instruction>(
  "wallets.insert_unasked",
  `insert into bank_instructions as i (reference, purpose, owner_id, livemode, subject_id, kind, amount, currency, account,
       state)
   values ($1, 'unasked', 'platform', $2, $1, $3, $4, $5, $6, 'late')
   on conflict do nothing returning ${columns}`,
);

/** Notes what a bank did without having been asked; nothing when that is noted already. */
export const insertUnasked = (
  tx: Transaction,
  { reference, kind, amount, currency, account }: BankOrder,
  livemode: boolean,
): Promise<Instruction | undefined> =>
  first(tx, insertUnaskedStatement, [reference, livemode, kind, amount, currency, account]);

const findInstructionStatement = sql<Instruction>(
  "wallets.find_instruction",
  `select ${columns} from bank_instructions i where i.reference = $1`,
);

export const findInstruction = (on: Queryable, reference: string): Promise<Instruction | undefined> =>
  first(on, findInstructionStatement, [reference]);

const insertInstructionStatement = sql<{ reference: string }>(
  "wallets.insert_instruction",
  `insert into bank_instructions (reference, purpose, owner_id, livemode, subject_id, kind, amount, currency, account,
       state, next_at)
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'created', clock_now())
   on conflict do nothing returning reference`,
);

/** Stores an instruction that nobody has sent yet. False when the reference is taken. */
export const insertInstruction = async (
  tx: Transaction,
  instruction: Omit<Instruction, "state" | "tries">,
): Promise<boolean> => {
  const { reference, purpose, ownerId, livemode, subjectId, kind, amount, currency, account } = instruction;
  const values = [reference, purpose, ownerId, livemode, subjectId, kind, amount, currency, account];
  return (await first(tx, insertInstructionStatement, values)) !== undefined;
};

const claimDueStatement = sql<Instruction>(
  "wallets.claim_due_instructions",
  `update bank_instructions i
      set tries = least(i.tries + 1, 1000), asked_at = clock_now(),
          next_at = clock_now() + 15 * power(2, least(i.tries, 5)) * interval '1 second'
    where i.reference in (
      select d.reference from bank_instructions d where d.next_at <= clock_now()
       order by d.next_at limit $1 for update skip locked)
   returning ${columns}`,
);

/**
 * Takes instructions whose outcome is to be asked for. Nobody else takes them for a while: 15 seconds, doubling up to 8 minutes with each try
 * that gets no answer.
 */
export const claimDue = (on: Queryable, limit: number): Promise<Instruction[]> => run(on, claimDueStatement, [limit]);

const claimStatement = sql<Instruction>(
  "wallets.claim_instruction",
  `update bank_instructions i set asked_at = clock_now(), next_at = clock_now() + interval '15 seconds'
    where i.reference = $1 and i.next_at is not null
      and (i.asked_at is null or i.asked_at <= clock_now() - $2 * interval '1 second')
   returning ${columns}`,
);

/**
 * As {@link claimDue} for one, whenever it is due, to ask and not to send; nothing when its outcome is known, or when the bank was asked less
 * than `pauseS` seconds ago.
 */
export const claimOne = (on: Queryable, reference: string, pauseS: number): Promise<Instruction | undefined> =>
  first(on, claimStatement, [reference, pauseS]);

const withdrawStatement = sql<{ reference: string }>(
  "wallets.withdraw_instruction",
  `update bank_instructions set state = 'withdrawn', next_at = null
    where reference = $1 and state = 'created' returning reference`,
);

/** Takes back what the bank has not acknowledged. False when it has, or was told so before. */
export const withdraw = async (tx: Transaction, reference: string): Promise<boolean> =>
  (await first(tx, withdrawStatement, [reference])) !== undefined;

const askAgainStatement = sql(
  "wallets.ask_again",
  `update bank_instructions
      set next_at = clock_now() + least(300, power(2, least(tries, 9))) * interval '1 second'
    where reference = $1 and state = 'pending'`,
);

/** The bank has it and will decide: asked again in 2 seconds, later ever less often, every five minutes in the end. */
export const askAgain = (on: Queryable, reference: string): Promise<unknown> => run(on, askAgainStatement, [reference]);

const lockStatement = sql<Instruction>(
  "wallets.lock_instruction",
  `select ${columns} from bank_instructions i where i.reference = $1 for update`,
);

/** One instruction, locked: what is told of it is taken in one at a time. */
export const lockInstruction = (tx: Transaction, reference: string): Promise<Instruction | undefined> =>
  first(tx, lockStatement, [reference]);

const moveStatement = sql<Instruction>(
  "wallets.move_instruction",
  `update bank_instructions i
      set state = $3, reason = coalesce($4, i.reason),
          next_at = case $3 when 'pending' then i.next_at end
    where i.reference = $1 and i.state = $2
   returning ${columns}`,
);

/** Compare-and-set of an instruction's state. */
export const moveInstruction = (
  tx: Transaction,
  { reference, state }: Instruction,
  to: InstructionState,
  reason: string | null,
): Promise<Instruction | undefined> => first(tx, moveStatement, [reference, state, to, reason]);
