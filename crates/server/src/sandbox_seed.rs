//! What every sandbox has from its first start: a store, its credentials, its channels.

use naru_connector::Secret;
use naru_domain::routing::Route;
use naru_domain::{ChannelGroupId, ChannelId, ChannelKey, MerchantId, StoreId};
use naru_engine::Engine;
use naru_engine::admin::{NewChannel, NewChannelGroup, NewEndpoint, NewSecret, NewStore, NewV1Key};
use naru_engine::b2b::NewTaxContract;
use naru_engine::records::{CardBinRecord, Environment, PayloadFormat, PayloadVersion};

use crate::sandbox_credentials::{self as credentials, SandboxChannel};

/// The endpoint that has the published signing secret; its address is set by whoever wants
/// webhooks of every payment.
pub(crate) const ENDPOINT: &str = "endpoint-sandbox";
/// How long the simulators may take, in milliseconds: short, so that lost answers are found out
/// soon.
const ANSWER_TIMEOUT_MS: &str = "10000";

/// The merchant ids at the simulated PGs.
pub(crate) fn merchant_ids() -> Vec<&'static str> {
    credentials::CHANNELS
        .iter()
        .map(|channel| channel.pg_merchant_id)
        .collect()
}

/// Test data of tax invoices: the store's company is a member of the simulated provider from the
/// first start on.
async fn tax_contract(engine: &Engine, store_id: &StoreId, simulator: &str) -> anyhow::Result<()> {
    let options = [
        ("link_id", naru_pg_sim::POPBILL_LINK_ID.to_owned()),
        ("auth_base", format!("{simulator}/popbill/auth")),
        ("api_base", format!("{simulator}/popbill/api")),
        ("is_test", "true".to_owned()),
    ];
    let secret = Secret::new(naru_pg_sim::POPBILL_SECRET_KEY);
    engine
        .put_tax_contract(NewTaxContract {
            store_id: store_id.clone(),
            environment: Environment::Test,
            provider: "popbill".to_owned(),
            brn: credentials::BUSINESS_NUMBER.parse()?,
            is_simulated: true,
            secrets: [("secret_key".to_owned(), secret)].into(),
            options: options
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        })
        .await?;
    Ok(())
}

/// Creates what is missing and points the channels at the simulators.
pub(crate) async fn run(engine: &Engine, simulator: &str) -> anyhow::Result<()> {
    let store_id = StoreId::new(credentials::STORE_ID);
    if engine.existing_store(&store_id).await.is_err() {
        engine
            .create_store(NewStore {
                name: "Naru sandbox".to_owned(),
                id: Some(store_id.clone()),
                merchant_id: Some(MerchantId::new(credentials::MERCHANT_ID)),
                parent: None,
            })
            .await?;
    }
    if engine.existing_store(&store_id).await?.user_code.is_none() {
        engine
            .set_user_code(&store_id, credentials::V1_USER_CODE)
            .await?;
    }
    if engine.api_secrets(Some(&store_id)).await?.is_empty() {
        engine
            .create_api_secret(NewSecret {
                store_id: store_id.clone(),
                name: "published".to_owned(),
                lifetime_days: None,
                given: Some(credentials::API_SECRET.to_owned()),
            })
            .await?;
    }
    if engine.v1_keys(&store_id).await?.is_empty() {
        let pair = (credentials::V1_IMP_KEY, credentials::V1_IMP_SECRET);
        engine
            .create_v1_key(NewV1Key {
                store_id: store_id.clone(),
                name: "published".to_owned(),
                lifetime_days: None,
                given: Some((pair.0.to_owned(), pair.1.to_owned())),
            })
            .await?;
    }
    // Once: what is kept of a password takes its time to make.
    if !engine.is_administrator(credentials::CONSOLE_EMAIL).await? {
        let password = Secret::new(credentials::CONSOLE_PASSWORD);
        engine
            .add_administrator(credentials::CONSOLE_EMAIL, &password)
            .await?;
    }
    for channel in credentials::CHANNELS {
        engine
            .put_channel(new_channel(&store_id, channel, simulator))
            .await?;
    }
    channel_group(engine, &store_id).await?;
    cards(engine).await?;
    tax_contract(engine, &store_id, simulator).await?;
    let endpoints = engine.webhook_endpoints(Some(&store_id)).await?;
    if !endpoints.iter().any(|endpoint| endpoint.id == ENDPOINT) {
        engine
            .create_endpoint(NewEndpoint {
                store_id,
                id: Some(ENDPOINT.to_owned()),
                environment: Environment::Test,
                url: None,
                version: PayloadVersion::V20240425,
                format: PayloadFormat::Json,
                secret: Some(credentials::WEBHOOK_SECRET.to_owned()),
            })
            .await?;
    }
    Ok(())
}

/// What people said of a card's company stays.
async fn cards(engine: &Engine) -> anyhow::Result<()> {
    let mut unknown = Vec::new();
    for (bin, company) in credentials::CARDS {
        if engine.company_of_card(bin).await?.is_none() {
            unknown.push(CardBinRecord {
                bin: bin.to_owned(),
                company: company.to_owned(),
            });
        }
    }
    if !unknown.is_empty() {
        engine.put_card_bins(unknown).await?;
    }
    Ok(())
}

/// The group is created once and stays as people change it.
async fn channel_group(engine: &Engine, store_id: &StoreId) -> anyhow::Result<()> {
    let id = ChannelGroupId::new(credentials::CHANNEL_GROUP_ID);
    if engine.existing_channel_group(&id).await.is_ok() {
        return Ok(());
    }
    let route = |(channel, weight)| Route {
        channel: ChannelKey::new(channel),
        weight,
        is_on: true,
    };
    engine
        .create_channel_group(NewChannelGroup {
            store_id: store_id.clone(),
            name: credentials::CHANNEL_GROUP_NAME.to_owned(),
            id: Some(id),
            is_test: true,
            routes: credentials::CHANNEL_GROUP.into_iter().map(route).collect(),
            failover_tries_max: 0,
        })
        .await?;
    Ok(())
}

fn new_channel(store_id: &StoreId, channel: &SandboxChannel, simulator: &str) -> NewChannel {
    let mut options = match channel.pg_provider {
        "DANAL" => vec![
            ("uas_url", format!("{simulator}/danal/uas/")),
            ("window_url", format!("{simulator}/danal/Danal/WebAuth/")),
        ],
        "INICIS_UNIFIED" => vec![("sa_url", format!("{simulator}/inicis-unified"))],
        "KCP_V2" => vec![("api_base", format!("{simulator}/kcp"))],
        _ => vec![
            ("iniapi_base", format!("{simulator}/inicis")),
            ("shop_url", "http://localhost".to_owned()),
            ("order_id_inquiry", "true".to_owned()),
        ],
    };
    options.push(("answer_timeout_ms", ANSWER_TIMEOUT_MS.to_owned()));
    NewChannel {
        store_id: store_id.clone(),
        name: channel.name.to_owned(),
        key: Some(ChannelKey::new(channel.key)),
        id: Some(ChannelId::new(channel.id)),
        pg_provider: channel.pg_provider.to_owned(),
        pg_merchant_id: channel.pg_merchant_id.to_owned(),
        is_test: true,
        is_simulated: true,
        secrets: channel
            .secrets
            .iter()
            .map(|(name, value)| ((*name).to_owned(), Secret::new(*value)))
            .collect(),
        options: options
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
    }
}
