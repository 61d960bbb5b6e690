//! Every limit of the server in one table, with unit and range.
//!
//! The macro makes the `[limits]` section and the table from the same lines, and
//! `docs/limits.md` is rendered from the table (a test compares). What can't be configured stands
//! in [`FIXED`].

use serde::{Deserialize, Serialize};

/// One configurable limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Its name in `[limits]`.
    pub name: &'static str,
    /// Its value if nothing is said.
    pub default: u32,
    /// The smallest value.
    pub min: u32,
    /// The largest value.
    pub max: u32,
    /// In what it is counted.
    pub unit: &'static str,
    /// What it bounds.
    pub what: &'static str,
}

macro_rules! limits {
    ($($(#[doc = $what:literal])+ $name:ident = $default:literal, $min:literal..=$max:literal,
        $unit:literal;)*) => {
        /// The `[limits]` section.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub struct Limits {
            $($(#[doc = $what])+ pub $name: u32,)*
        }

        impl Default for Limits {
            fn default() -> Self {
                Self { $($name: $default,)* }
            }
        }

        impl Limits {
            /// Every limit with its value.
            pub fn values(&self) -> Vec<(&'static Limit, u32)> {
                TABLE.iter().zip([$(self.$name,)*]).collect()
            }
        }

        /// Every limit of the `[limits]` section.
        pub static TABLE: &[Limit] = &[$(Limit {
            name: stringify!($name),
            default: $default,
            min: $min,
            max: $max,
            unit: $unit,
            what: concat!($($what),+),
        },)*];
    };
}

limits! {
    /// Open connections to one listener; more wait to be accepted.
    connections_max = 4_096, 16..=1_000_000, "connections";
    /// Requests under way on the public listener, apart from notices of PGs; more are answered 503
    /// with `Retry-After` at once.
    requests_max = 2_048, 16..=1_000_000, "requests";
    /// Requests with a wrong credential that one address of the internet sends in a minute; after
    /// that 429 with `Retry-After`. A credential that proved right lately is let in.
    wrong_credentials_per_address_max = 60, 1..=1_000_000, "requests";
    /// Payment windows that one address of the internet asks for in a minute, in the browser SDKs
    /// and the hosted checkout; after that 429 with `Retry-After`.
    windows_per_address_max = 300, 1..=1_000_000, "windows";
    /// How long a client may take to come to an encrypted connection, where the listener speaks
    /// TLS.
    tls_handshake_timeout_ms = 10_000, 500..=60_000, "ms";
    /// How long the head of a request may take, and an idle connection may stay open.
    header_timeout_ms = 30_000, 1_000..=300_000, "ms";
    /// How long the next part of a request's body may take.
    body_idle_timeout_ms = 30_000, 1_000..=300_000, "ms";
    /// How long a client may leave what it is sent unread; after that the connection ends.
    write_idle_timeout_ms = 30_000, 1_000..=300_000, "ms";
    /// How long a stopping server waits for requests under way.
    shutdown_soft_ms = 60_000, 0..=600_000, "ms";
    /// How long a stopping server waits for its own last writes after that.
    shutdown_hard_ms = 5_000, 100..=60_000, "ms";
    /// The body of a PG's answer.
    pg_answer_bytes_max = 1_048_576, 65_536..=16_777_216, "bytes";
    /// Requests under way to one host of a PG; more wait within their time-out.
    pg_per_host_max = 64, 1..=10_000, "requests";
    /// How long delivering one webhook may take, connecting included.
    webhook_timeout_ms = 60_000, 1_000..=60_000, "ms";
    /// The body of a webhook receiver's answer.
    webhook_answer_bytes_max = 65_536, 1_024..=1_048_576, "bytes";
    /// Webhooks under way to one host; more wait their turn.
    webhook_per_host_max = 8, 1..=1_000, "requests";
    /// Hosts that webhooks are under way to.
    webhook_hosts_max = 1_024, 16..=65_536, "hosts";
    /// How long after its status changed a payment is first compared with the PG's books.
    compare_delay_s = 600, 60..=86_400, "s";
    /// On how many days after that it is compared again.
    compare_days = 3, 0..=31, "days";
    /// Inquiries for the comparison, of one merchant's stores and so of each of their channels.
    compare_per_second_max = 2, 1..=100, "inquiries/s";
    /// Merchants whose books are compared at once, on one node.
    compare_merchants_max = 4, 1..=64, "merchants";
    /// After how many days a payment has to be in a settlement, where those are collected.
    compare_settled_days = 30, 1..=365, "days";
    /// A settlement file.
    settlement_file_bytes_max = 33_554_432, 65_536..=268_435_456, "bytes";
    /// How long a customer may take in a payment or billing-key window. One that comes back later
    /// has paid nothing.
    window_s = 3_600, 1..=86_400, "s";
    /// How long a merchant may take to confirm what a customer authenticated. PGs take an approval
    /// for a few minutes only.
    confirm_s = 1_800, 1..=86_400, "s";
    /// How long a payment session lives where the merchant does not say.
    session_ttl_default_s = 86_400, 60..=31_536_000, "s";
    /// How long a payment session may live.
    session_ttl_max_s = 2_592_000, 60..=31_536_000, "s";
    /// Payments of schedules under way at one PG, on one node, of those that `pg_per_host_max`
    /// allows.
    schedules_per_pg_max = 32, 1..=10_000, "payments";
    /// Payments of schedules under way through one channel, on one node; more wait their turn.
    schedules_per_channel_max = 16, 1..=1_000, "payments";
    /// Messages of identity verifications that one address of a customer causes in ten minutes, in
    /// one store; after that 429 `TOO_MANY_REQUESTS`.
    identity_messages_per_address_max = 30, 1..=1_000_000, "messages";
    /// Connections to PostgreSQL.
    database_connections_max = 16, 2..=1_000, "connections";
}

/// Limits that are the same everywhere, as (what, value).
pub static FIXED: &[(&str, &str)] = &[
    ("The body of a request", "1 MiB"),
    (
        "Addresses that are counted at once, by wrong credentials and by windows; of IPv6 a /64 is \
         one",
        "16,384 each",
    ),
    (
        "Credentials that proved right lately that are remembered",
        "4,096",
    ),
    (
        "Connecting to a PG, within the time-out of the request",
        "10 s",
    ),
    (
        "Connecting to a webhook receiver, within the time-out of the request",
        "30 s",
    ),
    ("Addresses of one host name that are tried", "16"),
    (
        "How long a request inquires after an unclear answer of a PG",
        "50 s",
    ),
    ("Kept idempotency records", "15 days"),
    ("Kept former master keys", "4"),
    (
        "How long a former master key is kept at least; a leaked one for 15 days",
        "60 days",
    ),
    (
        "The deepest row of a list, and the largest `totalCount`",
        "60,000",
    ),
    (
        "Payments, or movements of money, that one question to analytics reads",
        "1,000,000",
    ),
    ("Units of time in one chart", "10,000"),
    ("Attempts to deliver a webhook", "6"),
    ("Partitions of a promotion", "5"),
    ("Card prefixes in one import", "20,000"),
    ("Disputes of a payment", "100"),
    (
        "Issues in windows of one `merchant_uid` that V1 reads, the newest",
        "1,000",
    ),
    (
        "The reason of a dispute, and the PG's id of it",
        "500 and 128 characters",
    ),
    ("Items of one store receipt", "100"),
    (
        "Deadlines of virtual accounts and identity verifications looked at at once",
        "8",
    ),
    ("How long an ended payment session is kept", "30 days"),
    (
        "How long an unclear cancellation of a cash receipt is inquired",
        "1 hour",
    ),
    ("Channels of a channel group", "10"),
    (
        "Settings of a channel group that are kept, the present one included",
        "200",
    ),
    ("Scheduled changes of a channel group", "100"),
    ("Further channels that failover may try", "9"),
    (
        "How long after a request's start failover may try another channel",
        "15 s",
    ),
    ("Days of settlement in one file", "62"),
    ("Days of a VAT report", "366"),
    ("Days for which imported lines are compared again", "14"),
    (
        "Merchants, with all their stores, that are compared",
        "1,000",
    ),
    ("Payments of schedules under way at all PGs", "256"),
    ("Schedules that one call revokes", "1,000"),
    ("How far in the past a `timeToPay` may lie", "60 s"),
    ("Attempts at one identity verification", "100"),
    (
        "Confirmations of one attempt at it, further messages of one",
        "10, 10",
    ),
    ("How long an attempt waits after a message", "10 minutes"),
    (
        "What a merchant's server may take to approve (`confirmUrl`)",
        "10 s",
    ),
    (
        "How long a confirmation waits for another attempt of its payment",
        "50 s",
    ),
    ("Items of a tax invoice", "99"),
    ("Invoices of a bulk, and its sheet", "1,000, 8 MiB"),
    ("How often a draft, or a step, of a bulk is sent", "8"),
    ("A file attached to a tax invoice, and how many", "5 MiB, 5"),
    (
        "How long the address of a tax invoice's page lives",
        "300 s",
    ),
    (
        "How long a supplier's address lives, and wrong numbers on it",
        "60 days, 10",
    ),
    (
        "How long a supplier may take to answer once its number is entered",
        "1,800 s",
    ),
    ("How long the address for an upload lives", "900 s"),
    ("How long an uploaded file waits to be attached", "1 day"),
    ("How long a company's state is believed", "24 h"),
    ("Rows of a sheet of tax invoices", "10,000"),
    ("Companies in one question about them", "100"),
    ("Attempts to deliver a webhook about a tax invoice", "5"),
    ("An administrator's password", "12 to 200 characters"),
    (
        "Administrators, and acts on a page of the audit log",
        "1,000, 500",
    ),
    (
        "Passwords that are looked at at once, those that wait included",
        "2, 32",
    ),
    (
        "Wrong passwords in a row of an administrator; from one address in 15 minutes",
        "5, 20",
    ),
    (
        "How long a lock-out lasts, the first and the longest",
        "15 minutes, 8 hours",
    ),
    (
        "How long a session of the console lives unused, and in all",
        "30 minutes, 12 hours",
    ),
    (
        "How long an address that an administrator logged in from is known",
        "30 days",
    ),
];

/// A number of things as memory counts them.
pub fn count(limit: u32) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}

/// `docs/limits.md`.
pub fn document() -> String {
    let limits = TABLE.iter().map(
        |Limit {
             name,
             default,
             min,
             max,
             unit,
             what,
         }| {
            let what = what.trim();
            format!("| `{name}` | {default} | {min} to {max} | {unit} | {what} |\n")
        },
    );
    let fixed = FIXED
        .iter()
        .map(|(what, value)| format!("| {what} | {value} |\n"));
    format!(
        "# Limits\n\n\
        Every queue, body, batch, retry and time-out has a limit. Those of the first table stand \
        in the\n`[limits]` section of the config, or in variables such as \
        `NARU_LIMITS__SCHEDULES_PER_PG_MAX`, also for\n`naru sandbox`; this page is rendered \
        from the code.\n\n\
        | `[limits]` | Default | Range | Unit | What it bounds |\n|---|---|---|---|---|\n{}\n\
        These can't be changed:\n\n| What it bounds | Value |\n|---|---|\n{}",
        limits.collect::<String>(),
        fixed.collect::<String>()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_within_their_ranges() {
        for (limit, value) in Limits::default().values() {
            assert!((limit.min..=limit.max).contains(&value), "{}", limit.name);
            assert_eq!(value, limit.default);
        }
    }
}
