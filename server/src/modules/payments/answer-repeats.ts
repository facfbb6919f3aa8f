import type { Transaction } from "#kit/db.ts";
import { refusalAnswer, type StoredAnswer, storeAnswers, storedAnswers } from "#kit/idempotency.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { findUses } from "#modules/codes";
import { paymentErrors } from "./errors.ts";
import { liveOf, sameTerms } from "./natural-key.ts";
import { type Payment, presentPayment } from "./payment.ts";
import { refusalError } from "./refusals.ts";
import type { Answers, OpenScan, Scan } from "./scan.ts";
import { findOrders } from "./sql.ts";

/**
 * Answers the scans that have happened before: by their key, by their order number, by their code.
 * Gives those that are new, a code that another order used up among them refused.
 */
export async function answerRepeats(tx: Transaction, scans: readonly Scan[], answers: Answers): Promise<OpenScan[]> {
  const known = await storedAnswers(
    tx,
    scans.map(({ claim }) => claim),
  );
  scans.forEach((scan, i) => {
    const before = known[i];
    if (!before) return;
    const same = before.fingerprint === scan.claim.fingerprint;
    answers.set(
      scan,
      same ? { status: before.status, body: before.body, replayed: true } : kitErrors.idempotency_key_reused(),
    );
  });
  const keyed = scans.filter((scan) => !answers.has(scan));
  await answerTakenOrders(tx, keyed, answers);
  return refuseUsedCodes(
    tx,
    keyed.filter((scan) => !answers.has(scan)),
  );
}

/**
 * Answers the scans whose order number is taken: with the same terms by the live payment, with others by a conflict. A number
 * that is free again still gives the first outcome to the same code.
 */
async function answerTakenOrders(tx: Transaction, scans: readonly Scan[], answers: Answers): Promise<void> {
  if (scans.length === 0) return;
  const orders = Map.groupBy(
    await findOrders(
      tx,
      scans.map(({ payment }) => payment),
    ),
    orderOf,
  );
  const answered: { scan: Scan; answer: StoredAnswer }[] = [];
  for (const scan of scans) {
    const payments = orders.get(orderOf(scan.payment)) ?? [];
    const taken = liveOf(payments) ?? payments.find(({ codeHash }) => codeHash === scan.payment.codeHash);
    if (!taken) continue;
    if (!sameTerms(taken, scan.payment)) {
      answers.set(scan, paymentErrors.out_trade_no_conflict({ details: { payment: taken.id } }));
      continue;
    }
    const answer = outcomeOf(taken, scan);
    answers.set(scan, answer);
    answered.push({ scan, answer });
  }
  await storeAnswers(
    tx,
    answered.map(({ scan, answer: { status, body } }) => ({ claim: scan.claim, status, body, eventId: null })),
  );
}

const orderOf = ({ merchantId, livemode, outTradeNo }: Payment): string => `${merchantId} ${livemode} ${outTradeNo}`;

function outcomeOf(payment: Payment, scan: Scan): StoredAnswer {
  if (payment.failureCode === null) {
    return { status: 200, body: JSON.stringify(presentPayment(payment, scan.language)), replayed: false };
  }
  const error = refusalError(payment.failureCode, { details: { payment: payment.id } });
  return refusalAnswer(error, scan.requestId, scan.language);
}

async function refuseUsedCodes(tx: Transaction, scans: readonly Scan[]): Promise<OpenScan[]> {
  const own = scans.flatMap(({ code }) => (code.kind === "own" ? [code] : []));
  const uses = own.length === 0 ? [] : await findUses(tx, own);
  const used = new Set(uses.map(({ alias, step, n }) => `${alias} ${step} ${n}`));
  return scans.map((scan) => {
    const { code, refusal } = scan;
    const taken = code.kind === "own" && used.has(`${code.alias} ${code.step} ${code.n}`);
    return { scan, refusal: refusal ?? (taken ? "payment_code_used" : null) };
  });
}
