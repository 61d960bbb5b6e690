//! Notices: the PG posts a form to the URL registered for the merchant id and wants an answer in
//! its own words, or it sends the notice again.
//!
//! *Deposits* come in EUC-KR and want `OK`. They are hints: nothing in them is signed, and state
//! moves only on what an inquiry says (design 2a.8). *Escrow states* come in UTF-8, in batches, and
//! want `cd_rslt=0000`. No inquiry tells them, so they are taken only from the addresses that the
//! channel's settings name, and the engine holds them against what is known of the payment.
//!
//! *Deposits into accounts of the window for phones* have that window's own form (`P_NOTI_URL`):
//! EUC-KR as well, and `OK`. Of what it says only `02`, a deposit, is news.
//!
//! Invariants: the same notice again has the same event id; a name that could not be decoded whole
//! is left out rather than stored broken; a refused notice is never answered as taken. Confidence:
//! deposits four integrations, escrow two and the code list of the contract's older edition; that
//! `no_tid` of a deposit is its own id and not the issue's is our reading.

use naru_connector::{
    ChannelSettings, DepositNotice, EscrowNotice, InboundRequest, NoticeAnswer, NoticeContent,
    Notification, Rejected,
};
use naru_domain::cash_receipt::IssuedReceipt;
use naru_domain::payment::EscrowState;

use super::contract::{self, Contract};
use crate::form::Form;
use crate::kst;

/// More than any notice is long.
const BODY_BYTES_MAX: usize = 64 * 1024;

/// Which of the two a notice is: they are answered in different words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Deposit,
    /// Of the window for phones.
    Mobile,
    Escrow,
}

impl Kind {
    /// Only escrow notices have a `cl_status`, only those of phones a `P_STATUS`.
    fn of(form: &Form) -> Self {
        if form.get("P_STATUS").is_some() {
            Self::Mobile
        } else if form.get("cl_status").is_some() {
            Self::Escrow
        } else {
            Self::Deposit
        }
    }

    const fn taken(self) -> NoticeAnswer {
        answer(
            200,
            match self {
                Self::Deposit | Self::Mobile => "OK",
                Self::Escrow => "cd_rslt=0000",
            },
        )
    }

    const fn refused(self, status: u16) -> NoticeAnswer {
        answer(
            status,
            match self {
                Self::Deposit | Self::Mobile => "FAIL",
                Self::Escrow => "cd_rslt=9999&msg_rslt=refused",
            },
        )
    }

    fn rejected(self, reason: &str) -> Rejected {
        Rejected {
            reason: reason.to_owned(),
            answer: self.refused(400),
        }
    }
}

const fn answer(status: u16, body: &'static str) -> NoticeAnswer {
    NoticeAnswer {
        status,
        content_type: "text/plain; charset=utf-8",
        body,
    }
}

fn read_form(request: &InboundRequest) -> Result<Form, Rejected> {
    if request.body.len() > BODY_BYTES_MAX {
        return Err(Kind::Deposit.rejected("the notice is too long"));
    }
    Form::read(&request.body, request.content_type.as_deref())
        .ok_or_else(|| Kind::Deposit.rejected("the notice has too many fields"))
}

/// A field of visible ASCII of a bounded length.
fn id<'a>(form: &'a Form, name: &str) -> Option<&'a str> {
    let is_id = |text: &&str| text.len() <= 64 && text.bytes().all(|byte| byte.is_ascii_graphic());
    form.get(name).filter(is_id)
}

fn merchant(form: &Form) -> Result<&str, Rejected> {
    id(form, "id_merchant")
        .or_else(|| id(form, "P_MID"))
        .filter(|mid| mid.len() == 10 && mid.bytes().all(|byte| byte.is_ascii_alphanumeric()))
        .ok_or_else(|| Kind::of(form).rejected("the notice has no merchant id"))
}

/// For which merchant id a notice is.
pub(super) fn notice_merchant(request: &InboundRequest) -> Result<String, Rejected> {
    merchant(&read_form(request)?).map(str::to_owned)
}

