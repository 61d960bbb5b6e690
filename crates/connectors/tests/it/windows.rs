//! What this PG's windows are opened with: each method and wish, on computers and phones, and what
//! is refused by the contract's guide. One row for each.

use naru_connector::{
    BeginError, Call, Device, InboundRequest, KeyIssue, OpenEscrowWindow, OpenWindow, Order,
};
use naru_domain::{
    Amount, CardWishes, Currency, Customer, FreeInstallment, MethodKind, OfferPeriod, WindowWishes,
};
use serde_json::json;

use crate::operations::{at, settings};

fn window(device: Device, method: MethodKind, wishes: WindowWishes) -> OpenWindow {
    OpenWindow {
        order: Order {
            order_id: "01a21bc5b1667000af454466453a9768".to_owned(),
            payment_id: "order-1".to_owned(),
            name: "tea".to_owned(),
            amount: Amount {
                total: 60_000,
                tax_free: 0,
                vat: 5_455,
            },
            currency: Currency::krw(),
            customer: Customer {
                name: Some("홍길동".to_owned()),
                email: Some("hong@shop.test".to_owned()),
                phone_number: Some("01012345678".to_owned()),
                ..Customer::default()
            },
            is_escrow: false,
        },
        method,
        key_issue: KeyIssue::None,
        device,
        account_expires_at: None,
        is_framed: false,
        wishes,
        return_url: "https://pay.test/return".to_owned(),
        close_url: "https://pay.test/close".to_owned(),
        notice_url: "https://pay.test/notices".to_owned(),
    }
}

/// The form's fields, or the field that is refused.
fn form(window: &OpenWindow) -> Result<Vec<(&'static str, String)>, &'static str> {
    let settings = settings();
    let call = Call {
        settings: &settings,
        at: at(),
        server_ip: "127.0.0.1",
    };
    let connector = naru_connectors::connector("INICIS_V2");
    match connector.map(|connector| connector.open_window(window, &call)) {
        None => panic!("no connector"),
        Some(Ok(form)) => Ok(form.fields),
        Some(Err(BeginError::Invalid { field, .. })) => Err(field),
        Some(Err(other)) => panic!("{other}"),
    }
}

/// A field of the form, or all that is refused.
fn field(window: &OpenWindow, name: &str) -> String {
    match form(window) {
        Ok(fields) => fields
            .into_iter()
            .find(|(field, _)| *field == name)
            .map_or_else(|| "-".to_owned(), |(_, value)| value),
        Err(field) => format!("refused: {field}"),
    }
}

fn wishes(change: impl FnOnce(&mut WindowWishes)) -> WindowWishes {
    let mut wishes = WindowWishes::default();
    change(&mut wishes);
    wishes
}

fn card(change: impl FnOnce(&mut CardWishes)) -> WindowWishes {
    let mut card = CardWishes::default();
    change(&mut card);
    wishes(|it| it.card = Some(card))
}

/// Wishes as the tables below write them: `name=value`, separated by blanks.
fn written(text: &str) -> WindowWishes {
    let mut wishes = WindowWishes::default();
    let mut card = CardWishes::default();
    for (name, value) in text.split(' ').filter_map(|one| one.split_once('=')) {
        let value = value.to_owned();
        match name {
            "product" => wishes.product_type = Some(value),
            "gift" => wishes.gift_certificate = Some(value),
            "easy" => wishes.easy_pay_provider = Some(value),
            "receipt" => wishes.hides_cash_receipt = true,
            "locale" => wishes.locale = Some(value),
            "interval" => wishes.offer_period = Some(OfferPeriod::Interval(value)),
            "carrier" => wishes.carriers = vec![value],
            "company" => card.company = Some(value),
            "months" => card.months = vec![2],
            "accept" => wishes.bypass = Some(bypass("acceptmethod", &value)),
            "reserved" => wishes.bypass = Some(bypass("P_RESERVED", &value)),
            "from" => {
                let from = Some(at());
                wishes.offer_period = Some(OfferPeriod::Range { from, to: None });
            }
            other => panic!("{other}"),
        }
    }
    wishes.card = Some(card).filter(|card| *card != CardWishes::default());
    wishes
}

fn bypass(name: &str, token: &str) -> String {
    json!({ "inicis_v2": { name: [token] } }).to_string()
}

fn method(name: &str) -> MethodKind {
    match name {
        "card" => MethodKind::Card,
        "account" => MethodKind::VirtualAccount,
        "transfer" => MethodKind::Transfer,
        "mobile" => MethodKind::Mobile,
        "gift" => MethodKind::GiftCertificate,
        "easy" => MethodKind::EasyPay,
        other => panic!("{other}"),
    }
}

fn rows<const N: usize>(table: &str) -> impl Iterator<Item = [&str; N]> {
    table
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| {
            let cells: Vec<_> = line.split('|').map(str::trim).collect();
            cells.try_into().unwrap_or_else(|cells| panic!("{cells:?}"))
        })
}

