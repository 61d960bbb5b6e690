//! Notices: KG Inicis tells the merchant's server that money came in, and where an escrow stands.
//!
//! At least once, order not promised; the receiver answers in the words of the notice's kind or
//! gets it again. Deposits are a form in EUC-KR, as banks have always sent it, and want `OK`;
//! escrow states are one in UTF-8 and want `cd_rslt=0000`. The PG sends those in batches of ten
//! minutes, the simulator at once. Bounded: one try on the spot, then the waits of
//! `Timing::notice_retries`; a notice that nobody took is tried again when a merchant registers
//! or the simulator starts. Invariant: a notice leaves only after what it tells is on disk.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};

use super::act::number_from;
use super::banks;
use super::receipt::Receipt;
use crate::clock::Stamp;
use crate::ledger::{Account, Deposit, Kind, News, Transaction};
use crate::simulator::Simulator;

/// The bank that every simulated customer pays from.
pub(crate) const DEPOSITOR_BANK: &str = "88";

/// What a browser's form leaves as it is.
const FORM_SAFE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'*')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_');

/// What a notice is about: a transaction, and something of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NoticeId {
    pub(crate) tid: String,
    pub(crate) of: Of,
}

/// What of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Of {
    /// A deposit, by its id.
    Deposit(String),
    /// News of its escrow, by their place.
    Escrow(usize),
}

impl Of {
    const fn content_type(&self) -> &'static str {
        match self {
            Self::Deposit(_) => "application/x-www-form-urlencoded",
            Self::Escrow(_) => "application/x-www-form-urlencoded;charset=UTF-8",
        }
    }

    /// What a merchant says who has taken it.
    const fn taken(&self) -> &'static str {
        match self {
            Self::Deposit(_) => "OK",
            Self::Escrow(_) => "cd_rslt=0000",
        }
    }

    /// Whether it was acknowledged; nothing if there is no such thing.
    fn notified<'a>(&self, transaction: &'a mut Transaction) -> Option<&'a mut bool> {
        match self {
            Self::Deposit(id) => {
                let mut deposits = transaction.account.as_mut()?.deposits.iter_mut();
                let deposit = deposits.find(|deposit| deposit.tid == *id)?;
                Some(&mut deposit.notified)
            }
            Self::Escrow(index) => {
                let news = transaction.escrow_news.get_mut(*index)?;
                Some(&mut news.notified)
            }
        }
    }
}

/// What became of a notice.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Sent {
    /// The merchant took it, now or before.
    Acknowledged,
    /// Nobody has registered for the MID.
    NoTarget,
    /// It was sent to the address, and not acknowledged.
    Refused(String),
}

/// The body of a deposit's notice.
fn deposit_body(transaction: &Transaction, account: &Account, deposit: &Deposit) -> Bytes {
    let at = Stamp::of(deposit.at_ms);
    let message = number_from(&deposit.tid, 6);
    let mut fields: Vec<(&str, String)> = vec![
        ("no_tid", deposit.tid.clone()),
        ("no_oid", transaction.order_id.clone()),
        ("id_merchant", transaction.mid.clone()),
        ("cd_bank", format!("{:0>8}", account.bank_code)),
        ("cd_deal", format!("{DEPOSITOR_BANK:0>8}")),
        ("dt_trans", at.date()),
        ("tm_trans", at.time()),
        ("no_msgseq", message.clone()),
        ("no_msgmanage", message.clone()),
        ("no_transeq", message.clone()),
        ("msg_id", message),
        ("cd_joinorg", "20000050".to_owned()),
        ("type_msg", "0200".to_owned()),
        ("cl_trans", "1100".to_owned()),
        ("cl_kor", "2".to_owned()),
        ("cl_close", "0".to_owned()),
        ("flg_close", "0".to_owned()),
        ("dt_transbase", at.date()),
        ("dt_inputstd", at.date()),
        ("dt_calculstd", at.date()),
        ("no_vacct", account.number.clone()),
        ("amt_input", deposit.amount.to_string()),
        ("amt_check", "0".to_owned()),
        (
            "nm_inputbank",
            banks::name(DEPOSITOR_BANK).unwrap_or_default().to_owned(),
        ),
        ("nm_input", transaction.buyer.name.clone()),
    ];
    // The receipt is issued by the deposit that completes the payment.
    if let Some(receipt) = Receipt::of_deposit(transaction, deposit) {
        fields.push(("dt_cshr", at.date()));
        fields.push(("tm_cshr", at.time()));
        fields.push(("no_cshr_appl", receipt.number));
        fields.push(("no_cshr_tid", receipt.tid));
    }
    form(&fields, form_text)
}

