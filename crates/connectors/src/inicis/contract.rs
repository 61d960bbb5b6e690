//! A channel's contract with the PG, read from its settings and checked.
//!
//! All names, lengths and forms of settings are decided here and nowhere else. Invariants: a
//! setting that is read is valid; a message names a setting and what was expected, never its
//! value.

use std::net::IpAddr;

use naru_connector::{ChannelSettings, SettingsError};
use naru_domain::cash_receipt::ReceiptKind;

use super::CAPABILITIES;
use crate::settings::{check_timeout, check_url, flag, is_graphic, known, wrong};

/// The names an option can have.
const OPTIONS: [&str; 14] = [
    "answer_timeout_ms",
    "cash_receipt_url_template",
    "cash_receipt_use_opt",
    "iniapi_base",
    "inilite_base",
    "manual_confirm",
    "mobile_base",
    "no_auth_contract",
    "notice_ips",
    "order_id_inquiry",
    "receipt_url_template",
    "shop_url",
    "stdpay_base",
    "unconfirmed",
];

/// The names a secret can have.
const SECRETS: [&str; 5] = [
    "iniapi_iv",
    "iniapi_key",
    "inilite_key",
    "mobile_hash_key",
    "sign_key",
];

/// What the reading of answers needs of the settings: nothing secret.
#[derive(Clone)]
pub(super) struct Merchant {
    /// The merchant id (MID).
    pub(super) mid: String,
    /// The receipt page, with `{tid}` in it.
    receipt_url_template: Option<String>,
    /// The page of a cash receipt, with `{tid}` in it.
    cash_receipt_url_template: Option<String>,
}

/// What the exchanges need of the settings.
pub(super) struct Contract {
    /// Who we are to the PG.
    pub(super) merchant: Merchant,
    /// The INIAPI's address, without a slash at its end.
    pub(super) base: String,
    /// What the wire's `url` field says.
    pub(super) shop_url: String,
    /// How long an answer may take.
    pub(super) answer_timeout_ms: u32,
    /// The INIAPI key, for signatures and encryption.
    pub(super) key: [u8; 16],
    /// The INIAPI IV.
    pub(super) iv: [u8; 16],
    /// Whether the PG finds transactions by order id.
    pub(super) order_id_inquiry: bool,
    /// Whether operations whose wire form is our guess may be sent.
    pub(super) unconfirmed: bool,
    /// Whether cards are charged without asking for birth date and password.
    pub(super) no_auth: bool,
    /// Whether kinds of cash receipts are counted from 1 instead of 0.
    receipts_from_one: bool,
    /// Where the windows are.
    pub(super) places: Places,
}

/// Where the windows and their approvals are.
pub(super) struct Places {
    /// One place for all of the PG's centres: a simulator, or the PG's staging.
    stdpay: Option<String>,
    mobile: Option<String>,
    inilite: Option<String>,
}

impl Places {
    fn read(settings: &ChannelSettings, base: &str) -> Result<Self, SettingsError> {
        let place = |name: &'static str, of_simulator: &str| {
            if let Some(url) = settings.options.get(name) {
                check_url(name, url, settings.is_simulated)?;
                return Ok(Some(url.trim_end_matches('/').to_owned()));
            }
            let simulated = || format!("{}{of_simulator}", base.trim_end_matches('/'));
            Ok(settings.is_simulated.then(simulated))
        };
        Ok(Self {
            stdpay: place("stdpay_base", "/stdpay")?,
            mobile: place("mobile_base", "/mobile")?,
            inilite: place("inilite_base", "/inilite")?,
        })
    }

    /// A script of the window for computers.
    pub(super) fn script(&self, name: &str) -> String {
        let base = self
            .stdpay
            .as_deref()
            .unwrap_or("https://stdpay.inicis.com");
        format!("{base}/stdjs/{name}")
    }

    /// Where the form for phones goes. Without the slash at its end the PG answers MX1002.
    pub(super) fn mobile_window(&self) -> String {
        let base = self
            .mobile
            .as_deref()
            .unwrap_or("https://mobile.inicis.com");
        format!("{base}/smart/payment/")
    }

    /// Where the form of a billing key for phones goes.
    pub(super) fn key_window(&self) -> String {
        let base = self
            .inilite
            .as_deref()
            .unwrap_or("https://inilite.inicis.com");
        format!("{base}/inibill/inibill_card.jsp")
    }

    /// Where approvals of a centre go, for computers. Never an address that a browser brought.
    pub(super) fn stdpay(&self, idc: &str) -> Option<String> {
        let host = match idc {
            "fc" => "https://fcstdpay.inicis.com",
            "ks" => "https://ksstdpay.inicis.com",
            "stg" => "https://stgstdpay.inicis.com",
            _ => return None,
        };
        Some(self.stdpay.clone().unwrap_or_else(|| host.to_owned()))
    }

    /// The same for phones.
    pub(super) fn mobile(&self, idc: &str) -> Option<String> {
        let host = match idc {
            "fc" => "https://fcmobile.inicis.com",
            "ks" => "https://ksmobile.inicis.com",
            "stg" => "https://stgmobile.inicis.com",
            _ => return None,
        };
        Some(self.mobile.clone().unwrap_or_else(|| host.to_owned()))
    }
}

/// The key that signs what the windows for computers are asked.
pub(super) fn sign_key(settings: &ChannelSettings) -> Result<String, SettingsError> {
    Ok(settings.secret("sign_key")?.expose().to_owned())
}

/// The key that signs what the windows for phones are asked, if the contract has one.
pub(super) fn mobile_hash_key(settings: &ChannelSettings) -> Option<String> {
    let secret = settings.secrets.get("mobile_hash_key")?;
    Some(secret.expose().to_owned())
}

