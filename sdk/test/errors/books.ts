import { onPlan } from "@feiqian/server/test/factories.ts";
import type { Row, World } from "./world.ts";

const someAccount = ({ payer }: World) => ({ owner: payer.id, code: "savings", currency: "CNY" });

/** What staff and the books answer. */
export const bookErrors: Row[] = [
  {
    code: "pricing_plan_currency",
    when: "a shop gets a plan in another currency",
    async provoke({ staff, platform }) {
      const plan = await onPlan(platform, { currency: "JPY" });
      return staff.merchants.create({ name: "Shop", mcc: "5411", country: "CN", city: "Shanghai", ...plan });
    },
  },
  {
    code: "ledger_account_not_empty",
    when: "an account with money is closed",
    async provoke({ staff, payer }) {
      const { data } = await staff.ledger.accounts.list({ code: "wallet", owner: payer.id });
      return staff.ledger.accounts.close(data[0]?.id ?? "");
    },
  },
  {
    code: "ledger_account_terms_differ",
    when: "an account is opened again with other terms",
    async provoke(world) {
      const { id } = await world.staff.ledger.accounts.create(someAccount(world));
      return world.staff.ledger.accounts.create({ ...someAccount(world), id, code: "other" });
    },
  },
  {
    code: "ledger_history_not_kept",
    when: "the history of an account without one is read",
    async provoke(world) {
      const { id } = await world.staff.ledger.accounts.create({ ...someAccount(world), history: false });
      return world.staff.ledger.accounts.entries.list(id);
    },
  },
];
