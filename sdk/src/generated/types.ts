// Made by `npm run generate` from the server's code; not to be edited.

/** A list that is not read in pages. */
export interface List<T> {
  object: "list";
  data: T[];
  has_more: boolean;
  url: string;
}

/** What a method is given that has no parameters. */
export type NoParams = Record<string, never>;

/** Something that a person should see */
export interface Alert {
  /** Id of the object that it is about */
  about: string | null;
  acknowledged_at: string | null;
  acknowledged_by: string | null;
  /** How often it was seen: what goes on is counted here until the alert is resolved */
  count: number;
  /** RFC 3339, UTC */
  created_at: string;
  details: Record<string, unknown>;
  id: string;
  /** RFC 3339, UTC */
  last_seen_at: string;
  livemode: boolean | null;
  merchant: string | null;
  /** What happened, for people */
  message: string;
  /** Of who resolved it */
  note: string | null;
  object: "alert";
  resolved_at: string | null;
  resolved_by: string | null;
  severity: "info" | "warning" | "critical";
  status: "open" | "acknowledged" | "resolved";
  /** What happened: `webhook_endpoint.disabled` */
  type: string;
}

/** An API key, without its secret */
export interface ApiKey {
  /** null: from anywhere */
  allowed_addresses: string[] | null;
  /** RFC 3339, UTC */
  created_at: string;
  expires_at: string | null;
  id: string;
  last_four: string;
  /** To about half a minute */
  last_used_at: string | null;
  livemode: boolean;
  merchant: string;
  name: string;
  object: "api_key";
  /** Requests without a signature are refused */
  require_signature: boolean;
  revoked_at: string | null;
  rolled_to: string | null;
  /** null: everything a merchant may */
  scopes: string[] | null;
  /** Shown here and never again */
  secret?: string | undefined;
  signature_key: {
    alg: "ed25519" | "hmac-sha256";
    /** What the parameter `keyid` of a signature says */
    keyid: string;
    public_key: string | null;
    /** Of hmac-sha256: its characters are the key. In the answer that makes it, and never again */
    secret?: string | undefined;
  } | null;
  status: "active" | "rolled" | "expired" | "revoked";
}

/** What one member of staff asked for and another decides on */
export interface Approval {
  /** Exactly what will be done: path parameters and body of the request */
  content: {
    body: unknown;
    params: Record<string, string>;
  };
  /** RFC 3339, UTC */
  created_at: string;
  decided_at: string | null;
  decided_by: string | null;
  /** SHA-256 of id, kind and content; to be sent back by the one who approves */
  digest: string;
  /** RFC 3339, UTC */
  expires_at: string;
  failure: {
    code: string;
    details?: Record<string, unknown> | undefined;
    message: string;
    param: string | null;
  } | null;
  id: string;
  /** The act: `pricing_plan.create` */
  kind: string;
  maker: string;
  object: "approval";
  reason: string | null;
  result: Record<string, unknown> | null;
  /** The result is its maker's alone, once, for 24 hours */
  secret: boolean;
  /** `failed`: approved, and then impossible; `lapsed`: its maker was disabled or got another role meanwhile; `tampered`, in lists only: it was changed in the database, and nobody can decide on it */
  status: "pending" | "approved" | "failed" | "refused" | "canceled" | "lapsed" | "expired" | "tampered";
  /** The act in words */
  text: string;
}

export interface ApprovalResult {
  approval: string;
  object: "approval_result";
  /** As the maker would have had it at once: an API key with its secret */
  result: Record<string, unknown>;
}

/** Who did what to which object. Secrets and personal data are left out */
export interface AuditEntry {
  /** What it was done to */
  about: {
    id: string;
    type: string;
  };
  /** `api_key.created` */
  action: string;
  actor: {
    /** Of the system the name of the job */
    id: string | null;
    role: string | null;
    /** Session, or API key */
    session: string | null;
    type: "staff" | "merchant" | "terminal" | "user" | "payer" | "system" | "anonymous";
  };
  /** Where it came from; of users masked */
  address: string | null;
  after: Record<string, unknown> | null;
  before: Record<string, unknown> | null;
  /** RFC 3339, UTC */
  created_at: string;
  id: string;
  livemode: boolean | null;
  object: "audit_entry";
  outcome: "done" | "refused";
  /** Merchant or user; null: the operator */
  owner: string | null;
  reason: string | null;
  request_id: string | null;
}

export interface AuditHead {
  batches: number;
  /** Number and keyed digest of the last batch */
  head: string | null;
  object: "audit_head";
  sealed_at: string | null;
}

/** A saved bank account: a token that stands for its number */
export interface BankAccount {
  bank_code: string | null;
  /** ISO 3166-1, two letters */
  country: string;
  /** RFC 3339, UTC */
  created_at: string;
  holder: string | null;
  id: string;
  last_four: string;
  livemode: boolean;
  object: "bank_account";
  type: "iban" | "domestic";
}

/** A saved card: a token that stands for its number, which is never shown again */
export interface Card {
  /** `visa`, `mastercard`, `unionpay` …; `unknown` when the first digits are nobody's we know */
  brand: string;
  /** RFC 3339, UTC */
  created_at: string;
  exp_month: number;
  exp_year: number;
  expired: boolean;
  first_six: string;
  funding: "credit" | "debit" | "prepaid" | "unknown";
  holder: string | null;
  id: string;
  last_four: string;
  livemode: boolean;
  object: "card";
  /** What the customer holds */
  type: "chip" | "magstripe" | "virtual";
}

/** An order as its payer sees it */
export interface Checkout {
  /** Minor units of the currency */
  amount: number;
  amount_captured: number;
  attempt: {
    channel: string;
    /** RFC 3339, UTC */
    created_at: string;
    failure: {
      code: string;
      message: string;
    } | null;
    id: string;
    method: string;
    status: "pending" | "succeeded" | "failed";
  } | null;
  capture: "automatic" | "manual";
  /** RFC 3339, UTC */
  created_at: string;
  /** ISO 4217 code */
  currency: string;
  expires_at: string | null;
  /** What the payer gives on top of the amount */
  fee: number;
  livemode: boolean;
  merchant: {
    id: string;
    name: string;
  };
  method: string | null;
  methods: Array<"wallet" | "bank">;
  object: "checkout";
  /** The merchant's order number: 1 to 64 letters, digits and `_ - * .` */
  out_trade_no: string;
  payment: string;
  receipt: string | null;
  status: "requires_payment" | "processing" | "authorized" | "succeeded" | "failed" | "closed";
  subject: string | null;
  succeeded_at: string | null;
  /** What the payer gives in all */
  total: number;
}

export interface CodeAlias {
  /** Nine digits that stand for the device in its codes, until the next contact */
  alias: string;
  device: string;
  object: "code_alias";
  /** To correct the device's clock by; RFC 3339, UTC */
  server_time: string;
}

export interface CodeKey {
  /** Nine digits that stand for the device in its codes, until the next contact */
  alias: string;
  codes_per_step: number;
  device: string;
  digits: number;
  issuer_prefix: string;
  /** 256 bits in base64url */
  key: string;
  object: "code_key";
  /** To correct the device's clock by; RFC 3339, UTC */
  server_time: string;
  step_seconds: number;
}

export interface CollectCode {
  /** null: the payer enters it */
  amount: number | null;
  /** ISO 4217 code */
  currency: string;
  expires_at: string | null;
  /** What the payer bears of it; null while the amount is open */
  fee: number | null;
  livemode: boolean;
  merchant: {
    city: string;
    id: string;
    name: string;
  };
  object: "collect_code";
  /** The order of a dynamic code */
  payment: string | null;
  /** A total above this needs the payment PIN, in minor units */
  pin_above: number;
  store: {
    id: string;
    name: string;
  } | null;
  subject: string | null;
  /** What the payer gives; null while the amount is open */
  total: number | null;
  type: "static" | "dynamic";
}

export interface Currency {
  /** ISO 4217 code */
  code: string;
  /** An amount of 1250 is 12.50 when it is 2, 1250 when it is 0 */
  exponent: number;
  object: "currency";
}

/** A phone or browser of a user */
export interface Device {
  /** RFC 3339, UTC */
  created_at: string;
  id: string;
  key: {
    /** RFC 3339, UTC */
    enrolled_at: string;
    /** RFC 7638 thumbprint of the public key, in base64url */
    fingerprint: string;
  } | null;
  livemode: boolean;
  name: string;
  object: "device";
  platform: "ios" | "android" | "harmony" | "web" | "other";
  revoked_at: string | null;
  status: "active" | "revoked";
  trust_token?: string | undefined;
  trusted: boolean;
}

export interface Erasure {
  object: "erasure";
  user: string;
}

/** Something that happened */
export interface Event {
  /** RFC 3339, UTC */
  created_at: string;
  data: {
    /** The whole object as it was then */
    object: Record<string, unknown>;
  };
  id: string;
  livemode: boolean;
  object: "event";
  /** `payment.succeeded` and so on */
  type: string;
}

/** A user as staff see one: phone, email and name masked */
export interface KeptUser {
  /** RFC 3339, UTC */
  created_at: string;
  email: string | null;
  /** A one-time code reached it */
  email_verified: boolean;
  frozen_at: string | null;
  frozen_reason: string | null;
  id: string;
  livemode: boolean;
  /** Language of what the platform tells the user */
  locale: "zh-CN" | "en";
  name: string | null;
  object: "kept_user";
  phone: string | null;
  /** A one-time code reached it */
  phone_verified: boolean;
  status: "active" | "frozen" | "erased";
}

