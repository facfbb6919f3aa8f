import { type NewTransfer, type TransferResult, transferResults } from "#modules/ledger";

/**
 * The ledger as one would explain it: a few maps, every rule on its own, and of all rules that apply the first one of the documented
 * order. Shares nothing with the ledger's code but that list. Knows no lanes, no locks, no limits of numbers; time is told to it.
 */
export interface ModelAccount {
  currency: string;
  livemode: boolean;
  /** `debits`: they must not exceed the credits; `credits`: the reverse. */
  limited: "debits" | "credits" | null;
  closed: boolean;
  /** Debits pending, debits posted, credits pending, credits posted. */
  sums: [number, number, number, number];
}

interface ModelPending {
  transfer: NewTransfer;
  state: "pending" | "posted" | "voided" | "expired";
  expiresAt: number;
}

/** One side of a transfer, and the account's sums after it. */
export interface ModelEntry {
  account: string;
  /** The transfer; or, when it `expired`, the pending one that was given back. */
  transfer: string;
  expired: boolean;
  sums: number[];
}

interface State {
  accounts: Map<string, ModelAccount>;
  transfers: Map<string, NewTransfer>;
  pendings: Map<string, ModelPending>;
  entries: ModelEntry[];
}

export class LedgerModel {
  /** Seconds. */
  now = 0;
  #state: State = { accounts: new Map(), transfers: new Map(), pendings: new Map(), entries: [] };

  open(id: string, terms: Partial<ModelAccount> = {}): void {
    const account: ModelAccount = {
      currency: "CNY",
      livemode: false,
      limited: null,
      closed: false,
      sums: [0, 0, 0, 0],
    };
    this.#state.accounts.set(id, { ...account, ...terms });
  }

  /** True when it could be closed. */
  close(id: string): boolean {
    const account = this.#account(id);
    const [debitsPending, debits, creditsPending, credits] = account.sums;
    if (debits !== credits || debitsPending + creditsPending > 0) return false;
    account.closed = true;
    return true;
  }

