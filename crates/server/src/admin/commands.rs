//! The administration commands: one call each, and its answer in words or as JSON.

use std::collections::BTreeMap;

use super::client::AdminClient;
use super::types::{
    Channel, CreatedKey, CreatedWebhook, Items, Key, NewChannel, NewKey, NewStore, NewTier,
    NewTimeZone, NewUserCode, NewWebhook, Store, Webhook, WebhookTest,
};
use crate::cli::{
    ChannelCreate, ChannelName, ChannelsCommand, KeyCreate, KeysCommand, Reach, StoreCreate,
    StoresCommand, WebhookName, WebhookSet, WebhooksCommand,
};
use crate::failure::Failure;
use crate::{config, output};

/// `naru stores …`
pub async fn stores(command: StoresCommand) -> anyhow::Result<()> {
    match command {
        StoresCommand::Create(arguments) => create_store(arguments).await,
        StoresCommand::List { reach, json } => {
            let stores: Items<Store> = AdminClient::find(&reach)?.get(&["stores"]).await?;
            list(&stores, json, ["STORE", "NAME", "PARENT"], |store| {
                [
                    store.id.clone(),
                    store.name.clone(),
                    store.parent_id.clone().unwrap_or_default(),
                ]
            })
        }
        StoresCommand::Show { reach, store, json } => {
            let store = AdminClient::find(&reach)?.get(&["stores", &store]).await?;
            show_store(&store, json)
        }
        StoresCommand::Tier {
            reach,
            store,
            tier,
            json,
        } => {
            let path = ["stores", store.as_str(), "tier"];
            let new = NewTier { tier };
            let store = AdminClient::find(&reach)?.post(&path, &new).await?;
            show_store(&store, json)
        }
        StoresCommand::UserCode {
            reach,
            store,
            user_code,
            json,
        } => {
            let path = ["stores", store.as_str(), "user-code"];
            let new = NewUserCode { user_code };
            let store = AdminClient::find(&reach)?.post(&path, &new).await?;
            show_store(&store, json)
        }
        StoresCommand::TimeZone {
            reach,
            store,
            time_zone,
            json,
        } => {
            let path = ["stores", store.as_str(), "time-zone"];
            let new = NewTimeZone { time_zone };
            let store = AdminClient::find(&reach)?.post(&path, &new).await?;
            show_store(&store, json)
        }
    }
}

async fn create_store(arguments: StoreCreate) -> anyhow::Result<()> {
    let StoreCreate {
        reach,
        name,
        parent,
        json,
    } = arguments;
    let new = NewStore {
        name,
        parent_id: parent,
    };
    let store = AdminClient::find(&reach)?.post(&["stores"], &new).await?;
    show_store(&store, json)
}

fn show_store(store: &Store, json: bool) -> anyhow::Result<()> {
    if json {
        return output::json(store);
    }
    output::line(format!("store     {}", store.id));
    output::line(format!("name      {}", store.name));
    output::line(format!("merchant  {}", store.merchant_id));
    if let Some(parent) = &store.parent_id {
        output::line(format!("parent    {parent}"));
    }
    if let Some(tier) = &store.tier {
        output::line(format!("tier      {tier}"));
    }
    output::line(format!("time zone {}", store.time_zone));
    output::line(format!("created   {}", store.created_at));
    Ok(())
}

/// `naru keys …`
pub async fn keys(command: KeysCommand) -> anyhow::Result<()> {
    match command {
        KeysCommand::Create(arguments) => create_key(arguments).await,
        KeysCommand::List { reach, store, json } => {
            let keys: Items<Key> = AdminClient::find(&reach)?
                .get(&["stores", &store, "keys"])
                .await?;
            list(
                &keys,
                json,
                ["KEY", "V1 KEY", "NAME", "CREATED", "EXPIRES", "REVOKED"],
                |key| {
                    let or_dash = |text: &Option<String>| text.clone().unwrap_or("-".to_owned());
                    [
                        key.id.clone(),
                        or_dash(&key.imp_key),
                        key.name.clone(),
                        key.created_at.clone(),
                        or_dash(&key.expires_at),
                        or_dash(&key.revoked_at),
                    ]
                },
            )
        }
        KeysCommand::Revoke { reach, key } => {
            let _revoked: Key = AdminClient::find(&reach)?.delete(&["keys", &key]).await?;
            output::note(format!("`{key}` is revoked"));
            Ok(())
        }
        KeysCommand::Rotate(arguments) => crate::rotate::rotate(arguments).await,
    }
}

