//! What this PG refuses before anything is sent, by the field's path on the V2 wire.

use naru_connector::{
    AccountChoice, BeginError, CashReceiptWish, ChannelSettings, Operation, RefundAccount, Secret,
};
use naru_domain::{Amount, Currency, MethodKind};
use serde_json::json;

use crate::operations::{at, begin, operation, settings};

/// The field that an operation is refused for, after a change; nothing if it is accepted.
fn refused(
    kind: &str,
    change: impl Fn(&mut Operation, &mut ChannelSettings),
) -> Option<&'static str> {
    let mut operation = operation(&json!({ "kind": kind }));
    let mut settings = settings();
    change(&mut operation, &mut settings);
    match begin(&operation, &settings) {
        Ok(_) => None,
        Err(BeginError::Invalid { field, message }) => {
            assert!(!message.contains("4111"), "a message echoes card data");
            Some(field)
        }
        Err(other) => panic!("{other}"),
    }
}

macro_rules! refused {
    ($kind:literal, $variant:ident, |$it:ident| $change:expr) => {
        refused($kind, |operation, _| {
            let Operation::$variant($it) = operation else {
                panic!("another operation")
            };
            $change;
        })
    };
}

#[test]
fn customers_need_name_phone_number_and_e_mail() {
    macro_rules! check {
        ($kind:literal, $variant:ident, $($path:ident).+) => {
            assert_eq!(refused($kind, |_, _| ()), None);
            for empty in [None, Some(String::new()), Some(" ".to_owned())] {
                assert_eq!(
                    refused!($kind, $variant, |it| it.$($path).+.name.clone_from(&empty)),
                    Some("customer.name.full")
                );
                assert_eq!(
                    refused!($kind, $variant, |it| it.$($path).+.phone_number.clone_from(&empty)),
                    Some("customer.phoneNumber")
                );
                assert_eq!(
                    refused!($kind, $variant, |it| it.$($path).+.email.clone_from(&empty)),
                    Some("customer.email")
                );
            }
        };
    }
    check!("pay_card", PayCard, order.customer);
    check!("issue_account", IssueVirtualAccount, order.customer);
    check!("issue_key", IssueBillingKey, customer);
    check!("charge_key", ChargeBillingKey, order.customer);
}

#[test]
fn customers_fields_have_forms_and_lengths() {
    let phone = |text: &str| {
        refused!("pay_card", PayCard, |it| it.order.customer.phone_number =
            Some(text.to_owned()))
        .is_some()
    };
    assert!(!phone("010-1234-5678") && !phone("+82 10 1234 5678"));
    assert!(phone("010.call.me") && phone("-") && phone(&"1".repeat(21)));
    let email = |text: &str| {
        refused!("pay_card", PayCard, |it| it.order.customer.email =
            Some(text.to_owned()))
        .is_some()
    };
    assert!(!email("a.b+c_d@example.co.kr"));
    assert!(email("example.com") && email("a@") && email("a b@c") && email(&"a@b".repeat(30)));
    let long = refused!("pay_card", PayCard, |it| it.order.customer.name =
        Some("가".repeat(16)));
    assert_eq!(long, Some("customer.name.full"));
}

#[test]
fn orders_keep_the_pgs_rules() {
    for id in ["결제-1", "a\tb", "", "a\u{7f}"] {
        let field = refused!("pay_card", PayCard, |it| it.order.payment_id =
            id.to_owned());
        assert_eq!(field, Some("paymentId"), "{id}");
    }
    assert_eq!(
        refused!("pay_card", PayCard, |it| it.order.payment_id =
            "a b~!".to_owned()),
        None
    );
    assert_eq!(
        refused!("charge_key", ChargeBillingKey, |it| it.order.name =
            " ".to_owned()),
        Some("orderName")
    );
    assert_eq!(
        refused!("issue_key", IssueBillingKey, |it| it.name = String::new()),
        Some("issueName")
    );
    assert_eq!(
        refused!("pay_card", PayCard, |it| it.order.is_escrow = true),
        Some("isEscrow"),
        "how a server asks for it is a guess"
    );
    assert_eq!(
        refused!("charge_key", ChargeBillingKey, |it| it.order.is_escrow =
            true),
        Some("isEscrow")
    );
    assert_eq!(
        refused!("pay_card", PayCard, |it| it.order.amount.total = 0),
        Some("amount.total")
    );
}

