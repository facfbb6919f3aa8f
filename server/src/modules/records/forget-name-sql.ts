import { sql } from "#kit/db.ts";

/** Who has dealt with the user, after `$3`. */
export const selectOthers = sql<{ id: string }>(
  "records.select_others",
  `select distinct counterparty_id as id from records
    where owner_id = $1 and livemode = $2 and counterparty_id > $3 order by 1 limit $4`,
);

const forgetNames = (whose: "merchant" | "user") =>
  sql<{ last: string | null }>(
    `records.forget_names_at_${whose}`,
    `with theirs as (
       select id from records
        where owner_id = $1 and livemode = $2 and counterparty_id = $3 and id > $4 ${whose === "merchant" ? "and owner_id < 'usr'" : ""}
        order by id limit $5
     ), forgotten as (
       update records r set counterparty_name = null
         from theirs where r.owner_id = $1 and r.livemode = $2 and r.id = theirs.id and r.counterparty_name is not null
     )
     select max(id) as last from theirs`,
  );
export const forgetAtMerchant = forgetNames("merchant");
export const forgetAtUser = forgetNames("user");
