// Made by `npm run generate` from the server's code; not to be edited.

import type { Api, List, RequestOptions } from "../api.ts";
import type * as types from "./types.ts";

/** A method for each operation of the API. */
export const resources = (api: Api) => ({
  alerts: {
    /** Alerts, newest first. Needs the permission `alerts:read` (`GET /v1/alerts`) */
    list: (params: types.AlertsListParams = {}, options?: RequestOptions) => api.pages<types.Alert>({ method: "GET", path: `/v1/alerts`, query: params }, options),
    /** Read an alert. Needs the permission `alerts:read` (`GET /v1/alerts/{id}`) */
    retrieve: (id: string, _params: types.NoParams = {}, options?: RequestOptions) => api.call<types.Alert>({ method: "GET", path: `/v1/alerts/${encodeURIComponent(id)}` }, options),
    /** Say that somebody has seen it. Needs the permission `alerts:write` (`POST /v1/alerts/{id}/acknowledge`) */
    acknowledge: (id: string, _params: types.NoParams = {}, options?: RequestOptions) => api.call<types.Alert>({ method: "POST", path: `/v1/alerts/${encodeURIComponent(id)}/acknowledge` }, options),
    /** Say that it is over, and why. What happens from then on makes another alert. Needs the permission `alerts:write` (`POST /v1/alerts/{id}/resolve`) */
    resolve: (id: string, params: types.AlertsResolveParams, options?: RequestOptions) => api.call<types.Alert>({ method: "POST", path: `/v1/alerts/${encodeURIComponent(id)}/resolve`, body: params }, options),
  },
  apiKeys: {
    /** List API keys. Needs the permission `keys:read` (`GET /v1/api_keys`) */
    list: (params: types.ApiKeysListParams = {}, options?: RequestOptions) => api.pages<types.ApiKey>({ method: "GET", path: `/v1/api_keys`, query: params }, options),
    /** Make an API key. The secret is shown in this answer only. A key makes keys of its own mode, and none that may do more than it may itself. Needs the permission `keys:write` (`POST /v1/api_keys`) */
    create: (params: types.ApiKeysCreateParams, options?: RequestOptions) => api.call<types.ApiKey | types.Approval>({ method: "POST", path: `/v1/api_keys`, body: params }, options),
    /** Revoke an API key. It stops working at once. Needs the permission `keys:write` (`DELETE /v1/api_keys/{id}`) */
    delete: (id: string, _params: types.NoParams = {}, options?: RequestOptions) => api.call<types.ApiKey>({ method: "DELETE", path: `/v1/api_keys/${encodeURIComponent(id)}` }, options),
    /** Read an API key. Needs the permission `keys:read` (`GET /v1/api_keys/{id}`) */
    retrieve: (id: string, _params: types.NoParams = {}, options?: RequestOptions) => api.call<types.ApiKey>({ method: "GET", path: `/v1/api_keys/${encodeURIComponent(id)}` }, options),
    /** Change an API key's name or restrictions. It holds at once. Needs the permission `keys:write` (`PATCH /v1/api_keys/{id}`) */
    update: (id: string, params: types.ApiKeysUpdateParams = {}, options?: RequestOptions) => api.call<types.ApiKey | types.Approval>({ method: "PATCH", path: `/v1/api_keys/${encodeURIComponent(id)}`, body: params }, options),
    /** Replace an API key. Gives a new key with the same name, mode, scopes and restrictions; the old one works until the overlap ends. A secret to sign with is made anew, a public key stays, unless `signature_key` says otherwise. Needs the permission `keys:write` (`POST /v1/api_keys/{id}/roll`) */
    roll: (id: string, params: types.ApiKeysRollParams, options?: RequestOptions) => api.call<types.ApiKey | types.Approval>({ method: "POST", path: `/v1/api_keys/${encodeURIComponent(id)}/roll`, body: params }, options),
  },
  approvals: {
    /** What waits for a second person and what became of it, newest first. Who may not decide sees the own requests (`GET /v1/approvals`) */
    list: (params: types.ApprovalsListParams = {}, options?: RequestOptions) => api.pages<types.Approval>({ method: "GET", path: `/v1/approvals`, query: params }, options),
    /** Read a request for approval (`GET /v1/approvals/{id}`) */
    retrieve: (id: string, _params: types.NoParams = {}, options?: RequestOptions) => api.call<types.Approval>({ method: "GET", path: `/v1/approvals/${encodeURIComponent(id)}` }, options),
    /** Approve: it is done at once, exactly as asked. Never by its maker. The answer says whether it could be done: `approved`, or `failed` with the reason. Needs the permission `approvals:write` (`POST /v1/approvals/{id}/approve`) */
    approve: (id: string, params: types.ApprovalsApproveParams, options?: RequestOptions) => api.call<types.Approval>({ method: "POST", path: `/v1/approvals/${encodeURIComponent(id)}/approve`, body: params }, options),
    /** Take one's own request back (`POST /v1/approvals/{id}/cancel`) */
    cancel: (id: string, params: types.ApprovalsCancelParams = {}, options?: RequestOptions) => api.call<types.Approval>({ method: "POST", path: `/v1/approvals/${encodeURIComponent(id)}/cancel`, body: params }, options),
    /** Refuse a request. Needs the permission `approvals:write` (`POST /v1/approvals/{id}/refuse`) */
    refuse: (id: string, params: types.ApprovalsRefuseParams, options?: RequestOptions) => api.call<types.Approval>({ method: "POST", path: `/v1/approvals/${encodeURIComponent(id)}/refuse`, body: params }, options),
    /** Fetch a secret result: by the maker, once, within 24 hours (`POST /v1/approvals/{id}/result`) */
    result: (id: string, params: types.ApprovalsResultParams = {}, options?: RequestOptions) => api.call<types.ApprovalResult>({ method: "POST", path: `/v1/approvals/${encodeURIComponent(id)}/result`, body: params }, options),
  },
  auditLog: {
    /** Who did what, newest first. Staff see all of it, a merchant's key what was done to its own keys, terminals, endpoints and so on. Needs the permission `audit:read` (`GET /v1/audit_log`) */
    list: (params: types.AuditLogListParams = {}, options?: RequestOptions) => api.pages<types.AuditEntry>({ method: "GET", path: `/v1/audit_log`, query: params }, options),
    /** The same entries as a file. Needs the permission `audit:read` (`GET /v1/audit_log/export`) */
    export: (params: types.AuditLogExportParams = {}, options?: RequestOptions) => api.download({ method: "GET", path: `/v1/audit_log/export`, query: params }, options),
    head: {
      /** The last link of the log's chain. Kept outside the platform it shows later that nothing before it was removed: `npm run audit:verify -- --head`. Needs the permission `audit:read` (`GET /v1/audit_log/head`) */
      retrieve: (_params: types.NoParams = {}, options?: RequestOptions) => api.call<types.AuditHead>({ method: "GET", path: `/v1/audit_log/head` }, options),
    },
  },
  bankAccounts: {
    /** One's saved bank accounts, newest first. Needs the permission `bank_accounts:read` (`GET /v1/bank_accounts`) */
    list: (params: types.BankAccountsListParams = {}, options?: RequestOptions) => api.pages<types.BankAccount>({ method: "GET", path: `/v1/bank_accounts`, query: params }, options),
    /** Save a bank account. By `iban`, or by `number` and `country`. The number is sealed and never shown again. Needs the permission `bank_accounts:write` (`POST /v1/bank_accounts`) */
    create: (params: types.BankAccountsCreateParams = {}, options?: RequestOptions) => api.call<types.BankAccount>({ method: "POST", path: `/v1/bank_accounts`, body: params }, options),
    /** Remove a bank account, and its number with it. Needs the permission `bank_accounts:write` (`DELETE /v1/bank_accounts/{id}`) */
    delete: (id: string, _params: types.NoParams = {}, options?: RequestOptions) => api.call<types.BankAccount>({ method: "DELETE", path: `/v1/bank_accounts/${encodeURIComponent(id)}` }, options),
    /** Read a bank account. Needs the permission `bank_accounts:read` (`GET /v1/bank_accounts/{id}`) */
    retrieve: (id: string, _params: types.NoParams = {}, options?: RequestOptions) => api.call<types.BankAccount>({ method: "GET", path: `/v1/bank_accounts/${encodeURIComponent(id)}` }, options),
  },
  cards: {
    /** One's saved cards, newest first (`GET /v1/cards`) */
    list: (params: types.CardsListParams = {}, options?: RequestOptions) => api.pages<types.Card>({ method: "GET", path: `/v1/cards`, query: params }, options),
    /** Save a card. The number is sealed; of it only the first six and last four digits are shown. Security codes, PINs and track data are refused by name (`POST /v1/cards`) */
    create: (params: types.CardsCreateParams, options?: RequestOptions) => api.call<types.Card>({ method: "POST", path: `/v1/cards`, body: params }, options),
    /** Remove a card, and its number with it (`DELETE /v1/cards/{id}`) */
    delete: (id: string, _params: types.NoParams = {}, options?: RequestOptions) => api.call<types.Card>({ method: "DELETE", path: `/v1/cards/${encodeURIComponent(id)}` }, options),
    /** Read a card (`GET /v1/cards/{id}`) */
    retrieve: (id: string, _params: types.NoParams = {}, options?: RequestOptions) => api.call<types.Card>({ method: "GET", path: `/v1/cards/${encodeURIComponent(id)}` }, options),
  },
  /** Pay a scanned merchant QR code. From the wallet, in one call. A static code makes a payment of its merchant, within the day's limit for static codes; a dynamic one pays its order, once (`POST /v1/collect`) */
  collect: (params: types.CollectParams, options?: RequestOptions) => api.call<types.Payment>({ method: "POST", path: `/v1/collect`, body: params }, options),
  collectCodes: {
    /** What paying a scanned merchant QR code would mean. Moves nothing. Answers the errors that paying would answer (`POST /v1/collect/resolve`) */
    resolve: (params: types.CollectCodesResolveParams, options?: RequestOptions) => api.call<types.CollectCode>({ method: "POST", path: `/v1/collect/resolve`, body: params }, options),
  },
  currencies: {
    /** List currencies and the decimal places of their minor units (`GET /v1/currencies`) */
    list: (_params: types.NoParams = {}, options?: RequestOptions) => api.call<List<types.Currency>>({ method: "GET", path: `/v1/currencies`, open: true }, options),
  },
  devices: {
    /** Give an enrolled device its next alias. To be called at each contact, so that shops can't link a customer's visits. The alias before works for two minutes more (`POST /v1/devices/{id}/code_alias`) */
    codeAlias: (id: string, params: types.DevicesCodeAliasParams = {}, options?: RequestOptions) => api.call<types.CodeAlias>({ method: "POST", path: `/v1/devices/${encodeURIComponent(id)}/code_alias`, body: params }, options),
    /** Enrol a device for offline codes. Hands over the key once; `docs/payment-codes.md` says how codes are computed. Again: a new key, and the one before ends at once (`POST /v1/devices/{id}/code_key`) */
    codeKey: (id: string, params: types.DevicesCodeKeyParams = {}, options?: RequestOptions) => api.call<types.CodeKey>({ method: "POST", path: `/v1/devices/${encodeURIComponent(id)}/code_key`, body: params }, options),
  },
  events: {
    /** What happened, newest first. Needs the permission `events:read` (`GET /v1/events`) */
    list: (params: types.EventsListParams = {}, options?: RequestOptions) => api.pages<types.Event>({ method: "GET", path: `/v1/events`, query: params }, options),
    /** Read an event. Needs the permission `events:read` (`GET /v1/events/{id}`) */
    retrieve: (id: string, _params: types.NoParams = {}, options?: RequestOptions) => api.call<types.Event>({ method: "GET", path: `/v1/events/${encodeURIComponent(id)}` }, options),
    /** Send an event again. To one endpoint, or to everyone who would get it now. Needs the permission `webhooks:write` (`POST /v1/events/{id}/resend`) */
    resend: (id: string, params: types.EventsResendParams = {}, options?: RequestOptions) => api.call<List<types.WebhookDelivery>>({ method: "POST", path: `/v1/events/${encodeURIComponent(id)}/resend`, body: params }, options),
  },
  ledger: {
    accounts: {
      /** Accounts, in the order of their ids. Needs the permission `ledger:read` (`GET /v1/ledger/accounts`) */
      list: (params: types.LedgerAccountsListParams = {}, options?: RequestOptions) => api.pages<types.LedgerAccount>({ method: "GET", path: `/v1/ledger/accounts`, query: params }, options),
      /** Open an account. Opening it again with the same terms changes nothing. Needs the permission `ledger:write` (`POST /v1/ledger/accounts`) */
      create: (params: types.LedgerAccountsCreateParams, options?: RequestOptions) => api.call<types.LedgerAccount>({ method: "POST", path: `/v1/ledger/accounts`, body: params }, options),
      /** An account and its balance, now or at a past moment. Needs the permission `ledger:read` (`GET /v1/ledger/accounts/{id}`) */
      retrieve: (id: string, params: types.LedgerAccountsRetrieveParams = {}, options?: RequestOptions) => api.call<types.LedgerAccount>({ method: "GET", path: `/v1/ledger/accounts/${encodeURIComponent(id)}`, query: params }, options),
      /** Close an empty account for good. Needs the permission `ledger:write` (`POST /v1/ledger/accounts/{id}/close`) */
      close: (id: string, _params: types.NoParams = {}, options?: RequestOptions) => api.call<types.LedgerAccount>({ method: "POST", path: `/v1/ledger/accounts/${encodeURIComponent(id)}/close` }, options),
      entries: {
        /** What happened to an account, newest first. Waits up to a second for what was posted before; `as_of` says up to when the list is complete. Needs the permission `ledger:read` (`GET /v1/ledger/accounts/{id}/entries`) */
        list: (id: string, params: types.LedgerAccountsEntriesListParams = {}, options?: RequestOptions) => api.pages<types.LedgerEntry>({ method: "GET", path: `/v1/ledger/accounts/${encodeURIComponent(id)}/entries`, query: params }, options),
      },
    },
    transfers: {
      /** Post transfers. Needs the permission `ledger:write` (`POST /v1/ledger/transfers`) */
      create: (params: types.LedgerTransfersCreateParams, options?: RequestOptions) => api.call<types.LedgerTransfersCreateAnswer | types.Approval>({ method: "POST", path: `/v1/ledger/transfers`, body: params }, options),
      /** Read a transfer. Needs the permission `ledger:read` (`GET /v1/ledger/transfers/{id}`) */
      retrieve: (id: string, _params: types.NoParams = {}, options?: RequestOptions) => api.call<types.LedgerTransfer>({ method: "GET", path: `/v1/ledger/transfers/${encodeURIComponent(id)}` }, options),
    },
    trialBalance: {
      /** What all accounts together were debited and credited. Needs the permission `ledger:read` (`GET /v1/ledger/trial_balance`) */
      retrieve: (_params: types.NoParams = {}, options?: RequestOptions) => api.call<types.TrialBalance>({ method: "GET", path: `/v1/ledger/trial_balance` }, options),
    },
  },
  merchants: {
    /** List merchants. Needs the permission `merchants:read` (`GET /v1/merchants`) */
    list: (params: types.MerchantsListParams = {}, options?: RequestOptions) => api.pages<types.Merchant>({ method: "GET", path: `/v1/merchants`, query: params }, options),
    /** Take on a merchant. Its accounts are opened in the ledger, for live and for test money. Needs the permission `merchants:write` (`POST /v1/merchants`) */
    create: (params: types.MerchantsCreateParams, options?: RequestOptions) => api.call<types.Merchant | types.Approval>({ method: "POST", path: `/v1/merchants`, body: params }, options),
    /** Read a merchant. Needs the permission `merchants:read` (`GET /v1/merchants/{id}`) */
    retrieve: (id: string, _params: types.NoParams = {}, options?: RequestOptions) => api.call<types.Merchant>({ method: "GET", path: `/v1/merchants/${encodeURIComponent(id)}` }, options),
    /** Rename, suspend, reinstate or reprice a merchant. The keys of a suspended merchant open nothing. Another price holds for payments from now on. Needs the permission `merchants:write` (`PATCH /v1/merchants/{id}`) */
    update: (id: string, params: types.MerchantsUpdateParams = {}, options?: RequestOptions) => api.call<types.Merchant | types.Approval>({ method: "PATCH", path: `/v1/merchants/${encodeURIComponent(id)}`, body: params }, options),
  },
  notifySecret: {
    /** Whether there is a notify secret, and since when. Needs the permission `webhooks:read` (`GET /v1/notify_secret`) */
    retrieve: (_params: types.NoParams = {}, options?: RequestOptions) => api.call<types.NotifySecret>({ method: "GET", path: `/v1/notify_secret` }, options),
    /** Get a new notify secret. It signs what goes to payments' own `notify` addresses, of this mode. The first call makes the first one; later ones replace it, with an overlap. Needs the permission `webhooks:write` (`POST /v1/notify_secret/rotate`) */
    rotate: (params: types.NotifySecretRotateParams = {}, options?: RequestOptions) => api.call<types.NotifySecret>({ method: "POST", path: `/v1/notify_secret/rotate`, body: params }, options),
  },
  oneTimeCodes: {
    /** Have a one-time code sent to a phone or an email. The answer is the same whether or not there is an account. A new code takes the place of the one before (`POST /v1/one_time_codes`) */
    create: (params: types.OneTimeCodesCreateParams, options?: RequestOptions) => api.call<types.OneTimeCode>({ method: "POST", path: `/v1/one_time_codes`, body: params, open: true }, options),
  },
  passwordResets: {
    /** Set a new password by one-time code: every session ends. With the code that was sent for `reset_password`. Signs nobody in; payment PIN and second factors stay as they are (`POST /v1/password_resets`) */
    create: (params: types.PasswordResetsCreateParams, options?: RequestOptions) => api.call<types.PasswordReset>({ method: "POST", path: `/v1/password_resets`, body: params, open: true }, options),
  },
  paymentCodes: {
    /** Make a code to show now. Lives 30 to 60 seconds and can be used once. With the `device` that shows it the code ends when the device is revoked; an enrolled device takes the alias in it (digits 3 to 11) for its own codes from then on (`POST /v1/payment_codes`) */
    create: (params: types.PaymentCodesCreateParams = {}, options?: RequestOptions) => api.call<types.PaymentCode>({ method: "POST", path: `/v1/payment_codes`, body: params }, options),
  },
  payments: {
    /** List payments, or find one by its order number. Needs the permission `payments:read` (`GET /v1/payments`) */
    list: (params: types.PaymentsListParams = {}, options?: RequestOptions) => api.pages<types.Payment>({ method: "GET", path: `/v1/payments`, query: params }, options),
    /** Scan to pay, or make an order. With `code`: takes money for a payment code that the customer shows, in one call. Without: makes an order that waits for its payer, by default for half an hour. Hand `checkout_url`, or `payment_key`, to the payer. A refused attempt leaves the order waiting. One `out_trade_no` stands for one live payment: with the same amount, currency, capture and fee bearer it is the answer again, whether a scan or an order asks (a scan does not pay an order: close it first); otherwise 409. Needs the permission `payments:write` (`POST /v1/payments`) */
    create: (params: types.PaymentsCreateParams, options?: RequestOptions) => api.call<types.Payment>({ method: "POST", path: `/v1/payments`, body: params }, options),
    /** Read a payment, with `expand[]` everything about it. Needs the permission `payments:read` (`GET /v1/payments/{id}`) */
    retrieve: (id: string, params: types.PaymentsRetrieveParams = {}, options?: RequestOptions) => api.call<types.Payment>({ method: "GET", path: `/v1/payments/${encodeURIComponent(id)}`, query: params }, options),
    /** End a payment before it succeeds. An authorised payment gives back what it holds; one that waits for its customer's confirmation is never paid. Cancelling a closed one changes nothing. 409 `state_conflict` names the state of any other, and in `details.instead` what to do: `refund` or `close`. Needs the permission `payments:write` (`POST /v1/payments/{id}/cancel`) */
    cancel: (id: string, params: types.PaymentsCancelParams = {}, options?: RequestOptions) => api.call<types.Payment>({ method: "POST", path: `/v1/payments/${encodeURIComponent(id)}/cancel`, body: params }, options),
    /** Take the money that an authorised payment holds. All of it, or a part: the rest goes back to the payer at once. The fee is that of what is taken. A payment is captured once. Needs the permission `payments:write` (`POST /v1/payments/{id}/capture`) */
    capture: (id: string, params: types.PaymentsCaptureParams = {}, options?: RequestOptions) => api.call<types.Payment>({ method: "POST", path: `/v1/payments/${encodeURIComponent(id)}/capture`, body: params }, options),
    checkout: {
      /** What the payer of an order sees. With the key while the order waits to be paid: from then on 401 `payment_key_ended`, whose `details.status` tells what became of it. Signed in as well, the order is kept for this user, who reads and pays it without the key from then on, and reads the result after having paid (`GET /v1/payments/{id}/checkout`) */
      retrieve: (id: string, params: types.PaymentsCheckoutRetrieveParams = {}, options?: RequestOptions) => {
        const { payment_key, ...rest } = params;
        return api.call<types.Checkout>({ method: "GET", path: `/v1/payments/${encodeURIComponent(id)}/checkout`, query: rest, headers: { "payment-key": payment_key } }, options);
      },
    },
    /** Close an unpaid order. Nobody can pay it any more, and its number is free. Closing a closed order changes nothing; 409 `state_conflict` names the state of one that is paid. Needs the permission `payments:write` (`POST /v1/payments/{id}/close`) */
    close: (id: string, params: types.PaymentsCloseParams = {}, options?: RequestOptions) => api.call<types.Payment>({ method: "POST", path: `/v1/payments/${encodeURIComponent(id)}/close`, body: params }, options),
    /** Pay an order. `payment_key`, or the header `Payment-Key`, shows that the payer was given this order; a user who has opened it before leaves it out. The wallet needs a session and the PIN, the bank a `source`; what the bank says comes later: until then the order is `requires_payment` and takes no other attempt (409 `attempt_in_progress`). A refused attempt leaves the order waiting; of several at once one pays, the others get 409 `state_conflict` (`POST /v1/payments/{id}/confirm`) */
    confirm: (id: string, params: types.PaymentsConfirmParams, options?: RequestOptions) => {
      const { payment_key, ...rest } = params;
      return api.call<types.Payment>({ method: "POST", path: `/v1/payments/${encodeURIComponent(id)}/confirm`, body: rest, headers: { "payment-key": payment_key } }, options);
    },
    /** Agree to a larger scanned payment (`POST /v1/payments/{id}/confirm_on_device`) */
    confirmOnDevice: (id: string, params: types.PaymentsConfirmOnDeviceParams, options?: RequestOptions) => api.call<types.Payment>({ method: "POST", path: `/v1/payments/${encodeURIComponent(id)}/confirm_on_device`, body: params }, options),
    /** Ask the channel about a payment now. What is known changes by itself; this is for who can't wait. The channel is asked every three seconds at most: in between the answer is what is known. Needs the permission `payments:write` (`POST /v1/payments/{id}/query`) */
    query: (id: string, params: types.PaymentsQueryParams = {}, options?: RequestOptions) => api.call<types.Payment>({ method: "POST", path: `/v1/payments/${encodeURIComponent(id)}/query`, body: params }, options),
  },
  pricingPlans: {
    /** List pricing plans. Needs the permission `merchants:read` (`GET /v1/pricing_plans`) */
    list: (params: types.PricingPlansListParams = {}, options?: RequestOptions) => api.pages<types.PricingPlan>({ method: "GET", path: `/v1/pricing_plans`, query: params }, options),
    /** Make a pricing plan, or a new version of one. Terms never change: other terms are another plan, which may name the one it replaces. Merchants stay on theirs until they are moved. Needs the permission `pricing:write` (`POST /v1/pricing_plans`) */
    create: (params: types.PricingPlansCreateParams, options?: RequestOptions) => api.call<types.PricingPlan | types.Approval>({ method: "POST", path: `/v1/pricing_plans`, body: params }, options),
    /** Read a pricing plan. Needs the permission `merchants:read` (`GET /v1/pricing_plans/{id}`) */
    retrieve: (id: string, _params: types.NoParams = {}, options?: RequestOptions) => api.call<types.PricingPlan>({ method: "GET", path: `/v1/pricing_plans/${encodeURIComponent(id)}` }, options),
  },
  qrCodes: {
    /** List QR codes. Needs the permission `qr_codes:read` (`GET /v1/qr_codes`) */
    list: (params: types.QrCodesListParams = {}, options?: RequestOptions) => api.pages<types.QrCode>({ method: "GET", path: `/v1/qr_codes`, query: params }, options),
    /** Make a QR code that payers scan. Static: for a shop's door; without an amount the payer enters it. Payments by it carry its store, terminal, subject and metadata. Dynamic: for one order that waits for its payer; it ends with the order. `docs/collect-codes.md` describes the text in the code. Needs the permission `qr_codes:write` (`POST /v1/qr_codes`) */
    create: (params: types.QrCodesCreateParams, options?: RequestOptions) => api.call<types.QrCode>({ method: "POST", path: `/v1/qr_codes`, body: params }, options),
    /** Revoke a QR code. It can't be paid from then on. The order of a dynamic one stays as it is. Needs the permission `qr_codes:write` (`DELETE /v1/qr_codes/{id}`) */
    delete: (id: string, _params: types.NoParams = {}, options?: RequestOptions) => api.call<types.QrCode>({ method: "DELETE", path: `/v1/qr_codes/${encodeURIComponent(id)}` }, options),
    /** Read a QR code. Needs the permission `qr_codes:read` (`GET /v1/qr_codes/{id}`) */
    retrieve: (id: string, _params: types.NoParams = {}, options?: RequestOptions) => api.call<types.QrCode>({ method: "GET", path: `/v1/qr_codes/${encodeURIComponent(id)}` }, options),
    /** A QR code as PNG. Needs the permission `qr_codes:read` (`GET /v1/qr_codes/{id}/png`) */
    png: (id: string, params: types.QrCodesPngParams = {}, options?: RequestOptions) => api.download({ method: "GET", path: `/v1/qr_codes/${encodeURIComponent(id)}/png`, query: params }, options),
    /** A QR code as SVG. Needs the permission `qr_codes:read` (`GET /v1/qr_codes/{id}/svg`) */
    svg: (id: string, params: types.QrCodesSvgParams = {}, options?: RequestOptions) => api.download({ method: "GET", path: `/v1/qr_codes/${encodeURIComponent(id)}/svg`, query: params }, options),
  },
  receipts: {
    /** The receipt of a payment, for its merchant and its payer. Once the payment succeeded; before, `state_conflict`. As PDF with `format=pdf` or `Accept: application/pdf`, in the language of `Accept-Language`. Needs the permission `records:read` (`GET /v1/receipts/{payment}`) */
    retrieve: (payment: string, params: types.ReceiptsRetrieveParams = {}, options?: RequestOptions) => api.call<types.Receipt>({ method: "GET", path: `/v1/receipts/${encodeURIComponent(payment)}`, query: params }, options),
  },
  recipients: {
    /** Whom one would pay. Name and phone are masked. Rate-limited: 30 at once, then one a minute (`GET /v1/recipients`) */
    retrieve: (params: types.RecipientsRetrieveParams = {}, options?: RequestOptions) => api.call<types.Recipient>({ method: "GET", path: `/v1/recipients`, query: params }, options),
  },
  records: {
    /** Everything that moved, newest first. Waits up to a second for the records of what was answered before. `created_gte` and `created_lt` go by `time`. A search looks through 20,000 records at once: `searched_back_to` says where it stopped, and `created_lt` with that time goes on. Needs the permission `records:read` (`GET /v1/records`) */
    list: (params: types.RecordsListParams = {}, options?: RequestOptions) => api.pages<types.MoneyRecord>({ method: "GET", path: `/v1/records`, query: params }, options),
    /** The same records as a file. Takes the filters of the list. More rows than the format holds are refused: `export_too_large`. Needs the permission `records:read` (`GET /v1/records/export`) */
    export: (params: types.RecordsExportParams, options?: RequestOptions) => api.download({ method: "GET", path: `/v1/records/export`, query: params }, options),
    /** Read a record. Needs the permission `records:read` (`GET /v1/records/{id}`) */
    retrieve: (id: string, _params: types.NoParams = {}, options?: RequestOptions) => api.call<types.MoneyRecord>({ method: "GET", path: `/v1/records/${encodeURIComponent(id)}` }, options),
  },
  refunds: {
    /** List refunds, all or one payment's. Needs the permission `refunds:read` (`GET /v1/refunds`) */
    list: (params: types.RefundsListParams = {}, options?: RequestOptions) => api.pages<types.Refund>({ method: "GET", path: `/v1/refunds`, query: params }, options),
    /** Refund a payment, whole or in part. The sum of a payment's refunds never passes what it took; a pending one counts. The money comes from the merchant's pending balance, then from the available one. Needs the permission `refunds:write` (`POST /v1/refunds`) */
    create: (params: types.RefundsCreateParams, options?: RequestOptions) => api.call<types.Refund>({ method: "POST", path: `/v1/refunds`, body: params }, options),
    /** Read a refund. Needs the permission `refunds:read` (`GET /v1/refunds/{id}`) */
    retrieve: (id: string, _params: types.NoParams = {}, options?: RequestOptions) => api.call<types.Refund>({ method: "GET", path: `/v1/refunds/${encodeURIComponent(id)}` }, options),
  },
  roles: {
    /** Roles and what each may do (`GET /v1/roles`) */
    list: (_params: types.NoParams = {}, options?: RequestOptions) => api.call<List<types.Role>>({ method: "GET", path: `/v1/roles` }, options),
  },
  search: {
    /** Find by id, order number, or the last digits of either. One's own objects only, the newest first; names and words of a subject are found too. Payments that are not decided yet are found by their whole id or order number. Needs the permission `records:read` (`GET /v1/search`) */
    list: (params: types.SearchListParams, options?: RequestOptions) => api.call<List<types.SearchResult>>({ method: "GET", path: `/v1/search`, query: params }, options),
  },
  sessions: {
    /** Sign in. Who has a second factor is answered `mfa_required` with a challenge, unless a right `totp` comes along, and so is who comes from a new device where those are challenged; see `POST /v1/sessions/challenge` (`POST /v1/sessions`) */
    create: (params: types.SessionsCreateParams, options?: RequestOptions) => api.call<types.SessionsCreateAnswer>({ method: "POST", path: `/v1/sessions`, body: params, open: true }, options),
    /** Finish a sign-in that was challenged. With one of `totp`, `passkey`, `recovery_code`, `one_time_code`, as `details.methods` of `mfa_required` allows (`POST /v1/sessions/challenge`) */
    challenge: (params: types.SessionsChallengeParams, options?: RequestOptions) => api.call<types.SessionsChallengeAnswer>({ method: "POST", path: `/v1/sessions/challenge`, body: params, open: true }, options),
    current: {
      /** Sign out (`DELETE /v1/sessions/current`) */
      delete: (_params: types.NoParams = {}, options?: RequestOptions) => api.call<types.Session>({ method: "DELETE", path: `/v1/sessions/current` }, options),
    },
    /** Sign in by a passkey (`POST /v1/sessions/passkey`) */
    passkey: (params: types.SessionsPasskeyParams, options?: RequestOptions) => api.call<types.SessionsPasskeyAnswer>({ method: "POST", path: `/v1/sessions/passkey`, body: params, open: true }, options),
    /** Begin to sign in by a passkey (`POST /v1/sessions/passkey/options`) */
    passkeyOptions: (params: types.SessionsPasskeyOptionsParams = {}, options?: RequestOptions) => api.call<types.PasskeyOptions>({ method: "POST", path: `/v1/sessions/passkey/options`, body: params, open: true }, options),
    /** Change a refresh token for fresh tokens. A token that was changed before ends its session, unless the answer may have been lost: for 30 seconds, and while its successor was not used, the same successor is given again. A web page may keep the token in a cookie: with `Feiqian-Session: cookie` (of staff: `staff_cookie`) at sign-in, here and at sign-out, from a page of the API's own origin or one that is allowed (`POST /v1/sessions/refresh`) */
    refresh: (params: types.SessionsRefreshParams = {}, options?: RequestOptions) => api.call<types.SessionsRefreshAnswer>({ method: "POST", path: `/v1/sessions/refresh`, body: params, open: true }, options),
  },
  staff: {
    /** Who works here, newest first. Needs the permission `staff:read` (`GET /v1/staff`) */
    list: (params: types.StaffListParams = {}, options?: RequestOptions) => api.pages<types.Staff>({ method: "GET", path: `/v1/staff`, query: params }, options),
    /** Take on a member of staff, by invitation. Takes two persons. The invited sets password and authenticator app. Needs the permission `staff:write` (`POST /v1/staff`) */
    create: (params: types.StaffCreateParams, options?: RequestOptions) => api.call<types.StaffCreateAnswer | types.Approval>({ method: "POST", path: `/v1/staff`, body: params }, options),
    invitations: {
      /** Choose a password, prove the authenticator app, and be in (`POST /v1/staff/invitations/accept`) */
      accept: (params: types.StaffInvitationsAcceptParams, options?: RequestOptions) => api.call<types.Staff>({ method: "POST", path: `/v1/staff/invitations/accept`, body: params, open: true }, options),
      /** Look into one's invitation: what the authenticator app needs (`POST /v1/staff/invitations/open`) */
      open: (params: types.StaffInvitationsOpenParams, options?: RequestOptions) => api.call<types.OpenedInvitation>({ method: "POST", path: `/v1/staff/invitations/open`, body: params, open: true }, options),
    },
    me: {
      /** Who one is and what one may do (`GET /v1/staff/me`) */
      retrieve: (_params: types.NoParams = {}, options?: RequestOptions) => api.call<types.Staff>({ method: "GET", path: `/v1/staff/me` }, options),
      /** Give a fresh code, for acts that ask for one. Who decides on approvals or unmasks data has given a code within the last 15 minutes (`POST /v1/staff/me/confirm`) */
      confirm: (params: types.StaffMeConfirmParams, options?: RequestOptions) => api.call<types.Staff>({ method: "POST", path: `/v1/staff/me/confirm`, body: params }, options),
    },
    sessions: {
      /** Sign in as staff (`POST /v1/staff/sessions`) */
      create: (params: types.StaffSessionsCreateParams, options?: RequestOptions) => api.call<types.StaffSessionsCreateAnswer>({ method: "POST", path: `/v1/staff/sessions`, body: params, open: true }, options),
    },
    /** Read a member of staff. Needs the permission `staff:read` (`GET /v1/staff/{id}`) */
    retrieve: (id: string, _params: types.NoParams = {}, options?: RequestOptions) => api.call<types.Staff>({ method: "GET", path: `/v1/staff/${encodeURIComponent(id)}` }, options),
    /** Give a member of staff another role. Takes two persons. Their sessions end, and what they asked for lapses. Needs the permission `staff:write` (`PATCH /v1/staff/{id}`) */
    update: (id: string, params: types.StaffUpdateParams, options?: RequestOptions) => api.call<types.Staff | types.Approval>({ method: "PATCH", path: `/v1/staff/${encodeURIComponent(id)}`, body: params }, options),
    /** Take a member of staff's access away. At once, by one person. Their sessions end, and what they asked for lapses. Needs the permission `staff:write` (`POST /v1/staff/{id}/disable`) */
    disable: (id: string, params: types.StaffDisableParams, options?: RequestOptions) => api.call<types.Staff>({ method: "POST", path: `/v1/staff/${encodeURIComponent(id)}/disable`, body: params }, options),
    /** Let a disabled member of staff in again. Takes two persons. Needs the permission `staff:write` (`POST /v1/staff/{id}/enable`) */
    enable: (id: string, params: types.StaffEnableParams = {}, options?: RequestOptions) => api.call<types.Staff | types.Approval>({ method: "POST", path: `/v1/staff/${encodeURIComponent(id)}/enable`, body: params }, options),
    /** Take password and authenticator app back and invite anew. Takes two persons. Needs the permission `staff:write` (`POST /v1/staff/{id}/reset`) */
    reset: (id: string, params: types.StaffResetParams, options?: RequestOptions) => api.call<types.StaffResetAnswer | types.Approval>({ method: "POST", path: `/v1/staff/${encodeURIComponent(id)}/reset`, body: params }, options),
  },
  statements: {
    /** Daily statements, newest first. One a business day of the operator's zone, from the day of the first account on. Waits up to a second for the ledger's history. Needs the permission `records:read` (`GET /v1/statements`) */
    list: (params: types.StatementsListParams = {}, options?: RequestOptions) => api.pages<types.Statement>({ method: "GET", path: `/v1/statements`, query: params }, options),
    /** A day's statement, by id or date. Needs the permission `records:read` (`GET /v1/statements/{id}`) */
    retrieve: (id: string, _params: types.NoParams = {}, options?: RequestOptions) => api.call<types.Statement>({ method: "GET", path: `/v1/statements/${encodeURIComponent(id)}` }, options),
    /** A day's statement as a file, line by line. Needs the permission `records:read` (`GET /v1/statements/{id}/export`) */
    export: (id: string, params: types.StatementsExportParams, options?: RequestOptions) => api.download({ method: "GET", path: `/v1/statements/${encodeURIComponent(id)}/export`, query: params }, options),
    lines: {
      /** An account's lines of a day, newest first. Needs the permission `records:read` (`GET /v1/statements/{id}/lines`) */
      list: (id: string, params: types.StatementsLinesListParams, options?: RequestOptions) => api.pages<types.StatementLine>({ method: "GET", path: `/v1/statements/${encodeURIComponent(id)}/lines`, query: params }, options),
    },
  },
  statistics: {
    /** Volume, count, average and success rate of payments. One row a group and currency. Waits up to a second for what was answered before. Periods consist of quarters of an hour: `created_gte` counts from the beginning of its quarter and `created_lt` to the end of its own; `from` and `to` say so. A payment counts when it succeeded or failed. Staff see every merchant unless they name one. Needs the permission `payments:read` (`GET /v1/statistics`) */
    retrieve: (params: types.StatisticsRetrieveParams = {}, options?: RequestOptions) => api.call<types.Statistics>({ method: "GET", path: `/v1/statistics`, query: params }, options),
  },
  stores: {
    /** List stores. Needs the permission `merchants:read` (`GET /v1/stores`) */
    list: (params: types.StoresListParams = {}, options?: RequestOptions) => api.pages<types.Store>({ method: "GET", path: `/v1/stores`, query: params }, options),
    /** Open a store. Needs the permission `merchants:write` (`POST /v1/stores`) */
    create: (params: types.StoresCreateParams, options?: RequestOptions) => api.call<types.Store>({ method: "POST", path: `/v1/stores`, body: params }, options),
    /** Read a store. Needs the permission `merchants:read` (`GET /v1/stores/{id}`) */
    retrieve: (id: string, _params: types.NoParams = {}, options?: RequestOptions) => api.call<types.Store>({ method: "GET", path: `/v1/stores/${encodeURIComponent(id)}` }, options),
    /** Change a store. Needs the permission `merchants:write` (`PATCH /v1/stores/{id}`) */
    update: (id: string, params: types.StoresUpdateParams = {}, options?: RequestOptions) => api.call<types.Store>({ method: "PATCH", path: `/v1/stores/${encodeURIComponent(id)}`, body: params }, options),
  },
  terminals: {
    /** List terminals. Needs the permission `merchants:read` (`GET /v1/terminals`) */
    list: (params: types.TerminalsListParams = {}, options?: RequestOptions) => api.pages<types.Terminal>({ method: "GET", path: `/v1/terminals`, query: params }, options),
    /** Add a terminal to a store. Needs the permission `merchants:write` (`POST /v1/terminals`) */
    create: (params: types.TerminalsCreateParams, options?: RequestOptions) => api.call<types.Terminal>({ method: "POST", path: `/v1/terminals`, body: params }, options),
    /** Pair a till. Gives the token of the terminal's till, once. With it the till charges codes, asks about payments of its store, and refunds them up to the terminal's limit. A till that was paired with this terminal before is one no longer (`POST /v1/terminals/pair`) */
    pair: (params: types.TerminalsPairParams, options?: RequestOptions) => api.call<types.TerminalToken>({ method: "POST", path: `/v1/terminals/pair`, body: params, open: true }, options),
    /** Read a terminal. Needs the permission `merchants:read` (`GET /v1/terminals/{id}`) */
    retrieve: (id: string, _params: types.NoParams = {}, options?: RequestOptions) => api.call<types.Terminal>({ method: "GET", path: `/v1/terminals/${encodeURIComponent(id)}` }, options),
    /** Rename, block, unblock or move a terminal, or change what it may refund. A blocked terminal takes no payments. It moves between stores of its own mode. One that was reported lost becomes active again by `status`, and is paired anew. Needs the permission `merchants:write` (`PATCH /v1/terminals/{id}`) */
    update: (id: string, params: types.TerminalsUpdateParams = {}, options?: RequestOptions) => api.call<types.Terminal>({ method: "PATCH", path: `/v1/terminals/${encodeURIComponent(id)}`, body: params }, options),
    pairingCodes: {
      /** Make a code that pairs a till with a terminal. It works once, for ten minutes, and takes the place of one that was made before. Needs the permission `merchants:write` (`POST /v1/terminals/{id}/pairing_codes`) */
      create: (id: string, _params: types.NoParams = {}, options?: RequestOptions) => api.call<types.PairingCode>({ method: "POST", path: `/v1/terminals/${encodeURIComponent(id)}/pairing_codes` }, options),
    },
    /** Stop a terminal whose till is gone. Its token and a pairing code that waits end at once. Made `active` again, it is paired anew. Needs the permission `merchants:write` (`POST /v1/terminals/{id}/report_lost`) */
    reportLost: (id: string, _params: types.NoParams = {}, options?: RequestOptions) => api.call<types.Terminal>({ method: "POST", path: `/v1/terminals/${encodeURIComponent(id)}/report_lost` }, options),
  },
  testClock: {
    /** Read the test clock (`GET /v1/test_clock`) */
    retrieve: (_params: types.NoParams = {}, options?: RequestOptions) => api.call<types.TestClock>({ method: "GET", path: `/v1/test_clock` }, options),
    /** Move the test clock forward. By `advance_ms` or to `now`: for every process of the platform, its timers and its jobs (`POST /v1/test_clock`) */
    advance: (params: types.TestClockAdvanceParams = {}, options?: RequestOptions) => api.call<types.TestClock>({ method: "POST", path: `/v1/test_clock`, body: params }, options),
  },
  testInbox: {
    /** Messages to a phone or email, newest first. What would have been sent. Empty where the operator has set up a mail server or a gateway for texts (`GET /v1/test_inbox`) */
    list: (params: types.TestInboxListParams, options?: RequestOptions) => api.pages<types.Message>({ method: "GET", path: `/v1/test_inbox`, query: params }, options),
  },
  topups: {
    /** List top-ups (`GET /v1/topups`) */
    list: (params: types.TopupsListParams = {}, options?: RequestOptions) => api.pages<types.Topup>({ method: "GET", path: `/v1/topups`, query: params }, options),
    /** Top the wallet up from a bank account. Answers `pending`: the bank is asked once this is on record. Events `topup.pending`, then `succeeded` or `failed`; a bank may take money back afterwards: `returned` (`POST /v1/topups`) */
    create: (params: types.TopupsCreateParams, options?: RequestOptions) => api.call<types.Topup>({ method: "POST", path: `/v1/topups`, body: params }, options),
    /** Read a top-up (`GET /v1/topups/{id}`) */
    retrieve: (id: string, _params: types.NoParams = {}, options?: RequestOptions) => api.call<types.Topup>({ method: "GET", path: `/v1/topups/${encodeURIComponent(id)}` }, options),
  },
  transfers: {
    /** List transfers (`GET /v1/transfers`) */
    list: (params: types.TransfersListParams = {}, options?: RequestOptions) => api.pages<types.Transfer>({ method: "GET", path: `/v1/transfers`, query: params }, options),
    /** Send money to another user. Moves at once and for good. Both sides get the event `transfer.succeeded`, each with its own view (`POST /v1/transfers`) */
    create: (params: types.TransfersCreateParams, options?: RequestOptions) => api.call<types.Transfer>({ method: "POST", path: `/v1/transfers`, body: params }, options),
    /** Read a transfer (`GET /v1/transfers/{id}`) */
    retrieve: (id: string, _params: types.NoParams = {}, options?: RequestOptions) => api.call<types.Transfer>({ method: "GET", path: `/v1/transfers/${encodeURIComponent(id)}` }, options),
  },
  users: {
    /** Whom a phone, an email or an id belongs to. Exactly one of the three is given. Needs the permission `users:read` (`GET /v1/users`) */
    list: (params: types.UsersListParams = {}, options?: RequestOptions) => api.call<List<types.KeptUser>>({ method: "GET", path: `/v1/users`, query: params }, options),
    /** Register; opens a wallet. With the one-time code that was sent for `register` to the phone or to the email. Test mode does without (`POST /v1/users`) */
    create: (params: types.UsersCreateParams, options?: RequestOptions) => api.call<types.User>({ method: "POST", path: `/v1/users`, body: params, open: true }, options),
    me: {
      /** Read one's own profile (`GET /v1/users/me`) */
      retrieve: (_params: types.NoParams = {}, options?: RequestOptions) => api.call<types.User>({ method: "GET", path: `/v1/users/me` }, options),
      /** Change one's name or language (`PATCH /v1/users/me`) */
      update: (params: types.UsersMeUpdateParams = {}, options?: RequestOptions) => api.call<types.User>({ method: "PATCH", path: `/v1/users/me`, body: params }, options),
      devices: {
        /** One's devices in use, newest first (`GET /v1/users/me/devices`) */
        list: (params: types.UsersMeDevicesListParams = {}, options?: RequestOptions) => api.pages<types.Device>({ method: "GET", path: `/v1/users/me/devices`, query: params }, options),
        /** Enrol a device (`POST /v1/users/me/devices`) */
        create: (params: types.UsersMeDevicesCreateParams, options?: RequestOptions) => api.call<types.Device>({ method: "POST", path: `/v1/users/me/devices`, body: params }, options),
        /** Revoke a device: its sessions end and its payment codes die (`DELETE /v1/users/me/devices/{id}`) */
        delete: (id: string, _params: types.NoParams = {}, options?: RequestOptions) => api.call<types.Device>({ method: "DELETE", path: `/v1/users/me/devices/${encodeURIComponent(id)}` }, options),
        /** Read a device (`GET /v1/users/me/devices/{id}`) */
        retrieve: (id: string, _params: types.NoParams = {}, options?: RequestOptions) => api.call<types.Device>({ method: "GET", path: `/v1/users/me/devices/${encodeURIComponent(id)}` }, options),
        /** Rename a device, trust it or no longer. Trusting takes the password. The answer then holds `trust_token`, once: shown at a sign-in, it tells that this device is no new one (`PATCH /v1/users/me/devices/{id}`) */
        update: (id: string, params: types.UsersMeDevicesUpdateParams = {}, options?: RequestOptions) => api.call<types.Device>({ method: "PATCH", path: `/v1/users/me/devices/${encodeURIComponent(id)}`, body: params }, options),
        /** Bind a key to the device one is signed in from. From then on whatever changes something must be signed by the device, apart from a few harmless acts: see `docs/signed-requests.md`. The key stays for good; another one belongs to another device (`POST /v1/users/me/devices/{id}/key`) */
        key: (id: string, params: types.UsersMeDevicesKeyParams, options?: RequestOptions) => api.call<types.Device>({ method: "POST", path: `/v1/users/me/devices/${encodeURIComponent(id)}/key`, body: params }, options),
      },
      email: {
        /** Set or change one's email. With the code that was sent to the new one for `change_email`, and the password (`PUT /v1/users/me/email`) */
        set: (params: types.UsersMeEmailSetParams, options?: RequestOptions) => api.call<types.User>({ method: "PUT", path: `/v1/users/me/email`, body: params }, options),
      },
      /** Erase oneself, for good. The wallet must be empty and nothing under way. Sessions, devices, cards and credentials are gone at once, and what is known of the person can't be read by anybody any more; payments and records keep the id (`POST /v1/users/me/erasure`) */
      erasure: (params: types.UsersMeErasureParams, options?: RequestOptions) => api.call<types.Erasure>({ method: "POST", path: `/v1/users/me/erasure`, body: params }, options),
      passkeys: {
        /** One's passkeys, newest first (`GET /v1/users/me/passkeys`) */
        list: (params: types.UsersMePasskeysListParams = {}, options?: RequestOptions) => api.pages<types.Passkey>({ method: "GET", path: `/v1/users/me/passkeys`, query: params }, options),
        /** Register the passkey that the browser made. From now on the password alone does not sign in. Who had no second factor gets ten recovery codes, once; the others `null` (`POST /v1/users/me/passkeys`) */
        create: (params: types.UsersMePasskeysCreateParams, options?: RequestOptions) => api.call<types.Passkey>({ method: "POST", path: `/v1/users/me/passkeys`, body: params }, options),
        /** Begin to register a passkey (`POST /v1/users/me/passkeys/options`) */
        options: (params: types.UsersMePasskeysOptionsParams, options?: RequestOptions) => api.call<types.PasskeyOptions>({ method: "POST", path: `/v1/users/me/passkeys/options`, body: params }, options),
        /** Delete a passkey (`DELETE /v1/users/me/passkeys/{id}`) */
        delete: (id: string, params: types.UsersMePasskeysDeleteParams, options?: RequestOptions) => api.call<types.Passkey>({ method: "DELETE", path: `/v1/users/me/passkeys/${encodeURIComponent(id)}`, body: params }, options),
        /** Read a passkey (`GET /v1/users/me/passkeys/{id}`) */
        retrieve: (id: string, _params: types.NoParams = {}, options?: RequestOptions) => api.call<types.Passkey>({ method: "GET", path: `/v1/users/me/passkeys/${encodeURIComponent(id)}` }, options),
        /** Rename a passkey (`PATCH /v1/users/me/passkeys/{id}`) */
        update: (id: string, params: types.UsersMePasskeysUpdateParams, options?: RequestOptions) => api.call<types.Passkey>({ method: "PATCH", path: `/v1/users/me/passkeys/${encodeURIComponent(id)}`, body: params }, options),
      },
      password: {
        /** Change one's password: every other session ends (`PUT /v1/users/me/password`) */
        set: (params: types.UsersMePasswordSetParams, options?: RequestOptions) => api.call<types.PasswordChange>({ method: "PUT", path: `/v1/users/me/password`, body: params }, options),
      },
      paymentPin: {
        /** Whether a payment PIN is set or locked (`GET /v1/users/me/payment_pin`) */
        retrieve: (_params: types.NoParams = {}, options?: RequestOptions) => api.call<types.PaymentPin>({ method: "GET", path: `/v1/users/me/payment_pin` }, options),
        /** Set or change the payment PIN. Who has forgotten the PIN sends the one-time code that came for `reset_pin` to the phone (or email, without a phone). Test mode does without (`PUT /v1/users/me/payment_pin`) */
        set: (params: types.UsersMePaymentPinSetParams, options?: RequestOptions) => api.call<types.PaymentPin>({ method: "PUT", path: `/v1/users/me/payment_pin`, body: params }, options),
      },
      phone: {
        /** Set or change one's phone. With the code that was sent to the new one for `change_phone`, and the password (`PUT /v1/users/me/phone`) */
        set: (params: types.UsersMePhoneSetParams, options?: RequestOptions) => api.call<types.User>({ method: "PUT", path: `/v1/users/me/phone`, body: params }, options),
      },
      recoveryCodes: {
        /** Make new recovery codes; those before are void (`POST /v1/users/me/recovery_codes`) */
        create: (params: types.UsersMeRecoveryCodesCreateParams, options?: RequestOptions) => api.call<types.RecoveryCodes>({ method: "POST", path: `/v1/users/me/recovery_codes`, body: params }, options),
      },
      sessions: {
        /** One's sessions that live, newest first (`GET /v1/users/me/sessions`) */
        list: (params: types.UsersMeSessionsListParams = {}, options?: RequestOptions) => api.pages<types.Session>({ method: "GET", path: `/v1/users/me/sessions`, query: params }, options),
        /** End one of one's sessions (`DELETE /v1/users/me/sessions/{id}`) */
        delete: (id: string, _params: types.NoParams = {}, options?: RequestOptions) => api.call<types.Session>({ method: "DELETE", path: `/v1/users/me/sessions/${encodeURIComponent(id)}` }, options),
      },
      totp: {
        /** Switch the authenticator app off. By its code, or by a recovery code when the phone with it is lost (`DELETE /v1/users/me/totp`) */
        delete: (params: types.UsersMeTotpDeleteParams, options?: RequestOptions) => api.call<types.Totp>({ method: "DELETE", path: `/v1/users/me/totp`, body: params }, options),
        /** Whether an authenticator app is set up (`GET /v1/users/me/totp`) */
        retrieve: (_params: types.NoParams = {}, options?: RequestOptions) => api.call<types.Totp>({ method: "GET", path: `/v1/users/me/totp` }, options),
        /** Set up an authenticator app. Gives the secret once; a first code at `/v1/users/me/totp/confirm` switches it on (`POST /v1/users/me/totp`) */
        create: (params: types.UsersMeTotpCreateParams, options?: RequestOptions) => api.call<types.Totp>({ method: "POST", path: `/v1/users/me/totp`, body: params }, options),
        /** Switch the authenticator app on by its first code. From now on the password alone does not sign in. Gives ten recovery codes, once (`POST /v1/users/me/totp/confirm`) */
        confirm: (params: types.UsersMeTotpConfirmParams, options?: RequestOptions) => api.call<types.Totp>({ method: "POST", path: `/v1/users/me/totp/confirm`, body: params }, options),
      },
      verifications: {
        /** Prove one's phone or email by one-time code. With the code that was sent for `verify` (`POST /v1/users/me/verifications`) */
        create: (params: types.UsersMeVerificationsCreateParams, options?: RequestOptions) => api.call<types.User>({ method: "POST", path: `/v1/users/me/verifications`, body: params }, options),
      },
    },
    /** Read a user, masked. Needs the permission `users:read` (`GET /v1/users/{id}`) */
    retrieve: (id: string, _params: types.NoParams = {}, options?: RequestOptions) => api.call<types.KeptUser>({ method: "GET", path: `/v1/users/${encodeURIComponent(id)}` }, options),
    /** Erase a user who asked for it, for good. Takes two persons, whatever the settings. What has to be settled first and what is gone is as with `POST /v1/users/me/erasure`. Needs the permission `users:erase` (`POST /v1/users/{id}/erase`) */
    erase: (id: string, params: types.UsersEraseParams, options?: RequestOptions) => api.call<types.Erasure | types.Approval>({ method: "POST", path: `/v1/users/${encodeURIComponent(id)}/erase`, body: params }, options),
    /** Freeze a user. At once, by one person. Sessions and payment codes are answered `account_frozen`; money that comes in is kept. Needs the permission `users:freeze` (`POST /v1/users/{id}/freeze`) */
    freeze: (id: string, params: types.UsersFreezeParams, options?: RequestOptions) => api.call<types.KeptUser>({ method: "POST", path: `/v1/users/${encodeURIComponent(id)}/freeze`, body: params }, options),
    /** Let a frozen user in again. Takes two persons. Needs the permission `users:freeze` (`POST /v1/users/{id}/unfreeze`) */
    unfreeze: (id: string, params: types.UsersUnfreezeParams, options?: RequestOptions) => api.call<types.KeptUser | types.Approval>({ method: "POST", path: `/v1/users/${encodeURIComponent(id)}/unfreeze`, body: params }, options),
    /** Show what is masked of a user, in full. With a reason and a fresh code, a few an hour. Each look is in the audit log. Needs the permission `users:unmask` (`POST /v1/users/{id}/unmask`) */
    unmask: (id: string, params: types.UsersUnmaskParams, options?: RequestOptions) => api.call<types.UnmaskedUser>({ method: "POST", path: `/v1/users/${encodeURIComponent(id)}/unmask`, body: params }, options),
  },
  wallet: {
    /** Balances and limits of the signed-in user (`GET /v1/wallet`) */
    retrieve: (_params: types.NoParams = {}, options?: RequestOptions) => api.call<types.Wallet>({ method: "GET", path: `/v1/wallet` }, options),
  },
  webhookDeliveries: {
    /** Read a delivery. Needs the permission `webhooks:read` (`GET /v1/webhook_deliveries/{id}`) */
    retrieve: (id: string, _params: types.NoParams = {}, options?: RequestOptions) => api.call<types.WebhookDelivery>({ method: "GET", path: `/v1/webhook_deliveries/${encodeURIComponent(id)}` }, options),
    /** Send an event to the same receiver again. A new delivery with the same `webhook-id`, so that a receiver that has it already can tell. Needs the permission `webhooks:write` (`POST /v1/webhook_deliveries/{id}/resend`) */
    resend: (id: string, _params: types.NoParams = {}, options?: RequestOptions) => api.call<types.WebhookDelivery>({ method: "POST", path: `/v1/webhook_deliveries/${encodeURIComponent(id)}/resend` }, options),
  },
  webhookEndpoints: {
    /** List webhook endpoints. Needs the permission `webhooks:read` (`GET /v1/webhook_endpoints`) */
    list: (params: types.WebhookEndpointsListParams = {}, options?: RequestOptions) => api.pages<types.WebhookEndpoint>({ method: "GET", path: `/v1/webhook_endpoints`, query: params }, options),
    /** Make a webhook endpoint. Signed as Standard Webhooks say. An event is sent at once, in the order in which they happened to one object; one that fails does not hold up later ones: `sequence` counts an object's events. A 2xx within 15 seconds is a success; redirects are not followed; failures are tried again for three days. Needs the permission `webhooks:write` (`POST /v1/webhook_endpoints`) */
    create: (params: types.WebhookEndpointsCreateParams, options?: RequestOptions) => api.call<types.WebhookEndpoint>({ method: "POST", path: `/v1/webhook_endpoints`, body: params }, options),
    /** Delete a webhook endpoint. What waits for it is given up. Needs the permission `webhooks:write` (`DELETE /v1/webhook_endpoints/{id}`) */
    delete: (id: string, _params: types.NoParams = {}, options?: RequestOptions) => api.call<types.WebhookEndpoint>({ method: "DELETE", path: `/v1/webhook_endpoints/${encodeURIComponent(id)}` }, options),
    /** Read a webhook endpoint. Needs the permission `webhooks:read` (`GET /v1/webhook_endpoints/{id}`) */
    retrieve: (id: string, _params: types.NoParams = {}, options?: RequestOptions) => api.call<types.WebhookEndpoint>({ method: "GET", path: `/v1/webhook_endpoints/${encodeURIComponent(id)}` }, options),
    /** Change a webhook endpoint. Switched off, it keeps what waits for it and gets nothing new; switched on, it gets what waits. Needs the permission `webhooks:write` (`PATCH /v1/webhook_endpoints/{id}`) */
    update: (id: string, params: types.WebhookEndpointsUpdateParams = {}, options?: RequestOptions) => api.call<types.WebhookEndpoint>({ method: "PATCH", path: `/v1/webhook_endpoints/${encodeURIComponent(id)}`, body: params }, options),
    deliveries: {
      /** What was sent to a webhook endpoint, newest first. Needs the permission `webhooks:read` (`GET /v1/webhook_endpoints/{id}/deliveries`) */
      list: (id: string, params: types.WebhookEndpointsDeliveriesListParams = {}, options?: RequestOptions) => api.pages<types.WebhookDelivery>({ method: "GET", path: `/v1/webhook_endpoints/${encodeURIComponent(id)}/deliveries`, query: params }, options),
    },
    /** Give a webhook endpoint a new secret. Until the overlap ends each message carries two signatures, one by each secret. Needs the permission `webhooks:write` (`POST /v1/webhook_endpoints/{id}/rotate_secret`) */
    rotateSecret: (id: string, params: types.WebhookEndpointsRotateSecretParams = {}, options?: RequestOptions) => api.call<types.WebhookEndpoint>({ method: "POST", path: `/v1/webhook_endpoints/${encodeURIComponent(id)}/rotate_secret`, body: params }, options),
    /** Send a webhook endpoint a test event. An event `webhook_endpoint.test`, whatever the endpoint asked for. Needs the permission `webhooks:write` (`POST /v1/webhook_endpoints/{id}/test`) */
    test: (id: string, _params: types.NoParams = {}, options?: RequestOptions) => api.call<types.WebhookDelivery>({ method: "POST", path: `/v1/webhook_endpoints/${encodeURIComponent(id)}/test` }, options),
  },
  withdrawals: {
    /** List withdrawals (`GET /v1/withdrawals`) */
    list: (params: types.WithdrawalsListParams = {}, options?: RequestOptions) => api.pages<types.Withdrawal>({ method: "GET", path: `/v1/withdrawals`, query: params }, options),
    /** Withdraw from the wallet to a bank account. Answers `pending`: the money is held, and leaves the wallet when the bank has confirmed. Events `withdrawal.pending`, then `succeeded` or `failed`; a bank may send money back afterwards: `returned` (`POST /v1/withdrawals`) */
    create: (params: types.WithdrawalsCreateParams, options?: RequestOptions) => api.call<types.Withdrawal>({ method: "POST", path: `/v1/withdrawals`, body: params }, options),
    /** Read a withdrawal (`GET /v1/withdrawals/{id}`) */
    retrieve: (id: string, _params: types.NoParams = {}, options?: RequestOptions) => api.call<types.Withdrawal>({ method: "GET", path: `/v1/withdrawals/${encodeURIComponent(id)}` }, options),
  },
});
