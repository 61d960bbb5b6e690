//! What a PG can do, as data: it decides what `begin` accepts and renders the support matrix.

use crate::{BeginError, ChannelSettings};

macro_rules! operation_kinds {
    ($($(#[doc = $doc:literal])+ $kind:ident = $name:literal, $label:literal;)*) => {
        /// The kinds of operation.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum OperationKind {
            $($(#[doc = $doc])+ $kind,)*
        }

        impl OperationKind {
            /// Every kind, in the order of the support matrix.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)*];

            /// Its name in metrics.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$kind => $name,)*
                }
            }

            /// What people read.
            pub const fn label(self) -> &'static str {
                match self {
                    $(Self::$kind => $label,)*
                }
            }
        }
    };
}

operation_kinds! {
    /// Card payment with typed-in card data.
    PayCard = "pay_card", "card payment, typed in";
    /// Issue of a virtual account.
    IssueVirtualAccount = "issue_virtual_account", "virtual account, issue";
    /// Issue of a billing key from typed-in card data.
    IssueBillingKey = "issue_billing_key", "billing key, issue";
    /// A payment window in a browser.
    OpenWindow = "open_window", "payment window";
    /// Approval of what a customer authenticated in a window.
    ApproveWindow = "approve_window", "payment window, approval";
    /// Undoing an approval whether or not it happened.
    NetCancel = "net_cancel", "payment window, net cancel";
    /// Charge of a billing key.
    ChargeBillingKey = "charge_billing_key", "billing key, charge";
    /// Deletion of a billing key.
    DeleteBillingKey = "delete_billing_key", "billing key, delete";
    /// Taking money that was only authorised.
    CapturePayment = "capture_payment", "manual capture";
    /// Refund, whole or in part.
    Refund = "refund", "refund";
    /// Closing of a virtual account that waits for its deposit.
    CloseVirtualAccount = "close_virtual_account", "virtual account, close";
    /// Telling the PG that the goods of an escrow payment were sent, or correcting it.
    RegisterShipment = "register_shipment", "escrow, shipment";
    /// A window in which the customer of an escrow payment keeps or rejects the goods.
    OpenEscrowWindow = "open_escrow_window", "escrow, the customer's decision";
    /// Accepting that the customer of an escrow payment rejected the goods.
    AcceptRejection = "accept_rejection", "escrow, rejection accepted";
    /// Adding the sales of other stores to the PG's receipt.
    RegisterStoreSales = "register_store_sales", "store receipt";
    /// Issue of a cash receipt on its own.
    IssueCashReceipt = "issue_cash_receipt", "cash receipt, issue";
    /// Cancellation of a cash receipt on its own.
    CancelCashReceipt = "cancel_cash_receipt", "cash receipt, cancel";
    /// Inquiry of a cash receipt.
    InquireCashReceipt = "inquire_cash_receipt", "cash receipt, inquiry";
    /// Inquiry by the PG's transaction id.
    InquireByTransaction = "inquire_by_transaction", "inquiry by the PG's id";
    /// Inquiry by the order id that we sent.
    InquireByOrder = "inquire_by_order", "inquiry by order id";
    /// Sending a request to identify a person, by message or to an app.
    SendIdentity = "send_identity", "identity verification, send";
    /// Finding out whether the person has been identified.
    ConfirmIdentity = "confirm_identity", "identity verification, confirm";
    /// Sending the message once more.
    ResendIdentity = "resend_identity", "identity verification, resend";
    /// A window in a browser in which a person is identified.
    OpenIdentityWindow = "open_identity_window", "identity verification, window";
}

/// How well an operation is supported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Support {
    /// Built from a documented wire form.
    Confirmed,
    /// Built, but its wire form is our guess: the simulator speaks it, `naru serve` refuses it
    /// unless it is switched on.
    Unconfirmed,
    /// The PG has no such operation.
    None,
}

/// A connector's abilities and limits.
#[derive(Debug)]
pub struct Capabilities {
    /// The contract's PG code, such as `INICIS_V2`.
    pub pg_provider: &'static str,
    /// The short name in paths and books, such as `inicis`.
    pub name: &'static str,
    /// Support by operation; what is not listed is `Support::None`.
    pub operations: &'static [(OperationKind, Support)],
    /// How long after a request's deadline the PG may still act on it, in milliseconds: only then
    /// does "no such transaction" mean "not captured" (design 2a.2).
    pub settle_time_ms: i64,
    /// How long an answer may take, in milliseconds.
    pub answer_timeout_ms: u32,
}

impl Capabilities {
    /// How well an operation is supported.
    pub fn support(&self, kind: OperationKind) -> Support {
        self.operations
            .iter()
            .find(|(operation, _)| *operation == kind)
            .map_or(Support::None, |(_, support)| *support)
    }

    /// Refuses what this PG does not do, and what would be sent in a form that is our guess: such
    /// a form goes to the simulator, and to the PG only where the channel's option `unconfirmed`
    /// says that somebody has tried it.
    pub fn check(&self, kind: OperationKind, settings: &ChannelSettings) -> Result<(), BeginError> {
        let (pg, what) = (self.pg_provider, kind.label());
        match self.support(kind) {
            Support::Confirmed => Ok(()),
            Support::Unconfirmed if settings.is_simulated || settings.is_on("unconfirmed") => {
                Ok(())
            }
            Support::Unconfirmed => Err(BeginError::Unsupported(format!(
                "`{what}` can't be sent to `{pg}`: the PG's wire form is not confirmed\nhint: ask \
                 the PG, then set the channel's option `unconfirmed`"
            ))),
            Support::None => {
                let able: Vec<&str> = self.operations.iter().map(|(one, _)| one.label()).collect();
                Err(BeginError::Unsupported(format!(
                    "the channel's PG `{pg}` has no `{what}`\nhint: name another channel; this one \
                     takes `{}`",
                    able.join("`, `")
                )))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    static SOME: Capabilities = Capabilities {
        pg_provider: "SOME",
        name: "some",
        operations: &[
            (OperationKind::PayCard, Support::Confirmed),
            (OperationKind::SendIdentity, Support::Unconfirmed),
        ],
        settle_time_ms: 0,
        answer_timeout_ms: 0,
    };

    fn settings(is_simulated: bool, unconfirmed: Option<&str>) -> ChannelSettings {
        ChannelSettings {
            merchant_id: "mid".to_owned(),
            secrets: BTreeMap::new(),
            options: unconfirmed
                .map(|value| ("unconfirmed".to_owned(), value.to_owned()))
                .into_iter()
                .collect(),
            is_simulated,
        }
    }

    #[test]
    fn a_guessed_form_needs_the_simulator_or_the_channels_word() {
        let guessed = OperationKind::SendIdentity;
        for (is_simulated, option, is_taken) in [
            (false, None, false),
            (false, Some("false"), false),
            (false, Some("true"), true),
            (true, None, true),
        ] {
            let settings = settings(is_simulated, option);
            assert_eq!(SOME.check(guessed, &settings).is_ok(), is_taken);
            assert!(SOME.check(OperationKind::PayCard, &settings).is_ok());
            let lacking = SOME.check(OperationKind::Refund, &settings).unwrap_err();
            assert!(lacking.to_string().contains("`SOME` has no `refund`"));
        }
    }
}
