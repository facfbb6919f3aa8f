import { config } from "#kit/config.ts";
import { type Transaction, withCommit } from "#kit/db.ts";
import type { ApiError } from "#kit/errors.ts";
import { faultPoint } from "#kit/fault-points.ts";
import { refusalAnswer, type StoredAnswer, storeAnswers } from "#kit/idempotency.ts";
import { firstEventId } from "#kit/ids.ts";
import { emit, type NewEvent } from "#kit/outbox.ts";
import { countWrong, insertUses, readAliases, stepIsCurrent } from "#modules/codes";
import { carefully, type NewTransfer, type PostOptions, post } from "#modules/ledger";
import { allowanceDay, spendingAccounts } from "#modules/wallets";
import { answerRepeats } from "./answer-repeats.ts";
import { holdEnd } from "./holds.ts";
import { confirmWithinMs, type Payment, presentPayment, totalOf } from "./payment.ts";
import { paymentEvent } from "./payment-event.ts";
import { type Refusal, refusalError, refusalOfChain } from "./refusals.ts";
import type { Answers, OpenScan, Scan } from "./scan.ts";
import { insertConfirmations, insertPayments } from "./sql.ts";
import { walletPaymentTransfers } from "./transfers.ts";

/** Repetitions come in swarms (a network that lost answers): a batch that met one makes the next ones look first. */
const batchesToStayWary = 32;
let waryBatches = 0;

/**
 * Commits a batch of scans in one transaction with a fixed handful of statements, whatever the batch's size.
 * The first try assumes that nothing is repeated and lets unique keys and guards object; then it runs again, careful.
 */
export async function commitBatch(
  scans: readonly Scan[],
  attempt: number,
  lane: number,
): Promise<(StoredAnswer | ApiError)[]> {
  const { once, twins } = withoutTwins(scans);
  const wary = attempt > 1 || waryBatches > 0;
  if (waryBatches > 0) waryBatches--;
  const { answers, remember } = await carefully(
    (tx, careful) => {
      if (careful && !wary) waryBatches = batchesToStayWary;
      return commitScans(tx, once, careful, lane);
    },
    { careful: wary },
  );
  await faultPoint("payments.after_commit");
  remember();
  // The twin of a scan is decided when the first is on disk, as if it had come later.
  if (twins.length > 0) {
    const later = await commitBatch(twins, 2, lane);
    twins.forEach((twin, i) => answers.set(twin, later[i] as StoredAnswer | ApiError));
  }
  return scans.map((scan) => answers.get(scan) as StoredAnswer | ApiError);
}

/** Scans of the same order or the same code can't be decided in one set-based step: all but the first wait. */
function withoutTwins(scans: readonly Scan[]): { once: Scan[]; twins: Scan[] } {
  const seen = new Set<string>();
  const once: Scan[] = [];
  const twins: Scan[] = [];
  for (const scan of scans) {
    const { merchantId, livemode, outTradeNo, codeHash } = scan.payment;
    const order = `${merchantId} ${livemode} ${outTradeNo}`;
    const code = codeHash as string;
    if (seen.has(order) || seen.has(code)) {
      twins.push(scan);
      continue;
    }
    seen.add(order).add(code);
    once.push(scan);
  }
  return { once, twins };
}

/** What a scan turned out to be, while the batch is being decided. */
interface Decided {
  readonly scan: Scan;
  refusal: Refusal | null;
  /** The code is this payment's from now on; a code that was refused as such is not used up. */
  usesCode: boolean;
  confirm: boolean;
}

async function commitScans(tx: Transaction, scans: readonly Scan[], careful: boolean, lane: number) {
  const answers: Answers = new Map();
  const open = careful
    ? await answerRepeats(tx, scans, answers)
    : scans.map((scan) => ({ scan, refusal: scan.refusal }));
  const { decided, at } = await judgeCodes(tx, open);
  await faultPoint("payments.after_codes");
  const remember = await moveMoney(tx, decided, at, { careful, lane: processLane + lane });
  await faultPoint("payments.after_ledger");
  const settled = careful ? decided : await withoutTakenOrders(tx, decided, answers);
  await write(tx, settled, at, answers);
  await faultPoint("payments.before_commit");
  return { answers, remember };
}

/** Judges codes by the database's clock and the aliases as they are now, not as this process remembers them. */
async function judgeCodes(tx: Transaction, open: readonly OpenScan[]): Promise<{ decided: Decided[]; at: Date }> {
  const aliases = open.flatMap(({ scan: { code } }) => (code.kind === "own" ? [code.alias] : []));
  const { states, now: at } = await readAliases(tx, aliases);
  const { smallPaymentLimit } = config();
  const decided = open.map(({ scan, refusal }): Decided => {
    const { code } = scan;
    if (refusal !== null || code.kind !== "own") return { scan, refusal, usesCode: false, confirm: false };
    const alias = states.get(code.alias);
    if (!alias?.usable) {
      return { scan, refusal: alias?.reason ?? "payment_code_invalid", usesCode: false, confirm: false };
    }
    if (!stepIsCurrent(code.step, at.getTime())) {
      return { scan, refusal: "payment_code_expired", usesCode: false, confirm: false };
    }
    return { scan, refusal: null, usesCode: true, confirm: totalOf(scan.payment) > smallPaymentLimit };
  });
  return { decided, at };
}

