import { hash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import type {
  FastifyRequest,
  FastifySchema,
  RawServerDefault,
  RouteGenericInterface,
  RouteHandlerMethod,
} from "fastify";
import { ownerOf } from "./actor.ts";
import { blindIndex, seal } from "./crypto.ts";
import {
  database,
  first,
  inTransaction,
  isUniqueViolation,
  plainArray,
  type Queryable,
  rowArray,
  run,
  sql,
  type Transaction,
} from "./db.ts";
import type { ApiError, Language } from "./errors.ts";
import { kitErrors } from "./kit-errors.ts";
import { languageOf } from "./language.ts";
import { sealedTable } from "./sealed-columns.ts";
import { openSubjectKey, sealedSubjectKeyOf, sealFor, subjectKey, unsealFor } from "./subject-keys.ts";

/** One request's claim on its key: whose, which, and a digest of what was asked. */
export interface IdempotencyClaim {
  ownerId: string;
  livemode: boolean;
  /** 128 bits of SHA-256 over owner, mode and key, in hexadecimal. */
  id: string;
  /** Keyed, because a body may hold a PIN: 128 bits over method, path and canonical body, in hexadecimal. */
  fingerprint: string;
}

/** An answer as it is kept: the same bytes for the first caller and for whoever repeats the request. */
export interface StoredAnswer {
  status: number;
  body: string;
  /** It was given before: this is a repetition. */
  replayed: boolean;
}

type FoundAnswer = StoredAnswer & { fingerprint: string };

/** 128 bits in hexadecimal, as PostgreSQL reads a uuid. */
const digestLength = 32;

/** What is needed of a request, whatever its route's shapes are. */
type RequestFacts = Pick<FastifyRequest, "id" | "method" | "url" | "headers" | "body" | "actor">;
interface ReplyFacts {
  code(status: number): unknown;
  header(name: string, value: string): unknown;
  send(body: never): unknown;
}

/** Reads and checks the header. Gives nothing when it is absent. */
export function claimOf(request: RequestFacts): IdempotencyClaim | undefined {
  const key = request.headers["idempotency-key"];
  if (key === undefined) return undefined;
  if (typeof key !== "string" || !isKey(key)) throw kitErrors.idempotency_key_invalid();
  if (!request.actor) throw kitErrors.credentials_missing();
  const { ownerId, livemode } = ownerOf(request.actor);
  const path = request.url.split("?", 1)[0];
  const asked = `${request.method} ${path} ${canonical(request.body)}`;
  const fingerprint = blindIndex(asked, "idempotency", "hex").slice(0, digestLength);
  const id = hash("sha256", `${ownerId} ${livemode} ${key}`, "hex").slice(0, digestLength);
  return { ownerId, livemode, id, fingerprint };
}

const isKey = (key: string): boolean => /^[\x21-\x7e]{1,255}$/.test(key);

/** As {@link claimOf}, for requests that move money: the header must be there. */
export function requiredClaimOf(request: RequestFacts): IdempotencyClaim {
  const claim = claimOf(request);
  if (!claim) throw kitErrors.idempotency_key_missing();
  return claim;
}

/** JSON with sorted keys: the same request whatever order its fields were sent in. */
export function canonical(value: unknown): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value) ?? "null";
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  fields.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${canonical(field)}`).join(",")}}`;
}

const running = new Set<string>();

/**
 * Runs `work` while no other request of this process runs with the same key; a second one is told `idempotency_in_progress`.
 * Between processes the unique key in the database decides.
 */
export async function whileRunning<T>(claim: IdempotencyClaim, work: () => Promise<T>): Promise<T> {
  if (running.has(claim.id)) throw kitErrors.idempotency_in_progress({ retryAfter: 1 });
  running.add(claim.id);
  try {
    return await work();
  } finally {
    running.delete(claim.id);
  }
}

const findAnswer = sql<{ fingerprint: string; status: number; body: string; sealedSubjectKey: string | null }>(
  "idempotency.find",
  `select replace(k.fingerprint::text, '-', '') as fingerprint, k.status, coalesce(k.answer, e.object::text) as body,
          case when k.answer like 's1.%' then ${sealedSubjectKeyOf("$2")} end as "sealedSubjectKey"
     from idempotency_keys k
     left join events e on e.owner_id = $2 and e.livemode = $3 and e.id = k.answer_event_id
    where k.id = $1`,
);
const insertAnswer = sql(
  "idempotency.insert",
  "insert into idempotency_keys (id, fingerprint, status, answer) values ($1, $2, $3, $4)",
);
const insertConflict = sql<{ id: string }>(
  "idempotency.insert_conflict",
  `insert into idempotency_keys (id, fingerprint, status, answer) values ($1, $2, $3, $4)
   on conflict do nothing returning id`,
);

