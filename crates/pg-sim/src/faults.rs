//! Faults that a test orders: what the next matching calls do wrong.
//!
//! A list in memory; nothing here is kept over a restart. It only says what is to happen, the
//! caller lets it happen. Invariant: a fault is used up by one call at a time, in the order in
//! which the faults were added.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;

use crate::pg::Pg;

/// What a call of the PG's API asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Operation {
    PayCard,
    IssueVirtualAccount,
    IssueBillingKey,
    ChargeBillingKey,
    Refund,
    PartialRefund,
    Inquiry,
    CloseVirtualAccount,
    ApproveWindow,
    NetCancel,
    RegisterShipment,
    AcceptRejection,
    RegisterStoreSales,
    IssueCashReceipt,
    CancelCashReceipt,
    #[serde(untagged)]
    Identity(Step),
    #[serde(untagged)]
    Tax(TaxStep),
}

/// What a call of the tax-invoice provider asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) enum TaxStep {
    /// A change: of an invoice, of its files, of the members.
    #[serde(rename = "tax_command")]
    Command,
    /// What it shows of an invoice.
    #[serde(rename = "tax_inquiry")]
    Inquiry,
    /// Anything else it knows.
    #[serde(rename = "tax_lookup")]
    Lookup,
}

/// A step of an identity verification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) enum Step {
    #[serde(rename = "identity_prepare")]
    Prepare,
    #[serde(rename = "identity_send")]
    Send,
    #[serde(rename = "identity_confirm")]
    Confirm,
    #[serde(rename = "identity_result")]
    Result,
    #[serde(rename = "identity_resend")]
    Resend,
}

impl Operation {
    /// The names that `POST /faults` takes.
    pub(crate) const NAMES: [(&'static str, Self); 23] = [
        ("pay_card", Self::PayCard),
        ("issue_virtual_account", Self::IssueVirtualAccount),
        ("issue_billing_key", Self::IssueBillingKey),
        ("charge_billing_key", Self::ChargeBillingKey),
        ("refund", Self::Refund),
        ("partial_refund", Self::PartialRefund),
        ("inquiry", Self::Inquiry),
        ("close_virtual_account", Self::CloseVirtualAccount),
        ("approve_window", Self::ApproveWindow),
        ("net_cancel", Self::NetCancel),
        ("register_shipment", Self::RegisterShipment),
        ("accept_rejection", Self::AcceptRejection),
        ("register_store_sales", Self::RegisterStoreSales),
        ("issue_cash_receipt", Self::IssueCashReceipt),
        ("cancel_cash_receipt", Self::CancelCashReceipt),
        ("identity_prepare", Self::Identity(Step::Prepare)),
        ("identity_send", Self::Identity(Step::Send)),
        ("identity_confirm", Self::Identity(Step::Confirm)),
        ("identity_result", Self::Identity(Step::Result)),
        ("identity_resend", Self::Identity(Step::Resend)),
        ("tax_command", Self::Tax(TaxStep::Command)),
        ("tax_inquiry", Self::Tax(TaxStep::Inquiry)),
        ("tax_lookup", Self::Tax(TaxStep::Lookup)),
    ];

    /// Whether its answer carries an amount that could be wrong.
    pub(crate) fn answers_amount(self) -> bool {
        matches!(
            self,
            Self::PayCard
                | Self::ApproveWindow
                | Self::ChargeBillingKey
                | Self::PartialRefund
                | Self::Inquiry
        )
    }
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FaultKind {
    Late,
    DropBefore,
    DropAfter,
    #[serde(rename = "http_500")]
    Http500,
    Garbage,
    WrongAmount,
    Decline,
    TimeoutBefore,
    TimeoutAfter,
}

impl FaultKind {
    /// The names that `POST /faults` takes.
    pub(crate) const NAMES: [(&'static str, Self); 9] = [
        ("late", Self::Late),
        ("drop_before", Self::DropBefore),
        ("drop_after", Self::DropAfter),
        ("http_500", Self::Http500),
        ("garbage", Self::Garbage),
        ("wrong_amount", Self::WrongAmount),
        ("decline", Self::Decline),
        ("timeout_before", Self::TimeoutBefore),
        ("timeout_after", Self::TimeoutAfter),
    ];
}

/// Which calls a fault is for; what is absent matches all.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Match {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) order_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) mid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) amount: Option<u64>,
}

/// What a call is about.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) pg: Pg,
    pub(crate) order_id: Option<String>,
    pub(crate) mid: String,
    pub(crate) amount: Option<u64>,
}

impl Match {
    fn covers(&self, target: &Target) -> bool {
        (self.order_id.is_none() || self.order_id == target.order_id)
            && self.mid.as_ref().is_none_or(|mid| *mid == target.mid)
            && (self.amount.is_none() || self.amount == target.amount)
    }
}

/// One order to misbehave.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Fault {
    pub(crate) id: u64,
    /// `None` is every PG.
    #[serde(serialize_with = "any_or_name")]
    pub(crate) pg: Option<Pg>,
    /// `None` is every operation.
    #[serde(serialize_with = "any_or_name")]
    pub(crate) operation: Option<Operation>,
    pub(crate) kind: FaultKind,
    pub(crate) times_left: u32,
    #[serde(rename = "match")]
    pub(crate) matching: Match,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) delay_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) acts: Option<bool>,
}

