import { closeSync, openSync, readFileSync, writeSync } from "node:fs";

/** What a client wants done, as it knows it before it asks. */
export interface Command {
  readonly kind: CommandKind;
  /** Who asks: id of a merchant or a user. */
  readonly by: string;
  readonly path: string;
  readonly body: Record<string, unknown>;
  /** The client's own name of what this makes: an order or refund number, a note, an amount that nobody else uses. */
  readonly number?: string;
  /** The payment that this is about. */
  readonly payment?: string;
  /** Minor units. */
  readonly amount?: number;
}

export const commandKinds = [
  "scan",
  "order",
  "confirm",
  "confirm_by_bank",
  "confirm_on_device",
  "collect",
  "collect_order",
  "close",
  "capture",
  "cancel",
  "refund",
  "transfer",
  "topup",
  "withdrawal",
] as const;
export type CommandKind = (typeof commandKinds)[number];

/** What an answer said, as far as it is compared with the books. */
export interface Told {
  readonly status: number;
  /** Of an error. */
  readonly code?: string;
  readonly object?: Readonly<Record<string, unknown>>;
}

/** A command with everything that came back for its key, from the first time it was sent to the last. */
export interface Entry {
  /** Player, actor, story and place in it. */
  readonly id: string;
  readonly key: string;
  readonly command: Command;
  readonly answers: Told[];
  /** What the client itself saw go wrong: two answers to one key that differ, and the like. */
  readonly complaints: string[];
}

type Line =
  | { readonly sent: Pick<Entry, "id" | "key" | "command"> }
  | { readonly answered: string; readonly told: Told }
  | { readonly complaint: string; readonly about: string };

/** Written before a command is sent and when it is answered, so that nothing is asked of which nobody knows. */
export class JournalWriter {
  readonly #file: number;

  constructor(path: string) {
    this.#file = openSync(path, "w");
  }

  sent(entry: Pick<Entry, "id" | "key" | "command">): void {
    this.#write({ sent: entry });
  }

  answered(id: string, told: Told): void {
    this.#write({ answered: id, told });
  }

  complain(id: string, complaint: string): void {
    this.#write({ complaint, about: id });
  }

  close(): void {
    closeSync(this.#file);
  }

  #write(line: Line): void {
    writeSync(this.#file, `${JSON.stringify(line)}\n`);
  }
}

/** Everything that clients sent and heard, by the id of the command. */
export function readJournals(paths: readonly string[]): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  const entryOf = (id: string): Entry => {
    const entry = entries.get(id);
    if (!entry) throw new Error(`the journal tells of ${id} before it was sent`);
    return entry;
  };
  for (const path of paths) {
    for (const text of readFileSync(path, "utf8").split("\n").filter(Boolean)) {
      const line = JSON.parse(text) as Line;
      if ("sent" in line) entries.set(line.sent.id, { ...line.sent, answers: [], complaints: [] });
      else if ("answered" in line) entryOf(line.answered).answers.push(line.told);
      else entryOf(line.about).complaints.push(line.complaint);
    }
  }
  return entries;
}

/** What the client knows of its command in the end. Without a final answer: nothing. */
export type Outcome =
  | { readonly kind: "succeeded"; readonly object: Readonly<Record<string, unknown>> }
  | { readonly kind: "refused"; readonly status: number; readonly code: string }
  | { readonly kind: "unknown" };

export function outcomeOf(answers: readonly Told[]): Outcome {
  const success = answers.find(({ status }) => status === 200);
  if (success) return { kind: "succeeded", object: success.object ?? {} };
  const refusal = answers.find((told) => isFinal(told) && !isOfTheMoment(told));
  if (refusal) return { kind: "refused", status: refusal.status, code: refusal.code ?? "" };
  return { kind: "unknown" };
}

/** Whether an answer settles the matter: others are sent again with the same key. A session that has ended is renewed first. */
export const isFinal = ({ status, code }: Told): boolean =>
  status < 500 && status !== 401 && status !== 429 && code !== "idempotency_in_progress";

/**
 * A refusal of the moment, which no key keeps: the PIN is locked, or a bank is being asked and may refuse. It tells nothing of another attempt under
 * the same key, which may come through a moment later.
 */
export const isOfTheMoment = ({ code }: Told): boolean => code === "pin_locked" || code === "attempt_in_progress";
