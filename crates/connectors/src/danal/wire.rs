//! The envelope of UAS: a form in UTF-8, to one address.

use bytes::Bytes;
use naru_connector::{Call, Request, SettingsError};

use super::contract::Contract;
use crate::{form, kst};

/// What the requests of one call share.
pub(super) struct Context {
    pub(super) contract: Contract,
    /// In Korea: nobody is born later.
    pub(super) today: jiff::civil::Date,
}

impl Context {
    pub(super) fn new(call: &Call<'_>) -> Result<Self, SettingsError> {
        Ok(Self {
            contract: Contract::read(call.settings)?,
            today: kst::day(call.at),
        })
    }

    pub(super) fn post(&self, fields: &[(&'static str, String)]) -> Request {
        Request {
            method: http::Method::POST,
            url: self.contract.uas_url.clone(),
            headers: vec![(
                "content-type",
                "application/x-www-form-urlencoded; charset=utf-8".to_owned(),
            )],
            body: Bytes::from(form::encode(fields)),
            timeout_ms: self.contract.answer_timeout_ms,
            write_within_ms: None,
        }
    }
}
