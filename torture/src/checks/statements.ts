import { ok } from "@feiqian/server/test/factories.ts";
import type { Stage } from "../stage.ts";
import type { Violation } from "../violation.ts";
import type { World } from "../world.ts";

interface StatementAccount {
  readonly account: string;
  readonly opening: number;
  readonly closing: number;
  readonly movements: readonly { direction: "in" | "out"; amount: number }[];
}

interface Statement {
  readonly id: string;
  readonly date: string;
  readonly accounts: readonly StatementAccount[];
}

const promise = "statements add up";

/** Everybody's daily statements, as they themselves read them: opening and movements make the closing, which is the next day's opening. */
export async function judgeStatements(world: World, { shops, payers }: Stage): Promise<Violation[]> {
  const violations: Violation[] = [];
  for (const { key } of shops) violations.push(...faultsOf(await statementsOf(world, key)));
  for (const { phone, password } of payers) {
    const session = await ok(world.call("POST", "/v1/sessions", { body: { phone, password }, key: null }));
    violations.push(...faultsOf(await statementsOf(world, session.access_token)));
  }
  return violations;
}

/** The oldest first, each with its movements. */
async function statementsOf(world: World, token: string): Promise<Statement[]> {
  const { data } = await ok(world.call("GET", "/v1/statements?limit=100", { token }));
  const days = (data as Statement[]).toReversed();
  return Promise.all(days.map(({ id }) => ok(world.call("GET", `/v1/statements/${id}`, { token }))));
}

function faultsOf(statements: readonly Statement[]): Violation[] {
  const faults: Violation[] = [];
  const closings = new Map<string, number>();
  if (statements.length === 0) faults.push({ promise, object: "-", what: "somebody has no statement" });
  for (const { date, accounts } of statements) {
    for (const { account, opening, closing, movements } of accounts) {
      const before = closings.get(account) ?? 0;
      if (opening !== before)
        faults.push({ promise, object: account, what: `${date} opens at ${opening}, not ${before}` });
      const change = movements.reduce((sum, { direction, amount }) => sum + (direction === "in" ? amount : -amount), 0);
      if (opening + change !== closing) {
        faults.push({ promise, object: account, what: `${date}: ${opening} and ${change} do not make ${closing}` });
      }
      closings.set(account, closing);
    }
  }
  return faults;
}
