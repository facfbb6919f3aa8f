import { createSecretKey, type KeyObject, randomBytes } from "node:crypto";
import { decrypt, encrypt, UnsealError } from "./cipher.ts";
import { seal, unseal } from "./crypto.ts";
import { plainArray, type Queryable, run, sql, type Transaction } from "./db.ts";
import { sealedTable } from "./sealed-columns.ts";

/**
 * What is known of a person is sealed under a key of that person's own, which lies in the database sealed under a data key. Erasing a
 * person destroys that key: whatever was sealed under it, wherever a copy of it lies, opens for nobody. The text of such a value is
 * `s1.<base64url of nonce, ciphertext and tag>`. Merchants have such keys too.
 */
export interface SubjectKey {
  readonly id: string;
  readonly key: KeyObject;
}

const contextOf = (id: string): string => `subject_keys ${id}`;

sealedTable("subject_keys", {
  key: { subject_id: "text" },
  columns: { sealed_key: ({ subject_id }) => contextOf(subject_id) },
});

/** SQL text that gives the sealed key of the subject whom this column names, for {@link openSubjectKey}. */
export const sealedSubjectKeyOf = (column: string): string =>
  `(select k.sealed_key from subject_keys k where k.subject_id = ${column})`;

interface SubjectKeyRow {
  id: string;
  sealedKey: string | null;
}
const insertKeys = sql(
  "subject_keys.insert",
  `insert into subject_keys (subject_id, sealed_key) select * from unnest($1::text[], $2::text[])
   on conflict do nothing`,
);
const selectKeys = sql<SubjectKeyRow>(
  "subject_keys.select",
  `select subject_id as id, sealed_key as "sealedKey" from subject_keys where subject_id = any($1::text[]) order by 1`,
);
const destroyKey = sql(
  "subject_keys.destroy",
  `insert into subject_keys (subject_id, destroyed_at) values ($1, clock_now())
   on conflict (subject_id) do update set sealed_key = null, destroyed_at = clock_now()
    where subject_keys.destroyed_at is null`,
);

/** The keys of these subjects by id, made where they lack one. Who was erased has none. */
export async function subjectKeys(tx: Transaction, ids: readonly string[]): Promise<Map<string, SubjectKey>> {
  const wanted = [...new Set(ids)].sort();
  let rows = await run(tx, selectKeys, [plainArray(wanted)]);
  const known = new Set(rows.map(({ id }) => id));
  const missing = wanted.filter((id) => !known.has(id));
  if (missing.length > 0) {
    const made = missing.map((id) => seal(randomBytes(32), contextOf(id)));
    await run(tx, insertKeys, [plainArray(missing), plainArray(made)]);
    rows = await run(tx, selectKeys, [plainArray(wanted)]);
  }
  const opened = rows.map(({ id, sealedKey }) => openSubjectKey(id, sealedKey));
  return new Map(opened.filter((key) => key !== undefined).map((key) => [key.id, key]));
}

/** The key of one subject, made if there is none. Throws {@link UnsealError} for one who was erased. */
export async function subjectKey(tx: Transaction, id: string): Promise<SubjectKey> {
  const key = (await subjectKeys(tx, [id])).get(id);
  if (!key) throw new UnsealError("the subject was erased");
  return key;
}

/** Opens what {@link sealedSubjectKeyOf} gave; nothing for a subject without a key. */
export const openSubjectKey = (id: string, sealedKey: string | null): SubjectKey | undefined =>
  sealedKey === null ? undefined : { id, key: createSecretKey(unseal(sealedKey, contextOf(id))) };

/** Whatever was sealed for this subject never opens again, and nothing can be sealed for it any more. */
export const destroySubjectKey = (tx: Queryable, id: string): Promise<unknown> => run(tx, destroyKey, [id]);

/** Seals a fact about a subject for its context. */
export const sealFor = ({ key }: SubjectKey, plain: string, context: string): string =>
  `s1.${encrypt(key, plain, context)}`;

/** Opens what {@link sealFor} gave, or what was sealed under a data key before subjects had keys. Throws {@link UnsealError}. */
export function unsealFor(subject: SubjectKey | undefined, sealed: string, context: string): string {
  if (sealed.startsWith("v1.")) return unseal(sealed, context).toString("utf8");
  if (!subject || !sealed.startsWith("s1.")) throw new UnsealError("there is no key for this");
  return decrypt(subject.key, sealed.slice(3), context).toString("utf8");
}
