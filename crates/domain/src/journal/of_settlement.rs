//! What the journal must hold of a day of a PG's settlement.
//!
//! A batch of lines counts as a whole or not at all, and so it is posted: its sums in each
//! currency, not its lines. A batch that another takes the place of is taken back, by postings of
//! their own: nothing is ever changed in the journal.

use std::collections::BTreeMap;

use super::posting::Moved;
use super::{BookAccount, Posting, PostingKind};
use crate::settlement::LineFigures;
use crate::{Currency, Timestamp};

/// The postings of a batch that has come to count.
pub fn settled(
    receivable: &BookAccount,
    batch_id: &str,
    sums: &BTreeMap<Currency, LineFigures>,
    at: Timestamp,
) -> Vec<Posting> {
    let mut all = Vec::new();
    for (currency, sum) in sums {
        let about = format!("{}:{batch_id}", currency.as_str());
        let paid_out = sum
            .total
            .saturating_sub(sum.fee)
            .saturating_sub(sum.fee_vat);
        let parts = [
            (PostingKind::Settlement, BookAccount::bank(), paid_out),
            (
                PostingKind::PaidElsewhere,
                BookAccount::paid_elsewhere(),
                sum.amount.saturating_sub(sum.total),
            ),
            (PostingKind::Fee, BookAccount::fees(), sum.fee),
            (PostingKind::FeeVat, BookAccount::fee_vat(), sum.fee_vat),
        ];
        for (kind, account, amount) in parts {
            let moved = Moved {
                kind,
                about: &about,
                currency,
                at,
            };
            all.extend(moved.posting((account, receivable.clone()), amount));
        }
    }
    all
}

/// The posting that takes back one of a settlement; nothing for other kinds.
pub fn taken_back(posting: &Posting) -> Option<Posting> {
    let kind = match posting.kind {
        PostingKind::Settlement => PostingKind::SettlementBack,
        PostingKind::PaidElsewhere => PostingKind::PaidElsewhereBack,
        PostingKind::Fee => PostingKind::FeeBack,
        PostingKind::FeeVat => PostingKind::FeeVatBack,
        PostingKind::Capture
        | PostingKind::Discount
        | PostingKind::Cancellation
        | PostingKind::DiscountBack
        | PostingKind::Undue
        | PostingKind::Reversal
        | PostingKind::SettlementBack
        | PostingKind::PaidElsewhereBack
        | PostingKind::FeeBack
        | PostingKind::FeeVatBack => return None,
    };
    Some(Posting {
        kind,
        debit: posting.credit.clone(),
        credit: posting.debit.clone(),
        ..posting.clone()
    })
}