/** An account of the ledger */
export interface LedgerAccount {
  as_of?: string | null | undefined;
  /** RFC 3339, UTC */
  at?: string | undefined;
  balance: {
    /** Minor units */
    credits_pending: number;
    /** Minor units */
    credits_posted: number;
    /** Minor units */
    debits_pending: number;
    /** Minor units */
    debits_posted: number;
  };
  closed: boolean;
  /** Lower case letters, digits and `_` */
  code: string;
  /** RFC 3339, UTC */
  created_at: string;
  credits_must_not_exceed_debits: boolean;
  /** ISO 4217 code */
  currency: string;
  debits_must_not_exceed_credits: boolean;
  /** Whether entries and balances at past moments are kept */
  history: boolean;
  id: string;
  lanes: number;
  livemode: boolean;
  object: "ledger_account";
  owner: string | null;
}

/** One side of a transfer in an account's history; its id is the transfer's. `balance` is the account's after it */
export interface LedgerEntry {
  account: string;
  balance: {
    /** Minor units */
    credits_pending: number;
    /** Minor units */
    credits_posted: number;
    /** Minor units */
    debits_pending: number;
    /** Minor units */
    debits_posted: number;
  };
  /** Lower case letters, digits and `_` */
  code: string;
  counterparty: string | null;
  /** RFC 3339, UTC */
  created_at: string;
  /** RFC 3339, UTC */
  event_at: string;
  id: string;
  kind: "posted" | "pending" | "post" | "void";
  object: "ledger_entry";
  /** Of this side's pending sum; negative when it was resolved */
  pending_change: number;
  /** Of this side's posted sum */
  posted_change: number;
  reference: string | null;
  side: "debit" | "credit";
}

/** A transfer. A merchant sees its own account; the other side is `null` */
export interface LedgerTransfer {
  /** Minor units of the currency */
  amount: number;
  /** Lower case letters, digits and `_` */
  code: string;
  /** RFC 3339, UTC */
  created_at: string;
  credit_account: string | null;
  /** ISO 4217 code */
  currency: string;
  debit_account: string | null;
  /** RFC 3339, UTC */
  event_at: string;
  expires_at: string | null;
  id: string;
  kind: "posted" | "pending" | "post" | "void";
  linked: boolean;
  object: "ledger_transfer";
  pending_transfer: string | null;
  reference: string | null;
  resolved_by: string | null;
  state: "pending" | "posted" | "voided" | "expired" | null;
  timeout_s: number | null;
}

/** A business that takes payments. It exists in both modes: its keys decide */
export interface Merchant {
  city: string;
  /** ISO 3166-1 code */
  country: string;
  /** RFC 3339, UTC */
  created_at: string;
  /** ISO 4217 code */
  currency: string;
  fee_bearer: "merchant" | "payer";
  id: string;
  /** Merchant category code (ISO 18245) */
  mcc: string;
  name: string;
  object: "merchant";
  pricing_plan: string;
  status: "active" | "suspended";
}

/** A message to a person, as test mode keeps it for a day instead of sending it */
export interface Message {
  /** RFC 3339, UTC */
  created_at: string;
  id: string;
  /** `one_time_code` and so on */
  kind: string;
  object: "message";
  subject: string;
  text: string;
  /** Phone or email */
  to: string;
  /** What of the text a program wants to read */
  values: Record<string, string>;
}

/** Signs what goes to payments' own `notify` addresses */
export interface NotifySecret {
  /** RFC 3339, UTC */
  created_at: string;
  livemode: boolean;
  object: "notify_secret";
  previous_secret_expires_at: string | null;
  /** `whsec_` and the base64 of 24 to 64 bytes; shown when it is made and never again */
  secret?: string | undefined;
}

export interface OneTimeCode {
  /** Seconds */
  expires_in: number;
  object: "one_time_code";
  /** What the code will be used for; it is good for nothing else */
  purpose: "register" | "reset_password" | "reset_pin" | "verify" | "change_phone" | "change_email";
  /** Seconds before another can be sent */
  resend_in: number;
}

export interface OpenedInvitation {
  email: string;
  /** RFC 3339, UTC */
  expires_at: string;
  object: "opened_invitation";
  role: string;
  /** Base32 */
  totp_secret: string;
  /** otpauth://… for a QR code */
  totp_url: string;
}

export interface PairingCode {
  /** RFC 3339, UTC */
  expires_at: string;
  livemode: boolean;
  object: "pairing_code";
  /** As `7K3M-Q9TX`; typed with or without the dash, in any case */
  pairing_code: string;
  terminal: string;
}

/** A passkey: signs in without a password */
export interface Passkey {
  /** RFC 3339, UTC */
  created_at: string;
  id: string;
  livemode: boolean;
  name: string;
  object: "passkey";
  recovery_codes?: string[] | null | undefined;
  /** Its maker keeps a copy, so other devices of the user may have it */
  synced: boolean;
  transports: string[];
  used_at: string | null;
}

export interface PasskeyOptions {
  object: "passkey_options";
  /** For `PublicKeyCredential.parseRequestOptionsFromJSON` */
  public_key: {
    allowCredentials?: Array<{
      id: string;
      transports?: string[] | undefined;
      type: string;
    }> | undefined;
    challenge: string;
    rpId?: string | undefined;
    /** Milliseconds */
    timeout?: number | undefined;
    userVerification?: string | undefined;
  } | {
    attestation?: string | undefined;
    challenge: string;
    excludeCredentials?: Array<{
      id: string;
      transports?: string[] | undefined;
      type: string;
    }> | undefined;
    pubKeyCredParams: Array<{
      alg: number;
      type: string;
    }>;
    rp: {
      id?: string | undefined;
      name: string;
    };
    /** Milliseconds */
    timeout?: number | undefined;
    user: {
      displayName: string;
      id: string;
      name: string;
    };
  };
}

export interface PasswordChange {
  object: "password_change";
  /** Sessions that were ended */
  sessions_ended: number;
}

export interface PasswordReset {
  object: "password_reset";
  /** Sessions that were ended */
  sessions_ended: number;
}

/** A payment. `methods`, `notify` and `profit_sharing` are an order's; `qr_code` is the code that its payer scanned */
export interface Payment {
  action: {
    expires_at: string | null;
    type: "confirm_on_device";
  } | null;
  /** Minor units of the currency */
  amount: number;
  amount_captured: number;
  amount_refunded: number;
  attempts?: PaymentAttempt[] | undefined;
  capture: "automatic" | "manual";
  channel: string | null;
  /** Page on which the payer pays; shown as `payment_key` is, which stands in its fragment */
  checkout_url?: string | undefined;
  /** RFC 3339, UTC */
  created_at: string;
  /** ISO 4217 code */
  currency: string;
  /** Deliveries of the payment's events to webhook endpoints */
  deliveries?: Array<Record<string, unknown>> | undefined;
  /** Event objects, the first first */
  events?: Array<Record<string, unknown>> | undefined;
  expires_at: string | null;
  failure: {
    code: string;
    message: string;
  } | null;
  fee: number;
  fee_bearer: "merchant" | "payer";
  id: string;
  ledger_transfers?: LedgerTransfer[] | undefined;
  livemode: boolean;
  merchant: string;
  /** The merchant's own keys: up to 50 of 40 characters, values of 500 */
  metadata: Record<string, string>;
  method: string | null;
  methods?: Array<"wallet" | "bank"> | undefined;
  /** What the merchant gets: amount − fee when the merchant bears it */
  net: number;
  notify?: string | null | undefined;
  object: "payment";
  /** The merchant's order number: 1 to 64 letters, digits and `_ - * .` */
  out_trade_no: string;
  payer: string | null;
  /** Opens the order for its payer; shown when it is made, and when that request is repeated with its key */
  payment_key?: string | undefined;
  profit_sharing?: Array<{
    /** Minor units of the currency */
    amount: number;
    receiver: string;
  } | {
    receiver: string;
    /** Hundredths of a percent of the amount */
    share_bps: number;
  }> | null | undefined;
  /** Text of the QR code by which the order is paid (EMVCo, `docs/collect-codes.md`); shown as `payment_key` is. `POST /v1/qr_codes` draws it */
  qr?: string | undefined;
  qr_code?: string | undefined;
  /** Once it succeeded: the receipt's id, or the receipt where it was asked for */
  receipt: string | Record<string, unknown> | null;
  /** The first first */
  refunds?: Refund[] | undefined;
  /** No risk decisions are made yet */
  risk_decision?: null | undefined;
  /** No payment is routed to a channel yet */
  route?: null | undefined;
  status: "requires_payment" | "processing" | "authorized" | "succeeded" | "failed" | "closed";
  store: string | null;
  subject: string | null;
  succeeded_at: string | null;
  terminal: string | null;
  /** What the payer gives: amount + fee when the payer bears it */
  total: number;
  transitions?: Array<{
    /** RFC 3339, UTC */
    at: string;
    event: string;
    from: "requires_payment" | "processing" | "authorized" | "succeeded" | "failed" | "closed" | null;
    to: "requires_payment" | "processing" | "authorized" | "succeeded" | "failed" | "closed";
  }> | undefined;
}

export interface PaymentAttempt {
  /** RFC 3339, UTC */
  created_at: string;
  failure_code: string | null;
  kind: "payment_code" | "order";
  method: string | null;
  object: "payment_attempt";
  payer: string | null;
  /** `pending`: the channel has not answered yet */
  status: "requires_payment" | "processing" | "authorized" | "succeeded" | "failed" | "closed" | "pending";
  succeeded_at: string | null;
}

export interface PaymentCode {
  /** To be shown as QR and Code 128 */
  code: string;
  /** RFC 3339, UTC */
  expires_at: string;
  id: string;
  object: "payment_code";
}

