import { inTransaction } from "#kit/db.ts";
import { derivedIdAt, newId } from "#kit/ids.ts";
import type { Answer } from "#test/platform.ts";
import type { MoneyRecord } from "./record.ts";
import { insertRecords } from "./sql.ts";

export const noon = Date.UTC(2026, 10, 21, 12);

/** A record of this owner; `at` in milliseconds after noon. */
export function aRecord(
  ownerId: string,
  { at = 0, ...facts }: Partial<MoneyRecord> & { at?: number } = {},
): MoneyRecord {
  const time = new Date(noon + at);
  return {
    ownerId,
    livemode: false,
    id: derivedIdAt("rcd", time.getTime(), newId("evt")),
    time,
    type: "payment",
    direction: "in",
    result: "succeeded",
    amount: 100,
    fee: 0,
    currency: "CNY",
    failureCode: null,
    counterpartyId: null,
    counterpartyName: null,
    subject: null,
    sourceId: newId("pay"),
    paymentId: null,
    outTradeNo: null,
    storeId: null,
    terminalId: null,
    method: null,
    metadata: {},
    createdAt: time,
    ...facts,
  };
}

export const keep = (records: readonly MoneyRecord[]): Promise<unknown> =>
  inTransaction((tx) => insertRecords(tx, records));

/** Ids of a list as it was answered. */
export const ids = ({ data }: Answer["body"]): string[] => data.map((record: { id: string }) => record.id);

/** Ids as a list shows them: by time, then id, newest first. */
export const newestFirst = (records: readonly MoneyRecord[]): string[] =>
  [...records].sort((a, b) => b.time.getTime() - a.time.getTime() || (a.id < b.id ? 1 : -1)).map((record) => record.id);
