//! Methods: cards and virtual accounts.

use naru_domain::{AccountRefund, Card, CardPayment, Method, MethodKind, VirtualAccount};
use naru_wire_v2 as wire;

/// A method as the PG reported it.
pub(super) fn method(method: &Method) -> wire::PaymentMethod {
    match method {
        Method::Card(payment) => wire::PaymentMethod::Card(card_payment(payment)),
        Method::VirtualAccount(found) => account(found),
    }
}

/// A method of which only the kind is known. A virtual account is nothing without its number.
pub(super) fn method_kind(kind: MethodKind) -> Option<wire::PaymentMethod> {
    match kind {
        MethodKind::Card => Some(wire::PaymentMethod::Card(wire::PaymentMethodCard::default())),
        MethodKind::VirtualAccount => None,
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
