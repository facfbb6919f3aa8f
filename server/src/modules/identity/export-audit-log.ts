import type { AuditRow } from "#kit/audit-row.ts";
import { businessDay } from "#kit/business-day.ts";
import { now } from "#kit/clock.ts";
import { config } from "#kit/config.ts";
import type { Language } from "#kit/errors.ts";
import type { FileAnswer } from "#kit/send-file.ts";
import type { Column } from "#kit/table.ts";
import { writeCsv } from "#kit/write-csv.ts";
import {
  type AuditEntry,
  type AuditFilter,
  type AuditReader,
  presentEntry,
  readWindow,
  requireOwn,
} from "./read-audit-log.ts";

const rowsAtOnce = 1_000;

const fieldsText = (fields: AuditEntry["before"]): string | null => fields && JSON.stringify(fields);

/** Machines compare these columns too: times are UTC. */
const columns: Column<AuditEntry>[] = [
  { title: { en: "Time (UTC)", "zh-CN": "时间（UTC）" }, cell: (entry) => entry.created_at },
  { title: { en: "Entry", "zh-CN": "编号" }, cell: (entry) => entry.id },
  { title: { en: "Action", "zh-CN": "操作" }, cell: (entry) => entry.action },
  { title: { en: "Outcome", "zh-CN": "结果" }, cell: (entry) => entry.outcome },
  { title: { en: "Actor type", "zh-CN": "操作者类型" }, cell: (entry) => entry.actor.type },
  { title: { en: "Actor", "zh-CN": "操作者" }, cell: (entry) => entry.actor.id },
  { title: { en: "Session or key", "zh-CN": "会话或密钥" }, cell: (entry) => entry.actor.session },
  { title: { en: "Role", "zh-CN": "角色" }, cell: (entry) => entry.actor.role },
  { title: { en: "Object type", "zh-CN": "对象类型" }, cell: (entry) => entry.about.type },
  { title: { en: "Object", "zh-CN": "对象" }, cell: (entry) => entry.about.id },
  { title: { en: "Owner", "zh-CN": "所属方" }, cell: (entry) => entry.owner },
  {
    title: { en: "Live mode", "zh-CN": "生产模式" },
    cell: ({ livemode }) => (livemode === null ? null : String(livemode)),
  },
  { title: { en: "Before", "zh-CN": "变更前" }, cell: (entry) => fieldsText(entry.before) },
  { title: { en: "After", "zh-CN": "变更后" }, cell: (entry) => fieldsText(entry.after) },
  { title: { en: "Reason", "zh-CN": "原因" }, cell: (entry) => entry.reason },
  { title: { en: "Address", "zh-CN": "来源地址" }, cell: (entry) => entry.address },
  { title: { en: "Request", "zh-CN": "请求编号" }, cell: (entry) => entry.request_id },
];

/** What a list with the same filter shows, as CSV, streamed. Throws `not_found` as the list does. */
export function exportAuditLog(reader: AuditReader, filter: AuditFilter, language: Language): FileAnswer {
  requireOwn(reader, filter);
  return {
    name: `feiqian-audit-log-${businessDay(now(), config().timeZone)}.csv`,
    contentType: "text/csv; charset=utf-8",
    body: writeCsv(columns, everyEntry(reader, filter), language),
  };
}

/** A page at a time; what is written meanwhile stands before the first and is left out. */
async function* everyEntry(reader: AuditReader, filter: AuditFilter): AsyncGenerator<AuditEntry> {
  for (let after: string | null = null; ; ) {
    const window = { after, before: null, limit: rowsAtOnce, ascending: false };
    const rows: AuditRow[] = await readWindow(reader, filter, window);
    for (const row of rows) yield presentEntry(row, reader);
    const last = rows.at(-1);
    if (!last || rows.length < rowsAtOnce) return;
    after = last.id;
  }
}
