//! Simulated PGs, written from the PG documents.
