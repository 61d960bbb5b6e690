//! Charges, each followed by the cancellation of the same payment, beside what a bare server does
//! with as many bytes posted.

use std::sync::Arc;

use anyhow::Result;
use naru_bench::bodies::{CARD, card_payment};
use serde_json::json;

use super::ask;
use crate::http::request;
use crate::load::Make;
use crate::naru::Naru;
use crate::run::Bench;

const CONNECTIONS: usize = 16;

/// A charge and its cancellation in turns, on each connection.
fn both(naru: &Naru, prefix: &str) -> Make {
    let charge = card_payment(&naru.channel, CARD).to_string();
    let cancel = json!({"reason": "bench"}).to_string();
    let (secret, prefix) = (naru.secret.clone(), prefix.to_owned());
    Arc::new(move |connection, count| {
        let path = format!("/payments/{prefix}-{connection}-{}", count / 2);
        Some(if count.is_multiple_of(2) {
            request("POST", &format!("{path}/instant"), &secret, &charge)
        } else {
            request("POST", &format!("{path}/cancel"), &secret, &cancel)
        })
    })
}

impl Bench<'_> {
    /// The row.
    pub async fn row_cancels(&mut self, simulator: &str) -> Result<()> {
        let shop = self.open_shop("cancels", simulator, None).await?;
        let naru = &shop.naru;
        let body = card_payment(&naru.channel, CARD).to_string();
        let bytes = request("POST", "/payments/first/instant", &naru.secret, &body);
        let document = ask(&naru.address, &bytes).await?;
        shop.settle(1).await?;
        let (_bare, address) = self.bare_server(&document).await?;
        let posted = request("POST", "/", &naru.secret, &body);
        let bare: Make = Arc::new(move |_, _| Some(posted.clone()));
        self.warm_up(&shop).await?;
        let load = self.round_load(CONNECTIONS);
        for round in 0..self.arguments.rounds {
            let posted = load.run_good(&address, bare.clone()).await?;
            // Each of the two makes a webhook, so what is counted there is counted here.
            let (done, _) = shop.run(load, both(naru, &format!("r{round}"))).await?;
            self.report.round("cancels", (done.rate(), posted.rate()))?;
        }
        Ok(())
    }
}
