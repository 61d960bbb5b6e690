//! What a window is opened with besides the order: its method and the page's wishes, by the rules
//! of the contract's guide for this PG. One function for each device makes the PG's fields.
//!
//! The guide's "ignored" fields are not read at all. Its "error" cases are refused before anything
//! is sent, and name the SDK's field.

use naru_connector::{BeginError, Device, KeyIssue, OpenWindow};
use naru_domain::{CardWishes, FreeInstallment, MethodKind, OfferPeriod, Timestamp};
use serde_json::{Map, Value};

use super::rules::invalid;
use super::window_codes as codes;
use crate::kst;

/// The method, tokens joined by the PG's separator, and fields of their own.
pub(super) struct Options {
    /// `gopaymethod`, or `P_INI_PAYMENT`.
    pub(super) method: String,
    /// For `acceptmethod`, or `P_RESERVED`.
    pub(super) tokens: Vec<String>,
    pub(super) fields: Vec<(&'static str, String)>,
}

impl Options {
    fn new(method: impl Into<String>) -> Self {
        Self {
            method: method.into(),
            tokens: Vec::new(),
            fields: Vec::new(),
        }
    }

    fn token(&mut self, token: impl Into<String>) {
        self.tokens.push(token.into());
    }
}

/// For computers.
pub(super) fn pc(window: &OpenWindow) -> Result<Options, BeginError> {
    let wishes = &window.wishes;
    let mut options = match window.method {
        MethodKind::Card => pc_card(wishes.card.as_ref())?,
        MethodKind::VirtualAccount => {
            let mut options = Options::new("VBank");
            if !wishes.hides_cash_receipt {
                options.token("va_receipt");
            }
            options
        }
        MethodKind::Transfer => {
            let mut options = Options::new("DirectBank");
            if wishes.hides_cash_receipt {
                options.token("no_receipt");
            }
            options
        }
        MethodKind::Mobile => {
            let mut options = Options::new("HPP");
            if window.key_issue == KeyIssue::WithPayment {
                options.token("BILLAUTH(HPP)");
            }
            options.token(format!("HPP({})", goods_kind(window)?));
            options
        }
        MethodKind::GiftCertificate => match wishes.gift_certificate.as_deref() {
            Some(name) => Options::new(gift_certificate(name)?[0]),
            None => Options::new(codes::ANY_GIFT_CERTIFICATE),
        },
        MethodKind::EasyPay => match wishes.easy_pay_provider.as_deref() {
            Some(name) => {
                let mut options = Options::new(easy_pay(name)?[0]);
                options.token("cardonly");
                options
            }
            None => Options::new("EasyPay"),
        },
    };
    if window.is_framed {
        // Else the PG would take the merchant's page away, as far as its manual tells.
        options.token("poptargetself");
    }
    if let Some(language) = language(window)? {
        options.fields.push(("languageView", language.to_owned()));
    }
    if let Some(period) = &wishes.offer_period {
        options.fields.push(("offerPeriod", pc_period(period)?));
    }
    pc_bypass(window, &mut options)?;
    Ok(options)
}

fn pc_card(wishes: Option<&CardWishes>) -> Result<Options, BeginError> {
    let Some(wishes) = wishes else {
        return Ok(Options::new("Card"));
    };
    let mut options = match wishes.company.as_deref() {
        Some(name) => {
            let (method, code) = direct_card(wishes, name)?;
            let mut options = Options::new(method);
            options.token("cardonly");
            let months = wishes.fixed_months.unwrap_or_default();
            options.fields.extend([
                ("ini_cardcode", code.to_owned()),
                ("ansim_quota", two_digits(months)),
            ]);
            options
        }
        None => Options::new("Card"),
    };
    if wishes.company.is_none() && !wishes.offered.is_empty() {
        let offered = offered(wishes)?.join(":");
        options.fields.push(("ini_onlycardcode", offered));
    }
    let months = offered_months(wishes);
    if wishes.company.is_none() && !months.is_empty() {
        let text = months.iter().map(ToString::to_string);
        let text = text.collect::<Vec<_>>().join(":");
        options.fields.push(("quotabase", text));
    }
    if !wishes.free.is_empty() {
        options
            .fields
            .push(("nointerest", free(&wishes.free)?.join(",")));
    }
    if wishes.points {
        options.token("CARDPOINT");
    }
    Ok(options)
}

/// For phones.
pub(super) fn mobile(window: &OpenWindow) -> Result<Options, BeginError> {
    let wishes = &window.wishes;
    let mut options = match window.method {
        MethodKind::Card => mobile_card(wishes.card.as_ref())?,
        MethodKind::VirtualAccount => {
            let mut options = Options::new("VBANK");
            if !wishes.hides_cash_receipt {
                options.token("vbank_receipt=Y");
            }
            options
        }
        MethodKind::Transfer => {
            let mut options = Options::new("BANK");
            // Without it the money would be taken before anybody approves.
            options.token("twotrs_bank=Y");
            if wishes.hides_cash_receipt {
                options.token("bank_receipt=N");
            }
            options
        }
        MethodKind::Mobile => {
            let mut options = Options::new("MOBILE");
            options
                .fields
                .push(("P_HPP_METHOD", goods_kind(window)?.to_owned()));
            if window.key_issue == KeyIssue::WithPayment {
                options.token("hpp_bill=Y");
            } else if !wishes.carriers.is_empty() {
                options.token(format!("hpp_corp={}", carriers(&wishes.carriers)?));
            }
            options
        }
        MethodKind::GiftCertificate => {
            let Some(name) = wishes.gift_certificate.as_deref() else {
                let field = "method.giftCertificate.type";
                return invalid(field, "is required by this PG on phones");
            };
            Options::new(gift_certificate(name)?[1])
        }
        MethodKind::EasyPay => mobile_easy_pay(wishes.easy_pay_provider.as_deref())?,
    };
    // Only checked: the window for phones is Korean unless the customer says otherwise.
    language(window)?;
    if window.key_issue == KeyIssue::WithPayment && wishes.offer_period.is_none() {
        return invalid(
            "offerPeriod",
            "is required by this PG to issue a billing key on phones",
        );
    }
    if let Some(period) = &wishes.offer_period {
        options
            .fields
            .push(("P_OFFER_PERIOD", mobile_period(period)?));
    }
    if let Some(scheme) = &wishes.app_scheme {
        options.token(format!("app_scheme={}", plain("appScheme", scheme)?));
    }
    mobile_bypass(window, &mut options)?;
    Ok(options)
}

fn mobile_card(wishes: Option<&CardWishes>) -> Result<Options, BeginError> {
    let mut options = Options::new("CARD");
    let Some(wishes) = wishes else {
        return Ok(options);
    };
    if let Some(name) = wishes.company.as_deref() {
        let (_, code) = direct_card(wishes, name)?;
        let months = two_digits(wishes.fixed_months.unwrap_or_default());
        options.token(format!("d_card={code}"));
        options.token(format!("d_quota={months}"));
    }
    if wishes.company.is_none() && !wishes.offered.is_empty() {
        let offered = offered(wishes)?.join(":");
        options.fields.push(("P_ONLY_CARDCODE", offered));
    }
    let months = offered_months(wishes);
    if wishes.company.is_none() && !months.is_empty() {
        // `01` is a lump sum, which is always offered.
        let text = std::iter::once(1).chain(months);
        let text = text.map(|months| format!("{months:02}"));
        let text = text.collect::<Vec<_>>().join(":");
        options.fields.push(("P_QUOTABASE", text));
    }
    if !wishes.free.is_empty() {
        options.token("merc_noint=Y");
        options.token(format!("noint_quota={}", free(&wishes.free)?.join("^")));
    }
    if wishes.points {
        options.token("cp_yn=Y");
    }
    Ok(options)
}

/// An easy-pay provider is a direct call of the card window.
fn mobile_easy_pay(provider: Option<&str>) -> Result<Options, BeginError> {
    let mut options = Options::new("CARD");
    if let Some(name) = provider {
        options.token(easy_pay(name)?[1]);
        options.fields.push(("P_SKIP_TERMS", "Y".to_owned()));
    }
    Ok(options)
}

fn direct_card(
    wishes: &CardWishes,
    name: &str,
) -> Result<(&'static str, &'static str), BeginError> {
    if !wishes.months.is_empty() {
        return invalid(
            "card.installment.monthOption",
            "must be `fixedMonth` where `card.cardCompany` is given, not `availableMonthList`",
        );
    }
    match codes::direct_card(name) {
        Some(found) => Ok(found),
        None => invalid(
            "card.cardCompany",
            "must be a card company whose window this PG opens",
        ),
    }
}

fn offered(wishes: &CardWishes) -> Result<Vec<&'static str>, BeginError> {
    wishes
        .offered
        .iter()
        .map(|name| match codes::company(name) {
            Some(code) => Ok(code),
            None => invalid("card.availableCards", "must be card companies of this PG"),
        })
        .collect()
}