/** Striped accounts: processes start at different stripes, so that they rarely queue for one row. */
const processLane = process.pid;

/** Posts every payment's chain in one go; what the ledger refuses becomes the payment's refusal. */
async function moveMoney(
  tx: Transaction,
  decided: readonly Decided[],
  at: Date,
  options: PostOptions,
): Promise<() => void> {
  const paying = decided.filter(({ refusal, confirm }) => refusal === null && !confirm);
  const spenders = paying.map(({ scan: { payment } }) => {
    const { payerId, currency, livemode } = payment;
    return { payerId: payerId as string, currency, livemode };
  });
  const accounts = await spendingAccounts(tx, allowanceDay(at), spenders);
  const transfers: NewTransfer[] = [...accounts.funding];
  const chains = paying.map((one, i) => {
    const chain = walletPaymentTransfers(one.scan.payment, accounts.of(spenders[i] as (typeof spenders)[number]), at);
    const start = transfers.length;
    transfers.push(...chain);
    return { one, start, length: chain.length };
  });
  if (transfers.length === 0) return accounts.remember;
  const results = await post(tx, transfers, options);
  for (const { one, start, length } of chains) {
    one.refusal = refusalOfChain(results.slice(start, start + length));
  }
  return accounts.remember;
}

/** A refused scan stores nothing under a unique key, so its own key and order number are looked at before the refusal counts. */
async function withoutTakenOrders(tx: Transaction, decided: Decided[], answers: Answers): Promise<Decided[]> {
  const refused = decided.filter(({ refusal }) => refusal !== null);
  if (refused.length === 0) return decided;
  await answerRepeats(
    tx,
    refused.map(({ scan }) => scan),
    answers,
  );
  return decided.filter(({ scan }) => !answers.has(scan));
}

/** Writes payments, events, used codes and answers; gives each scan its answer. */
async function write(tx: Transaction, decided: readonly Decided[], at: Date, answers: Answers): Promise<void> {
  const confirmBy = new Date(at.getTime() + confirmWithinMs);
  const payments = decided.map((one) => asPayment(one, at, confirmBy));
  const events: NewEvent[] = [];
  const stored = decided.map(({ scan }, i) => {
    const payment = payments[i] as Payment;
    const body = JSON.stringify(presentPayment(payment));
    const eventId = firstEventId(payment.id);
    events.push(paymentEvent(eventId, payment, body));
    if (payment.failureCode === null) {
      answers.set(scan, { status: 200, body, replayed: false });
      return { claim: scan.claim, status: 200, body: null, eventId };
    }
    const error = refusalError(payment.failureCode, { details: { payment: payment.id } });
    const answer = refusalAnswer(error, scan.requestId, scan.language);
    answers.set(scan, answer);
    return { claim: scan.claim, status: answer.status, body: answer.body, eventId: null };
  });
  const end = withCommit(tx);
  await storeAnswers(end, stored);
  await insertUses(end, usesOf(decided), at);
  await insertPayments(end, payments, at);
  await emit(end, events);
  const waiting = payments.filter(({ status }) => status === "processing");
  if (waiting.length > 0) await insertConfirmations(end, waiting);
  const wrong = decided.filter(({ refusal }) => refusal === "payment_code_invalid");
  if (wrong.length > 0)
    await countWrong(
      tx,
      wrong.map(({ scan }) => guessOf(scan)),
    );
}

function asPayment({ scan: { payment }, refusal, confirm }: Decided, createdAt: Date, confirmBy: Date): Payment {
  if (refusal !== null)
    return { ...payment, status: "failed", amountCaptured: 0, fee: 0, failureCode: refusal, createdAt };
  if (confirm) return { ...payment, status: "processing", amountCaptured: 0, createdAt, expiresAt: confirmBy };
  if (payment.capture === "manual")
    return { ...payment, status: "authorized", amountCaptured: 0, createdAt, expiresAt: holdEnd(payment, createdAt) };
  return { ...payment, createdAt, succeededAt: createdAt };
}

const usesOf = (decided: readonly Decided[]) =>
  decided.flatMap(({ scan: { payment, code }, usesCode }) =>
    usesCode && code.kind === "own"
      ? [
          {
            alias: code.alias,
            step: code.step,
            n: code.n,
            merchantId: payment.merchantId,
            livemode: payment.livemode,
            paymentId: payment.id,
          },
        ]
      : [],
  );

const guessOf = ({ code, scanner }: Scan) => ({ alias: code.kind === "foreign" ? null : code.alias, subject: scanner });
