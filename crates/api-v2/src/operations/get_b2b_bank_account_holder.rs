//! `GET /b2b-preview/bank-accounts/{bank}/{accountNumber}/holder`

use naru_engine::{Fault, Secret};
use naru_wire_v2::{Bank, GetB2bBankAccountHolderResponse};

use crate::extract::{B2bCall, Nothing};
use crate::faults::Failed;
use crate::render::Reply;

pub(crate) async fn handle(call: B2bCall<Nothing>) -> Result<Reply, Failed> {
    let bank = Bank::parse(call.id(0))
        .ok_or_else(|| Fault::invalid("`bank`: expected a bank's code, see GET /banks"))?;
    let number = call.id(1);
    if !(7..=14).contains(&number.len()) || !number.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Fault::invalid("`accountNumber`: expected 7 to 14 digits").into());
    }
    let account_holder = call
        .engine()
        .account_holder(
            call.store(),
            call.is_test(),
            (bank.as_str(), Secret::new(number)),
        )
        .await?;
    Ok(Reply::of(&GetB2bBankAccountHolderResponse {
        account_holder,
    })?)
}
