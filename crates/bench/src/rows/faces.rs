//! The V1 face beside V2's, on the same server: reads and charges.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use naru_bench::bodies::CARD;
use serde_json::{Value, json};

use super::ask;
use crate::http::{request, request_as};
use crate::load::Make;
use crate::naru::Naru;
use crate::run::{Bench, KEPT};
use crate::shop::Shop;
use crate::workloads::{self, PAYMENTS};

const CONNECTIONS: usize = 32;

/// The body of a V1 charge, the same order as V2's.
fn onetime(merchant_uid: &str) -> String {
    json!({
        "merchant_uid": merchant_uid, "amount": 1_000, "name": "bench",
        "card_number": CARD, "expiry": "2030-12", "birth": "900101", "pwd_2digit": "12",
        "buyer_name": "Hong Gildong", "buyer_email": "hong@shop.example",
        "buyer_tel": "010-0000-0000"
    })
    .to_string()
}

/// A token.
async fn log_in(naru: &Naru) -> Result<String> {
    let [key, secret] = &naru.v1_key;
    let body = json!({"imp_key": key, "imp_secret": secret}).to_string();
    let bytes = request("POST", "/users/getToken", "", &body);
    let answer: Value = serde_json::from_slice(&ask(&naru.address, &bytes).await?)?;
    let token = answer["response"]["access_token"].as_str();
    Ok(token.context("no token")?.to_owned())
}

/// V1 answers 200 whatever became of it: looked at once, before the load.
async fn first_charge(naru: &Naru, token: &str, name: &str) -> Result<String> {
    let path = "/subscribe/payments/onetime";
    let bytes = request_as(token, ("POST", path), &onetime(name));
    let answer: Value = serde_json::from_slice(&ask(&naru.address, &bytes).await?)?;
    let imp_uid = answer["response"]["imp_uid"].as_str();
    let found = imp_uid.filter(|_| answer["response"]["status"] == "paid");
    Ok(found
        .with_context(|| format!("not paid: {answer}"))?
        .to_owned())
}

fn charges(token: &str, prefix: &str) -> Make {
    let (token, prefix) = (token.to_owned(), prefix.to_owned());
    Arc::new(move |connection, count| {
        let body = onetime(&format!("{prefix}-{connection}-{count}"));
        Some(request_as(
            &token,
            ("POST", "/subscribe/payments/onetime"),
            &body,
        ))
    })
}

fn reads(token: &str, imp_uids: &[String]) -> Make {
    let all: Vec<Vec<u8>> = imp_uids
        .iter()
        .map(|imp_uid| request_as(token, ("GET", &format!("/payments/{imp_uid}")), ""))
        .collect();
    workloads::strides(all)
}

impl Bench<'_> {
    /// The two rows.
    pub async fn row_faces(&mut self, simulator: &str) -> Result<()> {
        let directory = "faces";
        let shop = self.open_shop(directory, simulator, None).await?;
        self.fill(&shop.naru).await?;
        shop.settle(PAYMENTS).await?;
        shop.heard.clear();
        let url = shop.url.clone();
        let store = shop.naru.store.clone();
        self.set_endpoint((directory, &store), (&url, "v1")).await?;
        let token = log_in(&shop.naru).await?;
        let mut imp_uids = Vec::new();
        for number in 0..PAYMENTS {
            imp_uids.push(first_charge(&shop.naru, &token, &format!("v1-{number}")).await?);
        }
        shop.settle(PAYMENTS).await?;
        self.in_turns(&shop, &token, &imp_uids).await
    }

    async fn in_turns(&mut self, shop: &Shop, token: &str, imp_uids: &[String]) -> Result<()> {
        let naru = &shop.naru;
        let load = self.round_load(CONNECTIONS);
        let v1_reads = reads(token, imp_uids);
        let v2_reads = workloads::reads(naru, KEPT);
        self.warm(&naru.address, &v1_reads).await?;
        self.warm(&naru.address, &v2_reads).await?;
        self.warm_up(shop).await?;
        for round in 0..self.arguments.rounds {
            let v2 = load.run_good(&naru.address, v2_reads.clone()).await?;
            let v1 = load.run_good(&naru.address, v1_reads.clone()).await?;
            self.report.round("v1-reads", (v1.rate(), v2.rate()))?;
            let (make, _) = workloads::charges(naru, &format!("v2r{round}"), u64::MAX);
            let (v2, _) = shop.run(load, make).await?;
            let (v1, _) = shop
                .run(load, charges(token, &format!("v1r{round}")))
                .await?;
            self.report.round("v1-charges", (v1.rate(), v2.rate()))?;
        }
        Ok(())
    }
}
