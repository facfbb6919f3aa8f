import type { Event } from "@feiqian/sdk";
import type { Command, Context } from "../command.ts";
import { UsageError } from "../failures.ts";
import { signedHeaders } from "../sign-webhook.ts";
import type { Words } from "../words.ts";
import { objectOf } from "./events.ts";

const missing: Words = { en: "Some events may be missing.", zh: "可能有事件遗漏。" };
const forwardTimeoutMs = 15_000;

export const listen: Command = {
  name: "listen",
  usage: "[--forward-to URL] [options]",
  summary: {
    en: "print events as they happen, and hand them to a program on this machine as signed webhooks",
    zh: "实时显示事件，并以签名 Webhook 转发给本机程序",
  },
  positionals: { min: 0, max: 0 },
  options: {
    "forward-to": {
      type: "string",
      value: "URL",
      help: { en: "such as http://localhost:3000/webhooks", zh: "转发地址，如 http://localhost:3000/webhooks" },
    },
    events: { type: "string", value: "A,B", help: { en: "these types only", zh: "仅限这些类型" } },
    secret: {
      type: "string",
      value: "whsec_…",
      help: { en: "signs what is forwarded (the login's own)", zh: "签名密钥（默认使用登录时生成的）" },
    },
    after: { type: "string", value: "EVENT", help: { en: "begin after this event, not now", zh: "从该事件之后开始" } },
  },
  async run(context) {
    const target = targetOf(context.text("forward-to"));
    const secret = context.text("secret") ?? context.profile.webhook_secret;
    const types = context.text("events")?.split(",");
    const lastEventId = context.text("after");
    const stream = context.feiqian.events.stream({
      signal: context.signal,
      ...(lastEventId && { lastEventId }),
      onOpen: () => announce(context, target === undefined ? null : secret),
      onReset: () => context.output.line(missing[context.language], { reset: true }),
    });
    for await (const event of stream) {
      if (types && !types.includes(event.type)) continue;
      const outcome = target === undefined ? undefined : await forward(target, secret, event);
      show(context, event, outcome);
    }
  },
};

/** Says that it listens, each time that it does. */
function announce({ output, language }: Context, secret: string | null): void {
  const words = { en: "Listening. Ctrl-C ends it.", zh: "正在监听，按 Ctrl-C 结束。" };
  output.line(words[language], { listening: true, secret });
  if (secret) output.say({ en: `Signing secret: ${secret}`, zh: `签名密钥：${secret}` });
}

function targetOf(text: string | undefined): string | undefined {
  if (text === undefined || (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol))) return text;
  throw new UsageError({ en: `"${text}" is no address: http://…`, zh: `“${text}”不是有效地址，应为 http://…` });
}

/** What became of an event that was forwarded: the answer's status, or why there was none. */
interface Outcome {
  readonly status: number | null;
  readonly error: string | null;
  readonly ms: number;
}

/** Posts the event as the platform's webhooks do. A receiver that fails is shown, and the next event is sent all the same. */
async function forward(target: string, secret: string, event: Event): Promise<Outcome> {
  const { id, type, created_at, livemode, data } = event;
  const body = JSON.stringify({ ...event, id, object: "event", type, timestamp: created_at, livemode, data });
  const at = Math.floor(Date.now() / 1000);
  const begun = performance.now();
  const ms = () => Math.round(performance.now() - begun);
  try {
    const response = await fetch(target, {
      method: "POST",
      headers: { "content-type": "application/json", ...signedHeaders(secret, id, at, body) },
      body,
      redirect: "manual",
      signal: AbortSignal.timeout(forwardTimeoutMs),
    });
    await response.body?.cancel();
    return { status: response.status, error: null, ms: ms() };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return { status: null, error: cause instanceof Error ? cause.message : String(cause), ms: ms() };
  }
}

function show({ output, language }: Context, event: Event, outcome: Outcome | undefined): void {
  const time = new Date(event.created_at).toLocaleTimeString("sv-SE");
  const result = outcome && (outcome.status ?? `${language === "zh" ? "失败：" : "failed: "}${outcome.error}`);
  const arrow = outcome ? `  → ${result} (${outcome.ms} ms)` : "";
  const text = `${time}  ${event.type}  ${event.id}  ${objectOf(event) ?? ""}${arrow}`;
  output.line(text, outcome ? { event, forwarded: outcome } : { event });
}
