import type { LookupAddress } from "node:dns";
import { Resolver } from "node:dns/promises";
import ipaddr from "ipaddr.js";
import { Agent, request } from "undici";
import { config } from "./config.ts";
import { kitErrors } from "./kit-errors.ts";

/**
 * Calls to addresses that others gave us: webhooks, notifications of payments. Nobody may use them to reach what only we can reach. A host
 * is resolved once, every address of it that is not public is refused, and the connection goes to an address that was looked at: so a name that answers
 * otherwise a moment later gains nothing. Redirects are not followed, answers are cut off, and time is limited.
 */
export interface OutgoingCall {
  url: string;
  /** Test data may name this machine where `LOOPBACK_URLS` says so. */
  livemode: boolean;
  headers: Record<string, string>;
  body: string;
  /** Milliseconds for everything: the name, the connection, the whole answer. */
  timeoutMs: number;
  signal?: AbortSignal;
}

export interface OutgoingAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  /** What was read of the body: at most {@link mostAnswerBytes}. */
  body: string;
}

/** The address is one that we do not call. */
export class OutgoingRefused extends Error {
  override name = "OutgoingRefused";
}

/** Gives every address of a host name, as texts. */
export type Resolve = (hostname: string) => Promise<string[]>;

const mostUrlLength = 2_048;
export const mostAnswerBytes = 64 * 1024;
const connectWithinMs = 10_000;
/** Connections that are kept to one host. */
const connectionsPerHost = 64;

/** Ports from 1024 on that speak other protocols (the fetch standard's list); below it only those of the web are called. */
const otherProtocols = new Set([
  1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
]);
/** Public addresses by number that answer inside of a cloud only. */
const platformAddresses = new Set(["168.63.129.16"]);

const loopbackAllowed = (livemode: boolean): boolean => !livemode && config().loopbackUrls;

/** Says what is wrong with an address before anything is called, or nothing. What its name resolves to is looked at when it is called. */
export function outgoingUrlProblem(text: string, livemode: boolean): string | undefined {
  const url = URL.parse(text);
  if (!url || text.length > mostUrlLength || !/^[\x21-\x7e]*$/.test(text)) {
    return `must be an address of at most ${mostUrlLength} visible ASCII characters`;
  }
  const loopback = loopbackAllowed(livemode) && isLoopbackName(url.hostname);
  if (url.protocol !== "https:" && !(loopback && url.protocol === "http:")) return "must begin with https://";
  if (url.username || url.password) return "must not hold a user name or password";
  if (text.includes("#")) return "must not have a fragment";
  const port = Number(url.port || (url.protocol === "https:" ? 443 : 80));
  if ((port < 1_024 && port !== 80 && port !== 443) || otherProtocols.has(port)) return "must not use this port";
  const address = literalOf(url.hostname);
  if (address && !isCallable(address, loopback)) return "must be a public address";
  return undefined;
}

/** As {@link outgoingUrlProblem} for a field of a request, which the error names. */
export function requireOutgoingUrl(text: string, livemode: boolean, param: string): void {
  const reason = outgoingUrlProblem(text, livemode);
  if (reason !== undefined) throw kitErrors.parameter_invalid({ param, details: { reason } });
}

const isLoopbackName = (hostname: string): boolean => {
  const address = literalOf(hostname);
  return address ? isLoopback(address) : hostname === "localhost" || hostname.endsWith(".localhost");
};

/** The address that a URL names by number; the URL standard has brought every spelling of it into one form. */
function literalOf(hostname: string): string | undefined {
  const bare = hostname.replace(/^\[(.*)\]$/, "$1");
  return ipaddr.isValid(bare) ? bare : undefined;
}

const isLoopback = (address: string): boolean => ipaddr.process(address).range() === "loopback";

