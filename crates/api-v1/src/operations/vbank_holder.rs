//! `GET /vbanks/holder`: whose bank account it is, by the provider that also issues tax invoices.
//! No document lists it, and old clients still call it.

use naru_engine::b2b::TaxFault;
use naru_engine::{Fault, Secret};
use serde_json::json;

use crate::call::Call;
use crate::codes::bank;
use crate::envelope::Reply;
use crate::messages;
use crate::refused::Refused;

pub(crate) async fn handle(call: Call) -> Result<Reply, Refused> {
    let code = call.input.required("bank_code")?;
    let bank = bank::to_v2(&code);
    let bank = bank.ok_or_else(|| Refused::malformed("bank_code", "은행 표준코드 3자리"))?;
    let number = call.input.required("bank_num")?.replace(['-', ' '], "");
    if !(7..=14).contains(&number.len()) || !number.bytes().all(|c| c.is_ascii_digit()) {
        return Err(Refused::malformed("bank_num", "숫자 7~14자리"));
    }
    // The contract for real look-ups, else that for tests.
    for is_test in [false, true] {
        let account = (bank, Secret::new(number.clone()));
        match call
            .engine
            .account_holder(&call.store, is_test, account)
            .await
        {
            Ok(name) => return Reply::of(&json!({ "bank_holder": name })),
            Err(Fault::Tax(fault)) if matches!(*fault, TaxFault::NotEnabled) => {}
            Err(Fault::Tax(fault)) if matches!(*fault, TaxFault::Holder(_)) => {
                return Err(Refused::NotFound(messages::NO_HOLDER.to_owned()));
            }
            Err(fault) => return Err(fault.into()),
        }
    }
    Err(Refused::rule(messages::NO_LOOKUPS))
}