async fn create_key(arguments: KeyCreate) -> anyhow::Result<()> {
    let KeyCreate {
        reach,
        store,
        name,
        expires_in_days,
        v1,
        json,
    } = arguments;
    let new = NewKey {
        name,
        expires_in_days,
        is_v1: v1,
    };
    let created: CreatedKey = AdminClient::find(&reach)?
        .post(&["stores", &store, "keys"], &new)
        .await?;
    if json {
        return output::json(&created);
    }
    output::note(format!(
        "the secret of `{}`, shown this once:",
        created.key.id
    ));
    if let Some(imp_key) = &created.key.imp_key {
        output::line(format!("imp_key     {imp_key}"));
        output::line(format!("imp_secret  {}", created.secret));
        return Ok(());
    }
    output::line(&created.secret);
    Ok(())
}

/// `naru channels …`
pub async fn channels(command: ChannelsCommand) -> anyhow::Result<()> {
    match command {
        ChannelsCommand::Create(arguments) => create_channel(*arguments).await,
        ChannelsCommand::List { reach, store, json } => {
            let channels: Items<Channel> = AdminClient::find(&reach)?
                .get(&["stores", &store, "channels"])
                .await?;
            list(
                &channels,
                json,
                ["CHANNEL", "NAME", "PG", "MERCHANT ID", "STATE"],
                |channel| {
                    let state = match (channel.is_enabled, channel.is_test) {
                        (false, _) => "disabled",
                        (true, true) => "test",
                        (true, false) => "live",
                    };
                    [
                        channel.key.clone(),
                        channel.name.clone(),
                        channel.pg_provider.clone(),
                        channel.pg_merchant_id.clone(),
                        state.to_owned(),
                    ]
                },
            )
        }
        ChannelsCommand::Show(ChannelName {
            reach,
            channel,
            json,
        }) => {
            let channel = AdminClient::find(&reach)?
                .get(&["channels", &channel])
                .await?;
            show_channel(&channel, json)
        }
        ChannelsCommand::Disable(name) => switch_channel(name, "disable").await,
        ChannelsCommand::Enable(name) => switch_channel(name, "enable").await,
        ChannelsCommand::ManualConfirm(name) => switch_channel(name, "manual-confirm").await,
        ChannelsCommand::AutoConfirm(name) => switch_channel(name, "auto-confirm").await,
    }
}

async fn switch_channel(name: ChannelName, verb: &str) -> anyhow::Result<()> {
    let ChannelName {
        reach,
        channel,
        json,
    } = name;
    let path = ["channels", &channel, verb];
    let channel = AdminClient::find(&reach)?
        .post(&path, &serde_json::json!({}))
        .await?;
    show_channel(&channel, json)
}

async fn create_channel(arguments: ChannelCreate) -> anyhow::Result<()> {
    let ChannelCreate {
        reach,
        store,
        name,
        pg,
        merchant_id,
        test,
        json,
        ..
    } = &arguments;
    let new = NewChannel {
        name: name.clone(),
        pg_provider: pg.clone(),
        pg_merchant_id: merchant_id.clone(),
        is_test: *test,
        options: arguments.options.iter().cloned().collect(),
        secrets: secrets(&arguments.secret_files, &arguments.secret_variables)?,
    };
    let channel = AdminClient::find(reach)?
        .post(&["stores", store, "channels"], &new)
        .await?;
    show_channel(&channel, *json)
}

/// Keys, by name, from files and variables.
pub(super) fn secrets(
    files: &[(String, String)],
    variables: &[(String, String)],
) -> Result<BTreeMap<String, String>, Failure> {
    let mut secrets = BTreeMap::new();
    for (name, path) in files {
        let text = std::fs::read_to_string(path).map_err(|error| {
            Failure::new(format!(
                "can't read `{path}` for the secret `{name}`: {error}"
            ))
            .hint("write `--secret-file NAME=PATH`; the file holds the secret alone")
        })?;
        secrets.insert(name.clone(), text.trim_end_matches(['\r', '\n']).to_owned());
    }
    for (name, variable) in variables {
        let text = config::variable(variable).ok_or_else(|| {
            Failure::new(format!(
                "the variable `{variable}` for the secret `{name}` is not set"
            ))
            .hint("write `--secret-env NAME=VARIABLE` and export the variable")
        })?;
        secrets.insert(name.clone(), text);
    }
    Ok(secrets)
}

fn show_channel(channel: &Channel, json: bool) -> anyhow::Result<()> {
    if json {
        return output::json(channel);
    }
    output::line(format!("channel      {}", channel.key));
    output::line(format!("id           {}", channel.id));
    output::line(format!("store        {}", channel.store_id));
    output::line(format!("name         {}", channel.name));
    output::line(format!("PG           {}", channel.pg_provider));
    output::line(format!("merchant id  {}", channel.pg_merchant_id));
    output::line(format!(
        "contract     {}",
        if channel.is_test { "test" } else { "live" }
    ));
    output::line(format!(
        "takes money  {}",
        if channel.is_enabled { "yes" } else { "no" }
    ));
    for (name, value) in &channel.options {
        output::line(format!("option       {name}={value}"));
    }
    for name in &channel.secret_names {
        output::line(format!("secret       {name}"));
    }
    Ok(())
}