/// Reads a notice.
pub(super) fn read(
    request: &InboundRequest,
    settings: &ChannelSettings,
) -> Result<Notification, Rejected> {
    let form = read_form(request)?;
    let kind = Kind::of(&form);
    let sender = sender(request, settings, kind)?;
    if merchant(&form)? != settings.merchant_id {
        return Err(kind.rejected("the notice is for another merchant id"));
    }
    match kind {
        Kind::Deposit => deposit(&form, settings, sender),
        Kind::Mobile => mobile_deposit(&form),
        Kind::Escrow => escrow(&form, sender),
    }
}

fn deposit(
    form: &Form,
    settings: &ChannelSettings,
    sender: Sender,
) -> Result<Notification, Rejected> {
    let rejected = |reason| Kind::Deposit.rejected(reason);
    // 0200 is the banks' message of a deposit; the manual names no other.
    if form.get("type_msg").is_some_and(|kind| kind != "0200") {
        return Err(rejected("the notice is of another type than a deposit"));
    }
    let order_id = id(form, "no_oid").ok_or_else(|| rejected("the notice has no order id"))?;
    let account_number =
        id(form, "no_vacct").ok_or_else(|| rejected("the notice has no account number"))?;
    let (Some(date), Some(time)) = (form.get("dt_trans"), form.get("tm_trans")) else {
        return Err(rejected("the notice has no time"));
    };
    let at = kst::read(date, time).ok_or_else(|| rejected("the notice has no time"))?;
    let deposit_id = match (id(form, "no_tid"), id(form, "no_msgseq")) {
        (Some(tid), _) => tid.to_owned(),
        // The banks number their messages by day.
        (None, Some(number)) => format!("{date}-{account_number}-{number}"),
        (None, None) => return Err(rejected("the notice has no id")),
    };
    let cash_receipt = match sender {
        Sender::Named => cash_receipt(form, settings),
        Sender::Anybody => None,
    };
    Ok(Notification {
        event_id: deposit_id.clone(),
        order_id: order_id.to_owned(),
        content: NoticeContent::Deposit(DepositNotice {
            account_number: account_number.to_owned(),
            amount: amount(form, "amt_input")
                .ok_or_else(|| rejected("the notice has no amount"))?,
            remitter_name: form.get("nm_input").map(str::to_owned),
            at,
            pg_deposit_id: deposit_id,
            cash_receipt,
        }),
        answer: Kind::Deposit.taken(),
    })
}

/// A deposit into an account of the window for phones. Its receipt has no id there: it is known
/// once it is asked for.
fn mobile_deposit(form: &Form) -> Result<Notification, Rejected> {
    let rejected = |reason| Kind::Mobile.rejected(reason);
    let order_id = id(form, "P_OID").ok_or_else(|| rejected("the notice has no order id"))?;
    let tid = id(form, "P_TID").ok_or_else(|| rejected("the notice has no id"))?;
    let status = form.get("P_STATUS").unwrap_or_default();
    let told = form.get("P_AUTH_DT").unwrap_or_default();
    let event_id = format!("{tid} {status} {told}");
    if status != "02" {
        // An issue, or a failure: known from the approval's answer.
        return Ok(Notification {
            event_id,
            order_id: order_id.to_owned(),
            content: NoticeContent::Nothing,
            answer: Kind::Mobile.taken(),
        });
    }
    // Twelve digits leave the century out.
    let moment = match told.len() {
        12 => format!("20{told}"),
        _ => told.to_owned(),
    };
    let at = moment
        .get(..8)
        .zip(moment.get(8..))
        .and_then(|(date, time)| kst::read(date, time))
        .ok_or_else(|| rejected("the notice has no time"))?;
    let account_number = form
        .get("P_RMESG1")
        .and_then(|text| {
            text.split('|')
                .find_map(|one| one.strip_prefix("P_VACCT_NO="))
        })
        .filter(|number| number.len() <= 64 && number.bytes().all(|c| c.is_ascii_graphic()))
        .ok_or_else(|| rejected("the notice has no account number"))?;
    Ok(Notification {
        event_id: event_id.clone(),
        order_id: order_id.to_owned(),
        content: NoticeContent::Deposit(DepositNotice {
            account_number: account_number.to_owned(),
            amount: amount(form, "P_AMT").ok_or_else(|| rejected("the notice has no amount"))?,
            remitter_name: form.get("P_UNAME").map(str::to_owned),
            at,
            pg_deposit_id: event_id,
            cash_receipt: None,
        }),
        answer: Kind::Mobile.taken(),
    })
}

