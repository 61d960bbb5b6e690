//! `DIR/sandbox.json`: where a sandbox is and what opens it, for tools and tests.
//!
//! The shape is a contract (design section 3): every key is always there. The file is replaced as
//! a whole, so a reader never sees half of it, and stays after the server has stopped; `pid` tells
//! whether it runs.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::sandbox_credentials as credentials;

/// Its name in the data directory.
pub const FILE_NAME: &str = "sandbox.json";

/// The whole file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SandboxFile {
    /// The V2 API.
    pub v2: V2,
    /// The V1 API.
    pub v1: V1,
    /// The console, at `/console` of the private listener.
    pub console: Console,
    /// The simulators' controls.
    pub simulator: Address,
    /// The demo shop.
    pub shop: Address,
    /// The channels, the one for most purposes first.
    pub channels: Vec<Channel>,
    /// The channel groups.
    #[serde(default, rename = "channelGroups")]
    pub channel_groups: Vec<ChannelGroup>,
    /// The server's process id.
    pub pid: u32,
}

/// How to call V2.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct V2 {
    /// Base URL.
    pub url: String,
    /// The store.
    pub store_id: String,
    /// The API secret.
    pub api_secret: String,
    /// The signing secret of webhooks.
    pub webhook_secret: String,
}

/// How to call V1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct V1 {
    /// Base URL.
    pub url: String,
    /// For `IMP.init`.
    pub user_code: String,
    /// REST key.
    pub imp_key: String,
    /// REST secret.
    pub imp_secret: String,
}

/// How to sign in to the console.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Console {
    /// Base URL of the private listener.
    pub url: String,
    /// Who.
    pub email: String,
    /// The password.
    pub password: String,
}

/// Something that only has an address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// Base URL.
    pub url: String,
}

/// A channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Channel {
    /// What requests name it by.
    pub key: String,
    /// For people.
    pub name: String,
    /// The contract's PG code.
    pub pg_provider: String,
    /// The merchant id at the PG.
    pub pg_merchant_id: String,
}

/// A channel group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelGroup {
    /// What requests name it by.
    pub id: String,
    /// For people.
    pub name: String,
}

/// The base URLs of a sandbox's listeners.
#[derive(Debug, Clone)]
pub struct SandboxUrls {
    /// Both APIs.
    pub public: String,
    /// Administration.
    pub private: String,
    /// The simulators' controls.
    pub simulator: String,
    /// The demo shop.
    pub shop: String,
}

impl SandboxFile {
    /// The file of this process.
    pub fn new(urls: &SandboxUrls) -> Self {
        let channels = credentials::CHANNELS
            .iter()
            .map(|channel| Channel {
                key: channel.key.to_owned(),
                name: channel.name.to_owned(),
                pg_provider: channel.pg_provider.to_owned(),
                pg_merchant_id: channel.pg_merchant_id.to_owned(),
            })
            .collect();
        Self {
            v2: V2 {
                url: urls.public.clone(),
                store_id: credentials::STORE_ID.to_owned(),
                api_secret: credentials::API_SECRET.to_owned(),
                webhook_secret: credentials::WEBHOOK_SECRET.to_owned(),
            },
            v1: V1 {
                url: urls.public.clone(),
                user_code: credentials::V1_USER_CODE.to_owned(),
                imp_key: credentials::V1_IMP_KEY.to_owned(),
                imp_secret: credentials::V1_IMP_SECRET.to_owned(),
            },
            console: Console {
                url: urls.private.clone(),
                email: credentials::CONSOLE_EMAIL.to_owned(),
                password: credentials::CONSOLE_PASSWORD.to_owned(),
            },
            simulator: Address {
                url: urls.simulator.clone(),
            },
            shop: Address {
                url: urls.shop.clone(),
            },
            channels,
            channel_groups: vec![ChannelGroup {
                id: credentials::CHANNEL_GROUP_ID.to_owned(),
                name: credentials::CHANNEL_GROUP_NAME.to_owned(),
            }],
            pid: std::process::id(),
        }
    }

    /// Writes it into the data directory.
    pub fn write(&self, directory: &Path) -> anyhow::Result<()> {
        let text = serde_json::to_string_pretty(self)?;
        let path = directory.join(FILE_NAME);
        let draft = directory.join(".sandbox.json.new");
        let mut file = File::create(&draft)?;
        writeln!(file, "{text}")?;
        file.sync_all()?;
        std::fs::rename(&draft, &path)?;
        Ok(())
    }

