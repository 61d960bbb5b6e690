//! `POST /vbanks`: an account at a bank that waits for the buyer's money.

use naru_domain::Timestamp;
use naru_engine::payments::{PayInstantly, PayMethod, PayRequest};
use naru_engine::{AccountChoice, CashReceiptWish, Fault, OperationKind};

use super::paid;
use crate::call::Call;
use crate::check::channel::channel;
use crate::check::order;
use crate::codes::bank;
use crate::envelope::Reply;
use crate::extract::Input;
use crate::limits::VBANK_DAYS_MAX;
use crate::messages;
use crate::refused::{Refused, pg_words};

pub(crate) async fn handle(call: Call) -> Result<Reply, Refused> {
    let payment_id = order::merchant_uid(&call.input)?;
    let id = payment_id.clone();
    let method = account(&call.input, call.engine.clock().business())?;
    let order = order::order(&call.input, None)?;
    let channel = channel(&call, OperationKind::IssueVirtualAccount).await;
    let request = PayRequest {
        payment_id,
        order,
        skip_webhook: false,
        method: PayInstantly {
            channel: channel.map_err(without_contract)?,
            method,
        },
    };
    let (engine, context) = (call.engine.clone(), call.context());
    let work = Box::pin(async move { engine.pay_instantly(context, request).await });
    call.engine.detached(work).await.map_err(refused)?;
    paid::shown(&call, &id).await
}

fn account(input: &Input, now: Timestamp) -> Result<PayMethod, Refused> {
    let code = input.required("vbank_code")?;
    let bank = bank::to_v2(&code);
    let bank = bank.ok_or_else(|| Refused::malformed("vbank_code", "은행 표준코드 3자리"))?;
    let due = input.seconds("vbank_due")?;
    let due = due.ok_or_else(|| Refused::missing("vbank_due"))?;
    if due <= now || due > now.plus_seconds(VBANK_DAYS_MAX * 86_400) {
        return Err(Refused::malformed("vbank_due", "현재 이후의 시각"));
    }
    Ok(PayMethod::VirtualAccount {
        bank: bank.to_owned(),
        expires_at: due,
        account: match input.said(&["vbank_num"]) {
            Some(number) => AccountChoice::FixedNumber(number),
            None => AccountChoice::Normal,
        },
        cash_receipt: CashReceiptWish::None,
        remittee_name: input.said(&["vbank_holder"]),
    })
}

/// A store none of whose channels issues accounts has no contract for them.
fn without_contract(refused: Refused) -> Refused {
    match refused {
        Refused::Rule(message) if message == messages::NO_CHANNEL => {
            Refused::rule(messages::VBANK_CONTRACT)
        }
        other => other,
    }
}

fn refused(fault: Fault) -> Refused {
    match fault {
        fault @ (Fault::PgProvider { .. } | Fault::ChannelSpecific { .. }) => {
            Refused::Pg(format!("{}{}", messages::VBANK_REFUSED, pg_words(&fault)))
        }
        other => other.into(),
    }
}