/// What signs the windows of billing keys for phones.
pub(super) fn inilite_key(settings: &ChannelSettings) -> Result<String, SettingsError> {
    Ok(settings.secret("inilite_key")?.expose().to_owned())
}

impl Contract {
    /// Reads what the exchanges need.
    pub(super) fn read(settings: &ChannelSettings) -> Result<Self, SettingsError> {
        let is_mid = settings.merchant_id.len() == 10
            && settings
                .merchant_id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric());
        if !is_mid {
            return wrong("merchant_id", "must be exactly 10 ASCII letters and digits");
        }
        let base = settings.option("iniapi_base")?;
        check_url("iniapi_base", base, settings.is_simulated)?;
        let shop_url = settings.option("shop_url")?;
        if shop_url.is_empty() || shop_url.len() > 200 || !is_graphic(shop_url) {
            return wrong(
                "shop_url",
                "must be 1 to 200 printable ASCII characters without spaces",
            );
        }
        Ok(Self {
            merchant: Merchant {
                mid: settings.merchant_id.clone(),
                receipt_url_template: url_template(settings, "receipt_url_template")?,
                cash_receipt_url_template: url_template(settings, "cash_receipt_url_template")?,
            },
            base: base.trim_end_matches('/').to_owned(),
            shop_url: shop_url.to_owned(),
            answer_timeout_ms: check_timeout(settings, CAPABILITIES.answer_timeout_ms)?,
            key: sixteen(settings, "iniapi_key")?,
            iv: sixteen(settings, "iniapi_iv")?,
            order_id_inquiry: flag(settings, "order_id_inquiry")?,
            unconfirmed: settings.is_simulated || flag(settings, "unconfirmed")?,
            no_auth: flag(settings, "no_auth_contract")?,
            receipts_from_one: receipts_from_one(settings)?,
            places: Places::read(settings, base)?,
        })
    }

    /// The wire's `useOpt`. Integrations disagree about its values, so the channel says it.
    pub(super) const fn use_opt(&self, kind: ReceiptKind) -> &'static str {
        super::receipt::flag(kind, self.receipts_from_one)
    }

    /// The INIAPI key as text.
    pub(super) fn key_text(&self) -> &str {
        // `sixteen` took ASCII only.
        std::str::from_utf8(&self.key).unwrap_or_default()
    }
}

impl Merchant {
    /// The PG's receipt page of a transaction.
    pub(super) fn receipt_url(&self, tid: &str) -> Option<String> {
        filled(self.receipt_url_template.as_deref(), tid)
    }

    /// The PG's page of a cash receipt.
    pub(super) fn cash_receipt_url(&self, tid: &str) -> Option<String> {
        filled(self.cash_receipt_url_template.as_deref(), tid)
    }
}

fn filled(template: Option<&str>, tid: &str) -> Option<String> {
    let mut escaped = String::new();
    crate::form::escape(tid, &mut escaped);
    Some(template?.replace("{tid}", &escaped))
}

/// Checks everything, names included: for when a channel is created or changed.
pub(super) fn check(settings: &ChannelSettings) -> Result<(), SettingsError> {
    known("options", settings.options.keys(), &OPTIONS)?;
    known("secrets", settings.secrets.keys(), &SECRETS)?;
    Contract::read(settings)?;
    flag(settings, "manual_confirm")?;
    notice_ips(settings)?;
    let sign_key = settings.secret("sign_key")?.expose();
    if sign_key.is_empty() || !is_graphic(sign_key) {
        return wrong("sign_key", "must be printable ASCII without spaces");
    }
    for name in ["inilite_key", "mobile_hash_key"] {
        let Some(secret) = settings.secrets.get(name) else {
            continue;
        };
        if secret.expose().len() != 32 || !is_graphic(secret.expose()) {
            return wrong(name, "must be exactly 32 printable ASCII characters");
        }
    }
    Ok(())
}

/// The addresses that notices may come from; empty if any may send them.
pub(super) fn notice_ips(settings: &ChannelSettings) -> Result<Vec<IpAddr>, SettingsError> {
    let Some(list) = settings.options.get("notice_ips") else {
        return Ok(Vec::new());
    };
    let ips: Result<Vec<IpAddr>, _> = list.split(',').map(|text| text.trim().parse()).collect();
    ips.or_else(|_| {
        wrong(
            "notice_ips",
            "must be IP addresses with commas between them",
        )
    })
}

fn url_template(
    settings: &ChannelSettings,
    name: &'static str,
) -> Result<Option<String>, SettingsError> {
    let Some(template) = settings.options.get(name) else {
        return Ok(None);
    };
    let is_url = ["https://", "http://"]
        .iter()
        .any(|scheme| template.starts_with(scheme));
    if !is_url || !is_graphic(template) || !template.contains("{tid}") {
        return wrong(name, "must be an absolute URL with `{tid}` in it");
    }
    Ok(Some(template.clone()))
}

fn receipts_from_one(settings: &ChannelSettings) -> Result<bool, SettingsError> {
    let name = "cash_receipt_use_opt";
    match settings.options.get(name).map(String::as_str) {
        None | Some("0/1") => Ok(false),
        Some("1/2") => Ok(true),
        Some(_) => wrong(name, "must be `0/1` or `1/2`"),
    }
}

fn sixteen(settings: &ChannelSettings, name: &'static str) -> Result<[u8; 16], SettingsError> {
    let text = settings.secret(name)?.expose();
    match <[u8; 16]>::try_from(text.as_bytes()) {
        Ok(bytes) if is_graphic(text) => Ok(bytes),
        _ => wrong(name, "must be exactly 16 printable ASCII characters"),
    }
}
