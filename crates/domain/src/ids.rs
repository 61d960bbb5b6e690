//! Ids, one type each, so that one can't be passed for another.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! text_id {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(
            Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes a text as it is; what outsiders send is checked at the edge.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

text_id! {
    /// A merchant: `merchant-…`.
    MerchantId;
    /// A store or sub-store: `store-…`.
    StoreId;
    /// The merchant's own order id; unique in its store.
    PaymentId;
    /// The merchant's own id of an identity verification; unique in its store.
    IdentityVerificationId;
    /// What the V1 face names an attempt by, where it was made there: `imps_` and twelve digits.
    ImpUid;
    /// A billing key: `billing-key-…`, or the merchant's own `customer_uid` where it was made on
    /// the V1 face. An identifier, not a secret.
    BillingKeyId;
    /// A schedule's id.
    ScheduleId;
    /// What requests name a channel by: `channel-key-…`.
    ChannelKey;
    /// A channel's id: `channel-id-…`.
    ChannelId;
    /// A channel group: `channel-group-live-…` or `channel-group-test-…`.
    ChannelGroupId;
    /// A promotion's id: `promotion-id-…`.
    PromotionId;
}

macro_rules! uuid_id {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps a UUID.
            pub const fn new(id: Uuid) -> Self {
                Self(id)
            }

            /// The UUID.
            pub const fn as_uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }
    )*};
}

uuid_id! {
    /// One attempt at a payment or at issuing a billing key; on the wire the `transactionId`.
    AttemptId;
    /// One cancellation of a payment.
    CancellationId;
    /// One tax invoice.
    TaxInvoiceId;
}

impl AttemptId {
    /// The order id that the PG sees: the UUID without dashes (design decision 5).
    pub fn order_id(self) -> String {
        self.0.simple().to_string()
    }

    /// The attempt that a PG's order id names.
    pub fn from_order_id(order_id: &str) -> Option<Self> {
        (order_id.len() == 32)
            .then(|| Uuid::try_parse(order_id).ok().map(Self))
            .flatten()
    }
}