  /** Pending transfers whose time is over, not swept yet. */
  due(): string[] {
    const pendings = [...this.#state.pendings];
    return pendings.filter(([, pending]) => pending.state === "pending" && this.#isOver(pending)).map(([id]) => id);
  }

  stateOf(pendingId: string): string | undefined {
    return this.#state.pendings.get(pendingId)?.state;
  }

  /** The ledger's own sweep voids it. */
  expire(pendingId: string): void {
    const pending = this.#state.pendings.get(pendingId) as ModelPending;
    pending.state = "expired";
    this.#release(pendingId, true, pending, 0);
  }

  post(batch: readonly NewTransfer[]): TransferResult[] {
    const results: TransferResult[] = [];
    for (const chain of chainsOf(batch)) {
      const before = structuredClone(this.#state);
      const ofChain: TransferResult[] = [];
      for (const transfer of chain) ofChain.push(ofChain.every(isOk) ? this.#one(transfer) : "linked_event_failed");
      const isOpen = chain.at(-1)?.linked === true;
      if (isOpen || !ofChain.every(isOk)) {
        this.#state = before;
        if (isOpen && ofChain.every(isOk)) ofChain.fill("linked_event_failed");
        if (isOpen) ofChain[ofChain.length - 1] = "linked_event_chain_open";
        ofChain.forEach((result, i) => {
          if (result === "ok") ofChain[i] = "linked_event_failed";
        });
      }
      results.push(...ofChain);
    }
    return results;
  }

  get sums(): Map<string, number[]> {
    return new Map([...this.#state.accounts].map(([id, { sums }]) => [id, [...sums]]));
  }

  /** An account's history, oldest first. */
  entriesOf(account: string): ModelEntry[] {
    return this.#state.entries.filter((entry) => entry.account === account);
  }

  #account(id: string | undefined): ModelAccount {
    return this.#state.accounts.get(id ?? "") as ModelAccount;
  }

  #isOver = ({ expiresAt }: ModelPending): boolean => this.now >= expiresAt;

  #one(t: NewTransfer): TransferResult {
    const applies = this.#rules(t);
    const first = transferResults.find(([result]) => applies[result])?.[0] ?? "ok";
    if (first === "ok") this.#perform(t);
    return first;
  }

  /** Which results apply, each seen by itself. */
  #rules(t: NewTransfer): Partial<Record<TransferResult, boolean>> {
    const posted = this.#state.transfers.get(t.id);
    if (posted) return sameness(t, posted, this.#state.pendings.get(posted.pendingId ?? "")?.transfer);
    const kind = t.kind ?? "posted";
    const resolves = kind === "post" || kind === "void";
    const pending = resolves ? this.#state.pendings.get(t.pendingId ?? "") : undefined;
    const named = this.#state.transfers.get(t.pendingId ?? "");
    const held = pending?.transfer;
    const amount = t.amount ?? held?.amount ?? 0;
    const debit = resolves ? undefined : this.#state.accounts.get(t.debitAccountId ?? "");
    const credit = resolves ? undefined : this.#state.accounts.get(t.creditAccountId ?? "");
    const other = (given: string | undefined, own: string | undefined) =>
      given !== undefined && held !== undefined && given !== own;
    return {
      accounts_must_be_different: !resolves && t.debitAccountId !== undefined && t.debitAccountId === t.creditAccountId,
      pending_id_must_be_empty: !resolves && Boolean(t.pendingId),
      pending_id_must_not_be_empty: resolves && !t.pendingId,
      pending_id_must_be_different: resolves && t.pendingId === t.id,
      timeout_reserved_for_pending_transfer: kind !== "pending" && Boolean(t.timeoutS),
      amount_must_be_positive: t.amount === undefined ? !resolves : t.amount < 1,
      pending_transfer_not_found: resolves && !named,
      pending_transfer_not_pending: named !== undefined && named.kind !== "pending",
      pending_transfer_has_different_debit_account_id: other(t.debitAccountId, held?.debitAccountId),
      pending_transfer_has_different_credit_account_id: other(t.creditAccountId, held?.creditAccountId),
      pending_transfer_has_different_currency: other(t.currency, held?.currency),
      exceeds_pending_transfer_amount: held !== undefined && amount > (held.amount ?? 0),
      pending_transfer_has_different_amount: kind === "void" && held !== undefined && amount < (held.amount ?? 0),
      pending_transfer_already_posted: pending?.state === "posted",
      pending_transfer_already_voided: pending?.state === "voided",
      pending_transfer_expired:
        pending !== undefined &&
        (pending.state === "expired" || (pending.state === "pending" && this.#isOver(pending))),
      debit_account_not_found: !resolves && !debit,
      credit_account_not_found: !resolves && !credit,
      accounts_must_have_the_same_mode:
        debit !== undefined && credit !== undefined && debit.livemode !== credit.livemode,
      accounts_must_have_the_same_currency:
        debit !== undefined && credit !== undefined && debit.currency !== credit.currency,
      transfer_must_have_the_same_currency_as_accounts: debit !== undefined && t.currency !== debit.currency,
      debit_account_closed: debit?.closed === true,
      credit_account_closed: credit?.closed === true,
      exceeds_credits: debit?.limited === "debits" && debit.sums[0] + debit.sums[1] + amount > debit.sums[3],
      exceeds_debits: credit?.limited === "credits" && credit.sums[2] + credit.sums[3] + amount > credit.sums[1],
    };
  }

  #perform(t: NewTransfer): void {
    const kind = t.kind ?? "posted";
    this.#state.transfers.set(t.id, t);
    if (kind === "posted" || kind === "pending") {
      const [debit, credit] = [this.#account(t.debitAccountId), this.#account(t.creditAccountId)];
      debit.sums[kind === "pending" ? 0 : 1] += t.amount ?? 0;
      credit.sums[kind === "pending" ? 2 : 3] += t.amount ?? 0;
      this.#note(t.id, t);
      const expiresAt = t.timeoutS ? this.now + t.timeoutS : Number.POSITIVE_INFINITY;
      if (kind === "pending") this.#state.pendings.set(t.id, { transfer: t, state: "pending", expiresAt });
      return;
    }
    const pending = this.#state.pendings.get(t.pendingId ?? "") as ModelPending;
    pending.state = kind === "post" ? "posted" : "voided";
    this.#release(t.id, false, pending, kind === "post" ? (t.amount ?? pending.transfer.amount ?? 0) : 0);
  }

  #release(id: string, expired: boolean, { transfer }: ModelPending, posted: number): void {
    const [debit, credit] = [this.#account(transfer.debitAccountId), this.#account(transfer.creditAccountId)];
    debit.sums[0] -= transfer.amount ?? 0;
    debit.sums[1] += posted;
    credit.sums[2] -= transfer.amount ?? 0;
    credit.sums[3] += posted;
    this.#note(id, transfer, expired);
  }

  #note(transfer: string, { debitAccountId = "", creditAccountId = "" }: NewTransfer, expired = false): void {
    for (const account of [debitAccountId, creditAccountId]) {
      this.#state.entries.push({ account, transfer, expired, sums: [...this.#account(account).sums] });
    }
  }
}

const isOk = (result: TransferResult): boolean => result === "ok";

/** A batch cut into chains; a transfer without one is a chain of its own. */
function chainsOf(batch: readonly NewTransfer[]): NewTransfer[][] {
  const chains: NewTransfer[][] = [];
  let goesOn = false;
  for (const transfer of batch) {
    if (goesOn) chains.at(-1)?.push(transfer);
    else chains.push([transfer]);
    goesOn = transfer.linked === true;
  }
  return chains;
}

/** What applies to an id that was posted before. `held` is what a post or void was for, from which it takes what it leaves out. */
function sameness(t: NewTransfer, posted: NewTransfer, held?: NewTransfer): Partial<Record<TransferResult, boolean>> {
  const was = { ...held, ...definedOf(posted) };
  const is = { ...held, ...definedOf(t) };
  return {
    exists_with_different_flags:
      (t.kind ?? "posted") !== (posted.kind ?? "posted") || (t.linked ?? false) !== (posted.linked ?? false),
    exists_with_different_pending_id: (t.pendingId ?? null) !== (posted.pendingId ?? null),
    exists_with_different_timeout: (t.timeoutS ?? null) !== (posted.timeoutS ?? null),
    exists_with_different_debit_account_id: is.debitAccountId !== was.debitAccountId,
    exists_with_different_credit_account_id: is.creditAccountId !== was.creditAccountId,
    exists_with_different_amount: is.amount !== was.amount,
    exists_with_different_currency: is.currency !== was.currency,
    exists_with_different_code: t.code !== posted.code,
    exists_with_different_reference: (t.reference ?? null) !== (posted.reference ?? null),
    exists_with_different_event_at: t.eventAt?.getTime() !== posted.eventAt?.getTime(),
    exists: true,
  };
}

const definedOf = (t: NewTransfer): Partial<NewTransfer> =>
  Object.fromEntries(Object.entries(t).filter(([, value]) => value !== undefined));
