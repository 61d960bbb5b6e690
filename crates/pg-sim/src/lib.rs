//! Simulated PGs, written from the PG documents.
//!
//! This crate is the other side of the wire: it plays KG Inicis (INIAPI v1 and v2), and its
//! unified authentication, Danal and NHN KCP (identity verification), for the sandbox, the tests
//! and the bench, and it can be told to misbehave. It must never import another crate of this
//! workspace: the connector and the simulator are written apart from the same documents, so that a
//! mistake in one shows up against the other.
//!
//! Invariant: what the simulator answered is in its journal first, and no card number, card
//! password, identity number, one-time password or key is ever in the journal or in a log line.
//!
//! `crates/pg-sim/README.md` documents the controls and the magic inputs.

mod answer;
mod books;
mod clock;
mod controls;
mod danal;
mod faults;
mod identity;
mod inicis;
mod inicis_unified;
mod journal;
mod kcp;
mod ledger;
mod load;
mod pages;
mod pg;
mod popbill;
mod post;
mod server;
mod simulator;
mod twist;

pub use clock::ProcessClock;
pub use danal::{CPID as DANAL_CPID, CPPWD as DANAL_PASSWORD};
pub use inicis_unified::{
    API_KEY as INICIS_UNIFIED_API_KEY, MID as INICIS_UNIFIED_MID, SEED_IV as INICIS_UNIFIED_SEED_IV,
};
pub use kcp::{
    CERTIFICATE as KCP_CERTIFICATE, PRIVATE_KEY as KCP_PRIVATE_KEY, SITE_CODE as KCP_SITE_CODE,
};
pub use popbill::{LINK_ID as POPBILL_LINK_ID, SECRET_KEY as POPBILL_SECRET_KEY};
pub use post::Courier;
pub use server::serve;
pub use simulator::{OpenError, Options, Simulator, Timing};
