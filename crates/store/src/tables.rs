//! Every table of Naru. The migrations of each backend create exactly these (a test compares).

mod tax;

use crate::{Column, Kind, Table};

pub use tax::{
    BULK_TAX_INVOICE_ROWS, BULK_TAX_INVOICES, COMPANY_CHECKS, COUNTERPARTIES, COUNTERPARTY_NUMBERS,
    TAX_CONTRACTS, TAX_FILE_CHUNKS, TAX_FILES, TAX_INVITATIONS, TAX_INVOICE_KEYS, TAX_INVOICES,
};

const fn text(name: &'static str) -> Column {
    Column {
        name,
        kind: Kind::Text,
    }
}

const fn int(name: &'static str) -> Column {
    Column {
        name,
        kind: Kind::Int,
    }
}

/// Server-wide settings: the business clock's offset, the check value of the master key.
pub static SETTINGS: Table = Table {
    name: "settings",
    key: &[text("name")],
    columns: &[],
    indexes: &[],
};

/// Stores and sub-stores of merchants.
pub static STORES: Table = Table {
    name: "stores",
    key: &[text("store_id")],
    columns: &[text("merchant_id"), text("parent_id")],
    indexes: &[&["parent_id"]],
};

/// From what the V1 browser SDK names a store by to the store. Makes it unique.
pub static USER_CODES: Table = Table {
    name: "user_codes",
    key: &[text("user_code")],
    columns: &[text("store_id")],
    indexes: &[],
};

/// API secrets, by their hash; the secret itself is never stored.
pub static API_SECRETS: Table = Table {
    name: "api_secrets",
    key: &[text("hash")],
    columns: &[text("store_id"), text("secret_id")],
    indexes: &[&["store_id"], &["secret_id"]],
};

/// V1 keys: `imp_key`, and the hash of its secret.
pub static V1_KEYS: Table = Table {
    name: "v1_keys",
    key: &[text("imp_key")],
    columns: &[text("store_id"), text("key_id")],
    indexes: &[&["store_id"], &["key_id"]],
};

/// The live token of each V1 key, found by the token's hash.
pub static V1_TOKENS: Table = Table {
    name: "v1_tokens",
    key: &[text("imp_key")],
    columns: &[text("token_hash")],
    indexes: &[&["token_hash"]],
};

/// The live refresh token of each API secret.
pub static SESSIONS: Table = Table {
    name: "sessions",
    key: &[text("secret_id")],
    columns: &[],
    indexes: &[],
};

/// Channels: a PG contract of a store, its keys sealed.
pub static CHANNELS: Table = Table {
    name: "channels",
    key: &[text("channel_key")],
    columns: &[
        text("store_id"),
        text("channel_id"),
        text("pg"),
        text("pg_merchant_id"),
    ],
    indexes: &[&["store_id"], &["channel_id"], &["pg", "pg_merchant_id"]],
};

/// Channel groups: channels that share payments by weight.
pub static CHANNEL_GROUPS: Table = Table {
    name: "channel_groups",
    key: &[text("group_id")],
    columns: &[text("store_id")],
    indexes: &[&["store_id"]],
};

/// Names of channel groups that are in use: a name is unique in its store.
pub static CHANNEL_GROUP_NAMES: Table = Table {
    name: "channel_group_names",
    key: &[text("store_id"), text("name")],
    columns: &[],
    indexes: &[],
};

/// Webhook endpoints of stores.
pub static WEBHOOK_ENDPOINTS: Table = Table {
    name: "webhook_endpoints",
    key: &[text("store_id"), text("endpoint_id")],
    columns: &[],
    indexes: &[],
};

