//! A channel's settings: what is refused when a channel is created, and in which words.

use naru_connector::{ChannelSettings, Secret};

use crate::operations::{inicis, settings};

fn problem(change: impl Fn(&mut ChannelSettings)) -> Option<String> {
    let mut settings = settings();
    change(&mut settings);
    inicis()
        .check_settings(&settings)
        .err()
        .map(|error| error.to_string())
}

fn with_option(name: &str, value: &str) -> Option<String> {
    problem(|settings| {
        settings.options.insert(name.to_owned(), value.to_owned());
    })
}

fn with_secret(name: &str, value: &str) -> Option<String> {
    let message = problem(|settings| {
        settings.secrets.insert(name.to_owned(), Secret::new(value));
    });
    assert!(
        !message
            .as_ref()
            .is_some_and(|text| !value.is_empty() && text.contains(value))
    );
    message
}

#[test]
fn the_public_test_merchant_is_accepted() {
    assert_eq!(problem(|_| ()), None);
    assert_eq!(
        with_secret("inilite_key", "b09LVzhuTGZVaEY1WmJoQnZzdXpRdz09"),
        None
    );
    assert_eq!(
        with_secret("mobile_hash_key", "3CB8183A4BE283555ACC8363C0360223"),
        None
    );
    for (name, value) in [
        ("answer_timeout_ms", "15000"),
        ("order_id_inquiry", "true"),
        ("no_auth_contract", "false"),
        ("unconfirmed", "true"),
        ("notice_ips", "203.238.37.15, 183.109.71.153"),
        ("iniapi_base", "https://iniapi.inicis.com/"),
    ] {
        assert_eq!(with_option(name, value), None, "{name}");
    }
}

#[test]
fn what_must_be_there_must_be_there() {
    for name in ["iniapi_base", "shop_url"] {
        let message = problem(|settings| drop(settings.options.remove(name)));
        assert_eq!(
            message,
            Some(format!("channel setting `{name}` is missing"))
        );
    }
    for name in ["iniapi_key", "iniapi_iv", "sign_key"] {
        let message = problem(|settings| drop(settings.secrets.remove(name)));
        assert_eq!(
            message,
            Some(format!("channel setting `{name}` is missing"))
        );
    }
}

#[test]
fn unknown_names_are_refused_with_the_known_ones() {
    let message = with_option("iniapi_bse", "x").unwrap();
    assert!(
        message.contains("`iniapi_bse`") && message.contains("`iniapi_base`"),
        "{message}"
    );
    let message = with_secret("iniapi_kye", "secret-value").unwrap();
    assert!(
        message.contains("`iniapi_kye`") && message.contains("`iniapi_key`"),
        "{message}"
    );
}

#[test]
fn values_have_forms() {
    for mid in ["INIpayTes", "INIpayTest1", "INIpay-est", "이니시스", ""] {
        let message = problem(|settings| settings.merchant_id = mid.to_owned()).unwrap();
        assert!(
            message.contains("`merchant_id` must be exactly 10"),
            "{message}"
        );
    }
    for (name, value) in [
        ("iniapi_base", "http://iniapi.inicis.com"),
        ("iniapi_base", "iniapi.inicis.com"),
        ("iniapi_base", "https://user@iniapi.inicis.com"),
        ("iniapi_base", "https://iniapi.inicis.com/?a=1"),
        ("iniapi_base", "https://"),
        ("iniapi_base", "ftp://iniapi.inicis.com"),
        ("shop_url", ""),
        ("shop_url", "shop example"),
        ("receipt_url_template", "https://example.com/"),
        ("receipt_url_template", "/receipt/{tid}"),
        ("answer_timeout_ms", "999"),
        ("answer_timeout_ms", "60001"),
        ("answer_timeout_ms", "30s"),
        ("order_id_inquiry", "yes"),
        ("unconfirmed", "1"),
        ("no_auth_contract", ""),
        ("notice_ips", "203.238.37.15;183.109.71.153"),
        ("notice_ips", ""),
    ] {
        let message = with_option(name, value).unwrap_or_default();
        assert!(
            message.starts_with(&format!("channel setting `{name}` must be")),
            "{name} {value}"
        );
    }
    for (name, value) in [
        ("iniapi_key", "ItEQKi3rY7uvDS8"),
        ("iniapi_iv", "HYb3yQ4f65QL89=== "),
        ("iniapi_iv", "이니시스키가아님"),
        ("sign_key", ""),
        ("inilite_key", "short"),
        ("mobile_hash_key", "short"),
    ] {
        assert!(with_secret(name, value).is_some(), "{name}");
    }
}

#[test]
fn a_simulator_may_be_without_tls() {
    let message = problem(|settings| {
        settings.is_simulated = true;
        settings.options.insert(
            "iniapi_base".to_owned(),
            "http://127.0.0.1:8082/inicis".to_owned(),
        );
    });
    assert_eq!(message, None);
}
