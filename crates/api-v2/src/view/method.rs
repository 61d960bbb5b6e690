//! Methods of payment.

use naru_domain::{
    AccountRefund, Card, CardPayment, EasyPay, EasyPayBy, Method, MethodKind, VirtualAccount,
};
use naru_wire_v2 as wire;

/// A method as the PG reported it.
pub(super) fn method(method: &Method) -> wire::PaymentMethod {
    match method {
        Method::Card(payment) => wire::PaymentMethod::Card(card_payment(payment)),
        Method::VirtualAccount(found) => account(found),
        Method::Transfer(paid) => wire::PaymentMethod::Transfer(wire::PaymentMethodTransfer {
            account_number: None,
            bank: paid.bank.as_deref().and_then(wire::Bank::parse),
        }),
        Method::Mobile(paid) => wire::PaymentMethod::Mobile(wire::PaymentMethodMobile {
            phone_number: paid.phone_number.clone(),
        }),
        Method::GiftCertificate(paid) => {
            wire::PaymentMethod::GiftCertificate(wire::PaymentMethodGiftCertificate {
                approval_number: paid.approval_number.clone().unwrap_or_default(),
                gift_certificate_type: paid
                    .kind
                    .as_deref()
                    .and_then(wire::PaymentMethodGiftCertificateType::parse),
            })
        }
        Method::EasyPay(paid) => wire::PaymentMethod::EasyPay(easy_pay(paid)),
    }
}

fn easy_pay(paid: &EasyPay) -> wire::PaymentMethodEasyPay {
    use wire::PaymentMethodEasyPayMethod as By;

    wire::PaymentMethodEasyPay {
        provider: paid
            .provider
            .as_deref()
            .and_then(wire::EasyPayProvider::parse),
        easy_pay_method: Some(match &paid.by {
            EasyPayBy::Card(card) => By::Card(card_payment(card)),
            EasyPayBy::Charge => By::Charge(wire::PaymentMethodEasyPayMethodCharge::default()),
        }),
    }
}

/// A method of which only the kind is known. A virtual account is nothing without its number, nor
/// is a gift certificate.
pub(super) fn method_kind(kind: MethodKind) -> Option<wire::PaymentMethod> {
    match kind {
        MethodKind::Card => Some(wire::PaymentMethod::Card(wire::PaymentMethodCard::default())),
        MethodKind::Transfer => Some(wire::PaymentMethod::Transfer(
            wire::PaymentMethodTransfer::default(),
        )),
        MethodKind::Mobile => Some(wire::PaymentMethod::Mobile(
            wire::PaymentMethodMobile::default(),
        )),
        MethodKind::EasyPay => Some(wire::PaymentMethod::EasyPay(
            wire::PaymentMethodEasyPay::default(),
        )),
        MethodKind::VirtualAccount | MethodKind::GiftCertificate => None,
    }
}

fn card_payment(payment: &CardPayment) -> wire::PaymentMethodCard {
    wire::PaymentMethodCard {
        approval_number: payment.approval_number.clone(),
        card: Some(card(&payment.card)),
        installment: Some(wire::PaymentInstallment {
            is_interest_free: payment.is_interest_free,
            is_interest_free_from_merchant: None,
            month: i32::from(payment.installment_months),
        }),
        point_used: Some(payment.point_used),
    }
}

/// A card, its number masked.
pub(super) fn card(card: &Card) -> wire::Card {
    wire::Card {
        bin: card.bin.clone(),
        brand: card.brand.as_deref().and_then(wire::CardBrand::parse),
        issuer: card.issuer.clone(),
        name: card.name.clone(),
        number: card.masked_number.clone(),
        owner_type: card.owner.as_deref().and_then(wire::CardOwnerType::parse),
        publisher: card.publisher.clone(),
        r#type: card.kind.as_deref().and_then(wire::CardType::parse),
    }
}

/// A virtual account, issued, paid into or closed.
pub(super) fn account(account: &VirtualAccount) -> wire::PaymentMethod {
    use wire::PaymentMethodVirtualAccountRefundStatus as RefundStatus;
    use wire::PaymentMethodVirtualAccountType as AccountType;

    wire::PaymentMethod::VirtualAccount(wire::PaymentMethodVirtualAccount {
        account_number: account.account_number.clone(),
        account_type: Some(if account.is_fixed {
            AccountType::Fixed
        } else {
            AccountType::Normal
        }),
        bank: account.bank.as_deref().and_then(wire::Bank::parse),
        expired_at: account.expires_at.map(|at| at.to_string()),
        issued_at: account.issued_at.map(|at| at.to_string()),
        refund_status: account.refund.map(|refund| match refund {
            AccountRefund::Pending => RefundStatus::Pending,
            AccountRefund::PartialFailed => RefundStatus::PartialRefundFailed,
            AccountRefund::Failed => RefundStatus::Failed,
            AccountRefund::Completed => RefundStatus::Completed,
        }),
        remittee_name: account.remittee_name.clone(),
        remitter_name: account.remitter_name.clone(),
    })
}