#[test]
fn dollars_are_for_cards_only() {
    let usd = Currency::new("USD");
    let jpy = Currency::new("JPY");
    assert_eq!(
        refused!("pay_card", PayCard, |it| it.order.currency = usd.clone()),
        None
    );
    assert_eq!(
        refused!("charge_key", ChargeBillingKey, |it| it.order.currency =
            usd.clone()),
        None
    );
    assert_eq!(
        refused!("issue_account", IssueVirtualAccount, |it| it
            .order
            .currency =
            usd.clone()),
        Some("currency")
    );
    assert_eq!(
        refused!("pay_card", PayCard, |it| it.order.currency = jpy.clone()),
        Some("currency")
    );
    assert_eq!(
        refused!("refund", Refund, |it| it.currency = jpy.clone()),
        Some("currency")
    );
}

#[test]
fn instalments_need_fifty_thousand_won() {
    let card = |months, total, currency| {
        refused!("pay_card", PayCard, |it| {
            it.installment_months = months;
            it.order.amount.total = total;
            it.order.currency = Currency::new(currency);
        })
    };
    let field = Some("method.card.installmentMonth");
    assert_eq!(
        (card(0, 1, "KRW"), card(1, 1, "KRW"), card(2, 50_000, "KRW")),
        (None, None, None)
    );
    assert_eq!(card(2, 49_999, "KRW"), field);
    assert_eq!(card(2, 50_000, "USD"), field);
    assert_eq!(card(100, 50_000, "KRW"), field);
    assert_eq!(
        refused!("charge_key", ChargeBillingKey, |it| it.installment_months =
            3),
        Some("installmentMonth")
    );
}

#[test]
fn card_data_has_forms() {
    let is = |found: Option<&str>, name: &str| {
        assert_eq!(
            found,
            Some(format!("method.card.credential.{name}").as_str())
        );
    };
    for number in [
        "4111111111111",
        "41111111111111111",
        "4111-1111-1111-1111",
        "",
    ] {
        let found = refused!("pay_card", PayCard, |it| it.card.number =
            Secret::new(number));
        is(found, "number");
    }
    for (year, month, name) in [("2028", "12", "expiryYear"), ("28", "1", "expiryMonth")] {
        let found = refused!("issue_key", IssueBillingKey, |it| {
            it.card.expiry_year = Secret::new(year);
            it.card.expiry_month = Secret::new(month);
        });
        is(found, name);
    }
    for birth in [None, Some("19900101"), Some("90010a")] {
        let birth = birth.map(Secret::new);
        let found = refused!("pay_card", PayCard, |it| {
            it.card.birth_or_business_number.clone_from(&birth);
        });
        is(found, "birthOrBusinessRegistrationNumber");
    }
    for password in [None, Some("1"), Some("1234"), Some("ab")] {
        let password = password.map(Secret::new);
        let found = refused!("pay_card", PayCard, |it| {
            it.card.password_two_digits.clone_from(&password);
        });
        is(found, "passwordTwoDigits");
    }
}

#[test]
fn without_the_owner_check_its_fields_are_optional_but_still_checked() {
    let found = |birth: Option<&str>| {
        refused("pay_card", |operation, settings| {
            settings
                .options
                .insert("no_auth_contract".to_owned(), "true".to_owned());
            let Operation::PayCard(it) = operation else {
                panic!("another operation")
            };
            it.card.birth_or_business_number = birth.map(Secret::new);
            it.card.password_two_digits = None;
        })
    };
    assert_eq!(found(None), None);
    assert_eq!(found(Some("1234567890")), None);
    assert!(found(Some("123")).is_some());
}

#[test]
fn virtual_accounts_keep_the_pgs_rules() {
    macro_rules! refused_account {
        (|$it:ident| $change:expr) => {
            refused!("issue_account", IssueVirtualAccount, |$it| $change)
        };
    }
    for bank in ["JEJU", "YUANTA_SECURITIES", "", "shinhan"] {
        let field = refused_account!(|it| it.bank = bank.to_owned());
        assert_eq!(field, Some("method.virtualAccount.bank"), "{bank}");
    }
    for (seconds, is_refused) in [(-1, true), (0, true), (59, true), (60, false)] {
        let field = refused_account!(|it| it.expires_at = at().plus_seconds(seconds));
        assert_eq!(field.is_some(), is_refused, "{seconds}");
    }
    assert_eq!(
        refused_account!(|it| it.remittee_name = Some("a".repeat(31))),
        Some("method.virtualAccount.remitteeName")
    );
    for wish in [
        CashReceiptWish::Personal(Secret::new("123")),
        CashReceiptWish::Corporate(Secret::new("01012345678")),
    ] {
        assert_eq!(
            refused_account!(|it| it.cash_receipt = wish.clone()),
            Some("method.virtualAccount.cashReceipt.customerIdentityNumber")
        );
    }
    let business = CashReceiptWish::Corporate(Secret::new("123-45-67890"));
    assert_eq!(
        refused_account!(|it| it.cash_receipt = business.clone()),
        None
    );
}