/// Method, wishes; `gopaymethod` and more of `acceptmethod`; `P_INI_PAYMENT` and more of
/// `P_RESERVED`.
const METHODS: &str = "
    card     |                      | Card         |             | CARD    |
    account  |                      | VBank        | :va_receipt | VBANK   | &vbank_receipt=Y
    account  | receipt=none         | VBank        |             | VBANK   |
    transfer |                      | DirectBank   |             | BANK    | &twotrs_bank=Y
    transfer | receipt=none | DirectBank | :no_receipt | BANK | &twotrs_bank=Y&bank_receipt=N
    mobile   | product=DIGITAL      | HPP          | :HPP(1)     | MOBILE  |
    mobile   | product=REAL         | HPP          | :HPP(2)     | MOBILE  |
    gift     | gift=CULTURELAND     | Culture      |             | CULTURE |
    gift     | gift=SMART_MUNSANG   | DGCL         |             | DGCL    |
    gift     | gift=BOOKNLIFE       | Bcsh         |             | BCSH    |
    gift     | gift=HAPPYMONEY      | HPMN         |             | HPMN    |
    easy     |                      | EasyPay      |             | CARD    |
    easy     | easy=KAKAOPAY        | onlykakaopay | :cardonly   | CARD    | &d_kakaopay=Y
    easy     | easy=NAVERPAY        | onlynaverpay | :cardonly   | CARD    | &d_npay=Y
    easy     | easy=SAMSUNGPAY      | onlyssp      | :cardonly   | CARD    | &d_samsungpay=Y
    easy     | easy=SSGPAY          | onlyssgcard  | :cardonly   | CARD    | &d_ssgpay=Y
    easy     | easy=APPLEPAY        | onlyapplepay | :cardonly   | CARD    | &d_applepay=Y
    easy     | easy=LPAY            | onlylpay     | :cardonly   | CARD    | &d_lpay=Y
    easy     | easy=TOSSPAY         | onlytosspay  | :cardonly   | CARD    | &d_tosspay=Y
    easy     | easy=PAYCO           | onlypayco    | :cardonly   | CARD    | &d_payco=Y
    card     | carrier=X gift=X easy=X | Card      |             | CARD    |
";

#[test]
fn each_method_has_its_name_and_options() {
    for [name, wishes, pc, tokens, phone, reserved] in rows(METHODS) {
        let on_pc = window(Device::Pc, method(name), written(wishes));
        assert_eq!(field(&on_pc, "gopaymethod"), pc, "{name} {wishes}");
        let accepted = field(&on_pc, "acceptmethod");
        assert_eq!(accepted, format!("centerCd(Y){tokens}"), "{name} {wishes}");
        let on_phone = window(Device::Mobile, method(name), written(wishes));
        assert_eq!(field(&on_phone, "P_INI_PAYMENT"), phone, "{name} {wishes}");
        let kept = field(&on_phone, "P_RESERVED").replace("&amt_hash=Y", "");
        assert_eq!(kept, format!("centerCd=Y{reserved}"), "{name} {wishes}");
    }
    let account = window(Device::Mobile, MethodKind::VirtualAccount, written(""));
    assert_eq!(field(&account, "P_NOTI_URL"), "https://pay.test/notices");
    let any_gift = window(Device::Pc, MethodKind::GiftCertificate, written(""));
    assert_eq!(field(&any_gift, "gopaymethod"), "Culture:DGCL:Bcsh:HPMN");
    for (wishes, goods) in [("product=REAL", "2"), ("product=DIGITAL", "1")] {
        let on_phone = window(Device::Mobile, MethodKind::Mobile, written(wishes));
        assert_eq!(field(&on_phone, "P_HPP_METHOD"), goods);
    }
}

