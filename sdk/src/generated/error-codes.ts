// Made by `npm run generate` from the server's code; not to be edited.

/** The codes of each type of error, as `docs/errors.md` lists them. */
export interface ErrorCodes {
  authentication:
    | "credentials_invalid"
    | "credentials_missing"
    | "credentials_unknown"
    | "live_key_refused"
    | "payment_key_ended"
    | "payment_key_invalid"
    | "payment_key_missing"
    | "refresh_token_invalid"
    | "refresh_token_reused"
    | "token_expired";
  conflict:
    | "attempt_in_progress"
    | "device_limit_reached"
    | "device_not_enrolled"
    | "email_taken"
    | "idempotency_in_progress"
    | "ledger_account_not_empty"
    | "ledger_account_terms_differ"
    | "ledger_history_not_kept"
    | "merchant_balance_insufficient"
    | "order_ended"
    | "out_refund_no_conflict"
    | "out_trade_no_conflict"
    | "payment_refunded"
    | "phone_taken"
    | "refund_destination_closed"
    | "staff_email_taken"
    | "state_conflict"
    | "webhook_endpoint_limit";
  invalid_request:
    | "amount_mismatch"
    | "amount_too_large"
    | "bank_account_unknown"
    | "body_invalid"
    | "body_too_large"
    | "content_type_unsupported"
    | "currency_unsupported"
    | "export_too_large"
    | "headers_too_large"
    | "idempotency_key_invalid"
    | "idempotency_key_missing"
    | "idempotency_key_reused"
    | "livemode_unavailable"
    | "method_unavailable"
    | "order_field_with_code"
    | "parameter_invalid"
    | "parameter_missing"
    | "parameter_unknown"
    | "pin_too_simple"
    | "pricing_plan_currency"
    | "profit_sharing_too_large"
    | "recipient_is_sender"
    | "refund_not_refundable"
    | "request_invalid"
    | "request_timeout"
    | "statistics_too_many_groups"
    | "store_unusable"
    | "terminal_unusable"
    | "version_unknown";
  not_found:
    | "not_found"
    | "recipient_not_found"
    | "route_not_found";
  payment_refused:
    | "account_frozen"
    | "bank_refused"
    | "channel_unavailable"
    | "collect_code_expired"
    | "collect_code_foreign"
    | "collect_code_invalid"
    | "collect_code_revoked"
    | "collect_code_tampered"
    | "collect_code_used"
    | "confirmation_expired"
    | "insufficient_funds"
    | "limit_exceeded"
    | "merchant_unavailable"
    | "payment_code_expired"
    | "payment_code_invalid"
    | "payment_code_used"
    | "recipient_unavailable";
  permission:
    | "actor_not_allowed"
    | "merchant_suspended"
    | "password_invalid"
    | "pin_invalid"
    | "pin_locked"
    | "pin_not_set"
    | "scope_missing"
    | "test_clock_off";
  platform:
    | "database_unavailable"
    | "internal_error"
    | "overloaded"
    | "shutting_down";
  rate_limit:
    | "code_scanning_locked"
    | "recipient_lookups_limited"
    | "sign_in_throttled"
    | "stream_limit";
}
