//! `GET /subscribe/customers/{customer_uid}/payments`.

use naru_domain::{BillingKeyId, Timestamp};
use naru_engine::list::{ListFilter, Sort, SortOrder};

use crate::call::Call;
use crate::check::page::page;
use crate::envelope::Reply;
use crate::messages;
use crate::refused::Refused;
use crate::view;

pub(crate) async fn handle(call: Call) -> Result<Reply, Refused> {
    let id = BillingKeyId::new(call.path_text(0));
    let page = page(&call.input)?;
    let filter = ListFilter {
        stores: vec![call.store_id().clone()],
        time: "created_at",
        from: Timestamp::from_micros(0),
        until: Timestamp::from_micros(i64::MAX),
        columns: Vec::new(),
        ranges: Vec::new(),
        search: Vec::new(),
        sort: Sort {
            by: "created_at",
            order: SortOrder::Descending,
        },
    };
    let found = call.engine.payments_of_key(&filter, &id, page).await?;
    if found.total_count == 0 {
        // A key that was deleted is still known by its payments.
        let known = call.engine.billing_key(call.store_id(), &id).await;
        if known.is_err() {
            let message = messages::no_such_customer(id.as_str());
            return Err(Refused::NotFound(message));
        }
    }
    // The index folds case, and ids do not.
    let of_it = found.items.iter().filter_map(|one| {
        let mut attempts = one.payment.attempts.iter().rev();
        let attempt = attempts.find(|attempt| attempt.billing_key.as_ref() == Some(&id))?;
        Some(view::payment(&one.payment, attempt))
    });
    let list: Vec<_> = of_it.collect();
    let paged = view::paged(list, found.total_count, page);
    let paged = paged.ok_or_else(|| Refused::NotFound(messages::NO_PAGE.to_owned()))?;
    Reply::of(&paged)
}
