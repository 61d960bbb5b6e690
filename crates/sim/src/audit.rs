//! The audit: what merchants were told, Naru's rows and events, the PG's books and the webhooks,
//! against each other. It lists everything that does not fit; at rest that must be nothing.

mod books;
mod payments;
mod told;
mod webhooks;

use std::collections::{BTreeMap, BTreeSet};

use naru_domain::StoreId;
use naru_domain::payment::Payment;
use naru_engine::audit::AuditPart;
use naru_engine::records::{IdempotencyRecord, PaymentRecord, ScheduleRecord, WebhookRecord};
use naru_store::{Query, Record, Table, tables};

use crate::Shared;
use crate::history::Call;
use crate::setup::STORE;

/// More rows than a run makes.
const ROWS_MAX: u32 = 10_000;

/// All that is looked at.
struct Facts {
    payments: BTreeMap<String, Payment>,
    schedules: Vec<ScheduleRecord>,
    keys: Vec<IdempotencyRecord>,
    webhooks: Vec<WebhookRecord>,
    sales: Vec<books::Sale>,
    /// Payments with a discrepancy on record: there the books may differ, and somebody looks.
    noted: BTreeSet<String>,
    calls: Vec<Call>,
    deposits: Vec<String>,
}

/// Everything that does not fit.
pub async fn audit(world: &Shared) -> Vec<String> {
    let facts = Facts::read(world).await;
    let mut findings = Vec::new();
    payments::at_rest(&facts, &mut findings);
    payments::events(world, &facts, &mut findings).await;
    told::every_key_is_done(&facts, &mut findings);
    payments::schedules(&facts, &mut findings);
    told::promises(&facts, &mut findings);
    told::cancellations(&facts, &mut findings);
    told::one_cancellation_each(&facts, &mut findings);
    told::repeats(&facts, &mut findings);
    told::own_key(&facts, &mut findings);
    books::agree(&facts, &mut findings);
    webhooks::arrived(world, &facts, &mut findings);
    findings.extend(own(world).await);
    findings
}

/// What `naru audit` finds; what is noted for a person it lists by design.
async fn own(world: &Shared) -> Vec<String> {
    let store = StoreId::new(STORE);
    let mut found = Vec::new();
    let parts = AuditPart::ALL.into_iter();
    for part in parts.filter(|part| *part != AuditPart::Discrepancies) {
        let mut after: Option<String> = None;
        loop {
            let page = world
                .observer
                .audit(&store, (part, after.as_deref()), ROWS_MAX);
            let page = page.await.expect("the observer's store never fails");
            let said = page.findings.into_iter();
            found.extend(said.map(|one| format!("audit: `{}`: {}", one.subject, one.text)));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
    }
    found
}

impl Facts {
    async fn read(world: &Shared) -> Self {
        let payments = rows::<PaymentRecord>(world, &tables::PAYMENTS).await;
        let noted = rows::<naru_engine::records::DiscrepancyRecord>(world, &tables::DISCREPANCIES);
        let noted = noted.await.into_iter();
        Self {
            payments: payments
                .into_iter()
                .map(|row| (row.0.id.to_string(), row.0))
                .collect(),
            schedules: rows(world, &tables::SCHEDULES).await,
            keys: rows(world, &tables::IDEMPOTENCY).await,
            webhooks: rows(world, &tables::WEBHOOKS).await,
            sales: books::read(world).await,
            noted: noted.map(|row| row.payment_id.to_string()).collect(),
            calls: world.history.calls(),
            deposits: world.history.deposits(),
        }
    }

    /// Calls about one payment.
    fn about<'a>(&'a self, payment: &'a str) -> impl Iterator<Item = &'a Call> {
        self.calls
            .iter()
            .filter(move |call| call.subject == payment)
    }
}

async fn rows<R: Record>(world: &Shared, table: &'static Table) -> Vec<R> {
    let found = world
        .observer
        .store()
        .list::<R>(Query::of(table, ROWS_MAX))
        .await;
    let found = found.expect("the observer's store never fails");
    found.into_iter().map(|row| row.value).collect()
}