/// The same for an account of the window for phones.
fn mobile_body(transaction: &Transaction, account: &Account, deposit: &Deposit) -> Bytes {
    let until = Stamp::of(account.valid_until_ms);
    let fields: Vec<(&str, String)> = vec![
        ("P_STATUS", "02".to_owned()),
        ("P_TID", transaction.tid.clone()),
        ("P_TYPE", "VBANK".to_owned()),
        ("P_AUTH_DT", Stamp::of(deposit.at_ms).compact()),
        ("P_MID", transaction.mid.clone()),
        ("P_OID", transaction.order_id.clone()),
        ("P_FN_CD1", account.bank_code.clone()),
        (
            "P_FN_NM",
            banks::name(&account.bank_code)
                .unwrap_or_default()
                .to_owned(),
        ),
        ("P_AMT", deposit.amount.to_string()),
        ("P_UNAME", transaction.buyer.name.clone()),
        (
            "P_RMESG1",
            format!("P_VACCT_NO={}|P_EXP_DT={}", account.number, until.date()),
        ),
        ("P_NOTI", String::new()),
    ];
    form(&fields, form_text)
}

/// The body of a notice of an escrow's state. `no_tid` and `tid_org` are the payment's: that a
/// notice has an id of its own is in no document.
fn escrow_body(transaction: &Transaction, news: &News) -> Bytes {
    let method = match transaction.kind {
        Kind::VirtualAccount => "17",
        Kind::Card
        | Kind::Billing
        | Kind::BillingKey
        | Kind::Transfer
        | Kind::Phone
        | Kind::Gift => "0",
    };
    let fields: Vec<(&str, String)> = vec![
        ("id_merchant", transaction.mid.clone()),
        ("no_oid", transaction.order_id.clone()),
        ("no_tid", transaction.tid.clone()),
        ("dt_req", Stamp::of(news.at_ms).compact()),
        ("cl_status", news.kind.code().to_owned()),
        ("cl_paymethod", method.to_owned()),
        ("price", transaction.amount.to_string()),
        ("msg_deny", news.reason.clone().unwrap_or_default()),
        ("tid_org", transaction.tid.clone()),
    ];
    form(&fields, |value| {
        percent_encode(value.as_bytes(), FORM_SAFE)
            .to_string()
            .replace("%20", "+")
    })
}

fn form(fields: &[(&str, String)], encoded: impl Fn(&str) -> String) -> Bytes {
    let pairs: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", encoded(value)))
        .collect();
    Bytes::from(pairs.join("&"))
}

/// A value as a EUC-KR form sends it.
fn form_text(value: &str) -> String {
    let (bytes, _, _) = encoding_rs::EUC_KR.encode(value);
    percent_encode(&bytes, FORM_SAFE)
        .to_string()
        .replace("%20", "+")
}

/// Sends one notice once.
pub(crate) async fn send(sim: &Simulator, id: &NoticeId) -> Sent {
    // One after the other, as in a batch: what is sent again is not sent twice, nor out of order.
    let _turn = match &id.of {
        Of::Escrow(_) => Some(sim.news_turn.lock().await),
        Of::Deposit(_) => None,
    };
    let Some((url, body)) = prepare(sim, id) else {
        return Sent::NoTarget;
    };
    let Some(body) = body else {
        return Sent::Acknowledged;
    };
    let posted = sim.post(&url, id.of.content_type(), body).await;
    match posted {
        Ok((StatusCode::OK, text)) if text == id.of.taken() => {
            sim.books().change(&id.tid, |transaction| {
                *id.of.notified(transaction).ok_or(())? = true;
                Ok::<(), ()>(())
            });
            return Sent::Acknowledged;
        }
        Ok((status, _)) => {
            let taken = id.of.taken();
            tracing::warn!(%status, "a notice was not acknowledged with `{taken}`");
        }
        Err(error) => tracing::warn!(%error, "a notice could not be delivered"),
    }
    Sent::Refused(url)
}

