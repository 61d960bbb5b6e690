//! `GET /payments/findAll/{merchant_uid}[/{payment_status}]`: a page of the attempts. An empty
//! one, and one behind the last, are not found.

use super::rows::Row;
use super::{lookup, rows};
use crate::call::Call;
use crate::check::page::{page, sorting};
use crate::envelope::Reply;
use crate::refused::Refused;
use crate::view;

pub(crate) async fn handle(call: Call) -> Result<Reply, Refused> {
    let status = lookup::status(call.path_text(1))?;
    let (page, sorting) = (page(&call.input)?, sorting(&call.input)?);
    let named = rows::of_merchant_uid(&call, call.path_text(0)).await?;
    let rows = named.rows(status, sorting);
    let total = u32::try_from(rows.len()).unwrap_or(u32::MAX);
    let list = rows
        .into_iter()
        .skip(page.offset() as usize)
        .take(page.size as usize)
        .map(Row::view)
        .collect::<Result<Vec<_>, _>>()?;
    if list.is_empty() {
        return Err(Refused::no_payment());
    }
    let paged = view::paged(list, total, page).ok_or_else(Refused::no_payment)?;
    Reply::of(&paged)
}
