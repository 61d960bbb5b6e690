//! Cards: payment with typed-in card data, issue of a billing key, charge of one.
//!
//! All three are version 1 of the INIAPI (formpay Pay/Card, billing Auth/Card, billing
//! Billing/Card) and need the PG's contract for them. Billing keys are charged with version 1:
//! version 2 refuses keys of the billing windows with 1195 (seen live by one integration).
//! Invariants: card data is in the request, encrypted, and nowhere else; an approval has the
//! transaction id and the price that the PG reported, or it is unclear.

use naru_connector::{
    Approval, BeginError, CardCredential, ChargeBillingKey, IssueBillingKey, IssuedKey, Outcome,
    PayCard, Secret,
};
use naru_domain::{Card, CardPayment, Currency, Method, MethodKind, MobilePayment, Timestamp};

use super::codes;
use super::contract::Merchant;
use super::exchange::{OneShot, unknown};
use super::reply::{self, Fields, Reply};
use super::rules::{self, Buyer};
use super::wire::{Context, V1};

/// Card payment with typed-in card data.
pub(super) fn pay(payment: &PayCard, context: &Context<'_>) -> Result<OneShot, BeginError> {
    let order = &payment.order;
    rules::paid_order(order)?;
    rules::escrow(order, &context.contract)?;
    let currency = rules::currency(&order.currency, true)?;
    let buyer = rules::buyer(&order.customer)?;
    let goods_name = rules::goods_name(&order.name, "orderName")?;
    let months = payment.installment_months;
    let quota = rules::quota(months, order, "method.card.installmentMonth")?;
    let is_interest_free = payment.is_interest_free && quota != "00";
    let card = card_fields(&payment.card, context)?;
    let price = order.amount.total.to_string();

    let mut fields = shop_fields(context, &order.order_id, goods_name);
    fields.extend(buyer_fields(buyer));
    fields.extend([
        ("price", price.clone()),
        ("tax", order.amount.vat.to_string()),
        ("taxFree", order.amount.tax_free.to_string()),
        ("currency", currency.to_owned()),
        ("quotaInterest", digit(is_interest_free)),
        ("cardQuota", quota),
        ("cardPoint", digit(payment.use_card_point)),
        (
            "authentification",
            if context.contract.no_auth { "99" } else { "00" }.to_owned(),
        ),
    ]);
    let signed = vec![order.order_id.clone(), price, card.number.clone()];
    fields.extend(card.into_fields());
    fields.extend(escrow_field(order.is_escrow));
    let request = context.v1(V1 {
        resource: "formpay",
        kind: "Pay",
        paymethod: "Card",
        signed,
        fields,
    });
    let asked = Asked {
        order_id: order.order_id.clone(),
        currency: order.currency.clone(),
        method: MethodKind::Card,
        months,
        is_interest_free,
        at: context.at,
        merchant: context.contract.merchant.clone(),
    };
    Ok(OneShot::new(request, move |answer| {
        reply::acted(answer, |reply| approved(reply, &asked))
    }))
}

/// Charge of a billing key.
pub(super) fn charge(
    charge: &ChargeBillingKey,
    context: &Context<'_>,
) -> Result<OneShot, BeginError> {
    let order = &charge.order;
    rules::paid_order(order)?;
    if order.is_escrow {
        return rules::invalid("isEscrow", "must be false: billing keys have no escrow");
    }
    let currency = rules::currency(&order.currency, true)?;
    let buyer = rules::buyer(&order.customer)?;
    let goods_name = rules::goods_name(&order.name, "orderName")?;
    let is_phone = charge.method == MethodKind::Mobile;
    let months = charge.installment_months;
    if is_phone && months > 1 {
        return rules::invalid("installmentMonth", "must be 0: it is a phone bill");
    }
    let quota = rules::quota(months, order, "installmentMonth")?;
    let is_interest_free = charge.is_interest_free && quota != "00";
    let price = order.amount.total.to_string();
    let bill_key = charge.pg_billing_key.expose().to_owned();

    let mut fields = shop_fields(context, &order.order_id, goods_name);
    fields.extend(buyer_fields(buyer));
    fields.extend([
        ("price", price.clone()),
        ("billKey", bill_key.clone()),
        ("authentification", "00".to_owned()),
        ("currency", currency.to_owned()),
        ("tax", order.amount.vat.to_string()),
        ("taxFree", order.amount.tax_free.to_string()),
    ]);
    if !is_phone {
        fields.extend([
            ("cardQuota", quota),
            ("quotaInterest", digit(is_interest_free)),
        ]);
    }
    rules::confirmed(charge.use_card_point, "useCardPoint", &context.contract)?;
    if charge.use_card_point {
        // Not in the manual's list for billing; named as for key-in payments. Our reading.
        fields.push(("cardPoint", digit(true)));
    }
    let signed = vec![order.order_id.clone(), price, bill_key];
    let request = context.v1(V1 {
        resource: "billing",
        kind: "Billing",
        paymethod: if is_phone { "HPP" } else { "Card" },
        signed,
        fields,
    });
    let asked = Asked {
        order_id: order.order_id.clone(),
        currency: order.currency.clone(),
        method: charge.method,
        months,
        is_interest_free,
        at: context.at,
        merchant: context.contract.merchant.clone(),
    };
    Ok(OneShot::new(request, move |answer| {
        reply::acted(answer, |reply| approved(reply, &asked))
    }))
}

