//! Popbill: tax invoices through the ASP of that name.
//!
//! Written from the digest of the vendor's manual and SDKs; see the README beside this file for
//! sources and what is unconfirmed. An operation is two requests: a session token for the acting
//! company, then the call. What is asked about who may be no member yet is one, without a token.
//! Invariant: only an answer with `code` 1 is a success, and only one with the tax office's
//! approval number is an issue.

mod banks;
mod document;
mod exchange;
mod info;
mod notice;
mod reply;
mod request;
mod token;

use naru_connector::tax::{TaxNotification, TaxOperation, TaxOutcome, TaxProvider};
use naru_connector::{
    BeginError, Call, ChannelSettings, Exchange, InboundRequest, Rejected, SettingsError,
};

/// The connector.
#[derive(Debug)]
pub(crate) struct Popbill;

/// After a request's deadline the vendor's own SDK still waits three minutes for an answer.
const SETTLE_TIME_MS: i64 = 180_000;
/// How long an answer may take, in milliseconds.
const ANSWER_TIMEOUT_MS: u32 = 30_000;

impl TaxProvider for Popbill {
    fn name(&self) -> &'static str {
        "popbill"
    }

    fn settle_time_ms(&self) -> i64 {
        SETTLE_TIME_MS
    }

    fn check_settings(&self, settings: &ChannelSettings) -> Result<(), SettingsError> {
        settings.option("link_id")?;
        token::key(settings)?;
        for name in ["auth_base", "api_base"] {
            let base = settings.options.get(name);
            if base.is_some_and(|base| !base.starts_with("https://") && !settings.is_simulated) {
                return Err(SettingsError {
                    name,
                    problem: "must begin with `https://`".to_owned(),
                });
            }
        }
        Ok(())
    }

    fn begin(
        &self,
        operation: &TaxOperation,
        call: &Call<'_>,
    ) -> Result<Box<dyn Exchange<TaxOutcome>>, BeginError> {
        // Parts that our sources only guess at: a simulator speaks them, the provider itself is
        // asked only where the contract's settings say so.
        let guesses = call.settings.is_simulated || call.settings.is_on("unconfirmed");
        let request = request::build(operation, guesses)?;
        let ask = match &request.token {
            Some(asked) => Some(token::request(asked.acting.as_str(), &asked.scopes, call)?),
            None => None,
        };
        Ok(Box::new(exchange::Conversation::new(
            ask,
            request.into_wire(call.settings),
            reply::reader(operation, guesses),
        )))
    }

    fn read_notification(&self, request: &InboundRequest) -> Result<TaxNotification, Rejected> {
        notice::read(request)
    }
}

/// Where the API is.
fn api_base(settings: &ChannelSettings) -> String {
    let host = if settings.is_on("is_test") {
        "https://popbill-test.linkhub.co.kr"
    } else {
        "https://popbill.linkhub.co.kr"
    };
    base(settings, "api_base", host)
}

/// Where tokens are given out.
fn auth_base(settings: &ChannelSettings) -> String {
    base(settings, "auth_base", "https://auth.linkhub.co.kr")
}

fn base(settings: &ChannelSettings, name: &str, default: &str) -> String {
    let base = settings.options.get(name).map_or(default, String::as_str);
    base.trim_end_matches('/').to_owned()
}

/// The service in token paths.
fn service_id(settings: &ChannelSettings) -> &'static str {
    if settings.is_on("is_test") {
        "POPBILL_TEST"
    } else {
        "POPBILL"
    }
}