/** The answer that was given to this key, or nothing. Throws `idempotency_key_reused` when the key belongs to another request. */
export async function storedAnswer(on: Queryable, claim: IdempotencyClaim): Promise<StoredAnswer | undefined> {
  const row = await first(on, findAnswer, [claim.id, claim.ownerId, claim.livemode]);
  if (!row) return undefined;
  if (row.fingerprint !== claim.fingerprint) throw kitErrors.idempotency_key_reused();
  const { sealedSubjectKey, ...answer } = row;
  return { ...answer, body: openBody(claim, answer.body, sealedSubjectKey), replayed: true };
}

/**
 * For a request that is about to be refused: the answer that it was given before, or in another process meanwhile. Who did not hear of
 * a success asks again, and must not be told that the order is paid, the code used or the PIN locked by now. A conflict becomes the answer
 * of its key, so that one key never tells of a conflict and, when the object has moved on, of a success; one that says when to come back
 * does not. Gives nothing when `error` is the answer. Throws `idempotency_key_reused` when the key belongs to another request.
 */
export async function answeredBefore(request: RequestFacts, error: ApiError): Promise<StoredAnswer | undefined> {
  const key = request.headers["idempotency-key"];
  if (request.method !== "POST" || !request.actor || typeof key !== "string" || !isKey(key)) return undefined;
  const claim = claimOf(request);
  if (!claim) return undefined;
  const before = await storedAnswer(database(), claim);
  if (before || error.status !== 409 || error.retryAfter !== undefined) return before;
  const { status, body } = refusalAnswer(error, request.id, languageOf(request));
  const kept = await first(database(), insertConflict, [claim.id, claim.fingerprint, status, body]);
  return kept ? undefined : storedAnswer(database(), claim);
}

export const storeAnswer = (tx: Transaction, claim: IdempotencyClaim, answer: StoredAnswer): Promise<unknown> =>
  run(tx, insertAnswer, [claim.id, claim.fingerprint, answer.status, answer.body]);

const bodyContext = ({ id }: Pick<IdempotencyClaim, "id">): string => `idempotency_keys.answer ${id}`;

sealedTable("idempotency_keys", {
  key: { id: "uuid" },
  columns: { answer: ({ id }) => bodyContext({ id: id.replaceAll("-", "") }) },
});

/** What a user was told is sealed under the user's own key: who is erased takes it along. */
async function sealBody(tx: Transaction, claim: IdempotencyClaim, answer: StoredAnswer): Promise<StoredAnswer> {
  const context = bodyContext(claim);
  const body = claim.ownerId.startsWith("usr_")
    ? sealFor(await subjectKey(tx, claim.ownerId), answer.body, context)
    : seal(answer.body, context);
  return { ...answer, body };
}

/** A body is JSON, or that JSON sealed; the two can't be mistaken for each other. */
const openBody = (claim: IdempotencyClaim, body: string, sealedSubjectKey: string | null): string =>
  /^[sv]1\./.test(body) ? unsealFor(openSubjectKey(claim.ownerId, sealedSubjectKey), body, bodyContext(claim)) : body;

/** Thrown inside {@link once}: the transaction commits all the same and the error is the stored answer (a refused payment is a fact). */
export class Refused extends Error {
  readonly error: ApiError;
  constructor(error: ApiError) {
    super(error.message);
    this.error = error;
  }
}

/** Given by a command inside {@link once}: it was taken note of and is not done yet, so the answer is 202. */
export class Accepted {
  readonly body: object;
  constructor(body: object) {
    this.body = body;
  }
}

/** Fastify's own types of a route whose shapes are `Schema`, so that a command sees its body and parameters as the schema says. */
export type Handler<Schema extends FastifySchema> = RouteHandlerMethod<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  RouteGenericInterface,
  unknown,
  Schema,
  TypeBoxTypeProvider
>;
type Command<Schema extends FastifySchema> = (
  request: Parameters<Handler<Schema>>[0],
  tx: Transaction,
  reply: Parameters<Handler<Schema>>[1],
) => Promise<object>;

/**
 * A POST that happens once for a key: the command runs in one transaction together with the storing of its answer, a repetition gets the
 * stored answer. Without the header the command simply runs, unless `required` (it moves money). An answer that holds a secret is kept
 * sealed: `secret`.
 */