/// Payments with all their attempts and cancellations. Columns after the ids serve the filters
/// of the list operation; only time, status and ids are indexed (design decision 4).
pub static PAYMENTS: Table = Table {
    name: "payments",
    key: &[text("store_id"), text("payment_id")],
    columns: &[
        text("merchant_id"),
        text("tx_id"),
        int("created_at"),
        int("status_changed_at"),
        text("status"),
        text("method"),
        text("pg_provider"),
        int("is_test"),
        int("is_scheduled"),
        text("portone_version"),
        text("platform_type"),
        text("currency"),
        int("is_escrow"),
        text("escrow_status"),
        text("card_brand"),
        text("card_type"),
        text("card_owner_type"),
        text("gift_certificate_type"),
        text("cash_receipt_type"),
        text("cash_receipt_status"),
        int("cash_receipt_issued_at"),
        int("cash_receipt_cancelled_at"),
        int("needs_index"),
    ],
    indexes: &[
        // With the rest of the key, so that a page of a second's many payments needs no sorting.
        &["store_id", "created_at", "payment_id"],
        &["store_id", "status_changed_at", "payment_id"],
        &["store_id", "status", "status_changed_at", "payment_id"],
        &["needs_index"],
    ],
};

/// What lists and charts know of a payment, written behind its commit: which profile it has, its
/// times, and its position in the merchant's ledger, in which cursors walk.
pub static PAYMENT_FACTS: Table = Table {
    name: "payment_facts",
    key: &[text("store_id"), text("payment_id")],
    columns: &[
        int("position"),
        text("profile"),
        int("created_at"),
        int("status_changed_at"),
        int("cash_receipt_issued_at"),
        int("cash_receipt_cancelled_at"),
        int("amount"),
    ],
    indexes: &[
        &["store_id", "position"],
        &["store_id", "profile", "created_at", "payment_id"],
        &["store_id", "profile", "status_changed_at", "payment_id"],
        &["store_id", "cash_receipt_issued_at"],
        &["store_id", "cash_receipt_cancelled_at"],
    ],
};

/// The combinations of filterable values that payments of a store have, each with a short name:
/// a few hundred rows, however many payments there are. Columns are named as those of payments.
pub static PAYMENT_PROFILES: Table = Table {
    name: "payment_profiles",
    key: &[text("store_id"), text("profile")],
    columns: &[
        text("status"),
        text("method"),
        text("pg_provider"),
        int("is_test"),
        int("is_scheduled"),
        text("portone_version"),
        text("platform_type"),
        text("currency"),
        int("is_escrow"),
        text("escrow_status"),
        text("card_brand"),
        text("card_type"),
        text("card_owner_type"),
        text("gift_certificate_type"),
        text("cash_receipt_type"),
        text("cash_receipt_status"),
    ],
    indexes: &[],
};

/// Money in and out: an entry for each capture and each cancellation that succeeded. Written
/// behind the commit and never changed.
pub static LEDGER: Table = Table {
    name: "ledger",
    key: &[text("store_id"), int("position")],
    columns: &[
        text("merchant_id"),
        text("payment_id"),
        int("recorded_at"),
        int("money_at"),
        text("currency"),
        int("amount"),
        int("is_test"),
        text("method"),
        text("card_company"),
        text("easy_pay_provider"),
        text("pg_company"),
        int("customer"),
    ],
    indexes: &[
        &["merchant_id", "position"],
        &["store_id", "currency", "money_at", "position"],
    ],
};

/// How far each merchant's ledger goes. Whoever writes to a ledger names the version of its head,
/// so that positions are handed out one writer after the other.
pub static LEDGER_HEADS: Table = Table {
    name: "ledger_heads",
    key: &[text("merchant_id")],
    columns: &[],
    indexes: &[],
};

/// The double-entry journal: an amount that one account has from another. Written in the commit of
/// its cause and never changed; the databases refuse what does not balance (decision 0031).
pub static JOURNAL: Table = Table {
    name: "journal",
    key: &[text("store_id"), text("subject"), text("posting")],
    columns: &[
        text("debit"),
        text("credit"),
        int("amount"),
        text("currency"),
        int("at"),
    ],
    indexes: &[],
};