export interface PaymentPin {
  locked_until: string | null;
  object: "payment_pin";
  set: boolean;
}

/** A price, whose terms never change */
export interface PricingPlan {
  /** RFC 3339, UTC */
  created_at: string;
  /** ISO 4217 code */
  currency: string;
  /** New merchants of its currency get the newest such plan */
  default: boolean;
  fee_bearer: "merchant" | "payer";
  /** Minor units */
  fixed: number;
  id: string;
  max_fee: number | null;
  min_fee: number | null;
  name: string;
  object: "pricing_plan";
  /** Hundredths of a percent: 60 is 0.60 % */
  rate_bps: number;
  /** What becomes of a refund that the merchant's balance does not cover: refused, or owed by the merchant */
  refund_debt: "refused" | "allowed";
  /** What becomes of the fee when a payment is refunded */
  refund_fee: "returned" | "kept";
  replaces: string | null;
  /** 1, or one more than the plan that it replaces */
  version: number;
}

/** A QR code that a shop shows and payers scan */
export interface QrCode {
  /** null: the payer enters it */
  amount: number | null;
  /** RFC 3339, UTC */
  created_at: string;
  /** ISO 4217 code */
  currency: string;
  expires_at: string | null;
  id: string;
  livemode: boolean;
  merchant: string;
  /** The merchant's own keys: up to 50 of 40 characters, values of 500 */
  metadata: Record<string, string>;
  object: "qr_code";
  /** EMVCo merchant-presented text, as it stands in the code */
  payload: string;
  payment: string | null;
  /** Path of the image on this server, to be fetched with the merchant's key */
  png_url: string;
  revoked_at: string | null;
  /** used and expired: what became of a dynamic one's order; a static one is active until it is revoked */
  status: "active" | "revoked" | "used" | "expired";
  store: string | null;
  subject: string | null;
  svg_url: string;
  terminal: string | null;
  /** static: for many payments; dynamic: for one order */
  type: "static" | "dynamic";
}

/** What was bought, from whom and for how much, with what was given back since */
export interface Receipt {
  /** What was captured */
  amount: number;
  /** total − refunded */
  balance: number;
  buyer: {
    id: string;
    name: string | null;
    phone: string | null;
  } | null;
  channel: string | null;
  /** ISO 4217 code */
  currency: string;
  /** What the buyer paid on top */
  fee: number;
  id: string;
  items: Array<{
    /** Minor units */
    amount: number;
    description: string;
    quantity: number;
  }>;
  livemode: boolean;
  method: string | null;
  object: "receipt";
  out_trade_no: string;
  /** RFC 3339, UTC */
  paid_at: string;
  payment: string;
  /** Given back to the buyer, fees included */
  refunded: number;
  /** Those that succeeded, the first first */
  refunds: Array<{
    /** Minor units */
    amount: number;
    /** Minor units */
    fee_returned: number;
    id: string;
    succeeded_at: string | null;
  }>;
  seller: {
    city: string;
    country: string;
    id: string;
    /** Merchant category code (ISO 18245) */
    mcc: string;
    name: string;
    store: {
      address: string | null;
      id: string;
      name: string;
    } | null;
  };
  /** amount + fee */
  total: number;
}

export interface Recipient {
  name: string | null;
  object: "recipient";
  phone: string | null;
  user: string;
}

/** Something that moved, or failed to, as one of its sides sees it */
export interface MoneyRecord {
  /** Minor units of the currency */
  amount: number;
  counterparty: {
    id: string;
    name: string | null;
  } | null;
  /** When it was noted here; lists go by `time` */
  created_at: string;
  /** ISO 4217 code */
  currency: string;
  direction: "in" | "out";
  failure: {
    code: string;
    message: string;
  } | null;
  /** What the owner of the record bears; negative when a refund gives it back */
  fee: number;
  id: string;
  livemode: boolean;
  /** The merchant's own keys: up to 50 of 40 characters, values of 500 */
  metadata: Record<string, string>;
  method: string | null;
  /** What left the owner or came: amount + fee going out, amount − fee coming in, 0 when it failed. Of a payer's wallet unless `method` says otherwise */
  net: number;
  object: "record";
  out_trade_no: string | null;
  payment: string | null;
  result: "succeeded" | "failed";
  /** What moved: id of a payment, refund, transfer, top-up or withdrawal */
  source: string;
  store: string | null;
  subject: string | null;
  terminal: string | null;
  /** RFC 3339, UTC */
  time: string;
  type: "payment" | "refund" | "transfer" | "topup" | "topup_return" | "withdrawal" | "withdrawal_return";
}

export interface RecoveryCodes {
  left: number;
  object: "recovery_codes";
  /** Shown once: to be kept where the phone is not */
  recovery_codes: string[];
}

/** A refund */
export interface Refund {
  /** Minor units of the currency */
  amount: number;
  /** RFC 3339, UTC */
  created_at: string;
  /** ISO 4217 code */
  currency: string;
  failure: {
    code: string;
    message: string;
  } | null;
  fee_bearer: "merchant" | "payer";
  /** The part of the payment's fee that goes back to whoever bore it */
  fee_returned: number;
  id: string;
  livemode: boolean;
  merchant: string;
  /** The merchant's own keys: up to 50 of 40 characters, values of 500 */
  metadata: Record<string, string>;
  method: string | null;
  object: "refund";
  /** The merchant's refund number: 1 to 64 letters, digits and `_ - * .` */
  out_refund_no: string;
  /** The merchant's order number: 1 to 64 letters, digits and `_ - * .` */
  out_trade_no: string;
  payer: string | null;
  payment: string;
  /** Of all the payment's refunds that did not fail */
  payment_amount_refunded: number;
  reason: string | null;
  status: "pending" | "succeeded" | "failed";
  store: string | null;
  succeeded_at: string | null;
  terminal: string | null;
  /** What the payer gets: amount + fee_returned when the payer bore the fee */
  total: number;
}

/** What a member of staff may do */
export interface Role {
  name: string;
  object: "role";
  permissions: Array<{
    name: string;
    text: string;
  }>;
  text: string;
}

/** Something of one's own that was looked for */
export interface SearchResult {
  /** Minor units of the currency */
  amount: number;
  counterparty: {
    id: string;
    name: string | null;
  } | null;
  /** ISO 4217 code */
  currency: string;
  direction: "in" | "out";
  /** Of the payment, refund, transfer, top-up or withdrawal */
  id: string;
  object: "search_result";
  out_trade_no: string | null;
  payment: string | null;
  status: "requires_payment" | "processing" | "authorized" | "succeeded" | "failed" | "closed";
  subject: string | null;
  /** RFC 3339, UTC */
  time: string;
  type: "payment" | "refund" | "transfer" | "topup" | "topup_return" | "withdrawal" | "withdrawal_return";
}

/** A sign-in that goes on */
export interface Session {
  /** Where it was opened from, masked */
  address: string;
  /** RFC 3339, UTC */
  created_at: string;
  /** It is the one that asks */
  current: boolean;
  device: string | null;
  ended_at: string | null;
  /** RFC 3339, UTC */
  expires_at: string;
  id: string;
  livemode: boolean;
  object: "session";
  /** RFC 3339, UTC */
  used_at: string;
}

/** Somebody who runs the platform */
export interface Staff {
  /** RFC 3339, UTC */
  created_at: string;
  email: string;
  id: string;
  object: "staff";
  permissions: string[];
  role: string;
  /** `invited`: has not set credentials yet */
  status: "invited" | "active" | "disabled";
}

export interface StaffInvitation {
  /** RFC 3339, UTC */
  expires_at: string;
  object: "staff_invitation";
  sent_by: "email" | null;
  token: string | null;
}

/** What an owner had at the beginning of a business day, what happened, and what there was at its end */
export interface Statement {
  accounts: Array<{
    account: string;
    /** What came in less what went out */
    change: number;
    /** opening + change; the next day's opening */
    closing: number;
    /** `wallet`, `merchant_pending`, `merchant_available` … */
    code: string;
    /** ISO 4217 code */
    currency: string;
    /** Of the closing balance: set aside to go out */
    held: number;
    /** On its way in at the end of the day, not in the balance */
    incoming: number;
    /** What was posted, by type. Not in lists */
    movements?: Array<{
      amount: number;
      count: number;
      direction: "in" | "out";
      /** The ledger's code: `payment`, `payment_fee`, `refund` … */
      type: string;
    }> | undefined;
    /** Minor units; below zero when more was taken than came in */
    opening: number;
  }>;
  as_of: string | null;
  /** A business day: `2026-11-21` */
  date: string;
  /** The day is over, and nothing of it can change any more */
  final: boolean;
  /** RFC 3339, UTC */
  from: string;
  id: string;
  object: "statement";
  /** Not included */
  to: string;
}

export interface StatementLine {
  /** By how much the balance changed */
  amount: number;
  /** After the line */
  balance: number;
  direction: "in" | "out";
  object: "statement_line";
  /** By how much what is held or on its way changed */
  pending_change: number;
  reference: string | null;
  /** RFC 3339, UTC */
  time: string;
  transfer: string;
  /** The ledger's code: `payment`, `payment_fee`, `refund` … */
  type: string;
}

export interface Statistics {
  data: Array<{
    average: number | null;
    count: number;
    /** ISO 4217 code */
    currency: string;
    failed_count: number;
    group: string | null;
    refund_count: number;
    /** Refunds that succeeded in the period, of whatever payments */
    refunded: number;
    success_rate: number | null;
    /** Captured by the payments that succeeded, before refunds */
    volume: number;
  }>;
  from: string | null;
  group_by: "hour" | "day" | "method" | "merchant" | "store" | null;
  object: "statistics";
  /** In which days begin */
  time_zone: string;
  to: string | null;
}

