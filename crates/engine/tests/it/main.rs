//! The engine over a store in memory and the simulated PG, with time that a test moves.
#![expect(clippy::unwrap_used, reason = "tests")]

mod accounts;
mod acts;
mod administrators;
mod analytics;
mod audit;
mod bulk_invoices;
mod captures;
mod comparison;
mod crash;
mod disputes;
mod escrow;
mod failover;
mod groups;
mod identity;
mod index;
mod journal;
mod message_log;
mod promoted_failover;
mod promotions;
mod receipts;
mod rotation;
mod rotation_bed;
mod routing;
mod same_key;
mod schedules;
mod settlements;
mod super_keys;
mod support;
mod unclear;
mod webhooks;
mod windows;
