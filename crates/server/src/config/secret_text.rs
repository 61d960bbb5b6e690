//! A secret in the config: read, never shown.

use std::fmt;

use naru_connector::Secret;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What a secret is shown as.
pub(crate) const HIDDEN: &str = "(hidden)";

/// A secret text.
#[derive(Clone)]
pub struct SecretText(Secret);

impl SecretText {
    /// Takes a secret.
    pub fn new(text: String) -> Self {
        Self(Secret::new(text))
    }

    /// The text.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

impl<'de> Deserialize<'de> for SecretText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

impl Serialize for SecretText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(HIDDEN)
    }
}
