import { catalogue, invalid, missing, refuse, tooMany } from "#kit/errors.ts";
import { kitErrors } from "#kit/kit-errors.ts";

const ownErrors = catalogue({
  insufficient_funds: refuse({
    en: "The wallet holds less than this takes.",
    zh: "余额不足。",
    advice: "Top up or choose another method.",
  }),
  limit_exceeded: refuse({
    en: "This would pass the customer's daily limit.",
    zh: "超出当日限额。",
    advice: "Pay less, wait for the next day, or choose another method. The payer sees what is left in the wallet.",
  }),
  channel_unavailable: refuse({
    en: "The bank or payment service that this needs is not connected here.",
    zh: "所需的银行或支付渠道暂不可用。",
    advice: "Choose another method.",
  }),
  recipient_not_found: missing({
    en: "There is nobody here whom this could be sent to.",
    zh: "未找到收款人。",
    advice: "Check the phone number, with its country code, or the user id.",
    param: "/to",
  }),
  recipient_unavailable: refuse({
    en: "The recipient can't receive money at the moment.",
    zh: "对方暂时无法收款。",
    advice: "Ask the recipient to contact the operator.",
  }),
  recipient_is_sender: invalid({
    en: "A transfer goes to somebody else.",
    zh: "不能转账给自己。",
    advice: "Name another recipient.",
    param: "/to",
  }),
  recipient_lookups_limited: tooMany({
    en: "Too many recipients were looked up. Please wait.",
    zh: "查询收款人过于频繁，请稍后再试。",
    advice: "Wait for `Retry-After` seconds; look a recipient up once before a transfer.",
  }),
  bank_account_unknown: invalid({
    en: "There is no such bank account.",
    zh: "银行账户不存在。",
    advice: "Name a bank account of this user.",
  }),
  bank_refused: refuse({
    en: "The bank refused.",
    zh: "银行拒绝了此交易。",
    advice: "Choose another bank account or method, or ask the bank.",
  }),
});

/** What can be wrong when money is taken out of a wallet or sent to one, whoever asks. */
export const walletErrors = { ...ownErrors, account_frozen: kitErrors.account_frozen };
