import { type Queryable, run, type Statement, sql } from "#kit/db.ts";
import type { page } from "#kit/lists.ts";
import type { ApiKey, StoredGuard } from "./api-key.ts";
import type { Merchant } from "./merchant.ts";
import type { PricingPlan } from "./pricing-plan.ts";
import type { Store } from "./store.ts";
import type { Terminal } from "./terminal.ts";

/** Every statement that touches this module's tables. */

const planColumns = `t.id, t.name, t.version, t.replaces, t.is_default as "isDefault", t.rate_bps as "rateBps", t.fixed, t.min_fee as min,
  t.max_fee as max, t.currency, t.fee_bearer as "feeBearer", t.refund_fee as "refundFee",
  t.refund_debt as "refundDebt", t.created_at as "createdAt"`;
const merchantColumns = `t.id, t.name, t.mcc, t.country, t.city, t.currency, t.status, t.pricing_plan_id as "planId",
  coalesce(t.fee_bearer, p.fee_bearer) as "feeBearer", t.created_at as "createdAt"`;
const storeColumns = `t.id, t.merchant_id as "merchantId", t.livemode, t.name, t.time_zone as "timeZone", t.address,
  t.created_at as "createdAt"`;
const terminalColumns = `t.id, t.merchant_id as "merchantId", t.livemode, t.store_id as "storeId", t.name, t.status,
  t.refund_limit as "refundLimit",
  (select k.paired_at from terminal_tokens k where k.merchant_id = t.merchant_id and k.livemode = t.livemode
      and k.terminal_id = t.id and k.ended_at is null) as "pairedAt", t.created_at as "createdAt"`;
const guardColumns = `t.allowed_addresses as "allowedAddresses", t.require_signature as "requireSignature",
  t.signature_algorithm as algorithm, t.sealed_signature_secret as "sealedSecret", t.signature_public_key as "publicKey"`;
const keyColumns = `t.id, t.merchant_id as "merchantId", t.livemode, t.name, t.scopes, ${guardColumns},
  case when t.revoked_at is not null then 'revoked' when t.expires_at <= clock_now() then 'expired'
       when t.rolled_to is not null then 'rolled' else 'active' end as status,
  t.last_four as "lastFour", t.rolled_to as "rolledTo", t.created_at as "createdAt", t.expires_at as "expiresAt",
  t.revoked_at as "revokedAt", t.last_used_at as "lastUsedAt"`;

/** Objects of one merchant and mode, of any where null stands. */
const within = (merchant: string, livemode: string): string =>
  `(${merchant}::text is null or t.merchant_id = ${merchant}) and (${livemode}::boolean is null or t.livemode = ${livemode})`;

// Pricing plans

/** Gives nothing when `replaces` does not exist or has been replaced already. */
export const insertPlan = sql<PricingPlan>(
  "merchants.insert_plan",
  `insert into pricing_plans as t (id, name, version, replaces, is_default, rate_bps, fixed, min_fee, max_fee, currency,
       fee_bearer, refund_fee, refund_debt)
   select $1, $2, coalesce(before.version, 0) + 1, before.id, coalesce($4, before.is_default, false), $5, $6, $7, $8, $9,
          $10, $11, $12
     from (select) one left join pricing_plans before on before.id = $3
    where $3 is null or before.id is not null
   on conflict (replaces) do nothing
   returning ${planColumns}`,
);

export const selectPlan = sql<PricingPlan & { replacedBy: string | null }>(
  "merchants.select_plan",
  `select ${planColumns}, successor.id as "replacedBy"
     from pricing_plans t left join pricing_plans successor on successor.replaces = t.id where t.id = $1`,
);

export const selectDefaultPlan = sql<PricingPlan>(
  "merchants.select_default_plan",
  `select ${planColumns} from pricing_plans t where t.currency = $1 and t.is_default
    order by t.created_at desc, t.id desc limit 1`,
);

// Merchants

/** Locks the merchant's purse until the transaction's end; its first turn makes the row. */
export const lockPurse = sql(
  "merchants.lock_purse",
  `insert into merchant_purses (merchant_id, livemode) values ($1, $2)
   on conflict (merchant_id, livemode) do update set livemode = excluded.livemode`,
);

export const selectRefundDebt = sql<Pick<PricingPlan, "refundDebt">>(
  "merchants.select_refund_debt",
  `select p.refund_debt as "refundDebt" from merchants m join pricing_plans p on p.id = m.pricing_plan_id where m.id = $1`,
);

