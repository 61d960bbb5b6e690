//! Refunds: whole and in part, of cards and of deposited virtual accounts.
//!
//! Version 2 of the INIAPI: four paths, one for each of the four cases. A payment that was
//! refunded in part can't be refunded whole any more (625), and a first partial refund may not
//! cover everything (749), so the path follows from what was refunded before. Invariant: a
//! refund is sent once; whatever is not a clear answer is left to an inquiry.

use naru_connector::{BeginError, Outcome, Refund, Refunded};
use naru_domain::{MethodKind, Timestamp};

use super::exchange::{OneShot, unknown};
use super::reply::{self, Fields, Reply};
use super::wire::{Context, V2};
use super::{codes, rules};

/// Refund, whole or in part.
pub(super) fn refund(refund: &Refund, context: &Context<'_>) -> Result<OneShot, BeginError> {
    let reason = rules::reason(&refund.reason)?;
    if refund.amount.total <= 0 || refund.remaining_total < 0 {
        return rules::invalid(
            "amount",
            "must be more than zero and leave nothing negative",
        );
    }
    let is_whole = refund.is_first && refund.remaining_total == 0;
    // Which tax fields a part of a refund to an account takes is our guess.
    let is_guess = !is_whole && refund.method.is_deposit();
    rules::confirmed(is_guess, "amount", &context.contract)?;
    // The PG knows by its id what it was paid with, but for accounts, which have their own paths.
    let is_account = refund.method.is_deposit();
    let takes_usd = refund.method == MethodKind::Card;
    let currency = rules::currency(&refund.currency, takes_usd)?;

    let mut data = vec![("tid", refund.pg_tx_id.clone()), ("msg", reason)];
    if is_account {
        data.extend(account_fields(refund, context)?);
    }
    if !is_whole {
        // Currency and tax parts are listed for cards; for accounts version 1 lists them too, so
        // they are sent there as well: without them the PG would compute the tax by itself.
        data.extend([
            ("price", refund.amount.total.to_string()),
            ("confirmPrice", refund.remaining_total.to_string()),
            ("currency", currency.to_owned()),
            ("tax", refund.amount.vat.to_string()),
            ("taxFree", refund.amount.tax_free.to_string()),
        ]);
    }
    let (path, kind) = match (is_whole, is_account) {
        (true, false) => ("refund", "refund"),
        (true, true) => ("refund/vacct", "refund"),
        (false, false) => ("partialRefund", "partialRefund"),
        (false, true) => ("partialRefund/vacct", "partialRefund"),
    };
    let request = context.v2(&V2 {
        path,
        kind,
        data,
        list: None,
    });
    let asked = Asked {
        tid: refund.pg_tx_id.clone(),
        amount: refund.amount.total,
        remaining: refund.remaining_total,
        at: context.at,
    };
    Ok(OneShot::new(request, move |answer| {
        reply::acted(answer, |reply| {
            if is_whole {
                whole(reply, &asked)
            } else {
                part(reply, &asked)
            }
        })
    }))
}

/// Where the money of a deposit goes back to.
fn account_fields(
    refund: &Refund,
    context: &Context<'_>,
) -> Result<[(&'static str, String); 3], BeginError> {
    let Some(account) = &refund.account else {
        return rules::invalid("refundAccount", "is required to refund a virtual account");
    };
    let Some(bank) = codes::refund_code(&account.bank) else {
        return rules::invalid(
            "refundAccount.bank",
            "must be a bank that this PG refunds to",
        );
    };
    let number = account.number.expose().replace('-', "");
    let is_number = number.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number || !matches!(number.len(), 6..=20) {
        return rules::invalid("refundAccount.number", "must be 6 to 20 digits");
    }
    let holder = rules::person_name(account.holder_name.expose(), "refundAccount.holderName")?;
    Ok([
        ("refundAcctNum", context.encrypt(&number)),
        ("refundBankCode", bank.to_owned()),
        ("refundAcctName", holder),
    ])
}

/// What the reading of a refund needs of the request.
struct Asked {
    tid: String,
    amount: i64,
    remaining: i64,
    at: Timestamp,
}

/// A whole refund has no id of its own.
fn whole(reply: &Reply, asked: &Asked) -> Outcome {
    let fields = reply.fields();
    if fields.contradicts("tid", &asked.tid) {
        return unknown("the PG's answer is about another transaction");
    }
    Outcome::Refunded(Refunded {
        pg_cancellation_id: None,
        at: fields.time("cancelDate", "cancelTime").unwrap_or(asked.at),
    })
}

fn part(reply: &Reply, asked: &Asked) -> Outcome {
    let fields = reply.fields();
    let disagrees = |name: &str, expected: i64| {
        fields.text(name).is_some() && fields.amount(name) != Some(expected)
    };
    if disagrees("prtcPrice", asked.amount) || disagrees("prtcRemains", asked.remaining) {
        return unknown("the PG refunded another amount than was asked for");
    }
    Outcome::Refunded(Refunded {
        pg_cancellation_id: new_id(fields, &asked.tid),
        at: fields.time("prtcDate", "prtcTime").unwrap_or(asked.at),
    })
}

/// The id of a partial refund. Sources disagree whether `tid` or `prtcTid` is the new one: it is
/// whichever is not the one that we sent, and `tid` (the manual's way) if neither is.
fn new_id(fields: Fields<'_>, sent: &str) -> Option<String> {
    ["tid", "prtcTid"]
        .into_iter()
        .filter_map(|name| fields.string(name))
        .find(|tid| tid != sent)
}