/// The audit log: each administrative act, as it began (step 0) and as it ended (step 1). Written
/// before the act and never changed; the databases refuse what is not whole (decision 0032).
pub static ACTS: Table = Table {
    name: "acts",
    key: &[text("act_id"), int("step")],
    columns: &[
        int("at"),
        text("actor"),
        text("operation"),
        text("store_id"),
        text("outcome"),
    ],
    indexes: &[&["actor", "act_id"], &["store_id", "act_id"]],
};

/// Tables that are only added to: a unit that changes or deletes a row of theirs is refused.
pub static ADDED_TO: &[&Table] = &[&JOURNAL, &ACTS];

/// Administrators: who may log in to the console.
pub static ADMINISTRATORS: Table = Table {
    name: "administrators",
    key: &[text("email")],
    columns: &[],
    indexes: &[],
};

/// Sessions of the console, by the hash of their token.
pub static CONSOLE_SESSIONS: Table = Table {
    name: "console_sessions",
    key: &[text("token_hash")],
    columns: &[text("email"), int("expires_at")],
    indexes: &[&["email"], &["expires_at"]],
};

/// Wrong passwords in a row: of an administrator from an address that they log in from, of an
/// administrator from elsewhere (no address), of an address whoever is meant (no e-mail).
pub static LOG_IN_COUNTS: Table = Table {
    name: "log_in_counts",
    key: &[text("email"), text("address")],
    columns: &[int("expires_at")],
    indexes: &[&["expires_at"]],
};

/// Payments whose amount was registered before they began.
pub static PRE_REGISTRATIONS: Table = Table {
    name: "pre_registrations",
    key: &[text("store_id"), text("payment_id")],
    columns: &[],
    indexes: &[],
};

/// From the order id that a PG sees to the payment or billing key that the attempt belongs to.
pub static ATTEMPTS: Table = Table {
    name: "attempts",
    key: &[text("order_id")],
    columns: &[text("store_id"), text("payment_id")],
    indexes: &[],
};

/// What customers authenticated in payment windows, sealed: kept from their return until the
/// attempt has its end.
pub static AUTHENTICATIONS: Table = Table {
    name: "authentications",
    key: &[text("order_id")],
    columns: &[text("store_id")],
    indexes: &[],
};

/// From the `imp_uid` of an attempt that was made on the V1 face to its payment, or to the issue of
/// a billing key. Makes them unique.
pub static IMP_UIDS: Table = Table {
    name: "imp_uids",
    key: &[text("imp_uid")],
    columns: &[text("store_id")],
    indexes: &[],
};

/// What happened to a payment or a billing key, in order. Appended, never changed.
pub static EVENTS: Table = Table {
    name: "events",
    key: &[text("store_id"), text("subject_id"), int("sequence")],
    columns: &[int("at"), text("kind")],
    indexes: &[],
};

/// Billing keys.
pub static BILLING_KEYS: Table = Table {
    name: "billing_keys",
    key: &[text("store_id"), text("billing_key")],
    columns: &[
        text("merchant_id"),
        text("status"),
        int("requested_at"),
        int("issued_at"),
        int("deleted_at"),
        int("status_at"),
        text("method"),
        text("pg_provider"),
        text("pg_company"),
        text("customer_id"),
        text("channel_group_id"),
        text("platform_type"),
        text("portone_version"),
        int("needs_index"),
    ],
    indexes: &[
        &["store_id", "requested_at"],
        &["store_id", "issued_at"],
        &["store_id", "status_at"],
        &["store_id", "deleted_at"],
        &["store_id", "customer_id", "requested_at"],
        &["store_id", "channel_group_id", "requested_at"],
        &["needs_index"],
    ],
};

/// Text search over payments and billing keys, filled behind the commit. The key begins with what
/// the words are about, so that no planner, with figures or without, reads more than one subject's
/// words to replace them.
pub static SEARCH: Table = Table {
    name: "search",
    key: &[
        text("store_id"),
        text("subject"),
        text("subject_id"),
        text("field"),
        text("value"),
    ],
    columns: &[],
    indexes: &[&["store_id", "subject", "field", "value"]],
};

