import { first, type Queryable, run, sql, type Transaction } from "#kit/db.ts";
import type { page } from "#kit/lists.ts";
import type { QrCode } from "./qr-code.ts";

const columns = `q.id, q.merchant_id as "merchantId", q.livemode, q.type, q.payment_id as "paymentId", q.amount, q.currency,
  q.store_id as "storeId", q.terminal_id as "terminalId", q.subject, q.metadata, q.payload, q.created_at as "createdAt",
  q.revoked_at as "revokedAt"`;

const insertStatement = sql<QrCode>(
  "codes.insert_qr_code",
  `insert into qr_codes as q (merchant_id, livemode, id, type, payment_id, amount, currency, store_id, terminal_id, subject,
       metadata, payload)
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
   on conflict do nothing
   returning ${columns}`,
);

/** Stores a QR code; gives nothing when its id is taken: the order has one. */
export const insertQrCode = (
  tx: Transaction,
  q: Omit<QrCode, "createdAt" | "revokedAt">,
): Promise<QrCode | undefined> =>
  first(tx, insertStatement, [
    q.merchantId,
    q.livemode,
    q.id,
    q.type,
    q.paymentId,
    q.amount,
    q.currency,
    q.storeId,
    q.terminalId,
    q.subject,
    JSON.stringify(q.metadata),
    q.payload,
  ]);

const findStatement = sql<QrCode>(
  "codes.find_qr_code",
  `select ${columns} from qr_codes q where q.merchant_id = $1 and q.livemode = $2 and q.id = $3`,
);

/** One QR code of a merchant and mode, or nothing. */
export const findQrCode = (
  on: Queryable,
  { merchantId, livemode }: Pick<QrCode, "merchantId" | "livemode">,
  id: string,
): Promise<QrCode | undefined> => first(on, findStatement, [merchantId, livemode, id]);

const revokeStatement = sql<QrCode>(
  "codes.revoke_qr_code",
  `update qr_codes q set revoked_at = clock_now()
    where q.merchant_id = $1 and q.livemode = $2 and q.id = $3 and q.revoked_at is null
   returning ${columns}`,
);

/** Compare-and-set of a QR code that was not revoked yet. */
export const revokeQrCode = (
  tx: Transaction,
  { merchantId, livemode }: Pick<QrCode, "merchantId" | "livemode">,
  id: string,
): Promise<QrCode | undefined> => first(tx, revokeStatement, [merchantId, livemode, id]);

const listStatement = (order: "asc" | "desc") =>
  sql<QrCode>(
    `codes.list_qr_codes_${order}`,
    `select ${columns} from qr_codes q
      where q.merchant_id = $1 and q.livemode = $2
        and ($3::text is null or q.id < $3) and ($4::text is null or q.id > $4)
        and ($5::timestamptz is null or q.created_at >= $5) and ($6::timestamptz is null or q.created_at < $6)
        and ($7::text is null or q.type = $7) and ($8::text is null or q.store_id = $8)
      order by q.id ${order} limit $9`,
  );
const listNewest = listStatement("desc");
const listOldest = listStatement("asc");

export interface QrCodeFilter {
  created_gte?: string;
  created_lt?: string;
  type?: QrCode["type"];
  store?: string;
}

/** A window of a merchant's QR codes in the order of their ids. */
export const listQrCodes = (
  on: Queryable,
  { merchantId, livemode }: Pick<QrCode, "merchantId" | "livemode">,
  window: Parameters<Parameters<typeof page>[2]>[0],
  { created_gte: from, created_lt: to, type, store }: QrCodeFilter,
): Promise<QrCode[]> =>
  run(on, window.ascending ? listOldest : listNewest, [
    merchantId,
    livemode,
    window.after,
    window.before,
    from ?? null,
    to ?? null,
    type ?? null,
    store ?? null,
    window.limit,
  ]);
