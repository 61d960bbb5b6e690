//! What goes over the private listener about payments. Moments are RFC 3339.

use serde::{Deserialize, Serialize};

/// `POST /admin/v1/stores/{id}/payments/{id}/escrow/accept-rejection` answers it: the PG has done
/// so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RejectionAccepted {
    /// The store.
    pub store_id: String,
    /// The payment.
    pub payment_id: String,
    /// When, as the PG says.
    pub accepted_at: String,
}
