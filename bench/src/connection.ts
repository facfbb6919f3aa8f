import { connect, type Socket } from "node:net";

/** A request as it goes over the wire; see {@link encodeRequest}. Clients attach what they need to know it by. */
export interface LoadRequest {
  readonly bytes: Uint8Array;
}

export interface Answer {
  readonly status: number;
  /** Status line and header lines as they came. */
  readonly head: string;
  readonly body: string;
  /** The server will take another request on this connection. */
  readonly keepsOpen: boolean;
}

/** Writes an HTTP/1.1 request with a JSON body. */
export function encodeRequest(
  url: URL,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body?: object,
): Uint8Array {
  const content = body === undefined ? "" : JSON.stringify(body);
  let head = `${method} ${path} HTTP/1.1\r\nHost: ${url.host}\r\n`;
  for (const [name, value] of Object.entries(headers)) head += `${name}: ${value}\r\n`;
  if (body !== undefined) {
    head += `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(content)}\r\n`;
  }
  return Buffer.from(`${head}\r\n${content}`);
}

export interface ConnectionEvents {
  onOpen: () => void;
  onAnswer: (answer: Answer) => void;
  /** Also when it could not be opened. It may be opened again. */
  onClose: () => void;
}

/** All connections read into one buffer, because each looks at what it got before the next one reads. */
const inbox = Buffer.allocUnsafeSlow(64 * 1024);
const endOfHead = "\r\n\r\n";

/** One keep-alive connection that sends one request at a time. It understands just what a JSON API answers: a length, then as many bytes. */
export class Connection {
  readonly #url: URL;
  readonly #events: ConnectionEvents;
  #socket: Socket | undefined;
  #partial: Buffer | undefined;
  readonly opened: Promise<void>;
  readonly #whenOpened: () => void;

  constructor(url: URL, events: ConnectionEvents) {
    this.#url = url;
    this.#events = events;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.opened = promise;
    this.#whenOpened = resolve;
  }

  open(): void {
    this.#partial = undefined;
    const socket = connect({
      host: this.#url.hostname,
      port: Number(this.#url.port),
      noDelay: true,
      onread: {
        buffer: inbox,
        callback: (length: number) => {
          this.#read(inbox.subarray(0, length));
          return true;
        },
      },
    });
    this.#socket = socket;
    socket.on("connect", () => {
      this.#whenOpened();
      this.#events.onOpen();
    });
    // What the error was does not matter to a load: "close" follows it.
    socket.on("error", () => {});
    socket.on("end", () => socket.destroy());
    socket.on("close", () => this.#events.onClose());
  }

  send(bytes: Uint8Array): void {
    this.#socket?.write(bytes);
  }

  close(): void {
    this.#socket?.destroy();
  }

  #read(chunk: Buffer): void {
    const bytes = this.#partial ? Buffer.concat([this.#partial, chunk]) : chunk;
    const bodyFrom = bytes.indexOf(endOfHead) + endOfHead.length;
    const head = bodyFrom < endOfHead.length ? "" : bytes.toString("latin1", 0, bodyFrom);
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    if (head !== "" && length === undefined) return this.close();
    const bodyTo = bodyFrom + Number(length);
    if (head === "" || bytes.length < bodyTo) {
      this.#partial = this.#partial ? bytes : Buffer.from(bytes);
      return;
    }
    this.#partial = undefined;
    this.#events.onAnswer({
      status: Number(head.slice(9, 12)),
      head,
      body: bytes.toString("utf8", bodyFrom, bodyTo),
      keepsOpen: !/\r\nconnection: *close/i.test(head),
    });
  }
}
