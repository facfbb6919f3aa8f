import type { Readable } from "node:stream";

/** An answer that is a file to keep. */
export interface FileAnswer {
  /** ASCII without quotes. */
  readonly name: string;
  readonly contentType: string;
  readonly body: Readable | Buffer;
}

interface ReplyFacts {
  header(name: string, value: string): unknown;
  send(body: never): unknown;
}

/** Sends a file, streamed where it is a stream. Caches keep none: files hold somebody's money matters. */
export function sendFile(reply: ReplyFacts, { name, contentType, body }: FileAnswer): void {
  reply.header("content-type", contentType);
  reply.header("content-disposition", `attachment; filename="${name}"`);
  reply.header("cache-control", "no-store");
  // Fastify takes the reply for "answered already"; its types only know bodies of the schema.
  return reply.send(body as never) as undefined;
}
