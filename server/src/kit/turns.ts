import { kitErrors } from "./kit-errors.ts";

/**
 * Lets what has the same key happen one after the other in this process. For work that would wait for one row in the database anyway: here
 * it waits without a connection, so that a crowd at one row does not keep everybody else from the database.
 */
export class Turns {
  readonly #queues = new Map<string, { last: Promise<unknown>; waiting: number }>();
  readonly #mostWaiting: number;

  constructor({ mostWaiting }: { mostWaiting: number }) {
    this.#mostWaiting = mostWaiting;
  }

  /** Runs `work` when everything before it with this key has ended, well or badly. Throws `overloaded` when too many wait. */
  async take<T>(key: string, work: () => Promise<T>): Promise<T> {
    const queue = this.#queues.get(key) ?? { last: Promise.resolve(), waiting: 0 };
    if (queue.waiting >= this.#mostWaiting) throw kitErrors.overloaded({ retryAfter: 1 });
    this.#queues.set(key, queue);
    queue.waiting++;
    const turn = queue.last.then(work);
    queue.last = turn.catch(() => {});
    try {
      return await turn;
    } finally {
      queue.waiting--;
      if (queue.waiting === 0) this.#queues.delete(key);
    }
  }
}
