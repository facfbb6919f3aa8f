import { database, first } from "#kit/db.ts";
import { purges } from "./sql.ts";

/**
 * Removes aliases, keys, used codes and counts of wrong ones that ended more than two days ago, `batch` rows at a time, each batch in a
 * transaction of its own. Gives how many rows it removed.
 */
export async function purgeCodes(batch = 10_000): Promise<number> {
  let total = 0;
  for (const statement of purges) {
    let purged: number;
    do {
      purged = (await first(database(), statement, [batch]))?.purged ?? 0;
      total += purged;
    } while (purged === batch);
  }
  return total;
}
