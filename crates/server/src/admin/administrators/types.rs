//! What `naru administrators` and the server say to each other.

use serde::{Deserialize, Serialize};

/// `POST /admin/v1/administrators` → [`Administrator`]
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewAdministrator {
    /// The e-mail address.
    pub email: String,
    /// The password, 12 to 200 characters.
    pub password: String,
}

/// `POST /admin/v1/administrators/{email}/password`, which ends all sessions.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewPassword {
    /// The password, 12 to 200 characters.
    pub password: String,
}

/// `GET /admin/v1/administrators` → items. `DELETE …/{email}` removes one and
/// `POST …/{email}/unlock` ends their lock-outs; both answer nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Administrator {
    /// The e-mail address, in lower case.
    pub email: String,
    /// When they were added, RFC 3339.
    pub created_at: String,
    /// When the password was set, RFC 3339.
    pub password_set_at: String,
    /// Until when no password counts, RFC 3339, if there were too many wrong ones.
    pub locked_until: Option<String>,
}
