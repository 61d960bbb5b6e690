//! A customer at a payment window: opened by the engine, played at the simulated PG.

use std::sync::Arc;

use bytes::Bytes;
use naru_connector::{Device, InboundRequest, WindowForm};
use naru_domain::payment::{OrderDetails, Origin, Platform};
use naru_domain::{Amount, ChannelKey, Currency, Customer, Face, MethodKind, PaymentId, StoreId};
use naru_engine::Fault;
use naru_engine::payments::CallContext;
use naru_engine::windows::{Back, KeyBack, OpenKeyWindow, OpenPaymentWindow, OpenedWindow};
use serde_json::{Value, json};

use crate::TestApp;
use crate::seed::MAIN;

/// A window for 1000 won by card, on the main channel.
pub fn window(payment: &str) -> OpenPaymentWindow {
    OpenPaymentWindow {
        issues_key: false,
        payment_id: PaymentId::new(payment),
        order: OrderDetails {
            name: "tea".to_owned(),
            amount: Amount::new(1000, None, None).expect("an amount"),
            currency: Currency::krw(),
            customer: Customer {
                name: Some("홍길동".to_owned()),
                email: Some("hong@shop.test".to_owned()),
                phone_number: Some("01012345678".to_owned()),
                ..Customer::default()
            },
            products: Vec::new(),
            product_count: None,
            custom_data: None,
            country: None,
            notice_urls: Vec::new(),
            is_cultural_expense: false,
            is_escrow: false,
            promotion_id: None,
        },
        method: MethodKind::Card,
        channel: ChannelKey::new(MAIN.channels[0]).into(),
        device: Device::Pc,
        account_expires_at: None,
        confirm_url: None,
        opener: None,
        wishes: naru_domain::WindowWishes::default(),
    }
}

/// A billing-key window on the second channel, that of the PG's billing merchant.
pub fn key_window() -> OpenKeyWindow {
    OpenKeyWindow {
        channel: ChannelKey::new(MAIN.channels[1]).into(),
        name: "tea club".to_owned(),
        shown: 1000,
        customer: window("").order.customer,
        custom_data: None,
        notice_urls: Vec::new(),
        saves_as: None,
        device: Device::Pc,
        opener: None,
        wishes: naru_domain::WindowWishes {
            issue_id: Some("issue-1".to_owned()),
            ..naru_domain::WindowWishes::default()
        },
    }
}

impl TestApp {
    async fn browser(&self) -> CallContext {
        let id = StoreId::new(MAIN.store_id);
        let store = self.engine.existing_store(&id);
        CallContext {
            store: Arc::new(store.await.expect("the main store")),
            ticket: None,
            face: Face::V2,
            origin: Origin {
                platform: Platform::Pc,
                ip_address: "203.0.113.7".to_owned(),
                user_agent: None,
            },
        }
    }

    /// Opens a window of the main store.
    pub async fn open_window(&self, asked: OpenPaymentWindow) -> Result<OpenedWindow, Fault> {
        let context = self.browser().await;
        self.engine.open_payment_window(context, asked).await
    }

    /// Opens a billing-key window of the main store.
    pub async fn open_key_window(&self, asked: OpenKeyWindow) -> Result<OpenedWindow, Fault> {
        let context = self.browser().await;
        self.engine.open_key_window(context, asked).await
    }

    /// The customer authenticates their card, and comes back.
    pub async fn bring_key(&self, opened: &OpenedWindow) -> Result<KeyBack, Fault> {
        let brought = self.play(opened, &Value::Null).await;
        self.engine
            .key_window_returned(opened.attempt, brought)
            .await
    }

    /// What the customer's browser brings back; `extra` is said to the simulated PG besides.
    pub async fn play(&self, opened: &OpenedWindow, extra: &Value) -> InboundRequest {
        self.play_form(&opened.form, extra).await
    }

    /// The same, from the form of a page.
    pub async fn play_form(&self, form: &WindowForm, extra: &Value) -> InboundRequest {
        let device = if form.script.is_some() {
            "pc"
        } else {
            "mobile"
        };
        let body = json!({
            "device": device, "fields": fields(form), "base": "http://pg.test/inicis",
        });
        self.played("/windows", body, extra).await
    }

    /// The customer pays, and comes back.
    pub async fn come_back(&self, opened: &OpenedWindow) -> Result<Back, Fault> {
        let brought = self.play(opened, &Value::Null).await;
        self.engine.window_returned(opened.attempt, brought).await
    }
}

impl TestApp {
    /// What the browser of a person brings from a window for identity verification; `extra` is
    /// said to the simulated PG besides.
    pub async fn identify(&self, pg: &str, form: &WindowForm, extra: &Value) -> InboundRequest {
        let fields = fields(form);
        let body = json!({ "pg": pg, "fields": fields, "base": "http://pg.test" });
        self.played("/identity-windows", body, extra).await
    }

    async fn played(&self, path: &str, mut body: Value, extra: &Value) -> InboundRequest {
        if let (Some(body), Some(extra)) = (body.as_object_mut(), extra.as_object()) {
            body.extend(extra.clone());
        }
        let played = self.pg.control("POST", path, &body).await;
        InboundRequest {
            content_type: Some("application/x-www-form-urlencoded".to_owned()),
            body: Bytes::from(played["form"].as_str().expect("a form").to_owned()),
            peer: None,
        }
    }
}

fn fields(form: &WindowForm) -> serde_json::Map<String, Value> {
    let fields = form.fields.iter();
    fields
        .map(|(name, value)| ((*name).to_owned(), json!(value)))
        .collect()
}
