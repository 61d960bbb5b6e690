//! The envelope of `/std/certpass`: JSON, with the merchant's certificate and a signature.
//!
//! Invariant: what is signed are the very values that are sent.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use naru_connector::{BeginError, Call, Request, SettingsError};
use ring::rand::SystemRandom;
use ring::signature::RSA_PKCS1_SHA256;
use serde_json::{Map, Value};

use super::contract::Contract;
use crate::kst;

/// The fields of a request.
pub(super) struct Fields(Map<String, Value>);

impl Fields {
    pub(super) fn add(&mut self, name: &str, value: &str) {
        self.0.insert(name.to_owned(), Value::from(value));
    }
}

/// What the requests of one call share.
pub(super) struct Context {
    pub(super) contract: Contract,
    /// In Korea: nobody is born later.
    pub(super) today: jiff::civil::Date,
    /// `yyMMddHHmmss`.
    pub(super) stamp: String,
}

impl Context {
    pub(super) fn new(call: &Call<'_>) -> Result<Self, SettingsError> {
        let stamp = kst::stamp(call.at);
        Ok(Self {
            contract: Contract::read(call.settings)?,
            today: kst::day(call.at),
            stamp: stamp.get(2..).unwrap_or_default().to_owned(),
        })
    }

    /// The fields that every call has. Signed are site code, kind of call, and `signed`.
    pub(super) fn call(
        &self,
        ct_type: &str,
        order_id: &str,
        signed: &[&str],
    ) -> Result<Fields, BeginError> {
        let mut text = format!("{}^{ct_type}", self.contract.site_cd);
        for value in signed {
            text.push('^');
            text.push_str(value);
        }
        let mut signature = vec![0; self.contract.key.public().modulus_len()];
        // The signature itself has nothing random; the signer blinds itself with it.
        self.contract
            .key
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                text.as_bytes(),
                &mut signature,
            )
            .map_err(|_| {
                BeginError::Settings(SettingsError {
                    name: "private_key",
                    problem: "can't sign".to_owned(),
                })
            })?;
        let mut fields = Fields(Map::new());
        fields.add("site_cd", &self.contract.site_cd);
        fields.add("kcp_cert_info", &self.contract.certificate);
        fields.add("ct_type", ct_type);
        fields.add("ordr_idxx", order_id);
        fields.add("kcp_sign_data", &STANDARD.encode(signature));
        Ok(fields)
    }

    pub(super) fn post(&self, fields: &Fields) -> Request {
        Request {
            method: http::Method::POST,
            url: format!("{}/std/certpass", self.contract.base),
            headers: vec![
                ("content-type", "application/json; charset=utf-8".to_owned()),
                ("accept", "application/json".to_owned()),
            ],
            body: Bytes::from(Value::Object(fields.0.clone()).to_string()),
            timeout_ms: self.contract.answer_timeout_ms,
            write_within_ms: None,
        }
    }
}
