//! Texts that must not be seen.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A secret as it is kept: encrypted by the engine's key ring, opaque to everything else (P8).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sealed(String);

impl Sealed {
    /// Wraps cipher text.
    pub fn from_cipher_text(text: String) -> Self {
        Self(text)
    }

    /// The cipher text.
    pub fn cipher_text(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealed(…)")
    }
}
