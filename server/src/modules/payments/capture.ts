import type { MerchantActor } from "#kit/actor.ts";
import type { Transaction } from "#kit/db.ts";
import { faultPoint } from "#kit/fault-points.ts";
import { newId } from "#kit/ids.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { emit } from "#kit/outbox.ts";
import { post } from "#modules/ledger";
import { planTerms } from "#modules/merchants";
import { paymentErrors } from "./errors.ts";
import { captureTransfers } from "./hold-transfers.ts";
import { isHoldOver, problemOf } from "./holds.ts";
import { capturePayment } from "./holds-sql.ts";
import { chargedFee } from "./new-payment.ts";
import type { Payment } from "./payment.ts";
import { paymentEvent } from "./payment-event.ts";
import { databaseTime, lockPayment } from "./sql.ts";

/**
 * Takes the money that an authorised payment holds, all or part; the rest goes back to the payer in the same commit. The fee is that of
 * what is taken, by the plan of the payment. Throws `not_found`, `state_conflict`, `amount_too_large`.
 */
export async function capture(
  tx: Transaction,
  actor: MerchantActor,
  id: string,
  { amount }: { amount?: number },
): Promise<Payment> {
  const payment = await lockPayment(tx, actor, id);
  if (!payment) throw kitErrors.not_found();
  if (payment.status !== "authorized") throw kitErrors.state_conflict({ details: { status: payment.status } });
  if (isHoldOver(payment, await databaseTime(tx))) throw kitErrors.state_conflict({ details: { status: "closed" } });
  const taken = amount ?? payment.amount;
  if (taken > payment.amount) throw paymentErrors.amount_too_large({ details: { most: payment.amount } });
  const fee = chargedFee(await planTerms(tx, payment.planId), payment.feeBearer, taken);
  const problem = problemOf(await post(tx, captureTransfers(payment, taken, fee), { careful: true }));
  // The hold's time ran out between the look and the ledger.
  if (problem === "pending_transfer_expired") throw kitErrors.state_conflict({ details: { status: "closed" } });
  if (problem) throw new Error(`the ledger refused to capture ${payment.id}: ${problem}`);
  await faultPoint("payments.capture_after_ledger");
  const captured = await capturePayment(tx, payment, taken, fee);
  if (!captured) throw new Error(`${payment.id} was captured by two although it is locked`);
  await emit(tx, [paymentEvent(newId("evt"), captured)]);
  await faultPoint("payments.capture_before_commit");
  return captured;
}