/// Issue of a billing key. No money moves: the price is 0.
pub(super) fn issue_key(
    issue: &IssueBillingKey,
    context: &Context<'_>,
) -> Result<OneShot, BeginError> {
    let buyer = rules::buyer(&issue.customer)?;
    let goods_name = rules::goods_name(&issue.name, "issueName")?;
    let card = card_fields(&issue.card, context)?;
    let price = "0".to_owned();

    let mut fields = shop_fields(context, &issue.order_id, goods_name);
    fields.extend(buyer_fields(buyer));
    fields.push(("price", price.clone()));
    let signed = vec![issue.order_id.clone(), price, card.number.clone()];
    fields.extend(card.into_fields());
    let request = context.v1(V1 {
        resource: "billing",
        kind: "Auth",
        paymethod: "Card",
        signed,
        fields,
    });
    let at = context.at;
    Ok(OneShot::new(request, move |answer| {
        reply::acted(answer, |reply| key_issued(reply, at))
    }))
}

/// Asking for escrow. Unconfirmed: public texts have it in the payment windows only, under this
/// name on phones.
pub(super) fn escrow_field(is_escrow: bool) -> Option<(&'static str, String)> {
    is_escrow.then(|| ("useescrow", "Y".to_owned()))
}

/// Whether the PG says that it holds the money: without the contract for it, it may take a payment
/// that was to be held as one that is not. As unconfirmed as the question.
pub(super) fn escrow_said(fields: Fields<'_>) -> Option<bool> {
    fields
        .text("useescrow")
        .is_some()
        .then(|| fields.is_on("useescrow"))
}

/// What the reading of an approval needs of the request.
struct Asked {
    order_id: String,
    currency: Currency,
    method: MethodKind,
    months: u16,
    is_interest_free: bool,
    at: Timestamp,
    merchant: Merchant,
}

fn approved(reply: &Reply, asked: &Asked) -> Outcome {
    let fields = reply.fields();
    if fields.contradicts("moid", &asked.order_id) || fields.contradicts("mid", &asked.merchant.mid)
    {
        return unknown("the PG's answer is about another order");
    }
    let Some(pg_tx_id) = fields.string("tid") else {
        return unknown("the PG's approval has no transaction id");
    };
    let Some(amount) = fields.amount("price") else {
        return unknown("the PG's approval has no price");
    };
    let currency = match reported_currency(fields, "currency") {
        // What says nothing else is in what was sent.
        Ok(currency) => currency.or_else(|| Some(asked.currency.clone())),
        Err(UnknownCurrency) => {
            return unknown("the PG's approval is in a currency that was not expected");
        }
    };
    let months = fields
        .text("payAuthQuota")
        .and_then(|text| text.parse().ok());
    let months: u16 = months.unwrap_or(asked.months);
    Outcome::Approved(Approval {
        cash_receipt: None,
        receipt_url: asked.merchant.receipt_url(&pg_tx_id),
        pg_tx_id,
        amount,
        currency,
        escrow: escrow_said(fields),
        // Money was taken; a time that can't be read must not make that unclear.
        at: fields.time("payDate", "payTime").unwrap_or(asked.at),
        method: match asked.method {
            // The answer does not say whose.
            MethodKind::Mobile => Method::Mobile(MobilePayment::default()),
            _ => Method::Card(CardPayment {
                card: card_info(fields),
                approval_number: fields.string("payAuthCode"),
                installment_months: if months == 1 { 0 } else { months },
                // The answer says nothing of interest or points: interest as asked for, points not
                // claimed.
                is_interest_free: asked.is_interest_free && months > 1,
                point_used: false,
            }),
        },
        pg_billing_key: None,
        raw: reply.raw(),
    })
}