#[test]
fn guessed_fields_need_the_option() {
    let points = |option: Option<&str>| {
        refused("charge_key", |operation, settings| {
            let option = option.map(|text| ("unconfirmed".to_owned(), text.to_owned()));
            settings.options.extend(option);
            let Operation::ChargeBillingKey(it) = operation else {
                panic!("another")
            };
            it.use_card_point = true;
        })
    };
    assert_eq!(points(None), Some("useCardPoint"));
    assert_eq!(points(Some("true")), None);

    let part = |method: MethodKind, option: Option<&str>| {
        refused("refund", |operation, settings| {
            let option = option.map(|text| ("unconfirmed".to_owned(), text.to_owned()));
            settings.options.extend(option);
            let Operation::Refund(it) = operation else {
                panic!("another")
            };
            it.method = method;
            it.amount = Amount::new(300, None, None).unwrap();
            it.remaining_total = 700;
            it.account = (method == MethodKind::VirtualAccount).then(|| RefundAccount {
                bank: "SHINHAN".to_owned(),
                number: Secret::new("11022233344455"),
                holder_name: Secret::new("홍길동"),
            });
        })
    };
    assert_eq!(part(MethodKind::Card, None), None);
    assert_eq!(part(MethodKind::VirtualAccount, None), Some("amount"));
    assert_eq!(part(MethodKind::VirtualAccount, Some("true")), None);
}

#[test]
fn fixed_accounts_are_unconfirmed() {
    let found = |choice: AccountChoice, is_simulated: bool, option: Option<&str>| {
        refused("issue_account", |operation, settings| {
            settings.is_simulated = is_simulated;
            let option = option.map(|text| ("unconfirmed".to_owned(), text.to_owned()));
            settings.options.extend(option);
            let Operation::IssueVirtualAccount(it) = operation else {
                panic!("another")
            };
            it.account = choice.clone();
        })
    };
    let number = || AccountChoice::FixedNumber("79012345678901".to_owned());
    let refusal = Some("method.virtualAccount.option.fixed.accountNumber");
    assert_eq!(found(number(), false, None), refusal);
    assert_eq!(found(number(), false, Some("false")), refusal);
    assert_eq!(found(number(), true, None), None);
    assert_eq!(found(number(), false, Some("true")), None);
    assert_eq!(
        found(AccountChoice::FixedNumber("79-01".to_owned()), true, None),
        refusal
    );
    assert_eq!(
        found(AccountChoice::FixedId("id".to_owned()), true, None),
        Some("method.virtualAccount.option.fixed.pgAccountId")
    );
}

#[test]
fn refunds_of_accounts_need_where_to_and_of_cards_ignore_it() {
    let account = |bank: &str, number: &str, holder: &str| {
        Some(RefundAccount {
            bank: bank.to_owned(),
            number: Secret::new(number),
            holder_name: Secret::new(holder),
        })
    };
    let of_account = |given: Option<RefundAccount>| {
        refused!("refund", Refund, |it| {
            it.method = MethodKind::VirtualAccount;
            it.account.clone_from(&given);
        })
    };
    assert_eq!(of_account(None), Some("refundAccount"));
    assert_eq!(
        of_account(account("NO_BANK", "123456", "홍길동")),
        Some("refundAccount.bank")
    );
    assert_eq!(
        of_account(account("TOSS", "12345", "홍길동")),
        Some("refundAccount.number")
    );
    assert_eq!(
        of_account(account("TOSS", "123456", "")),
        Some("refundAccount.holderName")
    );
    assert_eq!(of_account(account("TOSS", "123-456", "홍길동")), None);
    let ignored = account("NO_BANK", "", "");
    assert_eq!(
        refused!("refund", Refund, |it| it.account.clone_from(&ignored)),
        None
    );
    assert_eq!(
        refused!("refund", Refund, |it| it.reason = " ".to_owned()),
        Some("reason")
    );
    assert_eq!(
        refused!("refund", Refund, |it| it.amount.total = 0),
        Some("amount")
    );
}