/// Work to do: the outbox. A job is leased, done, and deleted in the commit of its result.
pub static JOBS: Table = Table {
    name: "jobs",
    key: &[text("job_id")],
    columns: &[
        text("queue"),
        text("lane"),
        int("due_at"),
        int("lease_until"),
    ],
    // With the key, so that many jobs due at one moment need no sorting. By lane, so that a lane
    // that is busy can be stepped over.
    indexes: &[
        &["queue", "due_at", "job_id"],
        &["queue", "lane", "due_at", "job_id"],
    ],
};

/// Idempotency records, by the HMAC of their scope and key.
pub static IDEMPOTENCY: Table = Table {
    name: "idempotency",
    key: &[text("record_key")],
    columns: &[int("expires_at")],
    indexes: &[&["expires_at"]],
};

/// Webhook messages with every delivery attempt.
pub static WEBHOOKS: Table = Table {
    name: "webhooks",
    key: &[text("store_id"), text("webhook_id")],
    columns: &[
        text("subject_id"),
        int("triggered_at"),
        text("status"),
        text("payment_status"),
    ],
    indexes: &[
        &["store_id", "subject_id"],
        &["store_id", "status", "triggered_at"],
    ],
};

/// Notices from PGs, stored before the PG is answered.
pub static NOTICES: Table = Table {
    name: "notices",
    key: &[text("pg"), text("pg_merchant_id"), text("event_id")],
    columns: &[text("order_id"), text("state"), int("received_at")],
    indexes: &[&["order_id"]],
};

/// What does not add up and needs a person: short or excess deposits, surplus captures that the
/// PG cannot reverse by itself. Read by `naru audit`.
pub static DISCREPANCIES: Table = Table {
    name: "discrepancies",
    key: &[text("discrepancy_id")],
    columns: &[text("store_id"), text("payment_id"), int("at")],
    indexes: &[&["store_id", "payment_id"]],
};

/// Promotions: what they are and where they stand.
pub static PROMOTIONS: Table = Table {
    name: "promotions",
    key: &[text("promotion_id")],
    columns: &[text("store_id"), int("created_at")],
    indexes: &[&["store_id", "created_at"]],
};

/// What of each promotion's budget is spent: a counter, changed in the unit of whatever changes a
/// payment's discount and by nothing else.
pub static PROMOTION_BUDGETS: Table = Table {
    name: "promotion_budgets",
    key: &[text("promotion_id")],
    columns: &[int("spent")],
    indexes: &[],
};

/// The company behind the first digits of a card, as the operator has imported it.
pub static CARD_BINS: Table = Table {
    name: "card_bins",
    key: &[text("bin")],
    columns: &[],
    indexes: &[],
};

/// Payments that begin by themselves at a time.
pub static SCHEDULES: Table = Table {
    name: "schedules",
    key: &[text("store_id"), text("schedule_id")],
    columns: &[
        text("payment_id"),
        text("billing_key"),
        text("status"),
        int("is_test"),
        int("time_to_pay"),
        int("created_at"),
        int("completed_at"),
        int("status_at"),
    ],
    indexes: &[
        &["store_id", "time_to_pay", "schedule_id"],
        &["store_id", "created_at", "schedule_id"],
        &["store_id", "completed_at", "schedule_id"],
        &["store_id", "status_at", "schedule_id"],
        &["store_id", "status", "time_to_pay", "schedule_id"],
        &["store_id", "billing_key", "time_to_pay", "schedule_id"],
        &["store_id", "payment_id", "created_at", "schedule_id"],
    ],
};

/// One row for each billing key that schedules were made on: its version rises with each, so that
/// a deletion of the key sees one that came between its look and its commit.
pub static SCHEDULED_KEYS: Table = Table {
    name: "scheduled_keys",
    key: &[text("store_id"), text("billing_key")],
    columns: &[],
    indexes: &[],
};