export const insertMerchant = sql<Merchant>(
  "merchants.insert_merchant",
  `with t as (
     insert into merchants (id, name, mcc, country, city, currency, pricing_plan_id, fee_bearer)
     values ($1, $2, $3, $4, $5, $6, $7, $8) returning *)
   select ${merchantColumns} from t join pricing_plans p on p.id = t.pricing_plan_id`,
);

export const selectMerchant = sql<Merchant>(
  "merchants.select_merchant",
  `select ${merchantColumns} from merchants t join pricing_plans p on p.id = t.pricing_plan_id where t.id = $1`,
);

export const selectMerchantStandings = sql<Pick<Merchant, "id" | "currency" | "status">>(
  "merchants.select_merchant_standings",
  "select id, currency, status from merchants where id = any($1::text[])",
);

export const selectMerchantNames = sql<Pick<Merchant, "id" | "name">>(
  "merchants.select_merchant_names",
  "select id, name from merchants where id = any($1::text[])",
);

/** `$5` says whether to set who bears fees, to `$6`; what is null otherwise stays. */
export const updateMerchant = sql<Merchant>(
  "merchants.update_merchant",
  `with t as (
     update merchants
        set name = coalesce($2, name), status = coalesce($3, status), pricing_plan_id = coalesce($4, pricing_plan_id),
            fee_bearer = case when $5 then $6 else fee_bearer end
      where id = $1 returning *)
   select ${merchantColumns} from t join pricing_plans p on p.id = t.pricing_plan_id`,
);

// Stores and terminals

/** Gives nothing when there is no such merchant. */
export const insertStore = sql<Store>(
  "merchants.insert_store",
  `insert into stores as t (merchant_id, livemode, id, name, time_zone, address)
   select m.id, $2, $3, $4, $5, $6 from merchants m where m.id = $1
   returning ${storeColumns}`,
);

export const selectStore = sql<Store>(
  "merchants.select_store",
  `select ${storeColumns} from stores t where t.id = $1 and ${within("$2", "$3")}`,
);

/** `$6` says whether to set the address, to `$7`; what is null otherwise stays. */
export const updateStore = sql<Store>(
  "merchants.update_store",
  `update stores as t
      set name = coalesce($4, t.name), time_zone = coalesce($5, t.time_zone), address = case when $6 then $7 else t.address end
    where t.id = $1 and ${within("$2", "$3")}
   returning ${storeColumns}`,
);

/** Gives nothing when the store is out of reach. */
export const insertTerminal = sql<Terminal>(
  "merchants.insert_terminal",
  `insert into terminals as t (merchant_id, livemode, id, store_id, name, refund_limit)
   select s.merchant_id, s.livemode, $4, s.id, $5, $6
     from stores s
    where s.id = $1 and ($2::text is null or s.merchant_id = $2) and ($3::boolean is null or s.livemode = $3)
   returning ${terminalColumns}`,
);

export const selectTerminal = sql<Terminal>(
  "merchants.select_terminal",
  `select ${terminalColumns} from terminals t where t.id = $1 and ${within("$2", "$3")}`,
);

/** Moves it only to a store of the same merchant and mode; gives nothing when terminal or store are out of reach. */
export const updateTerminal = sql<Terminal>(
  "merchants.update_terminal",
  `update terminals as t
      set name = coalesce($4, t.name), status = coalesce($5, t.status), store_id = coalesce($6, t.store_id),
          refund_limit = coalesce($7, t.refund_limit)
    where t.id = $1 and ${within("$2", "$3")}
      and ($6::text is null or exists (select from stores s
             where s.merchant_id = t.merchant_id and s.livemode = t.livemode and s.id = $6))
   returning ${terminalColumns}`,
);

// API keys

/** Gives nothing when there is no such merchant. */
export const insertKey = sql<ApiKey>(
  "merchants.insert_key",
  `insert into api_keys as t (id, merchant_id, livemode, name, scopes, secret_hash, last_four, allowed_addresses,
       require_signature, signature_algorithm, sealed_signature_secret, signature_public_key)
   select $2, m.id, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12 from merchants m where m.id = $1
   returning ${keyColumns}`,
);

export const selectKey = sql<ApiKey>(
  "merchants.select_key",
  `select ${keyColumns} from api_keys t where t.id = $1 and ${within("$2", "$3")}`,
);

