//! Payments: making, cancelling, closing and reading them.

mod act;
mod begin;
mod books;
mod cancel;
mod capture;
mod close;
mod course;
mod cursor;
mod default_channel;
mod escrow;
mod imp_uid;
pub(crate) mod inquire;
mod list;
mod pay;
mod pre_register;
mod rare;
mod read;
mod report;
mod resolve;
mod reverse;
mod stop;
mod tries;

pub use cancel::{CancelPayment, PlainRefundAccount};
pub(crate) use close::deposit_capture;
pub use course::ChannelChoice;
pub use cursor::{CursorOf, CursorPage, EntryView};
pub use default_channel::PgNamed;
pub use escrow::ShipmentRequest;
pub(crate) use inquire::pg_tx_id;
pub use list::PaymentFilter;
pub(crate) use pay::charged;
pub use pay::{CallContext, CardDetails, ChargeKey, PayInstantly, PayMethod, PayRequest};
pub(crate) use rare::Counts;
pub use read::{EventView, PaymentView, WebhookView};
pub(crate) use report::drop_job;
pub(crate) use tries::order_at;