#[test]
fn cards_are_called_directly_or_offered_with_months() {
    let direct = || card(|it| it.company = Some("SHINHAN_CARD".to_owned()));
    let common = || card(|it| it.company = Some("BC_CARD".to_owned()));
    let fixed = || {
        card(|it| {
            it.company = Some("SHINHAN_CARD".to_owned());
            it.fixed_months = Some(3);
        })
    };
    let offered = || {
        card(|it| {
            it.offered = vec!["LOTTE_CARD".to_owned(), "HANA_CARD".to_owned()];
            it.months = vec![1, 2, 6];
            it.points = true;
            it.free = vec![FreeInstallment {
                company: "NH_CARD".to_owned(),
                months: vec![2, 3],
            }];
        })
    };
    for (wishes, name, expected) in [
        (direct(), "gopaymethod", "onlyacard"),
        (direct(), "ini_cardcode", "14"),
        (direct(), "ansim_quota", "00"),
        (common(), "gopaymethod", "onlyvcard"),
        (fixed(), "ansim_quota", "03"),
        (fixed(), "quotabase", "-"),
        (offered(), "gopaymethod", "Card"),
        (offered(), "ini_onlycardcode", "03:34"),
        (offered(), "quotabase", "2:6"),
        (offered(), "nointerest", "41-2:3"),
        (offered(), "acceptmethod", "centerCd(Y):CARDPOINT"),
    ] {
        let on_pc = window(Device::Pc, MethodKind::Card, wishes);
        assert_eq!(field(&on_pc, name), expected, "{name}");
    }
    for (wishes, name, expected) in [
        (fixed(), "P_RESERVED", "d_card=14&d_quota=03"),
        (offered(), "P_ONLY_CARDCODE", "03:34"),
        (offered(), "P_QUOTABASE", "01:02:06"),
        (
            offered(),
            "P_RESERVED",
            "merc_noint=Y&noint_quota=41-2:3&cp_yn=Y",
        ),
    ] {
        let on_phone = window(Device::Mobile, MethodKind::Card, wishes);
        assert!(field(&on_phone, name).ends_with(expected), "{name}");
    }
}

#[test]
fn other_wishes_stand_where_the_pg_looks_for_them() {
    let all = wishes(|it| {
        it.locale = Some("EN_US".to_owned());
        it.offer_period = Some(OfferPeriod::Interval("1y".to_owned()));
        it.app_scheme = Some("myshop://".to_owned());
        it.bypass = Some(
            json!({
                "inicis_v2": {
                    "logo_url": "https://shop.test/logo.png",
                    "acceptmethod": ["SKIN(#112233)", "below1000"],
                    "P_MNAME": "우리 상점",
                    "P_RESERVED": ["below1000=Y"],
                },
                "kcp_v2": { "skin_indx": 6 },
            })
            .to_string(),
        );
    });
    let on_pc = window(Device::Pc, MethodKind::Card, all.clone());
    for (name, expected) in [
        ("languageView", "en"),
        ("offerPeriod", "Y2"),
        ("logo_url", "https://shop.test/logo.png"),
        ("acceptmethod", "centerCd(Y):SKIN(#112233):below1000"),
        ("P_MNAME", "-"),
    ] {
        assert_eq!(field(&on_pc, name), expected, "{name}");
    }
    let on_phone = window(Device::Mobile, MethodKind::Card, all);
    assert_eq!(field(&on_phone, "P_OFFER_PERIOD"), "Y2");
    assert_eq!(field(&on_phone, "P_MNAME"), "우리 상점");
    let reserved = field(&on_phone, "P_RESERVED");
    assert!(
        reserved.ends_with("app_scheme=myshop://&below1000=Y"),
        "{reserved}"
    );
    let mut framed = window(Device::Pc, MethodKind::Card, WindowWishes::default());
    framed.is_framed = true;
    assert_eq!(field(&framed, "acceptmethod"), "centerCd(Y):poptargetself");
}

