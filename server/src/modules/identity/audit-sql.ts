import type { AuditRow } from "#kit/audit-row.ts";
import { sql } from "#kit/db.ts";
import { feed } from "#kit/feed.ts";

export interface UnsealedRow {
  readonly position: number;
  readonly mac: Buffer;
  readonly createdAt: Date;
}

/** The log in the order in which it is sealed. */
export const auditFeed = feed<UnsealedRow>("audit_log", `position, mac, created_at as "createdAt"`);

export interface Batch {
  readonly number: number;
  readonly positions: readonly number[];
  /** Of the rows, 32 bytes each. */
  readonly macs: Buffer;
  readonly lastCreatedAt: Date;
  readonly previousMac: Buffer;
  readonly mac: Buffer;
}

export const lastBatch = sql<Pick<Batch, "number" | "mac"> & { sealedAt: Date }>(
  "identity.last_audit_batch",
  `select number, mac, sealed_at as "sealedAt" from audit_batches order by number desc limit 1`,
);

export const insertBatch = sql(
  "identity.insert_audit_batch",
  `insert into audit_batches (number, positions, macs, last_created_at, previous_mac, mac) values ($1, $2, $3, $4, $5, $6)`,
);

export const selectBatches = sql<Batch>(
  "identity.select_audit_batches",
  `select number, array(select p::float8 from unnest(positions) p) as positions, macs, last_created_at as "lastCreatedAt",
          previous_mac as "previousMac", mac
     from audit_batches where number > $1 order by number limit $2`,
);

export interface StoredAuditRow extends AuditRow {
  readonly position: number;
  readonly mac: Buffer;
}

export const auditColumns = `owner_id as "ownerId", id, livemode, created_at as "createdAt", actor_kind as "actorKind", actor_id as "actorId",
  actor_session as "actorSession", actor_role as "actorRole", action, outcome, object_type as "objectType", object_id as "objectId",
  before::text as before, after::text as after, reason, address, address_hash as "addressHash", request_id as "requestId"`;

export const selectSpan = sql<StoredAuditRow>(
  "identity.select_audit_span",
  `select ${auditColumns}, position, mac from audit_log where (position, id) > ($1, $2) and position <= $3 order by position, id limit $4`,
);

export const selectCursor = sql<{ position: number }>(
  "identity.select_audit_cursor",
  "select position from event_cursors where consumer = $1",
);

/** One statement for each way in: the condition that is always there lets the index on it be used whatever else is asked. */
const list = (name: string, condition: string, order: "asc" | "desc") =>
  sql<AuditRow>(
    `identity.list_audit_${name}_${order}`,
    `select ${auditColumns} from audit_log
      where ${condition} and id < $1 and id > $2
        and ($3::timestamptz is null or created_at >= $3) and ($4::timestamptz is null or created_at < $4)
        and ($6::text is null or owner_id = $6) and ($7::boolean is null or livemode is null or livemode = $7)
        and ($8::text is null or actor_id = $8) and ($9::text is null or action = $9)
        and ($10::text is null or object_id = $10) and ($11::text is null or outcome = $11)
        and ($12::text is null or request_id = $12) and ($13::text is null or address_hash = $13)
      order by id ${order} limit $5`,
  );
const bothWays = (name: string, condition: string) => ({
  asc: list(name, condition, "asc"),
  desc: list(name, condition, "desc"),
});

export const listAudit = {
  all: bothWays("all", "true"),
  ofRequest: bothWays("of_request", "request_id = $12"),
  ofObject: bothWays("of_object", "object_id = $10"),
  ofActor: bothWays("of_actor", "actor_id = $8"),
  ofOwner: bothWays("of_owner", "owner_id = $6"),
};

/** Rows of the oldest batches, as far as all of their rows are older; the batches stay. For the owner of the tables. */
export const deletePastRows = sql(
  "identity.delete_past_audit_rows",
  `with past as (
     select unnest(positions) as position from audit_batches
      where number < coalesce((select min(number) from audit_batches where last_created_at >= $1), 9223372036854775807))
   delete from audit_log l using past where l.position = past.position returning 1`,
);