/// Checkout profiles: which method of payment goes through which channel.
pub static CHECKOUT_PROFILES: Table = Table {
    name: "checkout_profiles",
    key: &[text("profile_key")],
    columns: &[text("store_id"), int("created_at")],
    indexes: &[&["store_id", "created_at"]],
};

/// Payment sessions: what the hosted checkout shows.
pub static PAYMENT_SESSIONS: Table = Table {
    name: "payment_sessions",
    key: &[text("session_id")],
    columns: &[text("store_id"), int("ends_at")],
    indexes: &[&["ends_at"]],
};

/// Stores whose settlements are collected and compared.
pub static ENROLMENTS: Table = Table {
    name: "enrolments",
    key: &[text("store_id")],
    columns: &[],
    indexes: &[],
};

/// The days of a PG's settlement that were imported, and which batch of lines counts for each.
/// The first column is the store that the channel belongs to.
pub static SETTLEMENT_DAYS: Table = Table {
    name: "settlement_days",
    key: &[
        text("owner_id"),
        text("pg"),
        text("pg_merchant_id"),
        text("settled_on"),
        text("part"),
    ],
    columns: &[text("batch_id"), int("unmatched"), int("rematch_at")],
    indexes: &[&["batch_id"], &["rematch_at"]],
};

/// Batches of lines: written before they count, deleted after they do not.
pub static SETTLEMENT_BATCHES: Table = Table {
    name: "settlement_batches",
    key: &[text("owner_id"), text("batch_id")],
    columns: &[text("state"), int("at")],
    indexes: &[&["state", "at"]],
};

/// Lines of settlements, each with what comparing it came to.
pub static SETTLEMENT_LINES: Table = Table {
    name: "settlement_lines",
    key: &[text("owner_id"), text("batch_id"), int("number")],
    columns: &[
        text("store_id"),
        text("pg"),
        text("pg_merchant_id"),
        text("pg_tx_id"),
        text("settled_on"),
        text("transacted_on"),
        text("status"),
    ],
    indexes: &[
        &["owner_id", "pg_tx_id"],
        &["store_id", "settled_on"],
        &["store_id", "transacted_on"],
    ],
};

/// Sums over the lines of a batch that are alike: what reports add up.
pub static SETTLEMENT_TOTALS: Table = Table {
    name: "settlement_totals",
    key: &[text("owner_id"), text("batch_id"), int("number")],
    columns: &[
        text("store_id"),
        text("pg"),
        text("pg_merchant_id"),
        text("settled_on"),
        text("transacted_on"),
        text("status"),
    ],
    indexes: &[&["store_id", "settled_on"], &["store_id", "transacted_on"]],
};

/// How far the comparison of books has come: one row for each time that it visits a payment.
pub static COMPARISONS: Table = Table {
    name: "comparisons",
    key: &[text("store_id"), int("visit")],
    columns: &[],
    indexes: &[],
};

/// Differences between our books and the PGs'.
pub static DIFFERENCES: Table = Table {
    name: "differences",
    key: &[text("store_id"), text("difference_id")],
    columns: &[
        text("payment_id"),
        text("channel_key"),
        text("state"),
        text("kind"),
        int("found_at"),
        int("checked_at"),
    ],
    indexes: &[
        &["store_id", "payment_id"],
        &["store_id", "found_at"],
        &["state", "kind"],
        &["store_id", "state", "checked_at"],
    ],
};

/// Identity verifications with all their attempts. Columns after the ids serve the filters of the
/// list; those that end in `_key` hold keyed hashes, since the person is sealed.
pub static IDENTITY_VERIFICATIONS: Table = Table {
    name: "identity_verifications",
    key: &[text("store_id"), text("verification_id")],
    columns: &[
        text("merchant_id"),
        text("status"),
        int("requested_at"),
        int("verified_at"),
        int("failed_at"),
        int("status_changed_at"),
        int("is_test"),
        text("pg_tx_id"),
        text("pg_merchant_id"),
        text("pg_provider"),
        text("pg_company"),
        text("carrier"),
        text("portone_version"),
        text("name_key"),
        text("birth_year_key"),
        text("birth_month_key"),
        text("birth_day_key"),
        text("phone_number_key"),
        text("gender_key"),
    ],
    indexes: &[
        &["store_id", "requested_at", "verification_id"],
        &["store_id", "verified_at", "verification_id"],
        &["store_id", "failed_at", "verification_id"],
        &["store_id", "status_changed_at", "verification_id"],
        &["store_id", "phone_number_key"],
    ],
};