/** A place of a merchant */
export interface Store {
  address: string | null;
  /** RFC 3339, UTC */
  created_at: string;
  id: string;
  livemode: boolean;
  merchant: string;
  name: string;
  object: "store";
  /** IANA name, such as Asia/Shanghai */
  time_zone: string;
}

/** A device or counter position of a store */
export interface Terminal {
  /** RFC 3339, UTC */
  created_at: string;
  id: string;
  livemode: boolean;
  merchant: string;
  name: string;
  object: "terminal";
  paired_at: string | null;
  /** Minor units that the paired till may refund in a business day */
  refund_limit: number;
  status: "active" | "blocked" | "lost";
  store: string;
}

export interface TerminalToken {
  object: "terminal_token";
  /** A device or counter position of a store */
  terminal: Terminal;
  /** `tt_test_…` or `tt_live_…` */
  token: string;
}

/** The platform's time, and how far it is ahead of the machine's */
export interface TestClock {
  /** RFC 3339, UTC */
  now: string;
  object: "test_clock";
  offset_ms: number;
}

/** Money from a bank account into the wallet */
export interface Topup {
  /** Minor units of the currency */
  amount: number;
  /** Of a returned top-up: what the wallet no longer held, and the user owes */
  amount_owed: number;
  channel: "bank";
  /** RFC 3339, UTC */
  created_at: string;
  /** ISO 4217 code */
  currency: string;
  failure: {
    code: string;
    message: string;
  } | null;
  id: string;
  late_money: "returning" | "returned" | "held" | null;
  livemode: boolean;
  object: "topup";
  returned_at: string | null;
  source: string;
  status: "pending" | "succeeded" | "failed" | "returned";
  succeeded_at: string | null;
}

/** A user's authenticator app */
export interface Totp {
  confirmed_at: string | null;
  created_at: string | null;
  object: "totp";
  /** For the QR code that the app scans */
  otpauth_url?: string | undefined;
  /** Shown once: to be kept where the phone is not */
  recovery_codes?: string[] | undefined;
  recovery_codes_left: number;
  /** Base32 */
  secret?: string | undefined;
  status: "none" | "pending" | "active";
}

/** Money from one wallet to another, as one side sees it */
export interface Transfer {
  /** Minor units of the currency */
  amount: number;
  /** The other side, masked; of one who was erased the id alone */
  counterparty: {
    id: string;
    name: string | null;
    phone: string | null;
  };
  /** RFC 3339, UTC */
  created_at: string;
  /** ISO 4217 code */
  currency: string;
  /** `out` for who sent it, `in` for who got it */
  direction: "in" | "out";
  id: string;
  livemode: boolean;
  note: string | null;
  object: "transfer";
  status: "succeeded";
}

export interface TrialBalance {
  balanced: boolean;
  object: "trial_balance";
  totals: Array<{
    balanced: boolean;
    /** Minor units */
    credits_pending: number;
    /** Minor units */
    credits_posted: number;
    /** ISO 4217 code */
    currency: string;
    /** Minor units */
    debits_pending: number;
    /** Minor units */
    debits_posted: number;
    livemode: boolean;
  }>;
}

export interface UnmaskedUser {
  email?: string | null | undefined;
  id: string;
  name?: string | null | undefined;
  object: "unmasked_user";
  phone?: string | null | undefined;
}

/** A person with a wallet */
export interface User {
  /** RFC 3339, UTC */
  created_at: string;
  email: string | null;
  /** A one-time code reached it */
  email_verified: boolean;
  id: string;
  livemode: boolean;
  /** Language of what the platform tells the user */
  locale: "zh-CN" | "en";
  name: string | null;
  object: "user";
  phone: string | null;
  /** A one-time code reached it */
  phone_verified: boolean;
}

export interface Wallet {
  balances: Array<{
    /** What may be spent now */
    available: number;
    /** ISO 4217 code */
    currency: string;
    /** Kept back: for merchants that may capture it, or on its way out */
    held: number;
    /** On its way in */
    pending: number;
  }>;
  limits: Array<{
    /** ISO 4217 code */
    currency: string;
    left: number;
    limit: number;
    /** RFC 3339, UTC */
    resets_at: string;
    type: "code_payment_daily" | "order_payment_daily" | "static_code_payment_daily" | "transfer_daily";
  }>;
  object: "wallet";
}

/** An event on its way to one receiver, with what came of the last attempt */
export interface WebhookDelivery {
  attempts: number;
  /** RFC 3339, UTC */
  created_at: string;
  duration_ms: number | null;
  /** null: the payment's own `notify` address */
  endpoint: string | null;
  /** Why the last attempt failed; `status`: the answer was not 2xx */
  error: "status" | "timeout" | "connection_failed" | "address_refused" | "event_expired" | null;
  event: string;
  event_type: string;
  id: string;
  last_attempt_at: string | null;
  livemode: boolean;
  next_attempt_at: string | null;
  object: "webhook_delivery";
  /** At most 1 KB of the last answer */
  response_excerpt: string | null;
  response_status: number | null;
  status: "pending" | "succeeded" | "failed" | "canceled";
  /** That address */
  url: string | null;
}

/** Where a merchant's server hears of events */
export interface WebhookEndpoint {
  /** RFC 3339, UTC */
  created_at: string;
  description: string | null;
  /** Who switched it off: the merchant, the endpoint's own answer 410, or days of failures */
  disabled_reason: "merchant" | "gone" | "failing" | null;
  enabled: boolean;
  /** Types such as `payment.succeeded`, all of one object as `payment.*`, or `*` */
  events: string[];
  /** Nothing has succeeded since */
  failing_since: string | null;
  id: string;
  livemode: boolean;
  object: "webhook_endpoint";
  /** Until then the secret before signs too */
  previous_secret_expires_at: string | null;
  /** `whsec_` and the base64 of 24 to 64 bytes; shown when it is made and never again */
  secret?: string | undefined;
  /** A public https address; in test mode on one's own machine also `http://localhost:…` */
  url: string;
}

/** Money from the wallet to a bank account */
export interface Withdrawal {
  /** Minor units of the currency */
  amount: number;
  channel: "bank";
  /** RFC 3339, UTC */
  created_at: string;
  /** ISO 4217 code */
  currency: string;
  destination: string;
  failure: {
    code: string;
    message: string;
  } | null;
  id: string;
  late_money: "returning" | "returned" | "held" | null;
  livemode: boolean;
  object: "withdrawal";
  returned_at: string | null;
  status: "pending" | "succeeded" | "failed" | "returned";
  succeeded_at: string | null;
}

export interface LedgerTransfersCreateAnswer {
  object?: undefined;
  results: Array<{
    id: string;
    result: "linked_event_chain_open" | "linked_event_failed" | "exists_with_different_flags" | "exists_with_different_pending_id" | "exists_with_different_timeout" | "exists_with_different_debit_account_id" | "exists_with_different_credit_account_id" | "exists_with_different_amount" | "exists_with_different_currency" | "exists_with_different_code" | "exists_with_different_reference" | "exists_with_different_event_at" | "exists" | "accounts_must_be_different" | "pending_id_must_be_empty" | "pending_id_must_not_be_empty" | "pending_id_must_be_different" | "timeout_reserved_for_pending_transfer" | "amount_must_be_positive" | "pending_transfer_not_found" | "pending_transfer_not_pending" | "pending_transfer_has_different_debit_account_id" | "pending_transfer_has_different_credit_account_id" | "pending_transfer_has_different_currency" | "exceeds_pending_transfer_amount" | "pending_transfer_has_different_amount" | "pending_transfer_already_posted" | "pending_transfer_already_voided" | "pending_transfer_expired" | "debit_account_not_found" | "credit_account_not_found" | "accounts_must_have_the_same_mode" | "accounts_must_have_the_same_currency" | "transfer_must_have_the_same_currency_as_accounts" | "debit_account_closed" | "credit_account_closed" | "overflows_debits_pending" | "overflows_credits_pending" | "overflows_debits_posted" | "overflows_credits_posted" | "overflows_debits" | "overflows_credits" | "exceeds_credits" | "exceeds_debits" | "ok";
  }>;
}

export interface SessionsCreateAnswer {
  /** JWT; send as `Authorization: Bearer …` */
  access_token: string;
  device: Device | null;
  /** Seconds */
  expires_in: number;
  /** Valid once; keep it secret. With the header `Feiqian-Session: cookie` it comes as a cookie instead */
  refresh_token?: string | undefined;
  session: string;
  token_type: "Bearer";
  /** A person with a wallet */
  user: User;
}

export interface SessionsChallengeAnswer {
  /** JWT; send as `Authorization: Bearer …` */
  access_token: string;
  device: Device | null;
  /** Seconds */
  expires_in: number;
  /** Valid once; keep it secret. With the header `Feiqian-Session: cookie` it comes as a cookie instead */
  refresh_token?: string | undefined;
  session: string;
  token_type: "Bearer";
  /** A person with a wallet */
  user: User;
}

export interface SessionsPasskeyAnswer {
  /** JWT; send as `Authorization: Bearer …` */
  access_token: string;
  device: Device | null;
  /** Seconds */
  expires_in: number;
  /** Valid once; keep it secret. With the header `Feiqian-Session: cookie` it comes as a cookie instead */
  refresh_token?: string | undefined;
  session: string;
  token_type: "Bearer";
  /** A person with a wallet */
  user: User;
}

