import type { BankOrderKind, BankOutcome } from "./bank-port.ts";

/** One change of the bank's mind. */
export interface BankStep {
  /** Seconds after the one before. */
  readonly after: number;
  readonly state: Exclude<BankOutcome["state"], "pending">;
}

interface TestAccount extends Readonly<Record<BankOrderKind, readonly BankStep[]>> {
  /** For the documentation. */
  readonly does: string;
  /** The bank does what it is asked, and its answer is lost. */
  readonly losesAnswer?: true;
}

const now = (state: BankStep["state"]): BankStep => ({ after: 0, state });
const later = (state: BankStep["state"]): BankStep => ({ after: 60, state });
const both = (...steps: BankStep[]) => ({ collect: steps, pay: steps });

/** The accounts at the embedded bank: each behaves in its own way, so that a test or a developer chooses what happens by naming one. */
export const testAccounts: Readonly<Record<string, TestAccount>> = {
  ba_test_ok: { does: "confirms at once", ...both(now("succeeded")) },
  ba_test_late: { does: "confirms after a minute", ...both(later("succeeded")) },
  ba_test_refused: { does: "refuses", ...both(now("refused")) },
  ba_test_late_refused: { does: "refuses after a minute", ...both(later("refused")) },
  ba_test_returned: {
    does: "confirms, and gives or takes the money back after a minute",
    ...both(now("succeeded"), later("returned")),
  },
  ba_test_lost_answer: { does: "confirms, but its answer is lost", ...both(now("succeeded")), losesAnswer: true },
  ba_test_late_money: {
    does: "refuses a top-up, and the money comes all the same after a minute",
    collect: [now("refused"), later("succeeded")],
    pay: [now("succeeded")],
  },
  ba_test_late_money_closed: {
    does: "as `ba_test_late_money`, and money can't be sent back to it",
    collect: [now("refused"), later("succeeded")],
    pay: [now("refused")],
  },
  ba_test_late_payout: {
    does: "refuses a withdrawal, and pays it out all the same after a minute",
    collect: [now("succeeded")],
    pay: [now("refused"), later("succeeded")],
  },
};

/** For the descriptions of what takes a bank account. */
export const testAccountsText = `In test mode the account's token chooses what the bank does (a minute is one of the test clock): ${Object.entries(
  testAccounts,
)
  .map(([token, { does }]) => `\`${token}\` ${does}`)
  .join("; ")}.`;
