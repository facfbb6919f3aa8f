import type { MerchantActor } from "#kit/actor.ts";
import { database } from "#kit/db.ts";
import type { Language } from "#kit/errors.ts";
import { kitErrors } from "#kit/kit-errors.ts";
import { eventsOf } from "#kit/read-events.ts";
import { transfersOf } from "#modules/ledger";
import { attemptsAt } from "./attempts-sql.ts";
import { type Payment, presentPayment } from "./payment.ts";
import { refundsOf } from "./read-refunds.ts";
import { presentRefund } from "./refund.ts";
import { paymentMoves } from "./states.ts";

/** What a payment may be read together with: the whole of its page in one request. */
export const expandable = [
  "refunds",
  "transitions",
  "attempts",
  "ledger_transfers",
  "events",
  "deliveries",
  "risk_decision",
  "route",
  "receipt",
] as const;
export type Expandable = (typeof expandable)[number];

/** Loads what belongs to a payment of this merchant, as the merchant may see it. */
type Loader = (payment: Payment, actor: MerchantActor, language: Language) => unknown;

const loaders = new Map<Expandable, Loader>([
  ["transitions", transitionsOf],
  ["attempts", attemptsOf],
  [
    "refunds",
    async (payment, _, language) => (await refundsOf(payment)).map((refund) => presentRefund(refund, language)),
  ],
  ["ledger_transfers", ledgerTransfersOf],
  ["risk_decision", () => null],
  ["route", () => null],
]);

/** Lets a module further right say what it knows of a payment. Called once, by the roles. */
export function expandPaymentBy(name: Expandable, loader: Loader): void {
  loaders.set(name, loader);
}

/** The payment object with what was asked for in place of the names. Throws `parameter_invalid` for what nobody here loads. */
export async function presentExpanded(
  payment: Payment,
  names: readonly Expandable[],
  actor: MerchantActor,
  language: Language,
): Promise<ReturnType<typeof presentPayment>> {
  const loaded = await Promise.all(
    [...new Set(names)].map(async (name) => {
      const load = loaders.get(name);
      if (!load) throw kitErrors.parameter_invalid({ param: "expand[]", details: { reason: `no ${name} here` } });
      return [name, await load(payment, actor, language)] as const;
    }),
  );
  return Object.assign(presentPayment(payment, language), Object.fromEntries(loaded));
}

/** The payment's own, then those of its refunds. */
async function ledgerTransfersOf(payment: Payment, actor: MerchantActor) {
  const refunds = await refundsOf(payment);
  return transfersOf(actor, [payment.id, ...refunds.map(({ id }) => id)]);
}

/** The states a payment went through, from its events. */
async function transitionsOf(payment: Payment) {
  const { merchantId: ownerId, livemode, id } = payment;
  let from: string | null = null;
  const transitions = [];
  for (const { id: event, type, createdAt } of await eventsOf({ ownerId, livemode }, id)) {
    const to = type.slice("payment.".length);
    if (!Object.hasOwn(paymentMoves, to)) continue;
    transitions.push({ from, to, at: createdAt.toISOString(), event });
    from = to;
  }
  return transitions;
}

/** A scan is its payment's one attempt; an order has those that were made through channels, and the one by which a wallet paid it. */
async function attemptsOf(payment: Payment) {
  const { codeHash, payerId, method, status, failureCode, createdAt, succeededAt } = payment;
  const throughChannels = (payment.methods ? await attemptsAt(database(), payment) : []).map((attempt) => ({
    object: "payment_attempt" as const,
    kind: "order" as const,
    method: attempt.method,
    payer: attempt.payerId,
    status: attempt.status,
    failure_code: attempt.failureCode,
    created_at: attempt.createdAt.toISOString(),
    succeeded_at: attempt.status === "succeeded" ? (attempt.settledAt?.toISOString() ?? null) : null,
  }));
  if (method === "bank" || (codeHash === null && payerId === null)) return throughChannels;
  return [
    ...throughChannels,
    {
      object: "payment_attempt" as const,
      kind: codeHash === null ? ("order" as const) : ("payment_code" as const),
      method,
      payer: payerId,
      status,
      failure_code: failureCode,
      created_at: createdAt.toISOString(),
      succeeded_at: succeededAt?.toISOString() ?? null,
    },
  ];
}
