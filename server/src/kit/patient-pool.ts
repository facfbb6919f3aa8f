import type pg from "pg";
import { isOutage } from "./db.ts";

/**
 * The pool as graphile-worker can live with it. The library tries again what fails by a serialization failure, but lets the loss of a
 * connection escape as an unhandled rejection, which would end the process (a job's end could not be written). So it hears of
 * every outage as the former, and comes back with another connection; and once nobody waits for it any more (`givenUp`)
 * it hears nothing. A connection that is lost while the library gives it back, it gives back twice.
 */
export function patient(pool: pg.Pool, givenUp: AbortSignal): pg.Pool {
  const hear = async <T>(ask: () => Promise<T>): Promise<T> => {
    try {
      return await (givenUp.aborted ? never : ask());
    } catch (error) {
      if (givenUp.aborted) return never;
      if (!isOutage(error)) throw error;
      throw Object.assign(new Error((error as Error).message, { cause: error }), { code: "40001" });
    }
  };
  const query =
    (on: unknown) =>
    (...values: unknown[]): Promise<unknown> =>
      hear(() => asking(on).query(...values));
  const connect = (listening?: Parameters<pg.Pool["connect"]>[0]): unknown => {
    if (listening) return pool.connect((error, client, release) => listening(error, client, onlyOnce(release)));
    return hear(async () => {
      const client = await pool.connect();
      return withMethods(client, { query: query(client) });
    });
  };
  return withMethods(pool, { query: query(pool), connect });
}

const never = new Promise<never>(() => {});

/** Of the many ways to call `query` the library uses those that give a promise. */
const asking = (on: unknown) => on as { query(...values: unknown[]): Promise<unknown> };

/** The object with a few methods replaced; what it keeps to itself stays its own. */
function withMethods<T extends object>(target: T, methods: Record<string, unknown>): T {
  return new Proxy(target, {
    get(of, name) {
      if (typeof name === "string" && name in methods) return methods[name];
      const member: unknown = Reflect.get(of, name, of);
      return typeof member === "function" ? member.bind(of) : member;
    },
  });
}

function onlyOnce<Values extends unknown[]>(act: (...values: Values) => void): (...values: Values) => void {
  let done = false;
  return (...values) => {
    if (!done) act(...values);
    done = true;
  };
}
