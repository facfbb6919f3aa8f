import { randomUUID } from "node:crypto";

/** An answer as a client sees it. */
export interface Answer {
  status: number;
  headers: Headers;
  /** Read by tests that know its shape. */
  body: any;
}

export interface CallOptions {
  token?: string;
  /** `Idempotency-Key`; made afresh for a POST unless given; `null`: not sent. */
  key?: string | null;
  body?: unknown;
  headers?: Record<string, string>;
}

/** One request to a listening server. */
export async function callApi(url: string, method: string, path: string, options: CallOptions = {}): Promise<Answer> {
  const { token, body, key = method === "POST" ? randomUUID() : null } = options;
  const response = await fetch(url + path, {
    method,
    headers: {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(key && { "idempotency-key": key }),
      ...(body !== undefined && { "content-type": "application/json" }),
      ...options.headers,
    },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const json = response.headers.get("content-type")?.includes("json");
  return { status: response.status, headers: response.headers, body: json && text ? JSON.parse(text) : text };
}