export function once<Schema extends FastifySchema>(
  command: Command<Schema>,
  { required = false, status = 200, secret = false }: { required?: boolean; status?: number; secret?: boolean } = {},
): Handler<Schema> {
  const handle = async (...[request, reply]: Parameters<Handler<Schema>>): Promise<void> => {
    const claim = required ? requiredClaimOf(request) : claimOf(request);
    const act = (tx: Transaction) => perform(tx, command, request, reply, status);
    const answer = claim ? await whileRunning(claim, () => answerOnce(claim, act, secret)) : await inTransaction(act);
    return sendAnswer(reply, answer);
  };
  // The answer leaves as text, not as the object that Fastify's types expect to be returned.
  return handle as Handler<Schema>;
}

async function answerOnce(
  claim: IdempotencyClaim,
  act: (tx: Transaction) => Promise<StoredAnswer>,
  secret: boolean,
): Promise<StoredAnswer> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await inTransaction(async (tx) => {
        const before = await storedAnswer(tx, claim);
        if (before) return before;
        const answer = await act(tx);
        await storeAnswer(tx, claim, secret ? await sealBody(tx, claim, answer) : answer);
        return answer;
      });
    } catch (error) {
      // Another process stored its answer between our look and our insert: look again.
      if (attempt < 3 && isTakenKey(error)) continue;
      throw error;
    }
  }
}

const isTakenKey = (error: unknown): boolean =>
  isUniqueViolation(error) && (error as { constraint?: string }).constraint === "idempotency_keys_pkey";

async function perform<Schema extends FastifySchema>(
  tx: Transaction,
  command: Command<Schema>,
  request: Parameters<Handler<Schema>>[0],
  reply: Parameters<Handler<Schema>>[1],
  status: number,
): Promise<StoredAnswer> {
  try {
    const done = await command(request, tx, reply);
    if (done instanceof Accepted) return { status: 202, body: JSON.stringify(done.body), replayed: false };
    return { status, body: JSON.stringify(done), replayed: false };
  } catch (error) {
    if (error instanceof Refused) return refusalAnswer(error.error, request.id, languageOf(request));
    throw error;
  }
}

/** A refusal as an answer: stored, and repeated to the letter. */
export const refusalAnswer = (error: ApiError, requestId: string, language: Language): StoredAnswer => ({
  status: error.status,
  body: JSON.stringify(error.toBody(requestId, language)),
  replayed: false,
});

/** Sends a stored answer byte for byte. */
export function sendAnswer(reply: ReplyFacts, { status, body, replayed }: StoredAnswer): void {
  reply.code(status);
  if (replayed) reply.header("Idempotent-Replayed", "true");
  reply.header("content-type", "application/json; charset=utf-8");
  // Fastify takes the reply for "answered already"; its types only know bodies.
  return reply.send(body as never) as undefined;
}

/** One answer of a batch: its text, or the event whose object is the text. */
export interface AnswerOfBatch {
  claim: IdempotencyClaim;
  status: number;
  body: string | null;
  eventId: string | null;
}

const insertAnswers = sql(
  "idempotency.insert_many",
  // The column's own default would ask the clock anew for every row.
  `insert into idempotency_keys (id, fingerprint, status, answer, answer_event_id, created_at)
   select k.*, (select clock_now()) from unnest($1::kept_answer[]) k`,
);
const findAnswers = sql<{ n: number; fingerprint: string; status: number; body: string }>(
  "idempotency.find_many",
  `select c.n::int, replace(k.fingerprint::text, '-', '') as fingerprint, k.status,
          coalesce(k.answer, e.object::text) as body
     from unnest($1::uuid[], $2::text[], $3::bool[]) with ordinality as c(id, owner_id, livemode, n)
     join idempotency_keys k on k.id = c.id
     left join events e on e.owner_id = c.owner_id and e.livemode = c.livemode and e.id = k.answer_event_id`,
);

/** Stores a batch's answers; a key that is taken raises 23505. */
export async function storeAnswers(tx: Transaction, answers: readonly AnswerOfBatch[]): Promise<void> {
  if (answers.length === 0) return;
  await run(tx, insertAnswers, [
    rowArray(answers, ({ claim, status, body, eventId }) => [claim.id, claim.fingerprint, status, body, eventId]),
  ]);
}

/** What is stored under a batch's keys, in the order of the claims; the caller compares the fingerprints. */
export async function storedAnswers(
  tx: Transaction,
  claims: readonly IdempotencyClaim[],
): Promise<(FoundAnswer | undefined)[]> {
  const found: (FoundAnswer | undefined)[] = claims.map(() => undefined);
  const rows = await run(tx, findAnswers, [
    plainArray(claims.map(({ id }) => id)),
    plainArray(claims.map(({ ownerId }) => ownerId)),
    plainArray(claims.map(({ livemode }) => livemode)),
  ]);
  for (const { n, fingerprint, status, body } of rows) found[n - 1] = { fingerprint, status, body, replayed: true };
  return found;
}
