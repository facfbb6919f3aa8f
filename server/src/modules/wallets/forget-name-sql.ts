import { sql } from "#kit/db.ts";

/** The other side of each of the user's transfers, found by the id that both have. */
export const forgetNames = sql<{ last: string | null }>(
  "wallets.forget_names",
  `with own as (
     select id, counterparty_id from transfers where owner_id = $1 and livemode = $2 and id > $3 order by id limit $4
   ), forgotten as (
     update transfers t set counterparty_name = null, counterparty_phone = null
       from own where t.owner_id = own.counterparty_id and t.livemode = $2 and t.id = own.id and t.counterparty_id = $1
   )
   select max(id) as last from own`,
);
