//! `GET /checkout-profiles/evaluate`

use naru_domain::Currency;
use naru_engine::Fault;
use naru_wire_v2::{
    CheckoutPaymentMethod, EvaluateCheckoutProfileQuery, EvaluateCheckoutProfileResponse,
    EvaluatedCheckoutMethod,
};

use crate::check;
use crate::extract::Open;
use crate::faults::Failed;
use crate::render::Reply;

pub(crate) async fn handle(call: Open<EvaluateCheckoutProfileQuery>) -> Result<Reply, Failed> {
    let Open { engine, input, .. } = call;
    check::positive("amount", Some(input.amount))?;
    if input.profile_key.contains('\0') {
        return Err(Fault::ProfileSettingsNotFound.into());
    }
    let currency = Currency::new(input.currency.as_str());
    let purchase = (input.country.as_str(), &currency, input.amount);
    let offered = engine
        .evaluate_profile(&input.profile_key, purchase)
        .await?;
    let methods = offered.into_iter().filter_map(|(method, channel)| {
        Some(EvaluatedCheckoutMethod {
            channel_key: channel.to_string(),
            payment_method: CheckoutPaymentMethod::parse(&method)?,
        })
    });
    Ok(Reply::of(&EvaluateCheckoutProfileResponse {
        // Sent even when empty: that nothing is offered is an answer.
        methods: Some(methods.collect()),
    })?)
}
