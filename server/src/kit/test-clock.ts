import { type Static, Type } from "typebox";
import { allow } from "./access.ts";
import { clockOffset, now, setClockOffset } from "./clock.ts";
import { config } from "./config.ts";
import { afterCommit, database, first, run, sql, type Transaction } from "./db.ts";
import type { Http } from "./http.ts";
import { once } from "./idempotency.ts";
import { hastenJobs } from "./jobs.ts";
import { kitErrors } from "./kit-errors.ts";
import { log } from "./log.ts";
import { notify, onNotification } from "./notifications.ts";
import { Strict, Time } from "./schemas.ts";

const readOffset = sql<{ offset_ms: number }>("test_clock.read", "select offset_ms from test_clock");
const lockOffset = sql<{ offset_ms: number }>("test_clock.lock", "select offset_ms from test_clock for update");
const writeOffset = sql("test_clock.write", "update test_clock set offset_ms = $1");

/** Far enough for every test, near enough that dates stay four-digit years. */
const latest = Date.UTC(2200, 0, 1);

const TestClock = Type.Object(
  { object: Type.Literal("test_clock"), now: Time, offset_ms: Type.Integer() },
  { description: "The platform's time, and how far it is ahead of the machine's" },
);
const Move = Strict({
  advance_ms: Type.Optional(Type.Integer({ minimum: 1, maximum: latest, description: "Milliseconds to go forward" })),
  now: Type.Optional(Time),
});

const ReadClock = { tags: ["Test mode"], summary: "Read the test clock", response: { 200: TestClock } };
const MoveClock = {
  tags: ["Test mode"],
  summary: "Move the test clock forward",
  description: "By `advance_ms` or to `now`: for every process of the platform, its timers and its jobs.",
  body: Move,
  response: { 200: TestClock },
};

/** `GET` and `POST /v1/test_clock`: time that tests move, for every process and for `clock_now()` in SQL. */
export function testClockRoutes(app: Http): void {
  const config = allow(["merchant", "staff"]);
  app.get("/v1/test_clock", { schema: ReadClock, config }, async () => {
    assertOn();
    return presentClock(await readClock());
  });
  app.post(
    "/v1/test_clock",
    { schema: MoveClock, config: allow(["merchant", "staff"]) },
    once(async (request, tx) => {
      assertOn();
      return presentClock(await moveClock(tx, request.body));
    }),
  );
}

let loading = Promise.resolve();

/** Takes the clock's offset from the database: at the start, and whenever somebody moved it. One after the other, so that the last is the newest. */
export function loadClock(): Promise<void> {
  loading = loading.catch(() => {}).then(async () => setClockOffset(await readClock()));
  return loading;
}

const loadOrLog = (): void => {
  loadClock().catch((error) => log.error({ err: error }, "the test clock could not be read"));
};
onNotification("test_clock", { heard: loadOrLog, missed: loadOrLog });

/** Moves the clock forward, by an interval or to a moment, and gives its new offset. */
async function moveClock(tx: Transaction, to: Static<typeof Move>): Promise<number> {
  if ((to.advance_ms === undefined) === (to.now === undefined))
    throw kitErrors.parameter_invalid({ param: "/", details: { reason: "must have either advance_ms or now" } });
  const before = (await first(tx, lockOffset))?.offset_ms ?? 0;
  const byMs = to.advance_ms ?? Date.parse(to.now as string) - machineTime() - before;
  const param = to.now === undefined ? "/advance_ms" : "/now";
  if (byMs < 0) throw kitErrors.parameter_invalid({ param, details: { reason: "must not go back" } });
  if (machineTime() + before + byMs > latest)
    throw kitErrors.parameter_invalid({ param, details: { reason: "must stay before the year 2200" } });
  const offset = before + byMs;
  await run(tx, writeOffset, [offset]);
  await hastenJobs(tx, byMs);
  await notify(tx, "test_clock", "moved");
  afterCommit(tx, () => setClockOffset(offset));
  return offset;
}

const machineTime = (): number => now() - clockOffset();

function presentClock(offsetMs: number): Static<typeof TestClock> {
  return { object: "test_clock", now: new Date(machineTime() + offsetMs).toISOString(), offset_ms: offsetMs };
}

async function readClock(): Promise<number> {
  return (await first(database(), readOffset))?.offset_ms ?? 0;
}

function assertOn(): void {
  if (!config().testClock) throw kitErrors.test_clock_off();
}