/** Public addresses only: IPv4 without its special ranges, IPv6 of 2000::/3 without tunnels and documentation; loopback where it is allowed. */
export function isCallable(address: string, loopback: boolean): boolean {
  if (!ipaddr.isValid(address)) return false;
  if (loopback && isLoopback(address)) return true;
  const parsed = ipaddr.parse(address);
  if (platformAddresses.has(parsed.toString()) || parsed.range() !== "unicast") return false;
  // A mapped, translated or compatible IPv4 address is not in 2000::/3, and neither is anything private.
  return parsed.kind() === "ipv4" || ((parsed as ipaddr.IPv6).parts[0] ?? 0) >> 13 === 1;
}

const nameServers = new Resolver({ timeout: 3_000, tries: 2 });

/**
 * Asks the name servers, not the system's library: that one holds a thread for each name whose servers do not answer, and a few such names
 * would hold up everybody. This machine's own names are known.
 */
const resolveByServers: Resolve = async (hostname) => {
  if (isLoopbackName(hostname)) return ["127.0.0.1", "::1"];
  const answers = await Promise.allSettled([nameServers.resolve4(hostname), nameServers.resolve6(hostname)]);
  const found = answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []));
  const [failed] = answers;
  if (found.length === 0 && failed.status === "rejected") throw failed.reason;
  return found;
};

/** Connections to the outside, kept open between calls. Close it when no more is to be called. */
export class Outgoing {
  readonly #strict: Agent;
  readonly #withLoopback: Agent;

  constructor(resolve: Resolve = resolveByServers) {
    this.#strict = agent(resolve, false);
    this.#withLoopback = agent(resolve, true);
  }

  /** Sends a POST. Throws {@link OutgoingRefused}, or what went wrong on the way (a time-out is a `TimeoutError`). */
  async post({ url, livemode, headers, body, timeoutMs, signal }: OutgoingCall): Promise<OutgoingAnswer> {
    const problem = outgoingUrlProblem(url, livemode);
    if (problem) throw new OutgoingRefused(problem);
    const loopback = loopbackAllowed(livemode) && isLoopbackName(new URL(url).hostname);
    // Not AbortSignal.timeout: its signals would stay for the whole time of calls that ended long ago.
    const ending = new AbortController();
    const late = setTimeout(() => ending.abort(new DOMException("no answer in time", "TimeoutError")), timeoutMs);
    const giveUp = () => ending.abort(signal?.reason);
    signal?.addEventListener("abort", giveUp);
    if (signal?.aborted) giveUp();
    try {
      const answer = await request(url, {
        dispatcher: loopback ? this.#withLoopback : this.#strict,
        method: "POST",
        headers,
        body,
        signal: ending.signal,
      });
      return { status: answer.statusCode, headers: answer.headers, body: await readSome(answer.body) };
    } finally {
      clearTimeout(late);
      signal?.removeEventListener("abort", giveUp);
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#strict.destroy(), this.#withLoopback.destroy()]);
  }
}

const agent = (resolve: Resolve, loopback: boolean): Agent =>
  new Agent({
    connections: connectionsPerHost,
    keepAliveTimeout: 10_000,
    connect: {
      timeout: connectWithinMs,
      // What is looked at here is what is connected to. A host that is a number is not looked up: its URL was checked.
      lookup: (hostname, { all }, done) => {
        lookUp(resolve, hostname, loopback).then(
          ([first, ...others]) => (all ? done(null, [first, ...others]) : done(null, first.address, first.family)),
          (error: Error) => done(error, []),
        );
      },
    },
  });

type Found = [LookupAddress, ...LookupAddress[]];

/** A name that leads to one private address is not called at all, whatever else it leads to. */
async function lookUp(resolve: Resolve, hostname: string, loopback: boolean): Promise<Found> {
  const addresses = await resolve(hostname);
  if (addresses.length === 0 || !addresses.every((address) => isCallable(address, loopback))) {
    throw new OutgoingRefused("does not lead to a public address");
  }
  return addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })) as Found;
}

/** Reads the beginning of a body; one that is longer costs its connection. */
async function readSome(body: AsyncIterable<Buffer> & { destroy(): void }): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= mostAnswerBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, mostAnswerBytes).toString("utf8");
}
