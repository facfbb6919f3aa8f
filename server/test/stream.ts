import { eventually } from "./elsewhere.ts";

/** A message of a stream. */
export interface Told {
  readonly id: string | undefined;
  readonly event: string | undefined;
  /** Read by tests that know its shape. */
  readonly data: any;
}

export interface OpenStream {
  readonly told: Told[];
  readonly status: number;
  readonly headers: Headers;
  /** The server has ended it. */
  readonly ended: boolean;
  /** Comments that came, which keep a quiet connection open. */
  readonly beats: number;
  got(count: number, withinMs?: number): Promise<Told[]>;
  close(): Promise<void>;
}

/** Opens `GET /v1/stream` and reads it until it is closed. */
export async function aStream(
  { url }: { url: string },
  token: string,
  options: { lastId?: string | undefined; t?: { after: (end: () => Promise<void>) => void } } = {},
): Promise<OpenStream> {
  const giveUp = new AbortController();
  const response = await fetch(`${url}/v1/stream`, {
    headers: { authorization: `Bearer ${token}`, ...(options.lastId && { "last-event-id": options.lastId }) },
    signal: giveUp.signal,
  });
  const told: Told[] = [];
  let ended = false;
  let beats = 0;
  const reading = (async () => {
    let text = "";
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += chunk;
      const messages = text.split("\n\n");
      text = messages.pop() ?? "";
      beats += messages.filter((message) => message.startsWith(":")).length;
      told.push(...messages.flatMap(read));
    }
  })()
    .catch(() => {})
    .finally(() => {
      ended = true;
    });
  const close = async () => {
    giveUp.abort();
    await reading;
  };
  options.t?.after(close);
  return {
    told,
    status: response.status,
    headers: response.headers,
    get beats() {
      return beats;
    },
    get ended() {
      return ended;
    },
    async got(count, withinMs = 30_000) {
      await eventually(() => told.length >= count, withinMs);
      return told;
    },
    close,
  };
}

function read(message: string): Told[] {
  const fields = new Map(
    message
      .split("\n")
      .filter((line) => !line.startsWith(":"))
      .map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]),
  );
  const data = fields.get("data");
  return data === undefined ? [] : [{ id: fields.get("id"), event: fields.get("event"), data: JSON.parse(data) }];
}
