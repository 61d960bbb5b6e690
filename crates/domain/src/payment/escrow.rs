//! Escrow: the PG holds the money until the customer confirms that the goods came.
//!
//! States after the shipment move on the PG's notices only. A notice that comes late, twice or out
//! of turn changes nothing.

use serde::{Deserialize, Serialize};

use super::{Payment, Task};
use crate::Timestamp;

/// The escrow of the attempt whose money was taken.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Escrow {
    /// Where it stands.
    pub state: EscrowState,
    /// The shipment that the PG has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipment: Option<Shipment>,
    /// The latest shipment whose registration had no clear answer: the one that the PG means when
    /// it gives notice of a shipment that nobody else told it of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unconfirmed: Option<Shipment>,
}

/// Goods on their way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shipment {
    /// The contract's code of the carrier, such as `CJ`.
    pub company: String,
    /// The carrier's number.
    pub invoice_number: String,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// When the PG was told; the latest time, if it was corrected.
    pub applied_at: Timestamp,
}

/// Where an escrow stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state")]
pub enum EscrowState {
    /// Paid, and nothing sent yet.
    #[default]
    BeforeRegistered,
    /// The PG knows that the goods were sent.
    Registered,
    /// They arrived.
    Delivered,
    /// The customer keeps them; the money is the merchant's.
    Confirmed {
        /// Whether nobody said so until the PG's time was up.
        automatically: bool,
    },
    /// The customer does not want them.
    Rejected,
    /// The merchant accepted that.
    RejectConfirmed,
    /// The sale was undone.
    Cancelled,
}

impl EscrowState {
    /// Its name on the V2 wire and in the store.
    pub const fn name(self) -> &'static str {
        match self {
            Self::BeforeRegistered => "BEFORE_REGISTERED",
            Self::Registered => "REGISTERED",
            Self::Delivered => "DELIVERED",
            Self::Confirmed { .. } => "CONFIRMED",
            Self::Rejected => "REJECTED",
            Self::RejectConfirmed => "REJECT_CONFIRMED",
            Self::Cancelled => "CANCELLED",
        }
    }

    /// Whether the PG surely was told of a shipment, by whomever.
    pub(super) const fn has_shipment(self) -> bool {
        match self {
            Self::Registered
            | Self::Delivered
            | Self::Confirmed { .. }
            | Self::Rejected
            | Self::RejectConfirmed => true,
            Self::BeforeRegistered | Self::Cancelled => false,
        }
    }

    /// Whether the PG's news can come after this state. What comes late, twice or out of turn
    /// can't: notices are sent in batches, and in no promised order.
    pub const fn leads_to(self, next: Self) -> bool {
        match (self, next) {
            (_, Self::BeforeRegistered) | (Self::Cancelled, _) => false,
            (_, Self::Cancelled) | (Self::BeforeRegistered, _) => true,
            (Self::Registered, next) => !matches!(next, Self::Registered),
            (Self::Delivered, next) => !matches!(next, Self::Registered | Self::Delivered),
            (Self::Rejected, next) => {
                matches!(next, Self::RejectConfirmed | Self::Confirmed { .. })
            }
            (Self::Confirmed { .. } | Self::RejectConfirmed, _) => false,
        }
    }
}

impl Payment {
    /// The shipment of its escrow. The PG's notice of one can be here before the PG's answer is:
    /// then it is the one being told.
    pub fn told_shipment(&self) -> Option<&Shipment> {
        let escrow = self.escrow.as_ref()?;
        let being_told = match self.action.as_ref().map(|action| &action.task) {
            Some(Task::RegisterShipment { shipment }) if escrow.state.has_shipment() => {
                Some(shipment)
            }
            Some(
                Task::RegisterShipment { .. }
                | Task::ChangeShipment { .. }
                | Task::AcceptRejection
                | Task::CapturePayment
                | Task::RegisterStoreSales { .. },
            )
            | None => None,
        };
        escrow.shipment.as_ref().or(being_told)
    }
}