/// Where to, and what: `None` inside if it was acknowledged before.
fn prepare(sim: &Simulator, id: &NoticeId) -> Option<(String, Option<Bytes>)> {
    let books = sim.books();
    let transaction = books.by_tid(&id.tid)?;
    let body = match &id.of {
        Of::Deposit(of) => {
            let account = transaction.account.as_ref()?;
            let mut deposits = account.deposits.iter();
            let deposit = deposits.find(|it| it.tid == *of)?;
            let written = if account.notice_url.is_some() {
                mobile_body
            } else {
                deposit_body
            };
            (!deposit.notified).then(|| written(transaction, account, deposit))
        }
        Of::Escrow(index) => {
            let news = transaction.escrow_news.get(*index)?;
            (!news.notified).then(|| escrow_body(transaction, news))
        }
    };
    let account = transaction.account.as_ref();
    let own = account.and_then(|account| account.notice_url.clone());
    let url = match (&id.of, own) {
        (Of::Deposit(_), Some(url)) => url,
        _ => books.notice_target(&transaction.mid)?.notice_url.clone()?,
    };
    Some((url, body))
}

/// What a merchant has not acknowledged of a transaction, oldest first.
fn unacknowledged(transaction: &Transaction) -> Vec<NoticeId> {
    let id = |of| NoticeId {
        tid: transaction.tid.clone(),
        of,
    };
    let deposits = transaction.account.iter().flat_map(|it| &it.deposits);
    let deposits = deposits
        .filter(|deposit| !deposit.notified)
        .map(|deposit| id(Of::Deposit(deposit.tid.clone())));
    let news = transaction.escrow_news.iter().enumerate();
    let news = news
        .filter(|(_, news)| !news.notified)
        .map(|(index, _)| id(Of::Escrow(index)));
    deposits.chain(news).collect()
}

/// Sends the news of a transaction's escrow in their order. What is refused is tried again in the
/// background, with what comes after it.
pub(crate) async fn send_news(sim: &Arc<Simulator>, tid: &str) -> Sent {
    let mut pending = pending_news(sim, tid);
    while let Some(next) = pending.first() {
        match send(sim, next).await {
            Sent::Acknowledged => {
                pending.remove(0);
            }
            Sent::NoTarget => return Sent::NoTarget,
            Sent::Refused(url) => {
                spawn(sim, pending, false);
                return Sent::Refused(url);
            }
        }
    }
    Sent::Acknowledged
}

/// As [`send_news`], in the background.
pub(crate) fn tell_news(sim: &Arc<Simulator>, tid: &str) {
    let pending = pending_news(sim, tid);
    if !pending.is_empty() {
        spawn(sim, pending, true);
    }
}

fn pending_news(sim: &Simulator, tid: &str) -> Vec<NoticeId> {
    let mut pending = sim
        .books()
        .by_tid(tid)
        .map_or_else(Vec::new, unacknowledged);
    pending.retain(|id| matches!(id.of, Of::Escrow(_)));
    pending
}

/// Tries again in the background, after each of the waits.
pub(crate) fn retry(sim: &Arc<Simulator>, id: NoticeId) {
    spawn(sim, vec![id], false);
}

/// Tries again, in the background, every notice of the MIDs that was never acknowledged.
pub(crate) fn resend_unacknowledged(sim: &Arc<Simulator>, of_mid: impl Fn(&str) -> bool) {
    let pending: Vec<NoticeId> = sim
        .books()
        .transactions()
        .iter()
        .filter(|transaction| of_mid(&transaction.mid))
        .flat_map(unacknowledged)
        .collect();
    if !pending.is_empty() {
        spawn(sim, pending, true);
    }
}

fn spawn(sim: &Arc<Simulator>, mut pending: Vec<NoticeId>, at_once: bool) {
    let waits = at_once.then_some(Duration::ZERO).into_iter();
    let waits: Vec<Duration> = waits
        .chain(sim.timing.notice_retries.iter().copied())
        .collect();
    let sim = Arc::clone(sim);
    sim.tasks.clone().spawn(async move {
        for wait in waits {
            sim.wait(wait).await;
            let mut refused = Vec::new();
            for id in pending {
                if sim.stop.is_cancelled() {
                    return;
                }
                if matches!(send(&sim, &id).await, Sent::Refused(_)) {
                    refused.push(id);
                }
            }
            if refused.is_empty() {
                return;
            }
            pending = refused;
        }
        tracing::warn!(
            notices = pending.len(),
            "gave up on notices until a restart"
        );
    });
}

#[cfg(test)]
mod tests {
    use super::form_text;

    #[test]
    fn korean_is_sent_as_percent_encoded_euc_kr() {
        // Hangul in KS X 1001: 홍 C8AB, 길 B1E6, 동 B5BF.
        assert_eq!(form_text("홍길동 A*"), "%C8%AB%B1%E6%B5%BF+A*");
        assert_eq!(form_text("신한"), "%BD%C5%C7%D1");
    }
}