export interface SessionsRefreshAnswer {
  /** JWT; send as `Authorization: Bearer …` */
  access_token: string;
  /** Seconds */
  expires_in: number;
  /** Valid once; keep it secret. With the header `Feiqian-Session: cookie` it comes as a cookie instead */
  refresh_token?: string | undefined;
  token_type: "Bearer";
}

export type StaffCreateAnswer = Staff & {
  invitation: StaffInvitation;
};

export interface StaffSessionsCreateAnswer {
  /** JWT; send as `Authorization: Bearer …` */
  access_token: string;
  /** Seconds */
  expires_in: number;
  /** Valid once; keep it secret. With the header `Feiqian-Session: cookie` it comes as a cookie instead */
  refresh_token?: string | undefined;
  session: string;
  /** Somebody who runs the platform */
  staff: Staff;
  token_type: "Bearer";
}

export type StaffResetAnswer = Staff & {
  invitation: StaffInvitation;
};

export interface AlertsListParams {
  limit?: number | undefined;
  starting_after?: string | undefined;
  ending_before?: string | undefined;
  /** RFC 3339, UTC */
  created_gte?: string | undefined;
  /** RFC 3339, UTC */
  created_lt?: string | undefined;
  status?: "open" | "acknowledged" | "resolved" | undefined;
  type?: string | undefined;
  severity?: "info" | "warning" | "critical" | undefined;
  merchant?: string | undefined;
  /** Id of the object that it is about */
  about?: string | undefined;
}

export interface AlertsResolveParams {
  note: string;
}

export interface ApiKeysListParams {
  limit?: number | undefined;
  starting_after?: string | undefined;
  ending_before?: string | undefined;
  /** RFC 3339, UTC */
  created_gte?: string | undefined;
  /** RFC 3339, UTC */
  created_lt?: string | undefined;
  /** Whose; staff must name one, a merchant's key may only name its own */
  merchant?: string | undefined;
  /** Left out: the key's mode; for staff the server's mode, in lists both */
  livemode?: boolean | undefined;
}

export interface ApiKeysCreateParams {
  /** Addresses and CIDR ranges, IPv4 and IPv6, from where alone the key works */
  allowed_addresses?: string[] | undefined;
  /** Left out: the key's mode; for staff the server's mode, in lists both */
  livemode?: boolean | undefined;
  /** Whose; staff must name one, a merchant's key may only name its own */
  merchant?: string | undefined;
  name: string;
  /** Refuses requests that are not signed; without `signature_key` a secret is made */
  require_signature?: boolean | undefined;
  /** Left out: everything the maker may */
  scopes?: string[] | undefined;
  /** `hmac-sha256`: a secret is made and shown once. `ed25519`: with the public key */
  signature_key?: {
    alg: "ed25519" | "hmac-sha256";
    public_key?: string | {
      alg?: "EdDSA" | "Ed25519" | undefined;
      crv: "Ed25519";
      key_ops?: Array<"verify"> | undefined;
      kid?: string | undefined;
      kty: "OKP";
      use?: "sig" | undefined;
      /** 32 bytes in base64url */
      x: string;
    } | undefined;
  } | undefined;
}

export interface ApiKeysUpdateParams {
  allowed_addresses?: string[] | null | undefined;
  name?: string | undefined;
  require_signature?: boolean | undefined;
}

export interface ApiKeysRollParams {
  /** How long the old key still works */
  overlap_seconds: number;
  /** `hmac-sha256`: a secret is made and shown once. `ed25519`: with the public key */
  signature_key?: {
    alg: "ed25519" | "hmac-sha256";
    public_key?: string | {
      alg?: "EdDSA" | "Ed25519" | undefined;
      crv: "Ed25519";
      key_ops?: Array<"verify"> | undefined;
      kid?: string | undefined;
      kty: "OKP";
      use?: "sig" | undefined;
      /** 32 bytes in base64url */
      x: string;
    } | undefined;
  } | undefined;
}

export interface ApprovalsListParams {
  limit?: number | undefined;
  starting_after?: string | undefined;
  ending_before?: string | undefined;
  /** RFC 3339, UTC */
  created_gte?: string | undefined;
  /** RFC 3339, UTC */
  created_lt?: string | undefined;
  status?: "pending" | "approved" | "failed" | "refused" | "canceled" | "lapsed" | "expired" | undefined;
  kind?: string | undefined;
}

export interface ApprovalsApproveParams {
  /** The digest of what was looked at */
  digest: string;
}

export interface ApprovalsCancelParams {
  
}

export interface ApprovalsRefuseParams {
  reason: string;
}

export interface ApprovalsResultParams {
  
}

export interface AuditLogListParams {
  limit?: number | undefined;
  starting_after?: string | undefined;
  ending_before?: string | undefined;
  /** RFC 3339, UTC */
  created_gte?: string | undefined;
  /** RFC 3339, UTC */
  created_lt?: string | undefined;
  /** Id of who did it */
  actor?: string | undefined;
  action?: string | undefined;
  /** Id of what it was done to */
  about?: string | undefined;
  /** Id of the merchant or user whose it is */
  owner?: string | undefined;
  outcome?: "done" | "refused" | undefined;
  request_id?: string | undefined;
  /** The whole address that it came from */
  address?: string | undefined;
}

export interface AuditLogExportParams {
  format?: "csv" | undefined;
  /** RFC 3339, UTC */
  created_gte?: string | undefined;
  /** RFC 3339, UTC */
  created_lt?: string | undefined;
  /** Id of who did it */
  actor?: string | undefined;
  action?: string | undefined;
  /** Id of what it was done to */
  about?: string | undefined;
  /** Id of the merchant or user whose it is */
  owner?: string | undefined;
  outcome?: "done" | "refused" | undefined;
  request_id?: string | undefined;
  /** The whole address that it came from */
  address?: string | undefined;
}

export interface BankAccountsListParams {
  limit?: number | undefined;
  starting_after?: string | undefined;
  ending_before?: string | undefined;
  /** RFC 3339, UTC */
  created_gte?: string | undefined;
  /** RFC 3339, UTC */
  created_lt?: string | undefined;
}

export interface BankAccountsCreateParams {
  /** Routing number, sort code, CNAPS, BIC */
  bank_code?: string | undefined;
  country?: string | undefined;
  /** As it stands on the card or the account */
  holder?: string | undefined;
  /** ISO 13616, in groups or not */
  iban?: string | undefined;
  /** As the bank writes it, in groups or not */
  number?: string | undefined;
}

export interface CardsListParams {
  limit?: number | undefined;
  starting_after?: string | undefined;
  ending_before?: string | undefined;
  /** RFC 3339, UTC */
  created_gte?: string | undefined;
  /** RFC 3339, UTC */
  created_lt?: string | undefined;
}

export interface CardsCreateParams {
  exp_month: number;
  /** Four digits */
  exp_year: number;
  /** As it stands on the card or the account */
  holder?: string | undefined;
  /** 12 to 19 digits, in groups or not */
  number: string;
  /** What the customer holds */
  type?: "chip" | "magstripe" | "virtual" | undefined;
}

export interface CollectParams {
  /** Minor units; needed when the code leaves the amount open */
  amount?: number | undefined;
  /** The payment PIN; needed above the small-payment limit (`pin_above` of the resolved code) */
  pin?: string | undefined;
  /** The whole text of the scanned code */
  qr: string;
}

export interface CollectCodesResolveParams {
  /** The whole text of the scanned code */
  qr: string;
}

export interface DevicesCodeAliasParams {
  
}

export interface DevicesCodeKeyParams {
  
}

export interface EventsListParams {
  limit?: number | undefined;
  starting_after?: string | undefined;
  ending_before?: string | undefined;
  /** RFC 3339, UTC */
  created_gte?: string | undefined;
  /** RFC 3339, UTC */
  created_lt?: string | undefined;
  type?: string | undefined;
  /** Id of the object that the event is about */
  object?: string | undefined;
}

export interface EventsResendParams {
  /** Left out: to all */
  endpoint?: string | undefined;
}

export interface LedgerAccountsListParams {
  limit?: number | undefined;
  starting_after?: string | undefined;
  ending_before?: string | undefined;
  /** RFC 3339, UTC */
  created_gte?: string | undefined;
  /** RFC 3339, UTC */
  created_lt?: string | undefined;
  /** Lower case letters, digits and `_` */
  code?: string | undefined;
  /** Merchant or user */
  owner?: string | undefined;
  /** ISO 4217 code */
  currency?: string | undefined;
}

export interface LedgerAccountsCreateParams {
  /** Lower case letters, digits and `_` */
  code: string;
  credits_must_not_exceed_debits?: boolean | undefined;
  /** ISO 4217 code */
  currency: string;
  debits_must_not_exceed_credits?: boolean | undefined;
  history?: boolean | undefined;
  id?: string | undefined;
  lanes?: number | undefined;
  /** Preset: the server's mode */
  livemode?: boolean | undefined;
  /** Merchant or user */
  owner?: string | undefined;
}

export interface LedgerAccountsRetrieveParams {
  /** RFC 3339, UTC */
  at?: string | undefined;
}

export interface LedgerAccountsEntriesListParams {
  limit?: number | undefined;
  starting_after?: string | undefined;
  ending_before?: string | undefined;
  /** RFC 3339, UTC */
  created_gte?: string | undefined;
  /** RFC 3339, UTC */
  created_lt?: string | undefined;
}

