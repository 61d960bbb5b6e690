//! `naru trigger`: makes a real payment in a sandbox that leads to the named webhook.
//!
//! Nothing is faked: the payment goes through the public API to the simulated PG, and its webhook
//! through the ordinary delivery.

use std::time::Duration;

use serde_json::{Value, json};

use crate::admin::client::DEFAULT_DATA;
use crate::cli::TriggerArgs;
use crate::failure::Failure;
use crate::output;
use crate::sandbox_json::SandboxFile;

/// An unclear refund takes as long as the simulator holds its answer back.
const CALL_TIMEOUT: Duration = Duration::from_mins(1);
/// A card that the simulator accepts.
const GOOD_CARD: &str = "4111111111111111";
/// A card that is declined: limit exceeded.
const DECLINED_CARD: &str = "9000000000120049";

/// Runs one scene.
pub async fn run(arguments: TriggerArgs) -> anyhow::Result<()> {
    if arguments.reach.config.is_some() {
        return Err(
            Failure::new("`naru trigger` makes payments in a sandbox only")
                .hint("start one with `naru sandbox`, and name its directory with `--data`")
                .into(),
        );
    }
    let data = arguments.reach.data.unwrap_or_else(|| DEFAULT_DATA.into());
    let sandbox = SandboxFile::read(&data)?;
    let stage = Stage {
        http: reqwest::Client::builder()
            .no_proxy()
            .timeout(CALL_TIMEOUT)
            .build()?,
        sandbox,
    };
    let payment = arguments.payment.unwrap_or_else(|| {
        let nanos = jiff::Timestamp::now().as_microsecond();
        format!("trigger-{nanos}")
    });
    output::progress(format!(
        "making a payment that leads to `{}`",
        arguments.event
    ));
    let subject = stage.play(&arguments.event, &payment).await?;
    output::line(format!("{} {subject}", arguments.event));
    Ok(())
}

struct Stage {
    http: reqwest::Client,
    sandbox: SandboxFile,
}

impl Stage {
    /// Plays the scene of an event; gives the payment id or billing key it is about.
    async fn play(&self, event: &str, payment: &str) -> anyhow::Result<String> {
        match event {
            "Transaction.Paid" => self.pay(payment).await?,
            "Transaction.Failed" => {
                let answer = self.instant(payment, card(DECLINED_CARD)).await?;
                expect(answer, 502)?;
            }
            "Transaction.VirtualAccountIssued" => {
                expect(self.instant(payment, virtual_account()).await?, 200)?;
            }
            "Transaction.PartialCancelled" => {
                self.pay(payment).await?;
                expect(self.cancel(payment, Some(400)).await?, 200)?;
            }
            "Transaction.Cancelled" => {
                self.pay(payment).await?;
                expect(self.cancel(payment, None).await?, 200)?;
            }
            "Transaction.CancelPending" => {
                self.pay(payment).await?;
                // The refund's answer is garbage, and so is the first inquiry's.
                self.fault("refund").await?;
                self.fault("inquiry").await?;
                expect(self.cancel(payment, None).await?, 200)?;
            }
            "BillingKey.Issued" => return self.issue(GOOD_CARD).await,
            "BillingKey.Failed" => {
                expect(
                    self.post("/billing-keys", &self.key_body(DECLINED_CARD))
                        .await?,
                    502,
                )?;
                return Ok("(no key)".to_owned());
            }
            "BillingKey.Deleted" => {
                let key = self.issue(GOOD_CARD).await?;
                let request = self
                    .http
                    .delete(format!("{}/billing-keys/{key}", self.sandbox.v2.url))
                    .header("authorization", self.authorization());
                expect(answer(request).await?, 200)?;
                return Ok(key);
            }
            _ => return Err(Failure::new(format!("`{event}` can't be triggered")).into()),
        }
        Ok(payment.to_owned())
    }

    async fn pay(&self, payment: &str) -> anyhow::Result<()> {
        expect(self.instant(payment, card(GOOD_CARD)).await?, 200)?;
        Ok(())
    }

