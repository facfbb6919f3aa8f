import pg from "pg";
import type { Texts } from "./texts.ts";

const oldest = 15;

/** Looks at the server of `DATABASE_URL`. Gives its version and host; throws an Error that says what is wrong with it. */
export async function checkDatabase(
  url: string,
  texts: Texts,
  atLeast = oldest,
): Promise<{ version: string; host: string }> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  let version: string;
  try {
    await client.connect();
    const { rows } = await client.query<{ server_version: string }>("show server_version");
    version = rows[0]?.server_version ?? "";
  } catch (error) {
    throw new Error(texts.unreachable((error as Error).message || String((error as { code?: string }).code)), {
      cause: error,
    });
  } finally {
    await client.end().catch(() => {});
  }
  if (Number.parseInt(version, 10) < atLeast) throw new Error(texts.tooOld(version));
  return { version, host: client.host };
}
