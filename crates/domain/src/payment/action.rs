//! Actions: what is asked of a PG about a captured payment besides taking and giving back money.
//!
//! One at a time for each payment. The intent is on disk before a byte goes out (P2), like a
//! cancellation's. PGs have no inquiry for actions, so an unclear answer stays unclear: it is told
//! as such, never guessed and never sent again (P4).

use serde::{Deserialize, Serialize};

use super::{Failure, Shipment};
use crate::{Amount, Timestamp};

/// An action under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Action {
    /// What is to be done.
    pub task: Task,
    /// Latest moment, by the process clock, at which the sender may begin to write. It tells one
    /// action from the next.
    pub send_by: Timestamp,
    /// When it was asked for.
    pub requested_at: Timestamp,
}

/// What an action does. Only what has to be known after it: the request itself is made before the
/// intent and sent once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "task")]
pub enum Task {
    /// Take the money that was only authorised: by agreement, the PG waits for it.
    CapturePayment,
    /// Tell the PG that the goods of an escrow payment were sent.
    RegisterShipment {
        /// With whom.
        shipment: Shipment,
    },
    /// Correct what was told of it.
    ChangeShipment {
        /// With whom.
        shipment: Shipment,
    },
    /// Accept that the customer rejected the goods.
    AcceptRejection,
    /// Add the sales of other stores to the PG's receipt.
    RegisterStoreSales {
        /// The sales.
        sales: Vec<StoreSale>,
    },
}

/// A sale of a store below the merchant, shown on the PG's receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreSale {
    /// Ten digits of the store's business.
    pub business_number: String,
    /// Its name.
    pub name: String,
    /// What was sold there.
    pub amount: Amount,
}

/// How an action ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "end")]
pub enum ActionEnd {
    /// The PG did it.
    Done {
        /// When.
        at: Timestamp,
        /// The PG's receipt page, where the action has to do with one.
        receipt_url: Option<String>,
    },
    /// The PG refused, or surely never saw it.
    Refused {
        /// Why.
        failure: Failure,
    },
    /// Nobody knows, and nobody can find out.
    Unclear,
}