/// Months but for the lump sum, which is always offered. A fixed month is the only one.
fn offered_months(wishes: &CardWishes) -> Vec<u16> {
    let all = wishes.fixed_months.into_iter().chain(wishes.months.clone());
    all.filter(|months| *months > 1).collect()
}

fn free(plans: &[FreeInstallment]) -> Result<Vec<String>, BeginError> {
    let field = "card.installment.freeInstallmentPlans";
    plans
        .iter()
        .map(|plan| match codes::company(&plan.company) {
            Some(code) => {
                let months = plan.months.iter().map(ToString::to_string);
                Ok(format!("{code}-{}", months.collect::<Vec<_>>().join(":")))
            }
            None => invalid(field, "must be of card companies of this PG"),
        })
        .collect()
}

fn two_digits(months: u16) -> String {
    format!("{:02}", if months == 1 { 0 } else { months })
}

/// `1` is content, `2` is goods; `4` and `5` where a billing key is issued, in the same order as
/// far as we read the manual.
fn goods_kind(window: &OpenWindow) -> Result<&'static str, BeginError> {
    let kind = window.wishes.product_type.as_deref();
    match (kind, window.key_issue) {
        (Some("DIGITAL"), KeyIssue::WithPayment) => Ok("4"),
        (Some("REAL"), KeyIssue::WithPayment) => Ok("5"),
        (Some("DIGITAL"), _) => Ok("1"),
        (Some("REAL"), _) => Ok("2"),
        _ => invalid(
            "productType",
            "is required by this PG to pay with the phone bill: `REAL` or `DIGITAL`",
        ),
    }
}

