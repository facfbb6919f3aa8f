import { type MerchantActor, ownerOf, type UserActor } from "#kit/actor.ts";
import { businessDay, localTime } from "#kit/business-day.ts";
import { now } from "#kit/clock.ts";
import { config } from "#kit/config.ts";
import { database } from "#kit/db.ts";
import type { Language } from "#kit/errors.ts";
import { caughtUp } from "#kit/outbox.ts";
import type { FileAnswer } from "#kit/send-file.ts";
import { consumerName } from "./project.ts";
import { idsWithin } from "./read-records.ts";
import type { MoneyRecord } from "./record.ts";
import { exportTitle, recordColumns } from "./record-columns.ts";
import { depthOf, listRecords, type RecordFilter } from "./sql.ts";
import type { FileFormat, Heading } from "./table.ts";
import { writeTable } from "./write-table.ts";

const freshWithinMs = 1_000;
const rowsAtOnce = 1_000;

/** The owner's records that a list with the same filter shows, newest first, as a file. Throws `export_too_large`. */
export async function exportRecords(
  actor: MerchantActor | UserActor,
  { format, ...filter }: RecordFilter & { format: FileFormat },
  language: Language,
): Promise<FileAnswer> {
  await caughtUp(consumerName, freshWithinMs);
  const { ownerId, livemode } = ownerOf(actor);
  return {
    name: `feiqian-records-${businessDay(now(), config().timeZone)}.${format}`,
    ...(await writeTable(format, recordColumns, everyRecord(ownerId, livemode, filter), language, headingOf(language))),
  };
}

function headingOf(language: Language): Heading {
  const { timeZone } = config();
  const made = localTime(now(), timeZone);
  const line = language === "en" ? `Made ${made}, times of ${timeZone}` : `生成时间 ${made}，时区 ${timeZone}`;
  return { title: exportTitle[language], lines: [line] };
}

/** All of them, a page at a time; what arrives meanwhile stands before the first and is left out. */
async function* everyRecord(ownerId: string, livemode: boolean, filter: RecordFilter): AsyncGenerator<MoneyRecord> {
  const bounds = idsWithin(filter);
  let { below } = bounds;
  for (;;) {
    // A search looks through so many records at once: one stretch after the other.
    const stretch = { above: bounds.above, below };
    const cut = filter.q === undefined ? undefined : await depthOf(database(), ownerId, livemode, stretch);
    if (cut) stretch.above = cut.id;
    for (;;) {
      const window = { ...stretch, ascending: false, limit: rowsAtOnce };
      const rows = await listRecords(database(), ownerId, livemode, window, filter);
      yield* rows;
      const last = rows.at(-1);
      if (!last || rows.length < rowsAtOnce) break;
      stretch.below = last.id;
    }
    if (!cut) return;
    // The record itself belongs to the next stretch.
    below = `${cut.id}~`;
  }
}
