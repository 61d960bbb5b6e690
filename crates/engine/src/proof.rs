//! That a request's credential proved right, told to whoever let the request in.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Lies among a request's extensions where somebody wants to know. A face gives it once it knows
/// the caller; it says nothing about what became of the request.
#[derive(Debug, Clone, Default)]
pub struct Proof(Arc<AtomicBool>);

impl Proof {
    /// The credential is right.
    pub fn give(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether the credential proved right.
    pub fn is_given(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
