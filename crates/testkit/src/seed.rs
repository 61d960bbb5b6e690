//! Who is in every test: a merchant with a store and a sub-store, and another merchant.

use naru_connector::Secret;
use naru_domain::{ChannelKey, MerchantId, StoreId};
use naru_engine::Engine;
use naru_engine::admin::{NewChannel, NewEndpoint, NewSecret, NewStore};
use naru_engine::b2b::NewTaxContract;
use naru_engine::records::{Environment, PayloadFormat, PayloadVersion};
use naru_pg_sim::{
    DANAL_CPID, DANAL_PASSWORD, INICIS_UNIFIED_API_KEY, INICIS_UNIFIED_MID, INICIS_UNIFIED_SEED_IV,
    KCP_CERTIFICATE, KCP_PRIVATE_KEY, KCP_SITE_CODE,
};

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
    /// Its channels for identity verification: Danal's, KCP's.
    pub identity_channels: [&'static str; 2],
    /// Its channel of unified authentication: in windows only.
    pub unified_channel: &'static str,
}

/// The company of [`MAIN`]: a member of the simulated tax-invoice provider, with a certificate.
pub const MAIN_BRN: &str = "1234567891";
/// The company of [`OTHER`]: the same.
pub const OTHER_BRN: &str = "9876543215";

/// The merchant that most tests are about.
pub static MAIN: Tenant = Tenant {
    store_id: "store-main",
    merchant_id: "merchant-main",
    secret: "secret-of-the-main-store-0000000000000001",
    channels: ["channel-key-main", "channel-key-main-billing"],
    identity_channels: ["channel-key-main-danal", "channel-key-main-kcp"],
    unified_channel: "channel-key-main-unified",
};

/// A sub-store of [`MAIN`]: uses the channels of its parent.
pub static SUB: Tenant = Tenant {
    store_id: "store-sub",
    merchant_id: "merchant-main",
    secret: "secret-of-the-sub-store-00000000000000001",
    channels: ["channel-key-main", "channel-key-main-billing"],
    identity_channels: ["channel-key-main-danal", "channel-key-main-kcp"],
    unified_channel: "channel-key-main-unified",
};

/// Another merchant.
pub static OTHER: Tenant = Tenant {
    store_id: "store-other",
    merchant_id: "merchant-other",
    secret: "secret-of-the-other-store-000000000000001",
    channels: ["channel-key-other", "channel-key-other-billing"],
    identity_channels: ["channel-key-other-danal", "channel-key-other-kcp"],
    unified_channel: "channel-key-other-unified",
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
            identity_channels(engine, tenant).await;
            endpoint(engine, tenant).await;
            tax_contract(engine, tenant).await;
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

async fn identity_channels(engine: &Engine, tenant: &Tenant) {
    let [danal, kcp] = tenant.identity_channels;
    let contracts = [
        (
            (danal, "DANAL", DANAL_CPID),
            vec![("cp_password", DANAL_PASSWORD)],
            vec![
                ("uas_url", "http://pg.test/danal/uas/"),
                ("window_url", "http://pg.test/danal/Danal/WebAuth/"),
            ],
        ),
        (
            (kcp, "KCP_V2", KCP_SITE_CODE),
            vec![
                ("certificate", KCP_CERTIFICATE),
                ("private_key", KCP_PRIVATE_KEY),
            ],
            vec![("api_base", "http://pg.test/kcp")],
        ),
        (
            (tenant.unified_channel, "INICIS_UNIFIED", INICIS_UNIFIED_MID),
            vec![
                ("api_key", INICIS_UNIFIED_API_KEY),
                ("seed_iv", INICIS_UNIFIED_SEED_IV),
            ],
            vec![("sa_url", "http://pg.test/inicis-unified")],
        ),
    ];
    for ((key, pg_provider, merchant_id), secrets, options) in contracts {
        let new = NewChannel {
            store_id: StoreId::new(tenant.store_id),
            name: key.to_owned(),
            key: Some(ChannelKey::new(key)),
            id: None,
            pg_provider: pg_provider.to_owned(),
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

/// The merchants are companies that the simulated provider has as members from the start.
async fn tax_contract(engine: &Engine, tenant: &Tenant) {
    let brn = if tenant.store_id == MAIN.store_id {
        MAIN_BRN
    } else {
        OTHER_BRN
    };
    let options = [
        ("link_id", naru_pg_sim::POPBILL_LINK_ID),
        ("auth_base", "http://pg.test/popbill/auth"),
        ("api_base", "http://pg.test/popbill/api"),
        ("is_test", "true"),
    ];
    let secret = Secret::new(naru_pg_sim::POPBILL_SECRET_KEY);
    let new = NewTaxContract {
        store_id: StoreId::new(tenant.store_id),
        environment: Environment::Test,
        provider: "popbill".to_owned(),
        brn: brn.parse().expect("a business number"),
        is_simulated: true,
        secrets: [("secret_key".to_owned(), secret)].into(),
        options: options
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
    };
    engine.put_tax_contract(new).await.expect("a contract");
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
