//! Webhooks: at least once, order not promised, receivers read again (P6).
//!
//! A message is a row of the commit that caused it; its delivery is a job. Every attempt is kept
//! with the message. The body never holds amounts or states: receivers must read the payment.

mod announce;
mod announce_v1;
mod deliver;
mod log;
mod resend;
mod sign;

pub use announce::BillingKeyNews;
pub(crate) use announce::{Asked, Question, endpoint_place};
pub use log::MessageLine;
pub use resend::EndpointTested;
pub use sign::{generate_secret, signature};
