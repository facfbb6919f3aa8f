import { randomUUID } from "node:crypto";
import { type Answer, encodeRequest, type LoadRequest } from "./connection.ts";
import { type Signing, signatureHeaders } from "./sign.ts";

/** One till: the merchant it takes money for and the key it does so with. */
export interface Till {
  readonly merchantId: string;
  readonly apiKey: string;
  /** How it signs what it sends; nothing: it does not. */
  readonly signing?: Signing;
}

/** A scan that was sent, as the client knows it. */
export interface Scan extends LoadRequest {
  readonly till: Till;
  /** Its Idempotency-Key. */
  readonly key: string;
  readonly outTradeNo: string;
  readonly amount: number;
  /** What came back, each time it was sent; nothing where the connection was lost. */
  readonly answers: ({ readonly status: number; readonly body: string } | undefined)[];
}

export interface ScanOptions {
  url: URL;
  till: Till;
  outTradeNo: string;
  /** Minor units. */
  amount: number;
  currency: string;
  code: string;
}

/** Everything a client sent and every answer it saw. What the books are compared with afterwards: see `oracle.ts`. */
export class Journal {
  readonly scans: Scan[] = [];

  /** Writes down a new scan, before it is sent. */
  scan({ url, till, outTradeNo, amount, currency, code }: ScanOptions): Scan {
    const key = randomUUID();
    const path = "/v1/payments";
    const body = { amount, currency, out_trade_no: outTradeNo, code, subject: "Lunch" };
    const signature = till.signing ? signatureHeaders(url, path, body, key, till.signing) : {};
    const headers = { Authorization: `Bearer ${till.apiKey}`, "Idempotency-Key": key, ...signature };
    const bytes = encodeRequest(url, "POST", path, headers, body);
    const scan: Scan = { bytes, till, key, outTradeNo, amount, answers: [] };
    this.scans.push(scan);
    return scan;
  }

  record(scan: Scan, answer: Answer | undefined): void {
    scan.answers.push(answer && { status: answer.status, body: answer.body });
  }

  /** Scans that were sent and whose outcome the client does not know yet: a client sends them again with the same key. */
  unknown(): Scan[] {
    return this.scans.filter((scan) => scan.answers.length > 0 && outcomeOf(scan) === undefined);
  }
}

export interface Outcome {
  readonly status: "succeeded" | "processing" | "failed";
  readonly paymentId: string;
}

/** What the server promised about a scan; nothing while it only said "later", or nothing at all. */
export function outcomeOf({ answers }: Scan): Outcome | undefined {
  for (const answer of answers) {
    if (answer?.status === 200) {
      const { id, status } = JSON.parse(answer.body) as { id: string; status: "succeeded" | "processing" };
      return { status, paymentId: id };
    }
    if (answer?.status === 402) {
      const { error } = JSON.parse(answer.body) as { error: { details: { payment: string } } };
      return { status: "failed", paymentId: error.details.payment };
    }
  }
  return undefined;
}
