//! Virtual accounts: issue, and closing of one that waits for its deposit.
//!
//! Version 1 of the INIAPI (formpay Pay/Vacct, refund with paymethod GVacct). The deposit itself
//! comes as a notice. Invariant: an issue moves no money, so an issued account is never an
//! approval; what is shown as the account is what the PG answered, not what was asked for.

use naru_connector::{
    BeginError, CloseVirtualAccount, IssueVirtualAccount, IssuedAccount, Outcome,
};
use naru_domain::{Timestamp, VirtualAccount};

use super::card::{buyer_fields, escrow_field, escrow_said, shop_fields};
use super::exchange::{OneShot, unknown};
use super::reply::{self, Reply};
use super::wire::{Context, V1};
use super::{codes, rules};
use crate::kst;

/// Issue of a virtual account.
pub(super) fn issue(
    issue: &IssueVirtualAccount,
    context: &Context<'_>,
) -> Result<OneShot, BeginError> {
    let order = &issue.order;
    rules::paid_order(order)?;
    rules::escrow(order, &context.contract)?;
    let currency = rules::currency(&order.currency, false)?;
    let buyer = rules::buyer(&order.customer)?;
    let goods_name = rules::goods_name(&order.name, "orderName")?;
    let Some(bank_code) = codes::issue_code(&issue.bank) else {
        return rules::invalid(
            "method.virtualAccount.bank",
            "must be a bank where this PG issues virtual accounts",
        );
    };
    let expires_at = rules::expiry(issue.expires_at, context.at)?;
    let fixed = rules::fixed_number(&issue.account, &context.contract)?;
    let (cash_flag, cash_identity) = rules::cash_receipt(&issue.cash_receipt)?;
    let holder = match issue.remittee_name.as_deref() {
        Some(name) => rules::person_name(name, "method.virtualAccount.remitteeName")?,
        None => buyer.name.clone(),
    };
    let price = order.amount.total.to_string();

    let mut fields = shop_fields(context, &order.order_id, goods_name);
    fields.extend(buyer_fields(buyer));
    fields.extend([
        ("price", price.clone()),
        ("tax", order.amount.vat.to_string()),
        ("taxFree", order.amount.tax_free.to_string()),
        ("currency", currency.to_owned()),
        ("bankCode", bank_code.to_owned()),
        ("dtInput", kst::date(expires_at)),
        ("tmInput", kst::hour_minute(expires_at)),
        ("nmInput", holder),
        ("flgCash", cash_flag.to_owned()),
    ]);
    fields.extend(cash_identity.map(|identity| ("cashRegNo", context.encrypt(&identity))));
    fields.extend(escrow_field(order.is_escrow));
    // Unconfirmed: no public text has the field that names a number of the pool.
    fields.extend(fixed.map(|number| ("vacctNumber", number.to_owned())));
    let signed = vec![order.order_id.clone(), price];
    let request = context.v1(V1 {
        resource: "formpay",
        kind: "Pay",
        paymethod: "Vacct",
        signed,
        fields,
    });
    let asked = Asked {
        order_id: order.order_id.clone(),
        mid: context.contract.merchant.mid.clone(),
        bank: issue.bank.clone(),
        fixed: fixed.map(str::to_owned),
        expires_at,
        at: context.at,
    };
    Ok(OneShot::new(request, move |answer| {
        reply::acted(answer, |reply| issued(reply, &asked))
    }))
}

/// What the reading of an issue needs of the request.
struct Asked {
    order_id: String,
    mid: String,
    bank: String,
    fixed: Option<String>,
    expires_at: Timestamp,
    at: Timestamp,
}

fn issued(reply: &Reply, asked: &Asked) -> Outcome {
    let fields = reply.fields();
    if fields.contradicts("moid", &asked.order_id) || fields.contradicts("mid", &asked.mid) {
        return unknown("the PG's answer is about another order");
    }
    let Some(pg_tx_id) = fields.string("tid") else {
        return unknown("the PG's issue has no transaction id");
    };
    let Some(account_number) = fields.string("vacct") else {
        return unknown("the PG's issue has no account number");
    };
    let at = fields.time("authDate", "authTime").unwrap_or(asked.at);
    // The PG may shorten the deadline; what it answers is what it keeps.
    let expires_at = fields
        .time("validDate", "validTime")
        .unwrap_or(asked.expires_at);
    let bank = match fields.text("vacctBankCode") {
        Some(code) => codes::bank(&code),
        None => Some(asked.bank.clone()),
    };
    Outcome::AccountIssued(IssuedAccount {
        pg_tx_id,
        amount: fields.amount("price"),
        at,
        account: VirtualAccount {
            bank,
            is_fixed: asked.fixed.as_deref() == Some(account_number.as_str()),
            account_number,
            remittee_name: fields.string("vacctName"),
            remitter_name: None,
            expires_at: Some(expires_at),
            issued_at: Some(at),
            refund: None,
        },
        escrow: escrow_said(fields),
        raw: reply.raw(),
    })
}

/// Closing of a virtual account that waits for its deposit.
pub(super) fn close(
    close: &CloseVirtualAccount,
    context: &Context<'_>,
) -> Result<OneShot, BeginError> {
    let reason = rules::reason(&close.reason)?;
    let request = context.v1(V1 {
        resource: "refund",
        kind: "Refund",
        paymethod: "GVacct",
        signed: vec![close.pg_tx_id.clone()],
        fields: vec![("tid", close.pg_tx_id.clone()), ("msg", reason)],
    });
    let at = context.at;
    Ok(OneShot::new(request, move |answer| {
        reply::acted(answer, |reply| Outcome::AccountClosed {
            at: reply
                .fields()
                .time("cancelDate", "cancelTime")
                .unwrap_or(at),
        })
    }))
}
