//! Who is in every test: a merchant with a store and a sub-store, and another merchant.

use naru_connector::Secret;
use naru_domain::{ChannelKey, MerchantId, StoreId};
use naru_engine::Engine;
use naru_engine::admin::{NewChannel, NewEndpoint, NewSecret, NewStore};
use naru_engine::records::{Environment, PayloadFormat, PayloadVersion};

/// A store with a credential and channels of its own. A sub-store has no channels.
#[derive(Debug)]
pub struct Tenant {
    /// The store.
    pub store_id: &'static str,
    /// Its merchant.
    pub merchant_id: &'static str,
    /// Its API secret.
    pub secret: &'static str,
    /// Its channels: for one-off payments first, then for billing keys.
    pub channels: [&'static str; 2],
}

/// The merchant that most tests are about.
pub static MAIN: Tenant = Tenant {
    store_id: "store-main",
    merchant_id: "merchant-main",
    secret: "secret-of-the-main-store-0000000000000001",
    channels: ["channel-key-main", "channel-key-main-billing"],
};

/// A sub-store of [`MAIN`]: uses the channels of its parent.
pub static SUB: Tenant = Tenant {
    store_id: "store-sub",
    merchant_id: "merchant-main",
    secret: "secret-of-the-sub-store-00000000000000001",
    channels: ["channel-key-main", "channel-key-main-billing"],
};

/// Another merchant.
pub static OTHER: Tenant = Tenant {
    store_id: "store-other",
    merchant_id: "merchant-other",
    secret: "secret-of-the-other-store-000000000000001",
    channels: ["channel-key-other", "channel-key-other-billing"],
};

pub(crate) async fn seed(engine: &Engine) {
    for (tenant, parent) in [(&MAIN, None), (&SUB, Some(&MAIN)), (&OTHER, None)] {
        let new = NewStore {
            name: tenant.store_id.to_owned(),
            id: Some(StoreId::new(tenant.store_id)),
            merchant_id: Some(MerchantId::new(tenant.merchant_id)),
            parent: parent.map(|parent: &Tenant| StoreId::new(parent.store_id)),
        };
        engine.create_store(new).await.expect("a store");
        let new = NewSecret {
            store_id: StoreId::new(tenant.store_id),
            name: "test".to_owned(),
            lifetime_days: None,
            given: Some(tenant.secret.to_owned()),
        };
        engine.create_api_secret(new).await.expect("a secret");
        if parent.is_none() {
            channels(engine, tenant).await;
            endpoint(engine, tenant).await;
        }
    }
}

async fn channels(engine: &Engine, tenant: &Tenant) {
    // The published keys of KG Inicis's test merchants.
    let contracts = [
        ("INIpayTest", "ItEQKi3rY7uvDS8l", "HYb3yQ4f65QL89=="),
        ("INIBillTst", "rKnPljRn5m6J9Mzz", "W2KLNKra6Wxc1P=="),
    ];
    for (key, (merchant_id, api_key, api_iv)) in tenant.channels.into_iter().zip(contracts) {
        let secrets = [
            ("sign_key", "SU5JTElURV9UUklQTEVERVNfS0VZU1RS"),
            ("iniapi_key", api_key),
            ("iniapi_iv", api_iv),
        ];
        let options = [
            ("iniapi_base", "http://pg.test/inicis"),
            ("shop_url", "http://shop.test"),
            ("order_id_inquiry", "true"),
        ];
        let new = NewChannel {
            store_id: StoreId::new(tenant.store_id),
            name: key.to_owned(),
            key: Some(ChannelKey::new(key)),
            id: None,
            pg_provider: "INICIS_V2".to_owned(),
            pg_merchant_id: merchant_id.to_owned(),
            is_test: true,
            is_simulated: true,
            secrets: secrets
                .into_iter()
                .map(|(name, value)| (name.to_owned(), Secret::new(value)))
                .collect(),
            options: options
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        };
        engine.create_channel(new).await.expect("a channel");
    }
}

async fn endpoint(engine: &Engine, tenant: &Tenant) {
    let new = NewEndpoint {
        store_id: StoreId::new(tenant.store_id),
        id: None,
        environment: Environment::Test,
        url: Some(format!("http://shop.test/{}", tenant.store_id)),
        version: PayloadVersion::V20240425,
        format: PayloadFormat::Json,
        secret: None,
    };
    engine.create_endpoint(new).await.expect("an endpoint");
}
