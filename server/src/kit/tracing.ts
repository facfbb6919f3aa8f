import type { Attributes, Context, Span } from "@opentelemetry/api";
import type { FastifyReply, FastifyRequest } from "fastify";
import { log } from "./log.ts";

/**
 * OpenTelemetry traces: requests, batches and statements by their names. Nothing of it is loaded unless an endpoint is configured, and then spans
 * say neither who asked nor what: no ids but the request's, no addresses, no values, no messages of errors.
 */
interface Tracing {
  /** In the context of whatever runs, or in none. */
  start(name: string, attributes: Attributes, isRoot: boolean): Span;
  /** Runs `work` so that what starts in it belongs to the span. */
  within<T>(span: Span, work: () => T): T;
  markFailed(span: Span): void;
  stop(): Promise<void>;
}

let tracing: Tracing | undefined;

export interface TracingOptions {
  /** Base address of an OTLP receiver by HTTP, such as `http://127.0.0.1:4318`. */
  endpoint: string;
  /** Share of the traces that are kept, 0 to 1. */
  ratio: number;
}

/** Begins to trace. What can't be sent is dropped; nobody waits for it. */
export async function startTracing({ endpoint, ratio }: TracingOptions): Promise<void> {
  const [api, sdk, { OTLPTraceExporter }, { resourceFromAttributes }, { AsyncLocalStorageContextManager }] =
    await Promise.all([
      import("@opentelemetry/api"),
      import("@opentelemetry/sdk-trace"),
      import("@opentelemetry/exporter-trace-otlp-http"),
      import("@opentelemetry/resources"),
      import("@opentelemetry/context-async-hooks"),
    ]);
  const url = `${endpoint.replace(/\/$/, "")}/v1/traces`;
  const exporter = new OTLPTraceExporter({ url, timeoutMillis: 5_000 });
  const provider = new sdk.TracerProvider({
    resource: resourceFromAttributes({ "service.name": "feiqian", "process.pid": process.pid }),
    sampler: new sdk.ParentBasedSampler({ root: new sdk.TraceIdRatioBasedSampler(ratio) }),
    spanProcessors: [new sdk.BatchSpanProcessor({ exporter, scheduledDelayMillis: 1_000 })],
  });
  const tracer = provider.getTracer("feiqian");
  const contexts = new AsyncLocalStorageContextManager().enable();
  const contextOf = (isRoot: boolean): Context => (isRoot ? api.ROOT_CONTEXT : contexts.active());
  tracing = {
    start: (name, attributes, isRoot) => tracer.startSpan(name, { attributes }, contextOf(isRoot)),
    within: (span, work) => contexts.with(api.trace.setSpan(contexts.active(), span), work),
    markFailed: (span) => void span.setStatus({ code: api.SpanStatusCode.ERROR }),
    async stop() {
      await provider.shutdown();
      contexts.disable();
    },
  };
}

/** Sends what is left and traces no more. */
export async function stopTracing(): Promise<void> {
  const stopping = tracing;
  tracing = undefined;
  await stopping?.stop().catch((error) => log.warn({ err: error }, "the last traces could not be sent"));
}

export const isTracing = (): boolean => tracing !== undefined;

/** Runs `work` as a span. `isRoot`: it belongs to no request alone. */
export async function traced<T>(
  name: string,
  attributes: Attributes,
  work: () => Promise<T>,
  { isRoot = false }: { isRoot?: boolean } = {},
): Promise<T> {
  if (!tracing) return work();
  const span = tracing.start(name, attributes, isRoot);
  try {
    return await tracing.within(span, work);
  } catch (error) {
    fail(span, error);
    throw error;
  } finally {
    span.end();
  }
}

/** Only of what kind an error was: its text may quote what somebody sent. */
function fail(span: Span, error: unknown): void {
  const { code, name } = error as { code?: unknown; name?: unknown };
  span.setAttribute("error.type", String(code ?? name));
  tracing?.markFailed(span);
}

const spans = new WeakMap<FastifyRequest, Span>();

/** A request's span begins; everything that follows belongs to it. Traces that a caller names are not continued: they are nobody's we know. */
export function beginRequestSpan(request: FastifyRequest, next: () => void): void {
  if (!tracing) return next();
  const route = request.routeOptions.url ?? "none";
  const attributes = { "http.request.method": request.method, "http.route": route, "feiqian.request_id": request.id };
  const span = tracing.start(`${request.method} ${route}`, attributes, true);
  spans.set(request, span);
  tracing.within(span, next);
}

export function endRequestSpan(request: FastifyRequest, reply: FastifyReply): void {
  const span = spans.get(request);
  if (!span) return;
  span.setAttribute("http.response.status_code", reply.statusCode);
  if (reply.statusCode >= 500) tracing?.markFailed(span);
  span.end();
}
