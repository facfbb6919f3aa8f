import type pg from "pg";
import { database, type Queryable, run, sql } from "./db.ts";
import { log } from "./log.ts";

/**
 * Short messages between processes by PostgreSQL's NOTIFY, sent when the writing transaction commits. One connection a process listens.
 * A message may be lost while that connection is: a subscriber's `missed` is called then and must assume that anything changed.
 */
interface Subscriber {
  heard: (text: string) => void;
  missed: () => void;
}

const channel = "feiqian";
const subscribers = new Map<string, Subscriber>();
const send = sql("notifications.send", "select pg_notify('feiqian', $1)");

/** Declares what a topic's messages do. Topics are one word; one subscriber each. */
export function onNotification(topic: string, subscriber: Subscriber): void {
  subscribers.set(topic, subscriber);
}

/** Tells every listening process, this one too, once the transaction commits. NOTIFY serialises commits: keep it off the hot path. */
export async function notify(tx: Queryable, topic: string, text: string): Promise<void> {
  await run(tx, send, [`${topic} ${text}`]);
}

const longestPauseMs = 5_000;

/** Listens until the given function is called; reconnects by itself. Resolves when it listens. */
export async function listenForNotifications(): Promise<() => Promise<void>> {
  let client: pg.PoolClient | undefined;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  const lost = (failed: pg.PoolClient, error?: Error): void => {
    if (client !== failed) return;
    client = undefined;
    failed.release(error ?? true);
    if (!stopped) log.warn({ error: error?.message }, "the listening database connection was lost");
    reconnect(50);
  };
  const connect = async (): Promise<void> => {
    const fresh = await database().connect();
    try {
      fresh.on("error", (error) => lost(fresh, error));
      fresh.on("end", () => lost(fresh));
      fresh.on("notification", ({ payload }) => deliver(payload ?? ""));
      await fresh.query(`listen ${channel}`);
    } catch (error) {
      fresh.release(true);
      throw error;
    }
    if (stopped) fresh.release(true);
    else client = fresh;
  };
  const reconnect = (pauseMs: number): void => {
    if (stopped) return;
    timer = setTimeout(() => {
      connect().then(
        () => {
          for (const { missed } of subscribers.values()) missed();
        },
        () => reconnect(Math.min(pauseMs * 2, longestPauseMs)),
      );
    }, pauseMs);
  };

  await connect();
  return async () => {
    stopped = true;
    clearTimeout(timer);
    const open = client;
    client = undefined;
    open?.release(true);
  };
}

function deliver(message: string): void {
  const at = message.indexOf(" ");
  subscribers.get(message.slice(0, at))?.heard(message.slice(at + 1));
}