fn gift_certificate(name: &str) -> Result<[&'static str; 2], BeginError> {
    codes::gift_certificate(name).map_or_else(
        || {
            invalid(
                "method.giftCertificate.type",
                "must be BOOKNLIFE, SMART_MUNSANG, CULTURELAND or HAPPYMONEY for this PG",
            )
        },
        Ok,
    )
}

fn easy_pay(name: &str) -> Result<[&'static str; 2], BeginError> {
    codes::direct_easy_pay(name).map_or_else(
        || {
            let message = format!("must be one of {} for this PG", codes::easy_pay_names());
            invalid("method.easyPay.provider", message)
        },
        Ok,
    )
}

fn carriers(names: &[String]) -> Result<String, BeginError> {
    let found: Option<Vec<_>> = names.iter().map(|name| codes::carrier(name)).collect();
    match found {
        Some(found) => Ok(found.join(":")),
        None => invalid("mobile.avaliableCarriers", "must be carriers of this PG"),
    }
}

/// The window's language. Windows for billing keys on phones are Korean, whatever is said.
fn language(window: &OpenWindow) -> Result<Option<&'static str>, BeginError> {
    let Some(locale) = window.wishes.locale.as_deref() else {
        return Ok(None);
    };
    if window.key_issue == KeyIssue::WithPayment {
        // The guide has it ignored there.
        return Ok(None);
    }
    match (locale, window.device) {
        ("KO_KR", _) => Ok(Some("ko")),
        ("EN_US", _) => Ok(Some("en")),
        ("ZH_CN", Device::Pc) => Ok(Some("cn")),
        (_, Device::Pc) => invalid("locale", "must be KO_KR, EN_US or ZH_CN for this PG"),
        (_, Device::Mobile) => invalid("locale", "must be KO_KR or EN_US for this PG on phones"),
    }
}

fn interval(text: &str) -> Result<&'static str, BeginError> {
    match text {
        "1m" => Ok("M2"),
        "1y" => Ok("Y2"),
        _ => invalid("offerPeriod.interval", "must be `1m` or `1y` for this PG"),
    }
}

