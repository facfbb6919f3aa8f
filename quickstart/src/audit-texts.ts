import type { Tampering } from "@feiqian/server/modules/identity";

/** What the programs of the audit log say, in the two languages they speak. */
const en = {
  whole: (rows: number, batches: number) => `The audit log is whole: ${rows} entries, ${batches} batches.`,
  tampered: (count: number) => `The audit log was tampered with (${count}):`,
  unsealed: (rows: number, since: string) =>
    `${rows} of them wait to be sealed, the oldest since ${since}; until then nobody could tell if one was removed.`,
  notSealing: "Nothing was sealed for ten minutes: does a worker run?",
  purged: (rows: number) => `${rows} entries were removed after their time; the chain still names them.`,
  head: (head: string) => `Head: ${head}`,
  keepHead: "Keep the head outside the database: with --head it shows later that the end of the log was not cut off.",
  since: (head: string) => `Compared with head ${head} of an earlier time.`,
  more: (count: number) => `… and ${count} more`,
  removed: (rows: number) => `${rows} entries were past their time and have been removed.`,
  notChecked: "The audit log could not be checked.",
  noHome: (folder: string) => `There is no database: ${folder} has none, and DATABASE_URL is not set.`,
  noOwner: "Set MIGRATION_DATABASE_URL: only the owner of the tables may remove entries.",
  badWords: "Usage: npm run audit:verify [-- --head NUMBER:DIGEST], npm run audit:purge",
  found: (item: Tampering): string => {
    switch (item.kind) {
      case "row_changed":
        return `entry ${item.id} was changed, or was not written by the platform (position ${item.position})`;
      case "row_replaced":
        return `entry ${item.id} stands at position ${item.position} of batch ${item.batch}, where another one stood`;
      case "row_removed":
        return `the entry at position ${item.position} of batch ${item.batch} was removed`;
      case "row_inserted":
        return `entry ${item.id} was inserted at position ${item.position}, or its batch does not know it`;
      case "batch_changed":
        return `batch ${item.batch} was changed, or does not follow the one before it`;
      case "batch_removed":
        return `batch ${item.batch} was removed`;
      case "end_removed":
        return `the log ended later once: everything from batch ${item.batch} on was removed`;
      case "head_differs":
        return `batch ${item.batch} is another one than the head says`;
    }
  },
};

const zh: typeof en = {
  whole: (rows, batches) => `审计日志完整：${rows} 条记录，${batches} 个批次。`,
  tampered: (count) => `审计日志遭到篡改（${count} 处）：`,
  unsealed: (rows, since) => `其中 ${rows} 条尚未封存，最早的产生于 ${since}；封存之前如被删除将无法察觉。`,
  notSealing: "已有十分钟未封存任何记录：worker 是否在运行？",
  purged: (rows) => `${rows} 条记录已在保存期满后删除，链中仍留有其摘要。`,
  head: (head) => `链头：${head}`,
  keepHead: "请将链头保存在数据库之外：以后用 --head 即可证明日志末尾未被截去。",
  since: (head) => `已与先前的链头 ${head} 比对。`,
  more: (count) => `……另有 ${count} 处`,
  removed: (rows) => `已删除 ${rows} 条保存期满的记录。`,
  notChecked: "无法检查审计日志。",
  noHome: (folder) => `没有数据库：${folder} 中没有，也未设置 DATABASE_URL。`,
  noOwner: "请设置 MIGRATION_DATABASE_URL：只有表的所有者可以删除记录。",
  badWords: "用法：npm run audit:verify [-- --head 编号:摘要]，npm run audit:purge",
  found: (item) => {
    switch (item.kind) {
      case "row_changed":
        return `记录 ${item.id} 被修改，或并非平台所写（位置 ${item.position}）`;
      case "row_replaced":
        return `批次 ${item.batch} 的位置 ${item.position} 原为另一条记录，现为 ${item.id}`;
      case "row_removed":
        return `批次 ${item.batch} 中位置 ${item.position} 的记录被删除`;
      case "row_inserted":
        return `记录 ${item.id} 被插入到位置 ${item.position}，所属批次中没有它`;
      case "batch_changed":
        return `批次 ${item.batch} 被修改，或与前一批次不相连`;
      case "batch_removed":
        return `批次 ${item.batch} 被删除`;
      case "end_removed":
        return `日志曾有更多内容：批次 ${item.batch} 及其后的内容被删除`;
      case "head_differs":
        return `批次 ${item.batch} 与链头不符`;
    }
  },
};

export type AuditTexts = typeof en;

export const auditTextsFor = ({ LC_ALL, LC_MESSAGES, LANG }: NodeJS.ProcessEnv): AuditTexts =>
  /^zh/i.test(LC_ALL || LC_MESSAGES || LANG || "") ? zh : en;