    async fn instant(&self, payment: &str, method: Value) -> anyhow::Result<(u16, Value)> {
        let body = json!({
            "channelKey": self.channel(), "orderName": "naru trigger", "amount": {"total": 1000},
            "currency": "KRW", "customer": customer(), "method": method,
        });
        self.post(&format!("/payments/{payment}/instant"), &body)
            .await
    }

    async fn cancel(&self, payment: &str, amount: Option<i64>) -> anyhow::Result<(u16, Value)> {
        let mut body = json!({"reason": "naru trigger"});
        if let (Some(amount), Some(object)) = (amount, body.as_object_mut()) {
            object.insert("amount".to_owned(), json!(amount));
        }
        self.post(&format!("/payments/{payment}/cancel"), &body)
            .await
    }

    async fn issue(&self, number: &str) -> anyhow::Result<String> {
        let issued = expect(
            self.post("/billing-keys", &self.key_body(number)).await?,
            200,
        )?;
        let key = issued
            .pointer("/billingKeyInfo/billingKey")
            .and_then(Value::as_str);
        key.map(str::to_owned)
            .ok_or_else(|| Failure::new("the answer holds no billing key").into())
    }

    fn key_body(&self, number: &str) -> Value {
        json!({"channelKey": self.channel(), "customer": customer(), "method": card(number)})
    }

    /// The next call of this kind is answered with garbage.
    async fn fault(&self, operation: &str) -> anyhow::Result<()> {
        let fault = json!({"pg": "inicis", "operation": operation, "kind": "garbage", "times": 1});
        let url = format!("{}/faults", self.sandbox.simulator.url);
        let (status, _) = answer(self.http.post(url).json(&fault)).await?;
        if !(200..300).contains(&status) {
            return Err(Failure::new("the simulator took no fault")
                .hint("look at its page; its address is in `sandbox.json`")
                .into());
        }
        Ok(())
    }

    async fn post(&self, path: &str, body: &Value) -> anyhow::Result<(u16, Value)> {
        let request = self
            .http
            .post(format!("{}{path}", self.sandbox.v2.url))
            .header("authorization", self.authorization())
            .json(body);
        answer(request).await
    }

    fn authorization(&self) -> String {
        format!("PortOne {}", self.sandbox.v2.api_secret)
    }

    fn channel(&self) -> &str {
        self.sandbox
            .channels
            .first()
            .map_or("", |channel| channel.key.as_str())
    }
}

async fn answer(request: reqwest::RequestBuilder) -> anyhow::Result<(u16, Value)> {
    let response = request.send().await.map_err(|_| {
        Failure::new("the sandbox does not answer").hint("start it with `naru sandbox`")
    })?;
    let status = response.status().as_u16();
    Ok((status, response.json().await.unwrap_or(Value::Null)))
}

fn expect((status, value): (u16, Value), wanted: u16) -> Result<Value, Failure> {
    if status == wanted {
        return Ok(value);
    }
    let message = value
        .get("message")
        .and_then(Value::as_str)
        .unwrap_or("no message");
    Err(
        Failure::new(format!("the sandbox answered `{status}`: {message}"))
            .hint("look into the sandbox's log; faults left at the simulator can be the cause"),
    )
}

fn customer() -> Value {
    json!({
        "id": "trigger", "name": {"full": "Hong Gildong"}, "email": "hong@shop.example",
        "phoneNumber": "010-0000-0000",
    })
}

fn card(number: &str) -> Value {
    json!({"card": {"credential": {
        "number": number, "expiryYear": "30", "expiryMonth": "12",
        "birthOrBusinessRegistrationNumber": "900101", "passwordTwoDigits": "12",
    }}})
}

fn virtual_account() -> Value {
    json!({"virtualAccount": {
        "bank": "SHINHAN", "expiry": {"validHours": 24}, "option": {"type": "NORMAL"},
    }})
}