/// The receipt that the PG issued with a deposit.
fn cash_receipt(form: &Form, settings: &ChannelSettings) -> Option<IssuedReceipt> {
    let pg_receipt_id = id(form, "no_cshr_tid")?;
    let contract = Contract::read(settings).ok()?;
    Some(IssuedReceipt {
        url: contract.merchant.cash_receipt_url(pg_receipt_id),
        issue_number: id(form, "no_cshr_appl")?.to_owned(),
        at: kst::read(form.get("dt_cshr")?, form.get("tm_cshr")?)?,
        pg_receipt_id: Some(pg_receipt_id.to_owned()),
    })
}

fn escrow(form: &Form, sender: Sender) -> Result<Notification, Rejected> {
    let rejected = |reason| Kind::Escrow.rejected(reason);
    if sender == Sender::Anybody {
        return Err(Rejected {
            reason: "an escrow notice is believed only from an address in `notice_ips`, and the \
                     channel names none"
                .to_owned(),
            answer: Kind::Escrow.refused(403),
        });
    }
    let order_id = id(form, "no_oid").ok_or_else(|| rejected("the notice has no order id"))?;
    let notice_tid = id(form, "no_tid").ok_or_else(|| rejected("the notice has no id"))?;
    // `tid_org` is the payment where `no_tid` is the event's own.
    let pg_tx_id = id(form, "tid_org").unwrap_or(notice_tid);
    let status = form.get("cl_status").unwrap_or_default();
    let state = match status {
        "2" => EscrowState::Registered,
        "3" | "32" => EscrowState::Confirmed {
            automatically: false,
        },
        "31" => EscrowState::Confirmed {
            automatically: true,
        },
        "4" => EscrowState::Rejected,
        "10" => EscrowState::RejectConfirmed,
        "8" => EscrowState::Cancelled,
        _ => return Err(rejected("the notice has a state that is not known")),
    };
    let moment = id(form, "dt_req").unwrap_or_default();
    Ok(Notification {
        event_id: format!("escrow {notice_tid} {status} {moment}"),
        order_id: order_id.to_owned(),
        content: NoticeContent::Escrow(EscrowNotice {
            pg_tx_id: pg_tx_id.to_owned(),
            state,
            amount: amount(form, "price"),
        }),
        answer: Kind::Escrow.taken(),
    })
}

/// The amount; the banks' messages may pad it with zeros.
fn amount(form: &Form, name: &str) -> Option<i64> {
    let text = form.get(name)?;
    let is_digits = text.len() <= 18 && text.bytes().all(|byte| byte.is_ascii_digit());
    is_digits
        .then(|| text.parse().ok())
        .flatten()
        .filter(|amount| *amount > 0)
}

/// What is known of who sent a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sender {
    /// An address that the channel's settings name, or the simulator.
    Named,
    /// Anybody: the settings name no address.
    Anybody,
}

/// With a list of addresses, only they may send notices; not asked for in the sandbox, where
/// the simulator is at home on loopback.
fn sender(
    request: &InboundRequest,
    settings: &ChannelSettings,
    kind: Kind,
) -> Result<Sender, Rejected> {
    if settings.is_simulated {
        return Ok(Sender::Named);
    }
    let ips = contract::notice_ips(settings).map_err(|error| kind.rejected(&error.to_string()))?;
    if ips.is_empty() {
        return Ok(Sender::Anybody);
    }
    let is_known = |peer| ips.contains(&std::net::IpAddr::to_canonical(&peer));
    if request.peer.is_some_and(is_known) {
        return Ok(Sender::Named);
    }
    Err(Rejected {
        reason: "the notice is from an address that is not in `notice_ips`".to_owned(),
        answer: kind.refused(403),
    })
}