fn key_issued(reply: &Reply, at: Timestamp) -> Outcome {
    let fields = reply.fields();
    let Some(bill_key) = fields.string("billKey") else {
        return unknown("the PG's answer has no billing key");
    };
    let reported = fields.time("payDate", "payTime");
    Outcome::KeyIssued(IssuedKey {
        pg_billing_key: Secret::new(bill_key),
        pg_tx_id: fields.string("tid"),
        card: card_info(fields),
        at: reported
            .or_else(|| fields.time("authDate", "authTime"))
            .unwrap_or(at),
    })
}

/// The PG names a currency that this connector does not know.
pub(super) struct UnknownCurrency;

/// The currency where it is reported; the error is that it can't be read.
pub(super) fn reported_currency(
    fields: Fields<'_>,
    name: &str,
) -> Result<Option<Currency>, UnknownCurrency> {
    let Some(reported) = fields.text(name) else {
        return Ok(None);
    };
    match &*reported {
        "WON" | "KRW" | "410" => Ok(Some(Currency::krw())),
        "USD" | "840" => Ok(Some(Currency::new("USD"))),
        _ => Err(UnknownCurrency),
    }
}

/// A card as the answer describes it. Contracts may hide the number and the company.
pub(super) fn card_info(fields: Fields<'_>) -> Card {
    let (issuer, brand) = fields
        .text("cardCode")
        .map_or((None, None), |code| codes::card_company(&code));
    let number = fields.text("cardNum").or_else(|| fields.text("cardNumber"));
    let masked = number.map(|number| reply::mask_numbers(&number, false).into_owned());
    let bin = masked.as_deref().and_then(|number| number.get(..6));
    Card {
        publisher: None,
        issuer,
        brand,
        kind: fields
            .text("checkFlg")
            .and_then(|flag| codes::card_kind(&flag)),
        owner: None,
        bin: bin
            .filter(|bin| bin.bytes().all(|byte| byte.is_ascii_digit()))
            .map(str::to_owned),
        name: None,
        masked_number: masked,
    }
}

/// Encrypted card fields.
struct CardFields {
    number: String,
    rest: Vec<(&'static str, String)>,
}

impl CardFields {
    fn into_fields(self) -> impl Iterator<Item = (&'static str, String)> {
        std::iter::once(("cardNumber", self.number)).chain(self.rest)
    }
}

fn card_fields(card: &CardCredential, context: &Context<'_>) -> Result<CardFields, BeginError> {
    let card = rules::card(card, &context.contract)?;
    let mut rest = vec![("cardExpire", context.encrypt(&card.expiry))];
    let birth = card.birth_or_business_number;
    rest.extend(birth.map(|text| ("regNo", context.encrypt(text))));
    rest.extend(
        card.password_two_digits
            .map(|text| ("cardPw", context.encrypt(text))),
    );
    Ok(CardFields {
        number: context.encrypt(card.number),
        rest,
    })
}

/// Who sells what.
pub(super) fn shop_fields(
    context: &Context<'_>,
    order_id: &str,
    goods_name: String,
) -> Vec<(&'static str, String)> {
    vec![
        ("url", context.contract.shop_url.clone()),
        ("moid", order_id.to_owned()),
        ("goodName", goods_name),
    ]
}

/// Who buys.
pub(super) fn buyer_fields(buyer: Buyer) -> [(&'static str, String); 3] {
    [
        ("buyerName", buyer.name),
        ("buyerEmail", buyer.email),
        ("buyerTel", buyer.tel),
    ]
}

fn digit(on: bool) -> String {
    if on { "1" } else { "0" }.to_owned()
}
