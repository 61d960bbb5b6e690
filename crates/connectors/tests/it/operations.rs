//! Operations and settings for tests: defaults that every rule accepts, and overrides by name.

use bytes::Bytes;
use naru_connector::{
    AcceptRejection, AccountChoice, Answer, BeginError, Call, CancelCashReceipt, CardCredential,
    CashReceiptWish, ChannelSettings, ChargeBillingKey, CloseVirtualAccount, Connector, Exchange,
    Inquire, IssueBillingKey, IssueCashReceipt, IssueVirtualAccount, Operation, Order, Party,
    PayCard, Refund, RefundAccount, RegisterShipment, RegisterStoreSales, Secret, StoreSaleAsked,
};
use naru_domain::cash_receipt::ReceiptKind;
use naru_domain::payment::Shipment;
use naru_domain::{Amount, Currency, Customer, MethodKind, Timestamp};
use serde_json::Value;

pub(crate) const RECEIPT_TID: &str = "StdpayCSHRINIpayTest20260101090100123456";
pub(crate) const ESCROW_TID: &str = "StdpayVBNKINIpayTest20260101090100123456";
pub(crate) const CARD_TID: &str = "StdpayCARDINIpayTest20260101090100123456";
pub(crate) const ACCOUNT_TID: &str = "StdpayVBNKINIpayTest20260101090100123456";
pub(crate) const BILL_KEY: &str = "b1ll0123456789abcdef0123456789abcdef0123";

pub(crate) fn inicis() -> &'static dyn Connector {
    naru_connectors::connector("INICIS_V2").unwrap()
}

/// 2026-01-01 09:00:00 in Korea.
pub(crate) fn at() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

pub(crate) fn settings() -> ChannelSettings {
    let options = [
        ("iniapi_base", "https://iniapi.example.com"),
        ("shop_url", "shop.example.com"),
        (
            "receipt_url_template",
            "https://receipt.example.com/?noTid={tid}&noMethod=1",
        ),
    ];
    let secrets = [
        ("iniapi_key", "ItEQKi3rY7uvDS8l"),
        ("iniapi_iv", "HYb3yQ4f65QL89=="),
        ("sign_key", "SU5JTElURV9UUklQTEVERVNfS0VZU1RS"),
        ("inilite_key", "b09LVzhuTGZVaEY1WmJoQnZzdXpRdz09"),
    ];
    ChannelSettings {
        merchant_id: "INIpayTest".to_owned(),
        secrets: secrets
            .map(|(name, text)| (name.to_owned(), Secret::new(text)))
            .into(),
        options: options
            .map(|(name, text)| (name.to_owned(), text.to_owned()))
            .into(),
        is_simulated: false,
    }
}

pub(crate) fn billing_settings() -> ChannelSettings {
    let mut settings = settings();
    settings.merchant_id = "INIBillTst".to_owned();
    settings
        .secrets
        .insert("iniapi_key".to_owned(), Secret::new("rKnPljRn5m6J9Mzz"));
    settings
        .secrets
        .insert("iniapi_iv".to_owned(), Secret::new("W2KLNKra6Wxc1P=="));
    settings
}

pub(crate) fn begin(
    operation: &Operation,
    settings: &ChannelSettings,
) -> Result<Box<dyn Exchange>, BeginError> {
    inicis().begin(
        operation,
        &Call {
            settings,
            at: at(),
            server_ip: "192.0.2.10",
        },
    )
}

pub(crate) fn answer(status: u16, body: impl Into<Bytes>) -> Answer {
    Answer {
        status,
        headers: Vec::new(),
        body: body.into(),
    }
}

pub(crate) fn customer() -> Customer {
    Customer {
        name: Some("홍길동".to_owned()),
        phone_number: Some("01012345678".to_owned()),
        email: Some("buyer@example.com".to_owned()),
        ..Customer::default()
    }
}

pub(crate) fn card(number: &str) -> CardCredential {
    CardCredential {
        number: Secret::new(number),
        expiry_year: Secret::new("28"),
        expiry_month: Secret::new("12"),
        birth_or_business_number: Some(Secret::new("900101")),
        password_two_digits: Some(Secret::new("12")),
    }
}