/** Compare-and-set of a key that works and was not rolled yet; it ends after `$3` seconds. */
export const rollKey = sql<ApiKey & { digest: string }>(
  "merchants.roll_key",
  `update api_keys as t set rolled_to = $2, expires_at = clock_now() + $3 * interval '1 second'
    where t.id = $1 and t.revoked_at is null and t.rolled_to is null
   returning ${keyColumns}, encode(t.secret_hash, 'hex') as digest`,
);

/** Changes a key that was not revoked; `$5` says whether to set its addresses, to `$6`; what is null otherwise stays. */
export const updateKey = sql<ApiKey & { digest: string }>(
  "merchants.update_key",
  `update api_keys as t
      set name = coalesce($4, t.name), allowed_addresses = case when $5 then $6 else t.allowed_addresses end,
          require_signature = coalesce($7, t.require_signature)
    where t.id = $1 and ${within("$2", "$3")} and t.revoked_at is null
   returning ${keyColumns}, encode(t.secret_hash, 'hex') as digest`,
);

/** Compare-and-set of a key that was not revoked yet. */
export const revokeKey = sql<ApiKey & { digest: string }>(
  "merchants.revoke_key",
  `update api_keys as t set revoked_at = clock_now()
    where t.id = $1 and ${within("$2", "$3")} and t.revoked_at is null
   returning ${keyColumns}, encode(t.secret_hash, 'hex') as digest`,
);

/** The key of a secret, if it works. */
export const selectKeyBySecret = sql<
  Pick<ApiKey, "id" | "merchantId" | "livemode" | "scopes" | "expiresAt" | keyof StoredGuard>
>(
  "merchants.select_key_by_secret",
  `select t.id, t.merchant_id as "merchantId", t.livemode, t.scopes, t.expires_at as "expiresAt", ${guardColumns}
     from api_keys t
    where secret_hash = $1 and revoked_at is null and (expires_at is null or expires_at > clock_now())`,
);

export const updateKeyUses = sql(
  "merchants.update_key_uses",
  `update api_keys t set last_used_at = greatest(t.last_used_at, u.used_at)
     from unnest($1::text[], $2::timestamptz[]) as u(id, used_at) where t.id = u.id`,
);

// Lists

type Window = Parameters<Parameters<typeof page>[2]>[0];

/** A list in both directions. Parameters 1 to 5 are the window's and the times'; a list's own conditions begin with `$6`. */
interface ListStatements<Row> {
  asc: Statement<Row>;
  desc: Statement<Row>;
}
function listStatements<Row>(name: string, columns: string, from: string, where: string): ListStatements<Row> {
  const statement = (order: "asc" | "desc") =>
    sql<Row>(
      `merchants.list_${name}_${order}`,
      `select ${columns} from ${from}
        where ($1::text is null or t.id < $1) and ($2::text is null or t.id > $2)
          and ($3::timestamptz is null or t.created_at >= $3) and ($4::timestamptz is null or t.created_at < $4)
          and ${where}
        order by t.id ${order} limit $5`,
    );
  return { asc: statement("asc"), desc: statement("desc") };
}

export const listPlans = listStatements<PricingPlan>(
  "plans",
  planColumns,
  "pricing_plans t",
  "($6::text is null or t.currency = $6)",
);
export const listMerchants = listStatements<Merchant>(
  "merchants",
  merchantColumns,
  "merchants t join pricing_plans p on p.id = t.pricing_plan_id",
  "($6::text is null or t.status = $6) and ($7::text is null or t.pricing_plan_id = $7)",
);
export const listStores = listStatements<Store>("stores", storeColumns, "stores t", within("$6", "$7"));
export const listTerminals = listStatements<Terminal>(
  "terminals",
  terminalColumns,
  "terminals t",
  `${within("$6", "$7")} and ($8::text is null or t.store_id = $8) and ($9::text is null or t.status = $9)`,
);
export const listKeys = listStatements<ApiKey>("keys", keyColumns, "api_keys t", within("$6", "$7"));

/** A window of a list in the order of ids. */
export const list = <Row>(
  on: Queryable,
  { asc, desc }: ListStatements<Row>,
  { after, before, limit, ascending }: Window,
  { created_gte: from = null, created_lt: to = null }: { created_gte?: string | null; created_lt?: string | null },
  own: unknown[],
): Promise<Row[]> => run(on, ascending ? asc : desc, [after, before, from, to, limit, ...own]);