#[expect(clippy::ref_option, reason = "serde's signature")]
fn any_or_name<S: serde::Serializer>(
    one: &Option<impl Serialize>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match one {
        Some(one) => one.serialize(serializer),
        None => serializer.serialize_str("*"),
    }
}

/// How one call departs from the plain way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Twist {
    /// Acts, answers after a delay (`None`: the simulator's own).
    Late(Option<Duration>),
    DropBefore,
    DropAfter,
    Http500 {
        acts: bool,
    },
    Garbage {
        acts: bool,
    },
    WrongAmount,
    Decline(String),
    TimeoutBefore,
    TimeoutAfter,
}

impl Twist {
    /// Whether the books change.
    pub(crate) fn acts(&self) -> bool {
        match self {
            Self::DropBefore | Self::TimeoutBefore => false,
            Self::Http500 { acts } | Self::Garbage { acts } => *acts,
            _ => true,
        }
    }
}

impl Fault {
    fn twist(&self) -> Twist {
        match self.kind {
            FaultKind::Late => Twist::Late(self.delay_ms.map(Duration::from_millis)),
            FaultKind::DropBefore => Twist::DropBefore,
            FaultKind::DropAfter => Twist::DropAfter,
            // A server error usually comes before the money moves, an unreadable answer after.
            FaultKind::Http500 => Twist::Http500 {
                acts: self.acts.unwrap_or(false),
            },
            FaultKind::Garbage => Twist::Garbage {
                acts: self.acts.unwrap_or(true),
            },
            FaultKind::WrongAmount => Twist::WrongAmount,
            // 120049 is the card companies' "over the limit".
            FaultKind::Decline => {
                Twist::Decline(self.code.clone().unwrap_or_else(|| "120049".to_owned()))
            }
            FaultKind::TimeoutBefore => Twist::TimeoutBefore,
            FaultKind::TimeoutAfter => Twist::TimeoutAfter,
        }
    }
}

/// The faults that wait for their calls.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    /// How many there are, so that the plain way costs no lock.
    count: AtomicUsize,
    list: Mutex<(u64, Vec<Fault>)>,
}

impl Faults {
    /// More than this at once is a mistake of the test.
    pub(crate) const COUNT_MAX: usize = 1000;