export interface LedgerTransfersCreateParams {
  transfers: Array<{
    /** Minor units of the currency */
    amount?: number | undefined;
    /** Lower case letters, digits and `_` */
    code: string;
    credit_account?: string | undefined;
    /** ISO 4217 code */
    currency?: string | undefined;
    debit_account?: string | undefined;
    /** RFC 3339, UTC */
    event_at?: string | undefined;
    id?: string | undefined;
    kind?: "posted" | "pending" | "post" | "void" | undefined;
    /** The next transfer succeeds or fails together with this one */
    linked?: boolean | undefined;
    pending_transfer?: string | undefined;
    reference?: string | undefined;
    timeout_s?: number | undefined;
  }>;
}

export interface MerchantsListParams {
  limit?: number | undefined;
  starting_after?: string | undefined;
  ending_before?: string | undefined;
  /** RFC 3339, UTC */
  created_gte?: string | undefined;
  /** RFC 3339, UTC */
  created_lt?: string | undefined;
  status?: "active" | "suspended" | undefined;
  pricing_plan?: string | undefined;
}

export interface MerchantsCreateParams {
  city: string;
  /** ISO 3166-1 code */
  country: string;
  /** ISO 4217 code */
  currency?: string | undefined;
  fee_bearer?: "merchant" | "payer" | undefined;
  /** Merchant category code (ISO 18245) */
  mcc: string;
  name: string;
  pricing_plan?: string | undefined;
}

export interface MerchantsUpdateParams {
  /** Who bears fees; null: as the plan says */
  fee_bearer?: "merchant" | "payer" | null | undefined;
  name?: string | undefined;
  pricing_plan?: string | undefined;
  status?: "active" | "suspended" | undefined;
}

export interface NotifySecretRotateParams {
  /** How long the secret before signs too; a day unless said */
  overlap_seconds?: number | undefined;
  /** `whsec_` and the base64 of 24 to 64 bytes; shown when it is made and never again */
  secret?: string | undefined;
}

export interface OneTimeCodesCreateParams {
  email?: string | undefined;
  /** E.164: `+8613812345678` */
  phone?: string | undefined;
  /** What the code will be used for; it is good for nothing else */
  purpose: "register" | "reset_password" | "reset_pin" | "verify" | "change_phone" | "change_email";
}

export interface PasswordResetsCreateParams {
  /** Six digits, as they were sent */
  code: string;
  email?: string | undefined;
  /** 8 to 128 characters of any kind, and none that is tried first or says who one is; compared after Unicode normalisation (NFKC) */
  password: string;
  /** E.164: `+8613812345678` */
  phone?: string | undefined;
}

export interface PaymentCodesCreateParams {
  device?: string | undefined;
}

export interface PaymentsListParams {
  limit?: number | undefined;
  starting_after?: string | undefined;
  ending_before?: string | undefined;
  /** RFC 3339, UTC */
  created_gte?: string | undefined;
  /** RFC 3339, UTC */
  created_lt?: string | undefined;
  /** The merchant's order number: 1 to 64 letters, digits and `_ - * .` */
  out_trade_no?: string | undefined;
  status?: "requires_payment" | "processing" | "authorized" | "succeeded" | "failed" | "closed" | undefined;
}

export interface PaymentsCreateParams {
  /** Minor units of the currency */
  amount: number;
  /** manual: the money is held until it is captured, cancelled, or the hold ends */
  capture?: "automatic" | "manual" | undefined;
  /** The scanned payment code; without it the payment is an order */
  code?: string | undefined;
  /** ISO 4217 code */
  currency: string;
  /** When an unpaid order closes, at most 7 days ahead; with a code and manual capture, when the hold ends */
  expires_at?: string | undefined;
  fee_bearer?: "merchant" | "payer" | undefined;
  /** The merchant's own keys: up to 50 of 40 characters, values of 500 */
  metadata?: Record<string, string> | undefined;
  /** How an order may be paid; preset: every way there is */
  methods?: Array<"wallet" | "bank"> | undefined;
  /** Address to be told of this order: public, https */
  notify?: string | undefined;
  /** The merchant's order number: 1 to 64 letters, digits and `_ - * .` */
  out_trade_no: string;
  /** Parts that belong to other merchants of this platform: at most the amount in all. Kept with the order */
  profit_sharing?: Array<{
    /** Minor units of the currency */
    amount: number;
    receiver: string;
  } | {
    receiver: string;
    /** Hundredths of a percent of the amount */
    share_bps: number;
  }> | undefined;
  store?: string | undefined;
  subject?: string | undefined;
  terminal?: string | undefined;
}

export interface PaymentsRetrieveParams {
  /** What to read together with the payment; repeat it for several. For the merchant */
  expand?: Array<"refunds" | "transitions" | "attempts" | "ledger_transfers" | "events" | "deliveries" | "risk_decision" | "route" | "receipt"> | undefined;
}

export interface PaymentsCancelParams {
  
}

export interface PaymentsCaptureParams {
  /** Minor units; left out: the whole amount */
  amount?: number | undefined;
}

export interface PaymentsCheckoutRetrieveParams {
  /** The order's key: `pk_…` */
  payment_key?: string | undefined;
}

export interface PaymentsCloseParams {
  
}

export interface PaymentsConfirmParams {
  method: "wallet" | "bank";
  /** The order's key: `pk_…` */
  payment_key?: string | undefined;
  /** The payment PIN */
  pin?: string | undefined;
  /** Token of a bank account. In test mode the account's token chooses what the bank does (a minute is one of the test clock): `ba_test_ok` confirms at once; `ba_test_late` confirms after a minute; `ba_test_refused` refuses; `ba_test_late_refused` refuses after a minute; `ba_test_returned` confirms, and gives or takes the money back after a minute; `ba_test_lost_answer` confirms, but its answer is lost; `ba_test_late_money` refuses a top-up, and the money comes all the same after a minute; `ba_test_late_money_closed` as `ba_test_late_money`, and money can't be sent back to it; `ba_test_late_payout` refuses a withdrawal, and pays it out all the same after a minute. */
  source?: string | undefined;
}

export interface PaymentsConfirmOnDeviceParams {
  /** The payment PIN */
  pin: string;
}

export interface PaymentsQueryParams {
  
}

export interface PricingPlansListParams {
  limit?: number | undefined;
  starting_after?: string | undefined;
  ending_before?: string | undefined;
  /** RFC 3339, UTC */
  created_gte?: string | undefined;
  /** RFC 3339, UTC */
  created_lt?: string | undefined;
  /** ISO 4217 code */
  currency?: string | undefined;
}

export interface PricingPlansCreateParams {
  /** ISO 4217 code */
  currency: string;
  /** Left out: as the plan that it replaces */
  default?: boolean | undefined;
  fee_bearer?: "merchant" | "payer" | undefined;
  /** Minor units */
  fixed?: number | undefined;
  /** Minor units */
  max_fee?: number | undefined;
  /** Minor units */
  min_fee?: number | undefined;
  name: string;
  /** Hundredths of a percent: 60 is 0.60 % */
  rate_bps: number;
  /** What becomes of a refund that the merchant's balance does not cover: refused, or owed by the merchant */
  refund_debt?: "refused" | "allowed" | undefined;
  /** What becomes of the fee when a payment is refunded */
  refund_fee?: "returned" | "kept" | undefined;
  replaces?: string | undefined;
}

export interface QrCodesListParams {
  limit?: number | undefined;
  starting_after?: string | undefined;
  ending_before?: string | undefined;
  /** RFC 3339, UTC */
  created_gte?: string | undefined;
  /** RFC 3339, UTC */
  created_lt?: string | undefined;
  /** static: for many payments; dynamic: for one order */
  type?: "static" | "dynamic" | undefined;
  store?: string | undefined;
}

export interface QrCodesCreateParams {
  /** Minor units of the currency */
  amount?: number | undefined;
  /** The merchant's own keys: up to 50 of 40 characters, values of 500 */
  metadata?: Record<string, string> | undefined;
  /** The order of a dynamic code */
  payment?: string | undefined;
  store?: string | undefined;
  subject?: string | undefined;
  terminal?: string | undefined;
  /** static: for many payments; dynamic: for one order */
  type: "static" | "dynamic";
}

export interface QrCodesPngParams {
  /** Pixels of the whole square */
  size?: number | undefined;
  /** Light border, in modules of the code */
  margin?: number | undefined;
}

export interface QrCodesSvgParams {
  /** Pixels of the whole square */
  size?: number | undefined;
  /** Light border, in modules of the code */
  margin?: number | undefined;
}

export interface ReceiptsRetrieveParams {
  format?: "json" | "pdf" | undefined;
}

export interface RecipientsRetrieveParams {
  /** E.164: `+8613812345678` */
  phone?: string | undefined;
  user?: string | undefined;
}

export interface RecordsListParams {
  limit?: number | undefined;
  starting_after?: string | undefined;
  ending_before?: string | undefined;
  /** RFC 3339, UTC */
  created_gte?: string | undefined;
  /** RFC 3339, UTC */
  created_lt?: string | undefined;
  type?: "payment" | "refund" | "transfer" | "topup" | "topup_return" | "withdrawal" | "withdrawal_return" | undefined;
  direction?: "in" | "out" | undefined;
  result?: "succeeded" | "failed" | undefined;
  /** Minor units of the currency */
  amount_gte?: number | undefined;
  /** Minor units of the currency */
  amount_lte?: number | undefined;
  /** Id of the other side */
  counterparty?: string | undefined;
  store?: string | undefined;
  terminal?: string | undefined;
  /** Order number or its end, the end of an id, the other side's name, or the subject. Ends of four characters and more are found however old. */
  q?: string | undefined;
}