#[test]
fn billing_keys_have_a_window_of_their_own_on_phones() {
    let asked = |wishes: &str, bypass: Option<serde_json::Value>| {
        let mut asked = window(Device::Mobile, MethodKind::Card, written(wishes));
        asked.key_issue = KeyIssue::Instead;
        asked.order.amount.total = 0;
        asked.wishes.issue_id = Some("issue-0001".to_owned());
        if let Some(own) = bypass {
            asked.wishes.bypass = Some(json!({ "inicis_v2": own }).to_string());
        }
        asked
    };
    let whole = asked("interval=1m", None);
    for (name, expected) in [
        ("mid", "INIpayTest"),
        ("authtype", "D"),
        ("orderid", "01a21bc5b1667000af454466453a9768"),
        ("price", "0"),
        ("goodname", "tea"),
        ("period", "M2"),
        ("returnurl", "https://pay.test/return"),
        ("buyername", "홍길동"),
        ("carduse", "-"),
    ] {
        assert_eq!(field(&whole, name), expected, "{name}");
    }
    assert_eq!(field(&whole, "hashdata").len(), 64);
    let personal = asked("interval=1y", Some(json!({ "carduse": "percard" })));
    assert_eq!(field(&personal, "carduse"), "percard");
    assert_eq!(field(&personal, "period"), "Y2");
    for (asked, field) in [
        (asked("", None), "offerPeriod"),
        (asked("from=now", None), "offerPeriod.range"),
        (
            asked("interval=1m", Some(json!({ "carduse": "all" }))),
            "bypass.inicis_v2.carduse",
        ),
    ] {
        assert_eq!(form(&asked).err(), Some(field));
    }
    let mut nameless = asked("interval=1m", None);
    nameless.order.customer = Customer::default();
    assert!(form(&nameless).is_ok(), "phones need no customer");
    nameless.wishes.issue_id = None;
    assert_eq!(form(&nameless).err(), Some("issueId"));
}

#[test]
fn a_customer_decides_on_the_goods_in_a_window() {
    let asked = |device| OpenEscrowWindow {
        pg_tx_id: "tid-1".to_owned(),
        currency: Currency::krw(),
        device,
        return_url: "https://pay.test/return".to_owned(),
        close_url: "https://pay.test/close".to_owned(),
    };
    let settings = settings();
    let call = Call {
        settings: &settings,
        at: at(),
        server_ip: "192.0.2.1",
    };
    let connector = naru_connectors::connector("INICIS_V2").unwrap();
    let pc = connector
        .open_escrow_window(&asked(Device::Pc), &call)
        .unwrap();
    assert!(
        pc.script
            .unwrap()
            .ends_with("/stdjs/INIStdPay_escrow_conf.js")
    );
    let said = |name: &str| {
        pc.fields
            .iter()
            .find(|(field, _)| *field == name)
            .unwrap()
            .1
            .clone()
    };
    assert_eq!(said("tid"), "tid-1");
    assert_eq!(said("currency"), "WON");
    assert_eq!(said("mKey").len(), 64);
    let phone = connector
        .open_escrow_window(&asked(Device::Mobile), &call)
        .unwrap();
    assert!(phone.action.unwrap().ends_with("/smart/payment/"));
    assert_eq!(
        phone.fields[0],
        ("P_INI_PAYMENT", "ESCROWCONFIRM".to_owned())
    );
    for (body, decided) in [
        ("ResultCode=00&CNF_Date=20260101", true),
        ("ResultCode=01", false),
        ("P_STATUS=00&P_CL_STATUS=denyComplete", true),
        ("P_STATUS=01", false),
        ("", false),
    ] {
        let brought = InboundRequest {
            content_type: None,
            body: body.into(),
            peer: None,
        };
        assert_eq!(connector.has_decided(&brought), decided, "{body}");
    }
}