    /// Reads it from a data directory.
    pub fn read(directory: &Path) -> Result<Self, Failure> {
        let path = directory.join(FILE_NAME);
        let text = std::fs::read_to_string(&path).map_err(|_| {
            Failure::new(format!("there is no sandbox in `{}`", directory.display())).hint(
                "start one with `naru sandbox`, or name its directory with `--data`, or a \
                 server's config with `--config`",
            )
        })?;
        serde_json::from_str(&text).map_err(|error| {
            Failure::new(format!("`{}` can't be read: {error}", path.display()))
                .hint("start the sandbox again; it writes the file anew")
        })
    }

    /// What a person sees when the sandbox has started.
    pub fn greeting(&self) -> String {
        let Self {
            v2,
            v1,
            console,
            simulator,
            shop,
            ..
        } = self;
        let channel = self
            .channels
            .first()
            .map_or("", |channel| channel.key.as_str());
        let group = self
            .channel_groups
            .first()
            .map_or("", |group| group.id.as_str());
        format!(
            "naru sandbox {version}: simulated PGs, public test credentials, no real money\n\
             \n\
             V2 API      {v2_url}\n\
             \x20 store id        {store}\n\
             \x20 API secret      {secret}\n\
             \x20 webhook secret  {webhook}\n\
             \x20 channel key     {channel}\n\
             \x20 channel group   {group}\n\
             V1 API      {v1_url}\n\
             \x20 user code       {code}\n\
             \x20 key, secret     {imp_key} {imp_secret}\n\
             console     {console_url}/console\n\
             \x20 e-mail, password {email} {password}\n\
             simulators  {simulator_url}\n\
             demo shop   {shop_url}\n\
             \n\
             try it:\n\
             curl -X POST {v2_url}/payments/first-order/instant \\\n\
             \x20 -H 'Authorization: PortOne {secret}' -H 'Content-Type: application/json' \\\n\
             \x20 -d '{body}'",
            version = env!("CARGO_PKG_VERSION"),
            v2_url = v2.url,
            store = v2.store_id,
            secret = v2.api_secret,
            webhook = v2.webhook_secret,
            v1_url = v1.url,
            code = v1.user_code,
            imp_key = v1.imp_key,
            imp_secret = v1.imp_secret,
            console_url = console.url,
            email = console.email,
            password = console.password,
            simulator_url = simulator.url,
            shop_url = shop.url,
            body = first_payment(channel),
        )
    }
}

/// The body of the first payment to try: key-in with a number that the simulator accepts.
fn first_payment(channel_key: &str) -> String {
    serde_json::json!({
        "channelKey": channel_key,
        "orderName": "first order",
        "amount": {"total": 1000},
        "currency": "KRW",
        "customer": {
            "name": {"full": "Hong Gildong"},
            "email": "hong@shop.example",
            "phoneNumber": "010-0000-0000"
        },
        "method": {"card": {"credential": {
            "number": "4000000000000001",
            "expiryYear": "30",
            "expiryMonth": "12",
            "birthOrBusinessRegistrationNumber": "900101",
            "passwordTwoDigits": "12"
        }}}
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> SandboxFile {
        SandboxFile::new(&SandboxUrls {
            public: "http://127.0.0.1:8080".to_owned(),
            private: "http://127.0.0.1:8081".to_owned(),
            simulator: "http://127.0.0.1:8082".to_owned(),
            shop: "http://127.0.0.1:8082/shop".to_owned(),
        })
    }

    #[test]
    fn every_key_of_the_contract_is_there() {
        let value = serde_json::to_value(sample()).unwrap();
        for pointer in [
            "/v2/url",
            "/v2/storeId",
            "/v2/apiSecret",
            "/v2/webhookSecret",
            "/v1/url",
            "/v1/userCode",
            "/v1/impKey",
            "/v1/impSecret",
            "/console/url",
            "/console/email",
            "/console/password",
            "/simulator/url",
            "/shop/url",
            "/channels/0/key",
            "/channels/0/name",
            "/channels/0/pgProvider",
            "/channels/0/pgMerchantId",
            "/channelGroups/0/id",
            "/channelGroups/0/name",
        ] {
            let text = value.pointer(pointer).and_then(serde_json::Value::as_str);
            assert!(text.is_some_and(|text| !text.is_empty()), "{pointer}");
        }
        assert_eq!(value["channels"][0]["pgMerchantId"], "INIpayTest");
        assert_eq!(value["pid"], std::process::id());
    }

    #[test]
    fn what_is_written_can_be_read() {
        let directory = tempfile::tempdir().unwrap();
        assert!(SandboxFile::read(directory.path()).is_err());
        sample().write(directory.path()).unwrap();
        assert_eq!(SandboxFile::read(directory.path()).unwrap(), sample());
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
    }
}