/// Cash receipts, one per payment id. Columns after the ids serve the filters of the list;
/// `issued_at` is also when an issue failed. No status: nobody knows whether there is a receipt.
pub static CASH_RECEIPTS: Table = Table {
    name: "cash_receipts",
    key: &[text("store_id"), text("payment_id")],
    columns: &[
        text("merchant_id"),
        text("status"),
        int("issued_at"),
        int("cancelled_at"),
        int("status_changed_at"),
        int("is_test"),
        int("is_manual"),
        text("receipt_type"),
        text("order_name"),
        text("pg_receipt_id"),
        text("pg_merchant_id"),
        text("pg_provider"),
        text("pg_company"),
        text("portone_version"),
    ],
    indexes: &[
        &["store_id", "issued_at", "payment_id"],
        &["store_id", "cancelled_at", "payment_id"],
        &["store_id", "status_changed_at", "payment_id"],
        &["store_id", "pg_receipt_id"],
    ],
};

/// How many messages of identity verifications a customer's address has caused lately, by the
/// address's keyed hash.
pub static IDENTITY_RATES: Table = Table {
    name: "identity_rates",
    key: &[text("store_id"), text("address_key")],
    columns: &[int("expires_at")],
    indexes: &[&["expires_at"]],
};

/// Every table above, in the order the migrations create them.
pub static ALL: &[&Table] = &[
    &SETTINGS,
    &STORES,
    &USER_CODES,
    &API_SECRETS,
    &SESSIONS,
    &CHANNELS,
    &WEBHOOK_ENDPOINTS,
    &PAYMENTS,
    &PAYMENT_FACTS,
    &PAYMENT_PROFILES,
    &LEDGER,
    &LEDGER_HEADS,
    &JOURNAL,
    &PRE_REGISTRATIONS,
    &ATTEMPTS,
    &AUTHENTICATIONS,
    &EVENTS,
    &BILLING_KEYS,
    &SEARCH,
    &JOBS,
    &IDEMPOTENCY,
    &WEBHOOKS,
    &NOTICES,
    &DISCREPANCIES,
    &CHANNEL_GROUPS,
    &CHANNEL_GROUP_NAMES,
    &PROMOTIONS,
    &PROMOTION_BUDGETS,
    &CARD_BINS,
    &CHECKOUT_PROFILES,
    &PAYMENT_SESSIONS,
    &ENROLMENTS,
    &SETTLEMENT_DAYS,
    &SETTLEMENT_BATCHES,
    &SETTLEMENT_LINES,
    &SETTLEMENT_TOTALS,
    &COMPARISONS,
    &DIFFERENCES,
    &SCHEDULES,
    &SCHEDULED_KEYS,
    &IDENTITY_VERIFICATIONS,
    &IDENTITY_RATES,
    &CASH_RECEIPTS,
    &TAX_CONTRACTS,
    &TAX_INVOICES,
    &TAX_INVOICE_KEYS,
    &BULK_TAX_INVOICES,
    &BULK_TAX_INVOICE_ROWS,
    &TAX_INVITATIONS,
    &COUNTERPARTIES,
    &COUNTERPARTY_NUMBERS,
    &COMPANY_CHECKS,
    &TAX_FILES,
    &TAX_FILE_CHUNKS,
    &V1_KEYS,
    &V1_TOKENS,
    &IMP_UIDS,
    &ACTS,
    &ADMINISTRATORS,
    &CONSOLE_SESSIONS,
    &LOG_IN_COUNTS,
];