#[test]
fn a_billing_key_comes_with_a_payment_on_the_phone_bill() {
    let asked = |device, wishes: &str| {
        let mut asked = window(device, MethodKind::Mobile, written(wishes));
        asked.key_issue = KeyIssue::WithPayment;
        asked
    };
    let pc = asked(Device::Pc, "product=REAL interval=1m locale=JA_JP");
    for (name, expected) in [
        ("gopaymethod", "HPP"),
        ("acceptmethod", "centerCd(Y):BILLAUTH(HPP):HPP(5)"),
        ("offerPeriod", "M2"),
        ("languageView", "-"),
        ("price", "60000"),
    ] {
        assert_eq!(field(&pc, name), expected, "{name}");
    }
    let phone = asked(Device::Mobile, "product=DIGITAL interval=1y carrier=NOBODY");
    for (name, expected) in [
        ("P_INI_PAYMENT", "MOBILE"),
        ("P_HPP_METHOD", "4"),
        ("P_OFFER_PERIOD", "Y2"),
    ] {
        assert_eq!(field(&phone, name), expected, "{name}");
    }
    assert!(field(&phone, "P_RESERVED").contains("hpp_bill=Y"));
    assert!(!field(&phone, "P_RESERVED").contains("hpp_corp"));
    let mut nameless = asked(Device::Mobile, "product=REAL interval=1m");
    nameless.order.customer = Customer::default();
    let mut dollars = asked(Device::Pc, "product=REAL");
    dollars.order.currency = Currency::new("USD");
    let mut by_card = asked(Device::Pc, "product=REAL");
    by_card.method = MethodKind::Card;
    for (asked, field) in [
        (asked(Device::Pc, ""), "productType"),
        (
            asked(Device::Pc, "product=REAL interval=2m"),
            "offerPeriod.interval",
        ),
        (asked(Device::Mobile, "product=REAL"), "offerPeriod"),
        (nameless, "customer.name.full"),
        (dollars, "currency"),
        (by_card, "billingKeyAndPayMethod"),
    ] {
        assert_eq!(form(&asked).err(), Some(field));
    }
}

/// Device, method, wishes, and the field that is refused.
const REFUSED: &str = "
    pc    | mobile |                                       | productType
    phone | mobile |                                       | productType
    phone | mobile | product=REAL carrier=VODAFONE         | mobile.avaliableCarriers
    phone | gift   |                                       | method.giftCertificate.type
    pc    | gift   | gift=CULTURE_GIFT                     | method.giftCertificate.type
    pc    | easy   | easy=CHAI                             | method.easyPay.provider
    phone | easy   | easy=CHAI                             | method.easyPay.provider
    pc    | card   | company=TOSS_BANK                     | card.cardCompany
    pc    | card   | company=SHINHAN_CARD months=2         | card.installment.monthOption
    phone | card   | company=SHINHAN_CARD months=2         | card.installment.monthOption
    pc    | card   | locale=JA_JP                          | locale
    phone | card   | locale=ZH_CN                          | locale
    pc    | card   | interval=30d                          | offerPeriod.interval
    phone | card   | from=now                              | offerPeriod.range
    pc    | card   | accept=useescrow                      | bypass.inicis_v2.acceptmethod
    pc    | card   | accept=ocb:useescrow                  | bypass.inicis_v2.acceptmethod
    phone | card   | reserved=useescrow=Y                  | bypass.inicis_v2.P_RESERVED
    phone | card   | reserved=below1000=Y&useescrow=Y      | bypass.inicis_v2
";

#[test]
fn what_the_guide_refuses_is_refused_before_anything_is_sent() {
    for [device, name, wishes, field] in rows(REFUSED) {
        let device = match device {
            "pc" => Device::Pc,
            _ => Device::Mobile,
        };
        let refused = form(&window(device, method(name), written(wishes)));
        assert_eq!(refused.err(), Some(field), "{device:?} {name} {wishes}");
    }
    // Dollars with cards only, and never on phones.
    for (device, method, is_taken) in [
        (Device::Pc, MethodKind::Card, true),
        (Device::Pc, MethodKind::Transfer, false),
        (Device::Pc, MethodKind::EasyPay, false),
        (Device::Mobile, MethodKind::Card, false),
    ] {
        let mut asked = window(device, method, written(""));
        asked.order.currency = Currency::new("USD");
        assert_eq!(form(&asked).is_ok(), is_taken, "{device:?} {method:?}");
    }
    // On a computer the customer is named; on a phone the PG asks for nobody.
    for (device, is_taken) in [(Device::Pc, false), (Device::Mobile, true)] {
        let mut asked = window(device, MethodKind::Card, written(""));
        asked.order.customer = Customer::default();
        assert_eq!(form(&asked).is_ok(), is_taken, "{device:?}");
    }
}
