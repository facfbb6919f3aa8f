import { setTimeout as sleep } from "node:timers/promises";
import {
  type Command,
  type Entry,
  isFinal,
  isOfTheMoment,
  type JournalWriter,
  type Outcome,
  outcomeOf,
  type Told,
} from "./command-journal.ts";
import type { Random } from "./random.ts";
import type { Stage } from "./stage.ts";

/** An answer with its bytes. */
interface Heard extends Told {
  readonly text: string;
  readonly replayed: boolean;
}

/** Answers that are kept with their key: a success, a conflict, and a refusal that says so when it is repeated. */
const isKept = (heard: Heard): boolean =>
  heard.status === 200 || heard.replayed || (heard.status === 409 && isFinal(heard) && !isOfTheMoment(heard));

type Asked = Pick<Entry, "id" | "key" | "command">;

const answerWithinMs = 10_000;
/** Servers are killed all the time, but nobody asks so often in vain. Counted, not timed: a machine may stand still for a while. */
const mostTries = 100;

/** More than five guesses of a PIN at once lock it until the first of them was found right. */
const patience = 8;

/** Fields of an answered object that are compared with the books. */
const keptFields = ["id", "status", "amount", "amount_captured", "payer", "payment", "payment_key", "qr"] as const;

/**
 * A client as it should be, on a bad network: what it has no answer to it sends again with the same key. Now and then it asks twice at
 * once, hangs up before the answer, asks the same again much later, or something else under the same key, and looks at what it gets.
 */
export class Client {
  readonly #stage: Stage;
  readonly #journal: JournalWriter;
  readonly #tokens = new Map<string, string>();
  readonly #later = new Set<Promise<void>>();

  constructor(stage: Stage, journal: JournalWriter) {
    this.#stage = stage;
    this.#journal = journal;
    for (const { id, key } of stage.shops) this.#tokens.set(id, key);
    for (const { id, token } of stage.payers) this.#tokens.set(id, token);
  }

  /** Has a command done, somehow. `id` is its name in the journal and its key. */
  async perform(id: string, command: Command, random: Random): Promise<Outcome> {
    const asked: Asked = { id, key: id, command };
    const manner = random.weighted([
      [70, "plainly"],
      [15, "twice"],
      [15, "hanging up"],
    ]);
    const hangUpAfterMs = random.int(0, 40);
    const tries = random.chance(0.04) ? random.int(1, 2) : Number.POSITIVE_INFINITY;
    const again = { later: random.chance(0.06), otherwise: random.chance(0.05), afterMs: random.int(200, 4_000) };
    this.#journal.sent(asked);
    if (manner === "hanging up") await this.#try(asked, hangUpAfterMs);
    const heard =
      manner === "twice"
        ? await Promise.all([this.#insist(asked, tries), this.#insist(asked, tries)])
        : [await this.#insist(asked, tries)];
    this.#compare(asked, heard);
    const kept = heard.find((one) => one !== undefined && isKept(one));
    if (kept && again.later) this.#soon(again.afterMs, () => this.#repeat(asked, kept));
    if (kept && again.otherwise) this.#soon(again.afterMs, () => this.#askOtherwise(asked));
    return outcomeOf(heard.filter((one) => one !== undefined));
  }

  /** Something that moves no money and may be asked any number of times; nothing when it is refused. */
  async ask(by: string, path: string, body: Record<string, unknown>): Promise<Record<string, unknown> | undefined> {
    for (let n = 0; n < mostTries; n++, await sleep(100)) {
      const heard = await this.#send(by, "POST", path, body);
      if (heard?.status === 401) await this.#signInAgain(by);
      else if (heard && isFinal(heard)) return heard.status === 200 ? JSON.parse(heard.text) : undefined;
    }
    return undefined;
  }

  /** Waits for what was put off. */
  async finish(): Promise<void> {
    while (this.#later.size > 0) await Promise.all(this.#later);
  }

  #soon(afterMs: number, act: () => Promise<void>): void {
    const acting = sleep(afterMs)
      .then(act)
      .finally(() => this.#later.delete(acting));
    this.#later.add(acting);
  }

  /** Sends until there is an answer that settles the matter. Gives up after so many tries, as clients do. */
  async #insist(asked: Asked, tries: number): Promise<Heard | undefined> {
    for (let n = 1; n <= Math.min(tries, mostTries); n++) {
      const heard = await this.#try(asked);
      if (heard && isFinal(heard) && !(isOfTheMoment(heard) && n < patience)) return heard;
      await sleep(Math.min(1_000, 30 * 2 ** n));
    }
    if (tries > mostTries) this.#journal.complain(asked.id, `no answer after ${mostTries} tries`);
    return undefined;
  }

  async #try(asked: Asked, hangUpAfterMs?: number): Promise<Heard | undefined> {
    const { by, path, body } = asked.command;
    const heard = await this.#send(by, "POST", path, body, asked.key, hangUpAfterMs);
    if (heard) {
      const { status, code, object } = heard;
      this.#journal.answered(asked.id, { status, ...(code !== undefined && { code }), ...(object && { object }) });
      if (heard.status === 401 && !isFinal(heard)) await this.#signInAgain(by);
    }
    return heard;
  }

  async #repeat(asked: Asked, before: Heard): Promise<void> {
    this.#compare(asked, [before, await this.#insist(asked, 20)]);
  }

  async #askOtherwise({ id, key, command }: Asked): Promise<void> {
    const { amount } = command.body;
    if (typeof amount !== "number") return;
    const { by, path, body } = command;
    for (let n = 0; n < 20; n++, await sleep(200)) {
      const heard = await this.#send(by, "POST", path, { ...body, amount: amount + 1 }, key);
      if (heard?.status === 401) await this.#signInAgain(by);
      if (!heard || !isFinal(heard)) continue;
      if (heard.status !== 422 || heard.code !== "idempotency_key_reused")
        this.#journal.complain(id, `the same key with another body was answered with ${heard.status} ${heard.text}`);
      return;
    }
  }

