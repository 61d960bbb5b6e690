//! The deposit notice: KG Inicis tells the merchant's server that money came in.
//!
//! At least once, order not promised; the receiver answers exactly `OK` or gets it again. A form
//! post in EUC-KR, as banks have always sent it. Bounded: one try on the spot, then the waits of
//! `Timing::notice_retries`; a notice that nobody took is tried again when a merchant registers
//! or the simulator starts. Invariant: a notice leaves only after its deposit is on disk.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};

use super::act::number_from;
use super::banks;
use crate::clock::Stamp;
use crate::ledger::{Account, Deposit, Transaction};
use crate::post;
use crate::simulator::Simulator;

/// The bank that every simulated customer pays from.
pub(crate) const DEPOSITOR_BANK: &str = "88";

/// What a browser's form leaves as it is.
const FORM_SAFE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'*')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_');

/// A deposit in the books: the transaction's id and the deposit's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DepositId {
    pub(crate) tid: String,
    pub(crate) deposit_tid: String,
}

/// What became of a notice.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Sent {
    /// The merchant said `OK`, now or before.
    Acknowledged,
    /// Nobody has registered for the MID.
    NoTarget,
    /// It was sent to the address, and not acknowledged.
    Refused(String),
}

/// The body of the notice.
pub(crate) fn body(transaction: &Transaction, account: &Account, deposit: &Deposit) -> Bytes {
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
    if account.cash_receipt && deposit.amount == transaction.amount {
        fields.push(("dt_cshr", at.date()));
        fields.push(("tm_cshr", at.time()));
        fields.push(("no_cshr_appl", number_from(&deposit.tid, 9)));
        fields.push((
            "no_cshr_tid",
            deposit.tid.replacen("ININPGVBNK", "ININPGCSHR", 1),
        ));
    }
    let pairs: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", form_text(value)))
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

/// Sends the notice of one deposit once.
pub(crate) async fn send(sim: &Simulator, id: &DepositId) -> Sent {
    let Some((url, body)) = prepare(sim, id) else {
        return Sent::NoTarget;
    };
    let Some(body) = body else {
        return Sent::Acknowledged;
    };
    let timeout = sim.timing.post_timeout;
    let posted = post::post(&url, "application/x-www-form-urlencoded", body, timeout).await;
    match posted {
        Ok((StatusCode::OK, text)) if text == "OK" => {
            sim.books().change(&id.tid, |transaction| {
                let account = transaction.account.as_mut().ok_or(())?;
                let mut deposits = account.deposits.iter_mut();
                let deposit = deposits.find(|it| it.tid == id.deposit_tid).ok_or(())?;
                deposit.notified = true;
                Ok::<(), ()>(())
            });
            return Sent::Acknowledged;
        }
        Ok((status, _)) => {
            tracing::warn!(%status, "a deposit notice was not acknowledged with `OK`");
        }
        Err(error) => tracing::warn!(%error, "a deposit notice could not be delivered"),
    }
    Sent::Refused(url)
}

/// Where to, and what: `None` inside if it was acknowledged before.
fn prepare(sim: &Simulator, id: &DepositId) -> Option<(String, Option<Bytes>)> {
    let books = sim.books();
    let transaction = books.by_tid(&id.tid)?;
    let account = transaction.account.as_ref()?;
    let deposit = account
        .deposits
        .iter()
        .find(|it| it.tid == id.deposit_tid)?;
    let url = books.notice_target(&transaction.mid)?.notice_url.clone()?;
    Some((
        url,
        (!deposit.notified).then(|| body(transaction, account, deposit)),
    ))
}

/// Tries again in the background, after each of the waits.
pub(crate) fn retry(sim: &Arc<Simulator>, id: DepositId) {
    spawn(sim, vec![id], false);
}

/// Tries again, in the background, every notice of the MIDs that was never acknowledged.
pub(crate) fn resend_unacknowledged(sim: &Arc<Simulator>, of_mid: impl Fn(&str) -> bool) {
    let mut pending = Vec::new();
    for transaction in sim.books().transactions() {
        let Some(account) = &transaction.account else {
            continue;
        };
        for deposit in account.deposits.iter().filter(|deposit| !deposit.notified) {
            if of_mid(&transaction.mid) {
                let (tid, deposit_tid) = (transaction.tid.clone(), deposit.tid.clone());
                pending.push(DepositId { tid, deposit_tid });
            }
        }
    }
    if !pending.is_empty() {
        spawn(sim, pending, true);
    }
}

fn spawn(sim: &Arc<Simulator>, mut pending: Vec<DepositId>, at_once: bool) {
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
            "gave up on deposit notices until a restart"
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
