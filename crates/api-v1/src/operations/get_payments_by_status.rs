//! `GET /payments/status/{payment_status}`: each payment once, by the attempt that counts and the
//! moment at which that got its status.

use naru_engine::list::{ListFilter, Sort, SortOrder};
use naru_engine::payments::PaymentFilter;

use super::lookup;
use crate::call::Call;
use crate::check::page::{SortBy, page, sorting, window};
use crate::envelope::Reply;
use crate::messages;
use crate::refused::Refused;
use crate::view::{self, Status};

pub(crate) async fn handle(call: Call) -> Result<Reply, Refused> {
    let status = match call.path_text(0) {
        "" => return Err(Refused::Status(400, messages::BAD_STATUS.to_owned())),
        text => lookup::status(text)?,
    };
    let page = page(&call.input)?;
    let (by, is_descending) = sorting(&call.input)?;
    let (from, until) = window(&call.input, call.engine.clock().business())?;
    let wanted: Vec<Status> = status.map_or_else(|| Status::ALL.to_vec(), |status| vec![status]);
    let names = wanted.iter().flat_map(|status| status.of_v2());
    let filter = PaymentFilter {
        list: ListFilter {
            stores: vec![call.store_id().clone()],
            time: "status_changed_at",
            from,
            until,
            columns: vec![("status", names.map(|name| (*name).into()).collect())],
            ranges: Vec::new(),
            search: Vec::new(),
            sort: Sort {
                by: match by {
                    SortBy::Started => "created_at",
                    SortBy::Paid | SortBy::Updated => "status_changed_at",
                },
                order: if is_descending {
                    SortOrder::Descending
                } else {
                    SortOrder::Ascending
                },
            },
        },
        webhook_statuses: Vec::new(),
    };
    let found = call.engine.payments(&filter, page).await?;
    let list = found.items.iter().map(|one| view::shown(&one.payment));
    let list = list.collect::<Result<Vec<_>, _>>()?;
    let paged = view::paged(list, found.total_count, page);
    let paged = paged.ok_or_else(|| Refused::Status(400, messages::NO_PAGE.to_owned()))?;
    Reply::of(&paged)
}