export interface RecordsExportParams {
  format: "csv" | "xlsx" | "pdf";
  /** RFC 3339, UTC */
  created_gte?: string | undefined;
  /** RFC 3339, UTC */
  created_lt?: string | undefined;
  type?: "payment" | "refund" | "transfer" | "topup" | "topup_return" | "withdrawal" | "withdrawal_return" | undefined;
  direction?: "in" | "out" | undefined;
  result?: "succeeded" | "failed" | undefined;
  /** Minor units of the currency */
  amount_gte?: number | undefined;
  /** Minor units of the currency */
  amount_lte?: number | undefined;
  /** Id of the other side */
  counterparty?: string | undefined;
  store?: string | undefined;
  terminal?: string | undefined;
  /** Order number or its end, the end of an id, the other side's name, or the subject. Ends of four characters and more are found however old. */
  q?: string | undefined;
}

export interface RefundsListParams {
  limit?: number | undefined;
  starting_after?: string | undefined;
  ending_before?: string | undefined;
  /** RFC 3339, UTC */
  created_gte?: string | undefined;
  /** RFC 3339, UTC */
  created_lt?: string | undefined;
  payment?: string | undefined;
  /** The merchant's refund number: 1 to 64 letters, digits and `_ - * .` */
  out_refund_no?: string | undefined;
  status?: "pending" | "succeeded" | "failed" | undefined;
}

export interface RefundsCreateParams {
  /** Minor units; left out: what is left of the payment */
  amount?: number | undefined;
  /** The merchant's own keys: up to 50 of 40 characters, values of 500 */
  metadata?: Record<string, string> | undefined;
  /** The merchant's refund number: 1 to 64 letters, digits and `_ - * .` */
  out_refund_no: string;
  /** The payment's id */
  payment: string;
  reason?: string | undefined;
}

export interface SearchListParams {
  q: string;
  limit?: number | undefined;
}

export interface SessionsCreateParams {
  /** The `id` of a device that is enrolled already, or the `name` of one to enrol */
  device?: {
    id?: string | undefined;
    /** As the user calls it */
    name?: string | undefined;
    platform?: "ios" | "android" | "harmony" | "web" | "other" | undefined;
    /** Secret of a trusted device */
    trust_token?: string | undefined;
  } | undefined;
  email?: string | undefined;
  password: string;
  /** E.164: `+8613812345678` */
  phone?: string | undefined;
  /** RFC 6238, six digits; each code works once */
  totp?: string | undefined;
}

export interface SessionsChallengeParams {
  /** `details.challenge` of `mfa_required` */
  challenge: string;
  /** Six digits, as they were sent */
  one_time_code?: string | undefined;
  /** What `navigator.credentials.get` gave, by its `toJSON()` */
  passkey?: {
    clientExtensionResults: Record<string, unknown>;
    id: string;
    rawId: string;
    response: {
      authenticatorData: string;
      clientDataJSON: string;
      signature: string;
      userHandle?: string | undefined;
    };
    type: "public-key";
  } | undefined;
  /** One of the ten; capitals, blanks and dashes don't matter */
  recovery_code?: string | undefined;
  /** RFC 6238, six digits; each code works once */
  totp?: string | undefined;
}

export interface SessionsPasskeyParams {
  /** What `navigator.credentials.get` gave, by its `toJSON()` */
  credential: {
    clientExtensionResults: Record<string, unknown>;
    id: string;
    rawId: string;
    response: {
      authenticatorData: string;
      clientDataJSON: string;
      signature: string;
      userHandle?: string | undefined;
    };
    type: "public-key";
  };
  /** The `id` of a device that is enrolled already, or the `name` of one to enrol */
  device?: {
    id?: string | undefined;
    /** As the user calls it */
    name?: string | undefined;
    platform?: "ios" | "android" | "harmony" | "web" | "other" | undefined;
    /** Secret of a trusted device */
    trust_token?: string | undefined;
  } | undefined;
}

export interface SessionsPasskeyOptionsParams {
  
}

export interface SessionsRefreshParams {
  refresh_token?: string | undefined;
}

export interface StaffListParams {
  limit?: number | undefined;
  starting_after?: string | undefined;
  ending_before?: string | undefined;
  /** RFC 3339, UTC */
  created_gte?: string | undefined;
  /** RFC 3339, UTC */
  created_lt?: string | undefined;
  role?: "operator" | "approver" | "finance" | "risk" | "support" | "auditor" | "admin" | undefined;
  status?: "invited" | "active" | "disabled" | undefined;
}

export interface StaffCreateParams {
  email: string;
  /** Language of the invitation */
  locale: "zh-CN" | "en";
  role: "operator" | "approver" | "finance" | "risk" | "support" | "auditor" | "admin";
}

export interface StaffInvitationsAcceptParams {
  /** 8 to 128 characters of any kind, and none that is tried first or says who one is; compared after Unicode normalisation (NFKC) */
  password: string;
  /** The invitation */
  token: string;
  /** RFC 6238, six digits; each code works once */
  totp: string;
}

export interface StaffInvitationsOpenParams {
  /** The invitation */
  token: string;
}

export interface StaffMeConfirmParams {
  /** RFC 6238, six digits; each code works once */
  totp: string;
}

export interface StaffSessionsCreateParams {
  email: string;
  password: string;
  /** RFC 6238, six digits; each code works once */
  totp: string;
}

export interface StaffUpdateParams {
  role: "operator" | "approver" | "finance" | "risk" | "support" | "auditor" | "admin";
}

export interface StaffDisableParams {
  reason: string;
}

export interface StaffEnableParams {
  
}

export interface StaffResetParams {
  /** Language of the invitation */
  locale: "zh-CN" | "en";
}

export interface StatementsListParams {
  limit?: number | undefined;
  /** A business day: `2026-11-21` */
  date?: string | undefined;
  starting_after?: string | undefined;
  ending_before?: string | undefined;
}

export interface StatementsExportParams {
  format: "csv" | "xlsx" | "pdf";
}

export interface StatementsLinesListParams {
  limit?: number | undefined;
  /** One of the statement's accounts */
  account: string;
  /** A line's transfer */
  starting_after?: string | undefined;
  /** A line's transfer */
  ending_before?: string | undefined;
}

export interface StatisticsRetrieveParams {
  /** RFC 3339, UTC */
  created_gte?: string | undefined;
  /** RFC 3339, UTC */
  created_lt?: string | undefined;
  group_by?: "hour" | "day" | "method" | "merchant" | "store" | undefined;
  merchant?: string | undefined;
  livemode?: boolean | undefined;
  /** ISO 4217 code */
  currency?: string | undefined;
  method?: string | undefined;
  store?: string | undefined;
}

export interface StoresListParams {
  limit?: number | undefined;
  starting_after?: string | undefined;
  ending_before?: string | undefined;
  /** RFC 3339, UTC */
  created_gte?: string | undefined;
  /** RFC 3339, UTC */
  created_lt?: string | undefined;
  /** Whose; staff must name one, a merchant's key may only name its own */
  merchant?: string | undefined;
  /** Left out: the key's mode; for staff the server's mode, in lists both */
  livemode?: boolean | undefined;
}

export interface StoresCreateParams {
  address?: string | undefined;
  /** Left out: the key's mode; for staff the server's mode, in lists both */
  livemode?: boolean | undefined;
  /** Whose; staff must name one, a merchant's key may only name its own */
  merchant?: string | undefined;
  name: string;
  /** IANA name, such as Asia/Shanghai */
  time_zone?: string | undefined;
}

export interface StoresUpdateParams {
  address?: string | null | undefined;
  name?: string | undefined;
  /** IANA name, such as Asia/Shanghai */
  time_zone?: string | undefined;
}

export interface TerminalsListParams {
  limit?: number | undefined;
  starting_after?: string | undefined;
  ending_before?: string | undefined;
  /** RFC 3339, UTC */
  created_gte?: string | undefined;
  /** RFC 3339, UTC */
  created_lt?: string | undefined;
  /** Whose; staff must name one, a merchant's key may only name its own */
  merchant?: string | undefined;
  /** Left out: the key's mode; for staff the server's mode, in lists both */
  livemode?: boolean | undefined;
  store?: string | undefined;
  status?: "active" | "blocked" | "lost" | undefined;
}

export interface TerminalsCreateParams {
  /** Whose; staff must name one, a merchant's key may only name its own */
  merchant?: string | undefined;
  name: string;
  /** Minor units that the paired till may refund in a business day */
  refund_limit?: number | undefined;
  store: string;
}

export interface TerminalsPairParams {
  pairing_code: string;
}

export interface TerminalsUpdateParams {
  name?: string | undefined;
  /** Minor units that the paired till may refund in a business day */
  refund_limit?: number | undefined;
  status?: "active" | "blocked" | undefined;
  store?: string | undefined;
}

export interface TestClockAdvanceParams {
  /** Milliseconds to go forward */
  advance_ms?: number | undefined;
  /** RFC 3339, UTC */
  now?: string | undefined;
}

export interface TestInboxListParams {
  /** Phone (E.164) or email */
  to: string;
  limit?: number | undefined;
  starting_after?: string | undefined;
  ending_before?: string | undefined;
}

export interface TopupsListParams {
  limit?: number | undefined;
  starting_after?: string | undefined;
  ending_before?: string | undefined;
  /** RFC 3339, UTC */
  created_gte?: string | undefined;
  /** RFC 3339, UTC */
  created_lt?: string | undefined;
  status?: "pending" | "succeeded" | "failed" | "returned" | undefined;
}

