//! One card approval at KG Inicis without a wire: the request that the connector builds, and the
//! answer of the simulated PG to it, recorded once and read again and again.

use anyhow::{Context as _, Result, bail, ensure};
use naru_connector::{
    Answer, Call, CardCredential, ChannelSettings, Connector, Input, Operation, Order, Outcome,
    PayCard, Secret, Step, Transport as _,
};
use naru_domain::{Amount, Currency, Customer, Timestamp};
use naru_testkit::TestApp;

/// What is asked, under which contract, and what was answered.
pub struct Approval {
    connector: &'static dyn Connector,
    operation: Operation,
    settings: ChannelSettings,
    at: Timestamp,
    answer: Answer,
}

fn operation() -> Result<Operation> {
    let customer = Customer {
        name: Some("Hong Gildong".to_owned()),
        email: Some("hong@shop.example".to_owned()),
        phone_number: Some("01000000000".to_owned()),
        ..Customer::default()
    };
    let order = Order {
        order_id: "0198d2f6c6d07d3ba3a1f2e4b5c60708".to_owned(),
        payment_id: "bench-1".to_owned(),
        name: "bench".to_owned(),
        amount: Amount::new(1_000, None, None).map_err(|why| anyhow::anyhow!("{why:?}"))?,
        currency: Currency::krw(),
        customer,
        is_escrow: false,
    };
    let card = CardCredential {
        number: Secret::new("4000000000000001"),
        expiry_year: Secret::new("30"),
        expiry_month: Secret::new("12"),
        birth_or_business_number: Some(Secret::new("900101")),
        password_two_digits: Some(Secret::new("12")),
    };
    Ok(Operation::PayCard(PayCard {
        order,
        card,
        installment_months: 0,
        is_interest_free: false,
        use_card_point: false,
    }))
}

/// The published keys of KG Inicis's test merchant.
fn settings() -> ChannelSettings {
    let secrets = [
        ("sign_key", "SU5JTElURV9UUklQTEVERVNfS0VZU1RS"),
        ("iniapi_key", "ItEQKi3rY7uvDS8l"),
        ("iniapi_iv", "HYb3yQ4f65QL89=="),
    ];
    let options = [
        ("iniapi_base", "http://pg.test/inicis"),
        ("shop_url", "http://shop.test"),
        ("order_id_inquiry", "true"),
    ];
    ChannelSettings {
        merchant_id: "INIpayTest".to_owned(),
        secrets: secrets
            .map(|(name, text)| (name.to_owned(), Secret::new(text)))
            .into(),
        options: options
            .map(|(name, text)| (name.to_owned(), text.to_owned()))
            .into(),
        is_simulated: true,
    }
}

impl Approval {
    /// Asks the simulated PG, in the same process, and keeps what it answers.
    pub async fn record() -> Result<Self> {
        let app = TestApp::start(naru_api_v2::router).await;
        let found = naru_connectors::connector("INICIS_V2");
        let mut approval = Self {
            connector: found.context("no connector for KG Inicis")?,
            operation: operation()?,
            settings: settings(),
            at: Timestamp::from(jiff::Timestamp::now()),
            answer: Answer {
                status: 0,
                headers: Vec::new(),
                body: bytes::Bytes::new(),
            },
        };
        let mut exchange = approval.begin()?;
        let Step::Send(request) = exchange.step(Input::Start) else {
            bail!("the connector sends nothing");
        };
        let answer = app.pg.send(request).await;
        approval.answer = answer.map_err(|error| anyhow::anyhow!("the PG: {}", error.detail))?;
        approval.run()?;
        Ok(approval)
    }

    fn begin(&self) -> Result<Box<dyn naru_connector::Exchange>> {
        let call = Call {
            settings: &self.settings,
            at: self.at,
            server_ip: "127.0.0.1",
        };
        let begun = self.connector.begin(&self.operation, &call);
        begun.map_err(|error| anyhow::anyhow!("the connector refuses: {error:?}"))
    }

    /// All that the connector does for one charge: begins, builds the request, reads the answer.
    /// Gives the bytes of the request.
    pub fn run(&self) -> Result<usize> {
        let mut exchange = self.begin()?;
        let Step::Send(request) = exchange.step(Input::Start) else {
            bail!("the connector sends nothing");
        };
        let done = exchange.step(Input::Answered(self.answer.clone()));
        let is_approved = matches!(done, Step::Done(Outcome::Approved(_)));
        ensure!(is_approved, "the answer is not read as an approval");
        Ok(request.body.len())
    }
}