    fn lock(&self) -> MutexGuard<'_, (u64, Vec<Fault>)> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.count.load(Ordering::SeqCst) == 0
    }

    /// Adds a fault and gives it an id; `None` if there are too many.
    pub(crate) fn add(&self, mut fault: Fault) -> Option<Fault> {
        let mut list = self.lock();
        if list.1.len() >= Self::COUNT_MAX {
            return None;
        }
        list.0 += 1;
        fault.id = list.0;
        list.1.push(fault.clone());
        self.count.store(list.1.len(), Ordering::SeqCst);
        Some(fault)
    }

    pub(crate) fn all(&self) -> Vec<Fault> {
        self.lock().1.clone()
    }

    /// Takes all away and says how many there were.
    pub(crate) fn clear(&self) -> usize {
        let mut list = self.lock();
        self.count.store(0, Ordering::SeqCst);
        std::mem::take(&mut list.1).len()
    }

    /// Uses up one turn of the first fault that matches.
    pub(crate) fn take(&self, operation: Operation, target: &Target) -> Option<Twist> {
        let mut list = self.lock();
        let index = list.1.iter().position(|fault| {
            // A wrong amount can only be told where there is an amount.
            let possible = fault.kind != FaultKind::WrongAmount || operation.answers_amount();
            possible
                && fault.pg.is_none_or(|wanted| wanted == target.pg)
                && fault.operation.is_none_or(|wanted| wanted == operation)
                && fault.matching.covers(target)
        })?;
        let fault = list.1.get_mut(index)?;
        let twist = fault.twist();
        fault.times_left = fault.times_left.saturating_sub(1);
        if fault.times_left == 0 {
            list.1.remove(index);
            self.count.store(list.1.len(), Ordering::SeqCst);
        }
        Some(twist)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(operation: Option<Operation>, kind: FaultKind, times: u32) -> Fault {
        Fault {
            id: 0,
            pg: None,
            operation,
            kind,
            times_left: times,
            matching: Match::default(),
            delay_ms: None,
            code: None,
            acts: None,
        }
    }

    fn target(order_id: &str) -> Target {
        Target {
            pg: Pg::Inicis,
            order_id: Some(order_id.to_owned()),
            mid: "INIpayTest".to_owned(),
            amount: Some(1000),
        }
    }

    #[test]
    fn a_fault_is_used_up_by_its_operation_only() {
        let faults = Faults::default();
        faults
            .add(fault(Some(Operation::Refund), FaultKind::DropAfter, 2))
            .unwrap();
        assert_eq!(faults.take(Operation::Inquiry, &target("a")), None);
        assert_eq!(
            faults.take(Operation::Refund, &target("a")),
            Some(Twist::DropAfter)
        );
        assert_eq!(
            faults.take(Operation::Refund, &target("b")),
            Some(Twist::DropAfter)
        );
        assert!(faults.is_empty());
        assert_eq!(faults.take(Operation::Refund, &target("c")), None);
    }

    #[test]
    fn a_fault_with_a_match_spares_the_others() {
        let faults = Faults::default();
        let mut with_match = fault(None, FaultKind::TimeoutBefore, 1);
        with_match.matching = Match {
            order_id: Some("b".to_owned()),
            mid: None,
            amount: Some(1000),
        };
        faults.add(with_match).unwrap();
        assert_eq!(faults.take(Operation::PayCard, &target("a")), None);
        let other_amount = Target {
            amount: Some(1),
            ..target("b")
        };
        assert_eq!(faults.take(Operation::PayCard, &other_amount), None);
        let twist = faults.take(Operation::PayCard, &target("b"));
        assert_eq!(twist, Some(Twist::TimeoutBefore));
    }

    #[test]
    fn a_fault_of_one_pg_spares_the_others() {
        let faults = Faults::default();
        let mut of_danal = fault(None, FaultKind::DropAfter, 1);
        of_danal.pg = Some(Pg::Danal);
        faults.add(of_danal).unwrap();
        assert_eq!(faults.take(Operation::Refund, &target("a")), None);
        let at_danal = Target {
            pg: Pg::Danal,
            ..target("a")
        };
        let twist = faults.take(Operation::Identity(Step::Send), &at_danal);
        assert_eq!(twist, Some(Twist::DropAfter));
    }

    #[test]
    fn a_wrong_amount_waits_for_an_answer_with_an_amount() {
        let faults = Faults::default();
        faults.add(fault(None, FaultKind::WrongAmount, 1)).unwrap();
        assert_eq!(faults.take(Operation::Refund, &target("a")), None);
        assert_eq!(
            faults.take(Operation::PayCard, &target("a")),
            Some(Twist::WrongAmount)
        );
    }
}
