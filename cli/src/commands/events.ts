import type { Event, WebhookDelivery } from "@feiqian/sdk";
import type { Command } from "../command.ts";
import { type Column, timeText } from "../output.ts";
import { titles } from "../show-payment.ts";
import { limitOf } from "./payments.ts";

export const eventsList: Command = {
  name: "events list",
  usage: "[options]",
  summary: { en: "list what happened, newest first", zh: "列出事件，最新的在前" },
  positionals: { min: 0, max: 0 },
  options: {
    type: {
      type: "string",
      value: "TYPE",
      help: { en: "such as payment.succeeded", zh: "事件类型，如 payment.succeeded" },
    },
    object: { type: "string", value: "ID", help: { en: "about this object", zh: "指定对象的编号" } },
    limit: { type: "string", value: "N", help: { en: "at most so many (20)", zh: "最多条数（20）" } },
  },
  async run(context) {
    const limit = limitOf(context);
    const [type, object] = [context.text("type"), context.text("object")];
    const asked = { limit: Math.min(limit, 100), ...(type && { type }), ...(object && { object }) };
    const events: Event[] = [];
    for await (const event of context.feiqian.events.list(asked)) {
      events.push(event);
      if (events.length === limit) break;
    }
    context.output.table(events, columns);
  },
};

const columns: Column<Event>[] = [
  { title: titles.id, text: ({ id }) => id },
  { title: titles.type, text: ({ type }) => type },
  { title: titles.object, text: objectOf },
  { title: titles.created, text: ({ created_at }) => timeText(created_at) },
];

export const eventsGet: Command = {
  name: "events get",
  usage: "EVENT",
  summary: { en: "show an event with its object", zh: "查看事件及其对象" },
  positionals: { min: 1, max: 1 },
  options: {},
  async run({ feiqian, positionals, output }) {
    const event = await feiqian.events.retrieve(positionals[0] ?? "");
    output.object(event, [
      [titles.id, event.id],
      [titles.type, event.type],
      [titles.created, timeText(event.created_at)],
      ...Object.entries(event.data.object).map(([name, value]) => [{ en: name, zh: name }, shown(value)] as const),
    ]);
  },
};

export const eventsResend: Command = {
  name: "events resend",
  usage: "EVENT [options]",
  summary: { en: "send an event to the webhook endpoints again", zh: "重新发送事件到 Webhook 端点" },
  positionals: { min: 1, max: 1 },
  options: {
    endpoint: { type: "string", value: "ID", help: { en: "to this one only", zh: "仅发送到该端点" } },
  },
  async run({ feiqian, positionals, text, output }) {
    const endpoint = text("endpoint");
    const { data } = await feiqian.events.resend(positionals[0] ?? "", { ...(endpoint && { endpoint }) });
    output.table(data, deliveryColumns);
  },
};

const deliveryColumns: Column<WebhookDelivery>[] = [
  { title: titles.delivery, text: ({ id }) => id },
  { title: titles.endpoint, text: ({ endpoint, url }) => endpoint ?? url },
  { title: titles.status, text: ({ status }) => status },
];

const shown = (value: unknown): string | null =>
  value === null || value === "" ? null : typeof value === "string" ? value : JSON.stringify(value);

/** The id of what the event is about. */
export function objectOf({ data }: Event): string | null {
  return typeof data.object.id === "string" ? data.object.id : null;
}