export interface TopupsCreateParams {
  /** Minor units of the currency */
  amount: number;
  /** ISO 4217 code */
  currency: string;
  /** The payment PIN */
  pin: string;
  /** Token of a bank account. In test mode the account's token chooses what the bank does (a minute is one of the test clock): `ba_test_ok` confirms at once; `ba_test_late` confirms after a minute; `ba_test_refused` refuses; `ba_test_late_refused` refuses after a minute; `ba_test_returned` confirms, and gives or takes the money back after a minute; `ba_test_lost_answer` confirms, but its answer is lost; `ba_test_late_money` refuses a top-up, and the money comes all the same after a minute; `ba_test_late_money_closed` as `ba_test_late_money`, and money can't be sent back to it; `ba_test_late_payout` refuses a withdrawal, and pays it out all the same after a minute. */
  source: string;
}

export interface TransfersListParams {
  limit?: number | undefined;
  starting_after?: string | undefined;
  ending_before?: string | undefined;
  /** RFC 3339, UTC */
  created_gte?: string | undefined;
  /** RFC 3339, UTC */
  created_lt?: string | undefined;
  direction?: "in" | "out" | undefined;
}

export interface TransfersCreateParams {
  /** Minor units of the currency */
  amount: number;
  /** ISO 4217 code */
  currency: string;
  /** Both sides see it */
  note?: string | undefined;
  /** The payment PIN */
  pin: string;
  /** The recipient's phone or user id */
  to: {
    /** E.164: `+8613812345678` */
    phone: string;
  } | {
    user: string;
  };
}

export interface UsersListParams {
  /** E.164: `+8613812345678` */
  phone?: string | undefined;
  email?: string | undefined;
  id?: string | undefined;
}

export interface UsersCreateParams {
  /** Six digits, as they were sent */
  code?: string | undefined;
  email?: string | undefined;
  /** Language of what the platform tells the user */
  locale?: "zh-CN" | "en" | undefined;
  name?: string | undefined;
  /** 8 to 128 characters of any kind, and none that is tried first or says who one is; compared after Unicode normalisation (NFKC) */
  password: string;
  /** E.164: `+8613812345678` */
  phone?: string | undefined;
}

export interface UsersMeUpdateParams {
  /** Language of what the platform tells the user */
  locale?: "zh-CN" | "en" | undefined;
  name?: string | null | undefined;
}

export interface UsersMeDevicesListParams {
  limit?: number | undefined;
  starting_after?: string | undefined;
  ending_before?: string | undefined;
  /** RFC 3339, UTC */
  created_gte?: string | undefined;
  /** RFC 3339, UTC */
  created_lt?: string | undefined;
}

export interface UsersMeDevicesCreateParams {
  /** As the user calls it */
  name: string;
  platform?: "ios" | "android" | "harmony" | "web" | "other" | undefined;
}

export interface UsersMeDevicesUpdateParams {
  /** As the user calls it */
  name?: string | undefined;
  password?: string | undefined;
  trusted?: boolean | undefined;
}

export interface UsersMeDevicesKeyParams {
  /** Ed25519 signature by the private half, in base64url, over three lines joined by line feeds: `feiqian device key`, the device's id, the public key in base64url */
  proof: string;
  public_key: string | {
    alg?: "EdDSA" | "Ed25519" | undefined;
    crv: "Ed25519";
    key_ops?: Array<"verify"> | undefined;
    kid?: string | undefined;
    kty: "OKP";
    use?: "sig" | undefined;
    /** 32 bytes in base64url */
    x: string;
  };
}

export interface UsersMeEmailSetParams {
  /** Six digits, as they were sent */
  code: string;
  email: string;
  password: string;
}

export interface UsersMeErasureParams {
  password: string;
}

export interface UsersMePasskeysListParams {
  limit?: number | undefined;
  starting_after?: string | undefined;
  ending_before?: string | undefined;
  /** RFC 3339, UTC */
  created_gte?: string | undefined;
  /** RFC 3339, UTC */
  created_lt?: string | undefined;
}

export interface UsersMePasskeysCreateParams {
  /** What `navigator.credentials.create` gave, by its `toJSON()` */
  credential: {
    clientExtensionResults: Record<string, unknown>;
    id: string;
    rawId: string;
    response: {
      attestationObject: string;
      clientDataJSON: string;
      transports?: string[] | undefined;
    };
    type: "public-key";
  };
  /** Signs out everywhere else, in the same moment. Preset: false; the other sessions go on */
  end_other_sessions?: boolean | undefined;
  /** As the user calls it */
  name: string;
}

export interface UsersMePasskeysOptionsParams {
  password: string;
}

export interface UsersMePasskeysDeleteParams {
  /** Signs out everywhere else, in the same moment. Preset: false; the other sessions go on */
  end_other_sessions?: boolean | undefined;
  password: string;
}

export interface UsersMePasskeysUpdateParams {
  /** As the user calls it */
  name: string;
}

export interface UsersMePasswordSetParams {
  /** 8 to 128 characters of any kind, and none that is tried first or says who one is; compared after Unicode normalisation (NFKC) */
  new_password: string;
  password: string;
}

export interface UsersMePaymentPinSetParams {
  /** Six digits, as they were sent */
  code?: string | undefined;
  /** Six digits */
  current_pin?: string | undefined;
  password: string;
  /** Six digits */
  pin: string;
}

export interface UsersMePhoneSetParams {
  /** Six digits, as they were sent */
  code: string;
  password: string;
  /** E.164: `+8613812345678` */
  phone: string;
}

export interface UsersMeRecoveryCodesCreateParams {
  password: string;
}

export interface UsersMeSessionsListParams {
  limit?: number | undefined;
  starting_after?: string | undefined;
  ending_before?: string | undefined;
  /** RFC 3339, UTC */
  created_gte?: string | undefined;
  /** RFC 3339, UTC */
  created_lt?: string | undefined;
}

export interface UsersMeTotpDeleteParams {
  /** RFC 6238, six digits; each code works once */
  code?: string | undefined;
  /** Signs out everywhere else, in the same moment. Preset: false; the other sessions go on */
  end_other_sessions?: boolean | undefined;
  password: string;
  /** One of the ten; capitals, blanks and dashes don't matter */
  recovery_code?: string | undefined;
}

export interface UsersMeTotpCreateParams {
  password: string;
}

export interface UsersMeTotpConfirmParams {
  /** RFC 6238, six digits; each code works once */
  code: string;
  /** Signs out everywhere else, in the same moment. Preset: false; the other sessions go on */
  end_other_sessions?: boolean | undefined;
}

export interface UsersMeVerificationsCreateParams {
  /** Six digits, as they were sent */
  code: string;
  email?: string | undefined;
  /** E.164: `+8613812345678` */
  phone?: string | undefined;
}

export interface UsersEraseParams {
  reason: string;
}

export interface UsersFreezeParams {
  reason: string;
}

export interface UsersUnfreezeParams {
  reason: string;
}

export interface UsersUnmaskParams {
  fields: Array<"phone" | "email" | "name">;
  reason: string;
}

export interface WebhookEndpointsListParams {
  limit?: number | undefined;
  starting_after?: string | undefined;
  ending_before?: string | undefined;
  /** RFC 3339, UTC */
  created_gte?: string | undefined;
  /** RFC 3339, UTC */
  created_lt?: string | undefined;
}

export interface WebhookEndpointsCreateParams {
  description?: string | undefined;
  /** Types such as `payment.succeeded`, all of one object as `payment.*`, or `*` */
  events: string[];
  /** `whsec_` and the base64 of 24 to 64 bytes; shown when it is made and never again */
  secret?: string | undefined;
  /** A public https address; in test mode on one's own machine also `http://localhost:…` */
  url: string;
}

export interface WebhookEndpointsUpdateParams {
  description?: string | null | undefined;
  enabled?: boolean | undefined;
  /** Types such as `payment.succeeded`, all of one object as `payment.*`, or `*` */
  events?: string[] | undefined;
  /** A public https address; in test mode on one's own machine also `http://localhost:…` */
  url?: string | undefined;
}

export interface WebhookEndpointsDeliveriesListParams {
  limit?: number | undefined;
  starting_after?: string | undefined;
  ending_before?: string | undefined;
  /** RFC 3339, UTC */
  created_gte?: string | undefined;
  /** RFC 3339, UTC */
  created_lt?: string | undefined;
  status?: "pending" | "succeeded" | "failed" | "canceled" | undefined;
  event?: string | undefined;
}

export interface WebhookEndpointsRotateSecretParams {
  /** How long the secret before signs too; a day unless said */
  overlap_seconds?: number | undefined;
  /** `whsec_` and the base64 of 24 to 64 bytes; shown when it is made and never again */
  secret?: string | undefined;
}

export interface WithdrawalsListParams {
  limit?: number | undefined;
  starting_after?: string | undefined;
  ending_before?: string | undefined;
  /** RFC 3339, UTC */
  created_gte?: string | undefined;
  /** RFC 3339, UTC */
  created_lt?: string | undefined;
  status?: "pending" | "succeeded" | "failed" | "returned" | undefined;
}

export interface WithdrawalsCreateParams {
  /** Minor units of the currency */
  amount: number;
  /** ISO 4217 code */
  currency: string;
  /** Token of a bank account. In test mode the account's token chooses what the bank does (a minute is one of the test clock): `ba_test_ok` confirms at once; `ba_test_late` confirms after a minute; `ba_test_refused` refuses; `ba_test_late_refused` refuses after a minute; `ba_test_returned` confirms, and gives or takes the money back after a minute; `ba_test_lost_answer` confirms, but its answer is lost; `ba_test_late_money` refuses a top-up, and the money comes all the same after a minute; `ba_test_late_money_closed` as `ba_test_late_money`, and money can't be sent back to it; `ba_test_late_payout` refuses a withdrawal, and pays it out all the same after a minute. */
  destination: string;
  /** The payment PIN */
  pin: string;
}
