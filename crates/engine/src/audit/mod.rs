//! The audit: whether what the store holds fits together (P1 to P5), looked at from outside.
//!
//! Each row must be what its events make of it; each payment must be one that the rules allow;
//! whatever is open must have a job that ends it; each entry of the ledger must be a movement that
//! its payment knows; the journal must hold what payments and settlements say. It changes nothing
//! and asks no PG: whether the PGs' books agree is the comparison's business (`reconcile`). Read
//! page by page, beside a running server: a row is held against as many events as it says it has,
//! so one that changes meanwhile is no finding.

mod events;
mod journal;
mod ledger;
mod payments;

use naru_domain::StoreId;
use naru_store::{Condition, Query, Record};

use crate::records::DiscrepancyRecord;
use crate::{Engine, Fault};

/// What is looked at, each for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditPart {
    /// Payments.
    Payments,
    /// Billing keys.
    BillingKeys,
    /// Schedules.
    Schedules,
    /// Cash receipts.
    CashReceipts,
    /// The ledger of money that moved.
    Ledger,
    /// The journal of postings.
    Journal,
    /// Money that must not stand and could not be given back.
    Discrepancies,
}

impl AuditPart {
    /// Every part.
    pub const ALL: [Self; 7] = [
        Self::Payments,
        Self::BillingKeys,
        Self::Schedules,
        Self::CashReceipts,
        Self::Ledger,
        Self::Journal,
        Self::Discrepancies,
    ];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Payments => "payments",
            Self::BillingKeys => "billing-keys",
            Self::Schedules => "schedules",
            Self::CashReceipts => "cash-receipts",
            Self::Ledger => "ledger",
            Self::Journal => "journal",
            Self::Discrepancies => "discrepancies",
        }
    }

    /// The part of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.name() == name)
    }
}

/// Something that does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditFinding {
    /// The id of what it is about.
    pub subject: String,
    /// What is wrong with it.
    pub text: String,
}

/// A page of the audit.
#[derive(Debug, Clone, Default)]
pub struct AuditPage {
    /// Rows looked at.
    pub checked: u32,
    /// What does not fit.
    pub findings: Vec<AuditFinding>,
    /// Where to go on; nothing at the end.
    pub next: Option<String>,
    /// Why the part was not looked at, if it was not.
    pub note: Option<String>,
}

impl AuditPage {
    fn find(&mut self, subject: &str, text: impl Into<String>) {
        self.findings.push(AuditFinding {
            subject: subject.to_owned(),
            text: text.into(),
        });
    }
}

impl Engine {
    /// One page of one part of a store's audit, `limit` rows at most.
    pub async fn audit(
        &self,
        store_id: &StoreId,
        (part, after): (AuditPart, Option<&str>),
        limit: u32,
    ) -> Result<AuditPage, Fault> {
        let at = (store_id, after, limit);
        match part {
            AuditPart::Payments => self.audit_payments(at).await,
            AuditPart::BillingKeys => self.audit_keys(at).await,
            AuditPart::Schedules => self.audit_schedules(at).await,
            AuditPart::CashReceipts => self.audit_receipts(at).await,
            AuditPart::Ledger => self.audit_ledger(at).await,
            AuditPart::Journal => self.audit_journal(at).await,
            AuditPart::Discrepancies => self.audit_discrepancies(at).await,
        }
    }

    /// Rows of a store in the order of their ids, behind one.
    async fn audited<R: Record>(
        &self,
        (store_id, after, limit): At<'_>,
        id: &'static str,
    ) -> Result<Rows<R>, Fault> {
        let mut query =
            Query::of(R::TABLE, limit).and(Condition::Is("store_id", store_id.as_str().into()));
        if let Some(after) = after {
            query = query.and(Condition::Above(id, after.into()));
        }
        let found = self.store().list::<R>(query).await?;
        Ok(Rows {
            is_last: found.len() < limit as usize,
            rows: found.into_iter().map(|one| one.value).collect(),
        })
    }

    async fn audit_discrepancies(&self, at: At<'_>) -> Result<AuditPage, Fault> {
        let rows = self
            .audited::<DiscrepancyRecord>(at, "discrepancy_id")
            .await?;
        let mut page = rows.page(|row| row.id.clone());
        for row in &rows.rows {
            let text = format!("{:?}, found at {}", row.discrepancy, row.at);
            page.find(row.payment_id.as_str(), text);
        }
        Ok(page)
    }
}

type At<'a> = (&'a StoreId, Option<&'a str>, u32);

/// Rows that were read, and whether there are no more.
struct Rows<R> {
    rows: Vec<R>,
    is_last: bool,
}

impl<R> Rows<R> {
    /// A page without findings yet.
    fn page(&self, id: impl Fn(&R) -> String) -> AuditPage {
        AuditPage {
            checked: u32::try_from(self.rows.len()).unwrap_or(u32::MAX),
            findings: Vec::new(),
            next: self.rows.last().filter(|_| !self.is_last).map(id),
            note: None,
        }
    }
}