  /** One key has one answer: a success is the same to the letter every time, and never stands beside a refusal. */
  #compare({ id }: Asked, heard: readonly (Heard | undefined)[]): void {
    const answers = heard.filter((one) => one !== undefined).filter((one) => !isOfTheMoment(one));
    const first = answers.find(isKept);
    const different = answers.find((one) => one.text !== first?.text);
    if (first && different) this.#journal.complain(id, `one key, two answers: ${first.text} and ${different.text}`);
  }

  async #send(
    by: string,
    method: string,
    path: string,
    body: Record<string, unknown>,
    key?: string,
    hangUpAfterMs = answerWithinMs,
  ): Promise<Heard | undefined> {
    try {
      const response = await fetch(this.#stage.url + path, {
        method,
        headers: {
          "content-type": "application/json",
          ...(this.#tokens.has(by) && { authorization: `Bearer ${this.#tokens.get(by)}` }),
          ...(key !== undefined && { "idempotency-key": key }),
        },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(hangUpAfterMs),
      });
      const text = await response.text();
      const replayed = response.headers.get("idempotent-replayed") === "true";
      return { status: response.status, text, replayed, ...readAnswer(text) };
    } catch {
      // Refused, cut off or hung up: nobody knows what became of it.
      return undefined;
    }
  }

  /** Time is moved, and a session's token lives for ten minutes of it. */
  async #signInAgain(id: string): Promise<void> {
    const payer = this.#stage.payers.find((one) => one.id === id);
    if (!payer) return;
    const { phone, password } = payer;
    const heard = await this.#send("", "POST", "/v1/sessions", { phone, password });
    if (heard?.status === 200) this.#tokens.set(id, JSON.parse(heard.text).access_token);
    else await sleep(100);
  }
}

function readAnswer(text: string): Pick<Told, "code" | "object"> {
  const { error, ...object } = JSON.parse(text) as { error?: { code: string; details?: Record<string, unknown> } };
  if (error) return { code: error.code, ...(error.details && { object: error.details }) };
  return {
    object: Object.fromEntries(
      keptFields.filter((name) => name in object).map((name) => [name, object[name as never]]),
    ),
  };
}