fn text<'a>(json: &'a Value, name: &str, default: &'a str) -> &'a str {
    json.get(name)
        .map_or(default, |value| value.as_str().unwrap())
}

fn number(json: &Value, name: &str, default: i64) -> i64 {
    json.get(name)
        .map_or(default, |value| value.as_i64().unwrap())
}

fn flag(json: &Value, name: &str, default: bool) -> bool {
    json.get(name)
        .map_or(default, |value| value.as_bool().unwrap())
}

fn amount(json: &Value) -> Amount {
    let vat = json.get("vat").map(|vat| vat.as_i64().unwrap());
    Amount::new(
        number(json, "total", 1000),
        Some(number(json, "tax_free", 0)),
        vat,
    )
    .unwrap()
}

pub(crate) fn order(json: &Value) -> Order {
    Order {
        order_id: text(json, "order_id", "order-20260101-0001").to_owned(),
        payment_id: "payment-1".to_owned(),
        name: text(json, "name", "테스트 상품").to_owned(),
        amount: amount(json),
        currency: Currency::new(text(json, "currency", "KRW")),
        customer: customer(),
        is_escrow: flag(json, "escrow", false),
    }
}

fn refund(json: &Value) -> Refund {
    let is_account = text(json, "method", "card") == "account";
    let tid = if is_account { ACCOUNT_TID } else { CARD_TID };
    Refund {
        pg_tx_id: text(json, "tid", tid).to_owned(),
        method: if is_account {
            MethodKind::VirtualAccount
        } else {
            MethodKind::Card
        },
        reason: text(json, "reason", "고객 요청").to_owned(),
        amount: amount(json),
        remaining_total: number(json, "remaining", 0),
        is_first: flag(json, "is_first", true),
        currency: Currency::krw(),
        account: json.get("account").map(|account| RefundAccount {
            bank: text(account, "bank", "").to_owned(),
            number: Secret::new(text(account, "number", "")),
            holder_name: Secret::new(text(account, "holder", "")),
        }),
    }
}

fn issue_account(json: &Value) -> IssueVirtualAccount {
    let fixed = json
        .get("fixed_number")
        .map(|number| number.as_str().unwrap().to_owned());
    let personal = json
        .get("cash_personal")
        .map(|number| number.as_str().unwrap());
    IssueVirtualAccount {
        order: order(json),
        bank: text(json, "bank", "SHINHAN").to_owned(),
        // Half past six in the evening, and some seconds that the wire can't say.
        expires_at: "2026-01-03T09:30:59.5Z".parse().unwrap(),
        account: fixed.map_or(AccountChoice::Normal, AccountChoice::FixedNumber),
        cash_receipt: personal.map_or(CashReceiptWish::None, |number| {
            CashReceiptWish::Personal(Secret::new(number))
        }),
        remittee_name: json
            .get("remittee")
            .map(|name| name.as_str().unwrap().to_owned()),
    }
}

fn shipment(json: &Value) -> RegisterShipment {
    let party = |name: &str| Party {
        name: Some(name.to_owned()),
        phone_number: Some("02-123-4567".to_owned()),
        zipcode: Some("04524".to_owned()),
        address: Some("서울시 중구 1".to_owned()),
    };
    RegisterShipment {
        pg_tx_id: text(json, "tid", ESCROW_TID).to_owned(),
        order_id: text(json, "order_id", "order-20260101-0001").to_owned(),
        amount: number(json, "total", 1000),
        shipment: Shipment {
            company: text(json, "company", "CJ").to_owned(),
            invoice_number: text(json, "invoice", "1234567890").to_owned(),
            sent_at: "2026-01-02T00:30:00Z".parse().unwrap(),
            applied_at: at(),
        },
        is_change: flag(json, "change", false),
        sender: party("보내는이"),
        receiver: party("받는이"),
        product_count: usize::from(!flag(json, "no_products", false)),
    }
}

