import { businessDay, endOfBusinessDay } from "#kit/business-day.ts";
import { config } from "#kit/config.ts";
import type { Transaction } from "#kit/db.ts";
import { derivedId, newId } from "#kit/ids.ts";
import { type NewTransfer, openAccounts } from "#modules/ledger";

/** A user's wallet in one currency. The user's own mode (live or test) is the wallet's. */
export const walletAccount = (userId: string, currency: string): string => derivedId("acc", "wallet", userId, currency);

/** Where allowances come from and go back to when they are spent: the limits' own side of the books. */
export function allowanceSource(currency: string, livemode: boolean): string {
  const name = `${currency} ${livemode ? "live" : "test"}`;
  let id = allowanceSources.get(name);
  if (!id) allowanceSources.set(name, (id = derivedId("acc", "allowance_source", ...name.split(" "))));
  return id;
}
const allowanceSources = new Map<string, string>();

/**
 * The daily limits of a user: for each the kind of its accounts, and the minor units of a day. To be shown as `GET /v1/wallet` names them.
 * A limit is an account of one business day: debited in the paying commit it can't be raced.
 */
export const dailyLimits = {
  code_payment_daily: { code: "code_allowance", most: () => config().dailyCodeLimit },
  order_payment_daily: { code: "order_allowance", most: () => config().dailyOrderLimit },
  static_code_payment_daily: { code: "static_code_allowance", most: () => config().dailyStaticCodeLimit },
  transfer_daily: { code: "transfer_allowance", most: () => config().dailyTransferLimit },
} as const;
export type DailyLimit = keyof typeof dailyLimits;

/** What a user may still do on one business day. */
export const allowanceAccount = (limit: DailyLimit, userId: string, currency: string, day: string): string =>
  derivedId("acc", dailyLimits[limit].code, userId, currency, day);

/** The business day of an instant. */
export const allowanceDay = (at: Date): string => businessDay(at.getTime(), config().timeZone);

/** When the business day of an instant ends, and with it the day's allowances. */
export const allowancesEnd = (at: Date): Date => new Date(endOfBusinessDay(at.getTime(), config().timeZone));

export const openAllowanceSources = (tx: Transaction, currency: string): Promise<unknown> =>
  openAccounts(
    tx,
    [true, false].map((livemode) => ({
      id: allowanceSource(currency, livemode),
      code: "allowance_source",
      currency,
      ownerId: null,
      livemode,
      lanes: 16,
      history: false,
    })),
  );

/** Opens the wallet of a new user. Part of the registration's transaction. */
export async function openWallet(tx: Transaction, user: { id: string; livemode: boolean }): Promise<void> {
  const { currency } = config();
  const id = walletAccount(user.id, currency);
  const { id: ownerId, livemode } = user;
  await openAccounts(tx, [{ id, code: "wallet", currency, ownerId, livemode, debitsMustNotExceedCredits: true }]);
}

interface Spender {
  payerId: string;
  currency: string;
  livemode: boolean;
}

/** Accounts this process has seen open, by payer and currency; started anew each business day. */
type Opened = Map<string, { wallet: string; allowance: string }>;
let openedDay = "";
let opened: Partial<Record<DailyLimit, Opened>> = {};

export interface SpendingAccounts {
  /** Gives a payer's two accounts. */
  readonly of: (spender: Spender) => { wallet: string; allowance: string };
  /** Credits the allowances that were opened just now; goes before the payments in the same `post`. */
  funding: NewTransfer[];
  /** Call after the commit: from now on these allowances need not be looked at again. */
  readonly remember: () => void;
}

/**
 * The accounts that payers spend from on this business day. Allowances that this process meets for the first time today are opened
 * in the payment's own transaction; who really opened one (it may be another process) also credits it with the daily limit.
 */
export async function spendingAccounts(
  tx: Transaction,
  day: string,
  spenders: readonly Spender[],
  limit: DailyLimit = "code_payment_daily",
): Promise<SpendingAccounts> {
  if (openedDay !== day) {
    openedDay = day;
    opened = {};
  }
  const known: Opened = (opened[limit] ??= new Map());
  const fresh = new Map<string, { spender: Spender; wallet: string; allowance: string }>();
  for (const spender of spenders) {
    const name = `${spender.payerId} ${spender.currency}`;
    if (known.has(name) || fresh.has(name)) continue;
    const { payerId, currency } = spender;
    fresh.set(name, {
      spender,
      wallet: walletAccount(payerId, currency),
      allowance: allowanceAccount(limit, payerId, currency, day),
    });
  }
  return {
    of: ({ payerId, currency }) => {
      const name = `${payerId} ${currency}`;
      return (known.get(name) ?? fresh.get(name)) as { wallet: string; allowance: string };
    },
    funding: fresh.size === 0 ? [] : await openAllowances(tx, limit, [...fresh.values()]),
    remember: () => {
      for (const [name, { wallet, allowance }] of fresh) known.set(name, { wallet, allowance });
    },
  };
}

async function openAllowances(
  tx: Transaction,
  limit: DailyLimit,
  fresh: readonly { spender: Spender; allowance: string }[],
): Promise<NewTransfer[]> {
  const { code, most } = dailyLimits[limit];
  const amount = most();
  const openedNow = new Set(
    await openAccounts(
      tx,
      fresh.map(({ spender, allowance }) => ({
        id: allowance,
        code,
        currency: spender.currency,
        ownerId: spender.payerId,
        livemode: spender.livemode,
        debitsMustNotExceedCredits: true,
        history: false,
      })),
    ),
  );
  return fresh
    .filter(({ allowance }) => openedNow.has(allowance))
    .map(({ spender, allowance }) => ({
      id: newId("txn"),
      debitAccountId: allowanceSource(spender.currency, spender.livemode),
      creditAccountId: allowance,
      amount,
      currency: spender.currency,
      code,
      reference: spender.payerId,
    }));
}
