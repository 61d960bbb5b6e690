//! Channels and channel groups of a bed, and what tests ask of them.

use naru_connector::Secret;
use naru_domain::routing::{ChannelGroup, Route};
use naru_domain::{BillingKeyId, ChannelGroupId, ChannelKey, Customer, StoreId};
use naru_engine::admin::{NewChannel, NewChannelGroup};
use naru_engine::payments::{
    ChannelChoice, ChargeKey, PayInstantly, PayMethod, PayRequest, PaymentView,
};
use naru_engine::{Engine, IssueRequest};
use naru_testkit::KEY_PG;

use crate::support::{STORE, card_payment};

/// A channel of a PG that keeps keys, with these options on.
pub async fn key_channel(engine: &Engine, key: &str, options: &[&str]) {
    let on = |name: &&str| ((*name).to_owned(), "true".to_owned());
    let new = NewChannel {
        pg_provider: KEY_PG.to_owned(),
        pg_merchant_id: key.to_owned(),
        secrets: std::collections::BTreeMap::new(),
        options: options
            .iter()
            .chain([&"order_id_inquiry"])
            .map(on)
            .collect(),
        ..card_channel(key)
    };
    engine.put_channel(new).await.unwrap();
}

/// Channels of the simulated card PG.
pub async fn card_channels(engine: &Engine, keys: &[&str]) {
    for key in keys {
        engine.put_channel(card_channel(key)).await.unwrap();
    }
}

pub fn card_channel(key: &str) -> NewChannel {
    let options = [
        ("iniapi_base", "http://pg.test/inicis"),
        ("shop_url", "http://shop.test"),
        ("order_id_inquiry", "true"),
    ];
    let secrets = [
        ("sign_key", "SU5JTElURV9UUklQTEVERVNfS0VZU1RS"),
        ("iniapi_key", "ItEQKi3rY7uvDS8l"),
        ("iniapi_iv", "HYb3yQ4f65QL89=="),
    ];
    NewChannel {
        store_id: StoreId::new(STORE),
        name: key.to_owned(),
        key: Some(ChannelKey::new(key)),
        id: None,
        pg_provider: "INICIS_V2".to_owned(),
        pg_merchant_id: "INIpayTest".to_owned(),
        is_test: true,
        is_simulated: true,
        secrets: secrets
            .into_iter()
            .map(|(name, key)| (name.to_owned(), Secret::new(key)))
            .collect(),
        options: options
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
    }
}

pub fn route(channel: &str, weight: u8, is_on: bool) -> Route {
    Route {
        channel: ChannelKey::new(channel),
        weight,
        is_on,
    }
}

pub fn new_group(shares: &[(&str, u8)]) -> NewChannelGroup {
    NewChannelGroup {
        store_id: StoreId::new(STORE),
        name: "cards".to_owned(),
        id: None,
        is_test: true,
        routes: shares
            .iter()
            .map(|(channel, weight)| route(channel, *weight, true))
            .collect(),
        failover_tries_max: 0,
    }
}

/// A group of these channels, all on.
pub async fn group(engine: &Engine, shares: &[(&str, u8)], failover: u8) -> ChannelGroup {
    let new = NewChannelGroup {
        failover_tries_max: failover,
        ..new_group(shares)
    };
    engine.create_channel_group(new).await.unwrap()
}

/// A card payment by group.
pub fn by_group(id: &str, group: &ChannelGroupId) -> PayRequest<PayInstantly> {
    let payment = card_payment(id, false);
    PayRequest {
        method: PayInstantly {
            channel: ChannelChoice::Group(group.clone()),
            ..payment.method
        },
        ..payment
    }
}

/// The issue of a key at every channel of a group.
pub fn issue(group: &ChannelGroupId) -> IssueRequest {
    let payment = card_payment("a", false);
    let PayMethod::Card(card) = payment.method.method else {
        panic!("a card payment")
    };
    IssueRequest {
        channel: ChannelChoice::Group(group.clone()),
        card: card.credential,
        customer: Customer {
            id: Some("customer-1".to_owned()),
            ..payment.order.customer
        },
        custom_data: None,
        notice_urls: Vec::new(),
        skip_webhook: false,
    }
}

/// A charge of a key, through a named channel or as it is drawn.
pub fn charge(id: &str, key: &BillingKeyId, channel: Option<&str>) -> PayRequest<ChargeKey> {
    let payment = card_payment(id, false);
    PayRequest {
        payment_id: payment.payment_id,
        order: payment.order,
        skip_webhook: false,
        method: ChargeKey {
            billing_key: key.clone(),
            channel: channel.map(ChannelKey::new),
            installment_months: 0,
            is_interest_free: false,
            use_card_point: false,
        },
    }
}

/// The channels that a payment's attempts went through.
pub fn channels_of(view: &PaymentView) -> Vec<&str> {
    let attempts = view.payment.attempts.iter();
    attempts.map(|one| one.channel.key.as_str()).collect()
}
