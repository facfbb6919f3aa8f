import { catalogue, conflict } from "#kit/errors.ts";

export const ledgerErrors = catalogue({
  ledger_account_terms_differ: conflict({
    en: "The account was opened with other terms.",
    zh: "账户已按其他条件开立。",
    advice: "`details.differs` names the term; open another account for other terms.",
  }),
  ledger_account_not_empty: conflict({
    en: "The account still holds money or has pending transfers.",
    zh: "账户仍有余额或未完成的冻结交易。",
    advice: "Move its balance elsewhere and let pending transfers end; then close it.",
  }),
  ledger_history_not_kept: conflict({
    en: "No history is kept for this account.",
    zh: "该账户不保留历史记录。",
    advice: "Read its present balance; open accounts with `history` when their past is needed.",
  }),
});