fn range(from: Option<Timestamp>, to: Option<Timestamp>) -> Result<[String; 2], BeginError> {
    match (from, to) {
        (Some(from), Some(to)) if from < to => Ok([kst::date(from), kst::date(to)]),
        _ => invalid(
            "offerPeriod.range",
            "must have `from` and a later `to` for this PG",
        ),
    }
}

fn pc_period(period: &OfferPeriod) -> Result<String, BeginError> {
    match period {
        OfferPeriod::Interval(text) => interval(text).map(str::to_owned),
        OfferPeriod::Range { from, to } => Ok(range(*from, *to)?.join("-")),
    }
}

pub(super) fn mobile_period(period: &OfferPeriod) -> Result<String, BeginError> {
    match period {
        OfferPeriod::Interval(text) => interval(text).map(str::to_owned),
        OfferPeriod::Range { from, to } => Ok(range(*from, *to)?.concat()),
    }
}

/// What the page means for this PG.
pub(super) fn bypass(window: &OpenWindow) -> Map<String, Value> {
    let text = window.wishes.bypass.as_deref().unwrap_or("{}");
    let all: Option<Map<String, Value>> = serde_json::from_str(text).ok();
    let own = all.and_then(|mut all| all.remove("inicis_v2"));
    match own {
        Some(Value::Object(own)) => own,
        _ => Map::new(),
    }
}

/// Fields that a page may set, and those of its tokens that this PG takes.
fn pc_bypass(window: &OpenWindow, options: &mut Options) -> Result<(), BeginError> {
    let own = bypass(window);
    for name in ["logo_url", "logo_2nd", "parentemail", "Ini_SSGPAY_MDN"] {
        if let Some(text) = own.get(name).and_then(Value::as_str) {
            options
                .fields
                .push((name, plain("bypass.inicis_v2", text)?));
        }
    }
    let known = [
        "SKIN",
        "below1000",
        "ocb",
        "paypopup",
        "hidebar",
        "noeasypay",
        "slimquota",
        "mallpoint",
    ];
    for token in tokens(own.get("acceptmethod"))? {
        let name = token.split('(').next().unwrap_or_default();
        let is_known = known.iter().any(|known| known.eq_ignore_ascii_case(name));
        // Tokens are joined by colons: only these two have some of their own.
        let is_one = !token.contains(':') || matches!(name, "slimquota" | "mallpoint");
        if !is_known || !is_one {
            return invalid(
                "bypass.inicis_v2.acceptmethod",
                "must hold only options that the PG's guide lists",
            );
        }
        options.token(token);
    }
    Ok(())
}

fn mobile_bypass(window: &OpenWindow, options: &mut Options) -> Result<(), BeginError> {
    let own = bypass(window);
    for (name, field) in [
        ("P_CARD_OPTION", "P_CARD_OPTION"),
        ("P_MNAME", "P_MNAME"),
        // The guide's own example misspells it.
        ("P_NMANE", "P_MNAME"),
    ] {
        if let Some(text) = own.get(name).and_then(Value::as_str) {
            options
                .fields
                .push((field, plain("bypass.inicis_v2", text)?));
        }
    }
    let known = [
        "below1000=Y",
        "noeasypay=Y",
        "global_visa3d=Y",
        "apprun_check=Y",
    ];
    for token in tokens(own.get("P_RESERVED"))? {
        if !known.contains(&token.as_str()) {
            return invalid(
                "bypass.inicis_v2.P_RESERVED",
                "must hold only options that the PG's guide lists",
            );
        }
        options.token(token);
    }
    Ok(())
}

fn tokens(value: Option<&Value>) -> Result<Vec<String>, BeginError> {
    let Some(Value::Array(items)) = value else {
        return Ok(Vec::new());
    };
    items
        .iter()
        .filter_map(Value::as_str)
        .map(|token| plain("bypass.inicis_v2", token))
        .collect()
}

/// A short text that changes nothing around it.
fn plain(field: &'static str, text: &str) -> Result<String, BeginError> {
    let is_plain = text.len() <= 500
        && !text
            .chars()
            .any(|c| c.is_control() || matches!(c, '&' | '"' | '<' | '>'));
    if is_plain {
        Ok(text.to_owned())
    } else {
        invalid(
            field,
            "must hold short texts without `&`, quotes and angle brackets",
        )
    }
}
