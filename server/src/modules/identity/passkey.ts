import { blindIndex, seal, unseal } from "#kit/crypto.ts";
import { database, first, run } from "#kit/db.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { type List, type ListQuery, page, valuesOf } from "#kit/lists.ts";
import {
  listPasskeys,
  type PasskeyRow,
  renamePasskey as renamePasskeyStatement,
  selectPasskey,
} from "./passkeys-sql.ts";

/** A passkey of a user: a key pair whose private half never leaves the authenticator. Its name often holds its owner's, so it is sealed. */
export interface Passkey extends Omit<PasskeyRow, "sealedName"> {
  readonly name: string;
}

/** Passkeys that browsers make: EdDSA, ES256 and RS256, by their COSE numbers. */
export const passkeyAlgorithms = [-8, -7, -257];

export const passkeyNameContext = (id: string): string => `passkeys.name ${id}`;
export const sealPasskeyName = (id: string, name: string): string => seal(name, passkeyNameContext(id));

export const openPasskey = ({ sealedName, ...row }: PasskeyRow): Passkey => ({
  ...row,
  name: unseal(sealedName, passkeyNameContext(row.id)).toString("utf8"),
});

export const credentialHash = (credentialId: string): string => blindIndex(credentialId, "passkeys.credential");

/** By what an authenticator knows its user: says nothing about them, and is the same for all their passkeys. */
export const userHandleOf = (userId: string): Buffer<ArrayBuffer> =>
  Buffer.from(blindIndex(userId, "passkeys.user_handle"), "base64url");

/** Throws `not_found`, also for somebody else's. */
export async function getPasskey(userId: string, passkeyId: string): Promise<Passkey> {
  const row = await first(database(), selectPasskey, [userId, passkeyId]);
  if (!row) throw kitErrors.not_found();
  return openPasskey(row);
}

/** Throws `not_found`. */
export async function renamePasskey(userId: string, passkeyId: string, name: string): Promise<Passkey> {
  const row = await first(database(), renamePasskeyStatement, [userId, passkeyId, sealPasskeyName(passkeyId, name)]);
  if (!row) throw kitErrors.not_found();
  return openPasskey(row);
}

/** The user's passkeys, newest first. */
export const passkeysOf = (
  userId: string,
  url: string,
  query: ListQuery,
): Promise<List<ReturnType<typeof presentPasskey>>> =>
  page(
    url,
    query,
    (window) => run(database(), listPasskeys, [userId, ...valuesOf(window)]),
    (row) => presentPasskey(openPasskey(row)),
  );

export const presentPasskey = (passkey: Passkey) => ({ ...presentNamelessPasskey(passkey), name: passkey.name });

/** The passkey object as events carry it: without the name. */
export const presentNamelessPasskey = ({
  id,
  transports,
  synced,
  livemode,
  createdAt,
  usedAt,
}: Omit<Passkey, "name">) => ({
  id,
  object: "passkey" as const,
  transports,
  synced,
  livemode,
  created_at: createdAt.toISOString(),
  used_at: usedAt?.toISOString() ?? null,
});
