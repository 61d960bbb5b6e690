//! What a bulk of tax invoices may do from where.

use naru_domain::b2b::tax_invoice::{CallKind, Issuance};
use naru_domain::b2b::{BulkInvoice, BulkRefusal, BulkState, BulkTally, Start};
use naru_domain::{MerchantId, StoreId};
use proptest::prelude::*;

use crate::tax_invoice_sample::at;

const ALL: [BulkState; 8] = [
    BulkState::Importing,
    BulkState::Drafting,
    BulkState::Drafted,
    BulkState::Waiting,
    BulkState::Running,
    BulkState::Completed,
    BulkState::Failed,
    BulkState::Cancelled,
];

fn bulk(state: BulkState) -> BulkInvoice {
    BulkInvoice {
        merchant_id: MerchantId::new("merchant-1"),
        store_id: StoreId::new("store-1"),
        id: "bulk-1".to_owned(),
        is_test: true,
        name: None,
        issuance: Issuance::Reverse,
        digest: "digest".to_owned(),
        count: 3,
        total: 33_000,
        state,
        follows: None,
        created_at: at(0),
        requested_at: None,
        scheduled_at: None,
        state_changed_at: at(0),
    }
}

const fn tally(succeeded: u32, drafts: u32) -> BulkTally {
    BulkTally { succeeded, drafts }
}

#[test]
fn a_bulk_is_started_only_when_its_invoices_are_drafts() {
    let at_once = Start { at: None };
    for state in ALL {
        let mut one = bulk(state);
        let expected = match state {
            BulkState::Importing | BulkState::Drafting => Err(BulkRefusal::NotDrafted),
            BulkState::Waiting | BulkState::Running => Err(BulkRefusal::AlreadyStarted),
            BulkState::Cancelled => Err(BulkRefusal::Cancelled),
            BulkState::Drafted | BulkState::Completed | BulkState::Failed => Ok(()),
        };
        assert_eq!(
            one.start(at_once, tally(0, 1), at(1)),
            expected,
            "{state:?}"
        );
        if expected.is_ok() {
            assert_eq!(
                (one.state, one.requested_at),
                (BulkState::Waiting, Some(at(1)))
            );
            let mut without = bulk(state);
            let refused = without.start(at_once, tally(3, 0), at(1));
            assert_eq!(refused, Err(BulkRefusal::NoDrafts));
        } else {
            assert_eq!(one, bulk(state), "a refusal changes nothing");
        }
    }
}

#[test]
fn a_bulk_is_cancelled_only_before_it_is_carried_out() {
    for state in ALL {
        let mut one = bulk(state);
        let expected = match state {
            BulkState::Running | BulkState::Completed | BulkState::Failed => {
                Err(BulkRefusal::TooLate)
            }
            BulkState::Importing
            | BulkState::Drafting
            | BulkState::Drafted
            | BulkState::Waiting
            | BulkState::Cancelled => Ok(()),
        };
        assert_eq!(one.cancel(at(1)), expected, "{state:?}");
        let after = if expected.is_ok() {
            BulkState::Cancelled
        } else {
            state
        };
        assert_eq!(one.state, after);
    }
}

#[test]
fn what_becomes_of_a_bulk_follows_from_its_invoices() {
    let over = |state, follows, tally| {
        let mut one = bulk(state);
        one.follows = follows;
        one.rows_are_over(tally, at(2));
        one
    };
    let later = Start { at: Some(at(9)) };
    assert_eq!(
        over(BulkState::Drafting, None, tally(1, 1)).state,
        BulkState::Drafted
    );
    assert_eq!(
        over(BulkState::Drafting, None, tally(0, 0)).state,
        BulkState::Failed
    );
    let waits = over(BulkState::Drafting, Some(later), tally(1, 1));
    assert_eq!(
        (waits.state, waits.scheduled_at),
        (BulkState::Waiting, Some(at(9)))
    );
    assert_eq!(
        over(BulkState::Drafting, Some(later), tally(0, 0)).state,
        BulkState::Failed
    );
    assert_eq!(
        over(BulkState::Running, None, tally(1, 2)).state,
        BulkState::Completed
    );
    assert_eq!(
        over(BulkState::Running, None, tally(0, 3)).state,
        BulkState::Failed
    );
    assert_eq!(
        over(BulkState::Cancelled, None, tally(3, 0)).state,
        BulkState::Cancelled
    );
    assert_eq!(bulk(BulkState::Drafted).step(), CallKind::Request);
}

proptest! {
    /// No order of events brings a cancelled bulk back, or lets one run that nobody started.
    #[test]
    fn a_bulk_takes_no_step_that_nobody_asked_for(
        steps in proptest::collection::vec((0_u8..5, 0_u32..3, 0_u32..3), 0..30),
    ) {
        let mut one = bulk(BulkState::Importing);
        let (mut is_asked, mut is_cancelled) = (false, false);
        for (step, succeeded, drafts) in steps {
            let counts = tally(succeeded, drafts);
            match step {
                0 => one.imported(at(1)),
                1 => is_asked |= one.start(Start { at: None }, counts, at(1)).is_ok(),
                2 => one.begin(at(1)),
                3 => one.rows_are_over(counts, at(1)),
                _ => is_cancelled |= one.cancel(at(1)).is_ok(),
            }
            prop_assert!(is_asked || one.state != BulkState::Running);
            prop_assert!(!is_cancelled || one.state == BulkState::Cancelled);
            prop_assert_eq!(one.requested_at.is_some(), is_asked);
        }
    }
}