/// `naru webhooks …`
pub async fn webhooks(command: WebhooksCommand) -> anyhow::Result<()> {
    match command {
        WebhooksCommand::Set(arguments) => set_webhook(arguments).await,
        WebhooksCommand::List { reach, store, json } => list_webhooks(&reach, &store, json).await,
        WebhooksCommand::RotateSecret { webhook, finish } => rotate_secret(webhook, finish).await,
        WebhooksCommand::Remove(WebhookName {
            reach,
            store,
            endpoint,
        }) => {
            let path = ["stores", &store, "webhooks", &endpoint];
            let () = AdminClient::find(&reach)?.delete(&path).await?;
            output::note(format!("`{endpoint}` is removed"));
            Ok(())
        }
        WebhooksCommand::Test(webhook) => test_webhook(webhook).await,
    }
}

async fn set_webhook(arguments: WebhookSet) -> anyhow::Result<()> {
    let WebhookSet {
        reach,
        store,
        url,
        version,
        content_type,
        live,
        json,
    } = arguments;
    let new = NewWebhook {
        url,
        version,
        content_type,
        is_live: live,
    };
    let created: CreatedWebhook = AdminClient::find(&reach)?
        .post(&["stores", &store, "webhooks"], &new)
        .await?;
    if json {
        return output::json(&created);
    }
    output::note(format!("`{}` is set", created.webhook.id));
    show_signing_secret(&created);
    Ok(())
}

fn show_signing_secret(created: &CreatedWebhook) {
    if let Some(secret) = &created.secret {
        output::note("its signing secret, shown this once:");
        output::line(secret);
    }
}

async fn list_webhooks(reach: &Reach, store: &str, json: bool) -> anyhow::Result<()> {
    let webhooks: Items<Webhook> = AdminClient::find(reach)?
        .get(&["stores", store, "webhooks"])
        .await?;
    list(
        &webhooks,
        json,
        ["ENDPOINT", "URL", "VERSION", "FOR", "SECRETS"],
        |webhook| {
            [
                webhook.id.clone(),
                webhook.url.clone().unwrap_or("-".to_owned()),
                webhook.version.clone(),
                if webhook.is_live { "live" } else { "test" }.to_owned(),
                webhook.secret_count.to_string(),
            ]
        },
    )
}

async fn rotate_secret(webhook: WebhookName, finish: bool) -> anyhow::Result<()> {
    let WebhookName {
        reach,
        store,
        endpoint,
    } = webhook;
    let client = AdminClient::find(&reach)?;
    let path = ["stores", &store, "webhooks", &endpoint, "secrets"];
    if finish {
        let _left: Webhook = client.delete(&path).await?;
        output::note("the older secret is ended");
        return Ok(());
    }
    let created: CreatedWebhook = client.post(&path, &serde_json::json!({})).await?;
    show_signing_secret(&created);
    output::note("deploy it, then run this command again with `--finish`");
    Ok(())
}

async fn test_webhook(webhook: WebhookName) -> anyhow::Result<()> {
    let WebhookName {
        reach,
        store,
        endpoint,
    } = webhook;
    output::progress(format!("waiting for `{endpoint}` to answer …"));
    let path = ["stores", &store, "webhooks", &endpoint, "test"];
    let test: WebhookTest = AdminClient::find(&reach)?
        .post(&path, &serde_json::json!({}))
        .await?;
    let failure = match (test.status, test.problem) {
        (Some(status), _) if (200..300).contains(&status) => {
            output::line(format!("{status} after {} ms", test.duration_ms));
            return Ok(());
        }
        (Some(status), _) => Failure::new(format!("`{endpoint}` answered `{status}`"))
            .hint("a receiver answers 2xx; look into its log"),
        (None, problem) => {
            let problem = problem.unwrap_or_default();
            Failure::new(format!("`{endpoint}` did not answer: {problem}"))
                .hint("check the address with `naru webhooks list`")
        }
    };
    Err(failure.into())
}

pub(super) fn list<T: serde::Serialize, const N: usize>(
    items: &Items<T>,
    json: bool,
    header: [&str; N],
    row: impl Fn(&T) -> [String; N],
) -> anyhow::Result<()> {
    if json {
        return output::json(items);
    }
    let rows: Vec<[String; N]> = items.items.iter().map(row).collect();
    output::table(header, &rows);
    Ok(())
}