fn pay_card(json: &Value) -> PayCard {
    let mut card = card(text(json, "number", "4111111111111111"));
    if flag(json, "no_owner", false) {
        card.birth_or_business_number = None;
        card.password_two_digits = None;
    }
    PayCard {
        order: order(json),
        card,
        installment_months: u16::try_from(number(json, "months", 0)).unwrap(),
        is_interest_free: flag(json, "interest_free", false),
        use_card_point: flag(json, "card_point", false),
    }
}

/// An operation from its `kind` and overrides.
pub(crate) fn operation(json: &Value) -> Operation {
    match text(json, "kind", "") {
        "pay_card" => Operation::PayCard(pay_card(json)),
        "issue_account" => Operation::IssueVirtualAccount(issue_account(json)),
        "close_account" => Operation::CloseVirtualAccount(CloseVirtualAccount {
            pg_tx_id: text(json, "tid", ACCOUNT_TID).to_owned(),
            reason: text(json, "reason", "고객 요청").to_owned(),
        }),
        "issue_key" => Operation::IssueBillingKey(IssueBillingKey {
            order_id: text(json, "order_id", "issue-0001").to_owned(),
            name: text(json, "name", "정기결제").to_owned(),
            customer: customer(),
            card: card(text(json, "number", "4111111111111111")),
        }),
        "charge_key" => Operation::ChargeBillingKey(ChargeBillingKey {
            method: MethodKind::Card,
            order: order(json),
            pg_billing_key: Secret::new(text(json, "bill_key", BILL_KEY)),
            installment_months: u16::try_from(number(json, "months", 0)).unwrap(),
            is_interest_free: flag(json, "interest_free", false),
            use_card_point: flag(json, "card_point", false),
        }),
        "refund" => Operation::Refund(refund(json)),
        "inquire_transaction" => Operation::Inquire(Inquire::ByTransaction {
            pg_tx_id: text(json, "tid", CARD_TID).to_owned(),
        }),
        "inquire_order" => Operation::Inquire(Inquire::ByOrder {
            order_id: text(json, "order_id", "order-20260101-0001").to_owned(),
        }),
        other => instrument(other, json),
    }
}

/// Escrow, cash receipts, store receipts.
fn instrument(kind: &str, json: &Value) -> Operation {
    match kind {
        "inquire_receipt" => Operation::Inquire(Inquire::CashReceipt {
            pg_receipt_id: text(json, "tid", RECEIPT_TID).to_owned(),
        }),
        "issue_receipt" => Operation::IssueCashReceipt(IssueCashReceipt {
            name: text(json, "name", "테스트 상품").to_owned(),
            amount: amount(json),
            currency: Currency::new(text(json, "currency", "KRW")),
            kind: if flag(json, "corporate", false) {
                ReceiptKind::Corporate
            } else {
                ReceiptKind::Personal
            },
            identity: Secret::new(text(json, "identity", "010-1234-5678")),
            customer: if flag(json, "nameless", false) {
                Customer::default()
            } else {
                customer()
            },
        }),
        "cancel_receipt" => Operation::CancelCashReceipt(CancelCashReceipt {
            pg_receipt_id: text(json, "tid", RECEIPT_TID).to_owned(),
            reason: text(json, "reason", "고객 요청").to_owned(),
        }),
        "shipment" => Operation::RegisterShipment(Box::new(shipment(json))),
        "accept_rejection" => Operation::AcceptRejection(AcceptRejection {
            pg_tx_id: text(json, "tid", ESCROW_TID).to_owned(),
            accepted_by: text(json, "name", "나루상점").to_owned(),
        }),
        "store_sales" => Operation::RegisterStoreSales(RegisterStoreSales {
            pg_tx_id: text(json, "tid", CARD_TID).to_owned(),
            sales: vec![StoreSaleAsked {
                business_number: text(json, "business", "123-45-67890").to_owned(),
                name: "가게".to_owned(),
                total: number(json, "total", 1000),
                tax_free: Some(0),
                vat: (!flag(json, "no_vat", false)).then_some(91),
                supply: Some(909),
                currency: Currency::new(text(json, "currency", "KRW")),
            }],
        }),
        other => panic!("no operation is called {other}"),
    }
}
