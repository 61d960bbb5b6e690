//! The pure core of Naru: ids, money, and the aggregates with their rules.
//!
//! No async, no I/O, no clock, no randomness: whatever a rule needs comes in with the command.
//! The types derive serde only because the store keeps them as JSON documents (decision 0003);
//! nothing here knows a wire format.
//!
//! Invariant: `apply` is total, since an event is a fact; only `decide` refuses.

mod amount;
pub mod b2b;
pub mod billing_key;
pub mod cash_receipt;
mod channel;
pub mod checkout;
mod customer;
mod day;
mod difference;
mod face;
pub mod identity;
mod ids;
pub mod journal;
mod method;
mod opener;
pub mod payment;
mod pg;
pub mod promotion;
pub mod routing;
pub mod schedule;
mod secret;
pub mod settlement;
mod time;
mod wishes;

pub use amount::{Amount, AmountRefusal, Currency, vat_of};
pub use channel::{ChannelGroupSnapshot, ChannelSnapshot};
pub use customer::{Address, Customer};
pub use day::{Day, NotADay};
pub use difference::{Difference, DifferenceKind, PgBooks, PgState, compare_books};
pub use face::Face;
pub use ids::{
    AttemptId, BillingKeyId, CancellationId, ChannelGroupId, ChannelId, ChannelKey,
    IdentityVerificationId, ImpUid, MerchantId, PaymentId, PromotionId, ScheduleId, StoreId,
    TaxInvoiceId,
};
pub use method::{
    AccountRefund, Card, CardPayment, EasyPay, EasyPayBy, GiftCertificate, Method, MethodKind,
    MobilePayment, Transfer, VirtualAccount,
};
pub use opener::{Opener, WindowType, page_origin, return_address};
pub use pg::{pg_company, reported_pg};
pub use secret::Sealed;
pub use time::{NotATimestamp, Timestamp};
pub use wishes::{CardWishes, FreeInstallment, OfferPeriod, WindowWishes};
