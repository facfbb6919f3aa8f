import { catalogue, conflict, invalid } from "#kit/errors.ts";

export const vaultErrors = catalogue({
  sensitive_data_refused: invalid({
    en: "Security codes, PINs and track data of cards are not taken here.",
    zh: "不接收卡安全码、密码或磁道数据。",
    advice: "Leave out the field that `param` names, and don't store it either. Nothing of the request was kept.",
  }),
  card_number_invalid: invalid({
    en: "This is not a card number.",
    zh: "卡号无效。",
    advice: "Ask the customer to check the digits: the check digit or the length is wrong.",
    param: "/number",
  }),
  card_expired: invalid({
    en: "This card has expired.",
    zh: "卡片已过期。",
    advice: "Ask for another card. A card is good until the end of the month on it.",
    param: "/exp_month",
  }),
  card_exists: conflict({
    en: "This card was saved before.",
    zh: "该卡已添加。",
    advice: "Use the card that `details.card` names; remove it first to save it with other data.",
    param: "/number",
  }),
  card_limit_reached: conflict({
    en: "There are as many saved cards as there may be.",
    zh: "已达到可保存卡片的数量上限。",
    advice: "Remove one first; `details.most` is the limit.",
  }),
  bank_account_invalid: invalid({
    en: "This is not a bank account number.",
    zh: "银行账号无效。",
    advice: "Correct the field that `param` names: its check digits, its length or its country is wrong.",
  }),
  bank_account_exists: conflict({
    en: "This bank account was saved before.",
    zh: "该银行账户已添加。",
    advice: "Use the one that `details.bank_account` names.",
  }),
  bank_account_limit_reached: conflict({
    en: "There are as many saved bank accounts as there may be.",
    zh: "已达到可保存银行账户的数量上限。",
    advice: "Remove one first; `details.most` is the limit.",
  }),
});
