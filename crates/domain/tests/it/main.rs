//! The rules of the aggregates: a table for each command, random sequences against a model ledger,
//! and the documents that the store must keep loading.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "helpers of tests, outside of test functions: a failure must stop the test"
)]

mod account;
mod actions;
mod begin;
mod billing_key;
mod book;
mod bulk_invoice;
mod cancel;
mod cash_receipt;
mod dispute;
mod documents;
mod failover;
mod identity;
mod journal;
mod ledger;
mod promoted;
mod promotion;
mod refund;
mod resolve;
mod reversal;
mod routing;
mod sample;
mod schedule;
mod settlement;
mod states;
mod steps;
mod super_key;
mod support;
mod tables;
mod tax_invoice;
mod tax_invoice_document;
mod tax_invoice_ledger;
mod tax_invoice_sample;
mod window;
