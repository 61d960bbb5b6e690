//! Arguments of the administration commands.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand};

/// Which server to talk to
#[derive(Debug, Clone, Args)]
pub struct Reach {
    /// Data directory of a sandbox [default: naru-data]
    #[arg(long, value_name = "DIR", conflicts_with = "config")]
    pub data: Option<PathBuf>,
    /// Config file of a production server
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// `naru stores …`
#[derive(Debug, Subcommand)]
pub enum StoresCommand {
    /// Create a store, or a sub-store of one
    #[command(
        after_long_help = "Example:\n  naru stores create --name \"Main shop\"\n  \
        naru stores create --name \"Corner shop\" --parent store-…"
    )]
    Create(StoreCreate),
    /// List stores
    #[command(after_long_help = "Example:\n  naru stores list --json")]
    List {
        /// Which server to talk to.
        #[command(flatten)]
        reach: Reach,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show one store
    #[command(after_long_help = "Example:\n  naru stores show store-…")]
    Show {
        /// Which server to talk to.
        #[command(flatten)]
        reach: Reach,
        /// The store's id
        #[arg(value_name = "STORE")]
        store: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Name a sub-store for the `Tier` header of V1
    #[command(after_long_help = "Example:\n  naru stores tier store-… ABC")]
    Tier {
        /// Which server to talk to.
        #[command(flatten)]
        reach: Reach,
        /// The sub-store's id
        #[arg(value_name = "STORE")]
        store: String,
        /// Three capital letters or digits
        #[arg(value_name = "TIER")]
        tier: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Name a store for the V1 browser SDK (`IMP.init`)
    #[command(after_long_help = "Example:\n  naru stores user-code store-… imp12345678")]
    UserCode {
        /// Which server to talk to.
        #[command(flatten)]
        reach: Reach,
        /// The store's id
        #[arg(value_name = "STORE")]
        store: String,
        /// `imp` and 6 to 20 digits; it can't be changed later
        #[arg(value_name = "CODE")]
        user_code: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Set the time zone whose hours a store's analytics count [default: Asia/Seoul]
    #[command(after_long_help = "Example:\n  naru stores time-zone store-… Asia/Kolkata")]
    TimeZone {
        /// Which server to talk to.
        #[command(flatten)]
        reach: Reach,
        /// The store's id
        #[arg(value_name = "STORE")]
        store: String,
        /// The IANA name, such as Asia/Seoul
        #[arg(value_name = "ZONE")]
        time_zone: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

/// `naru stores create`
#[derive(Debug, Args)]
pub struct StoreCreate {
    /// Which server to talk to.
    #[command(flatten)]
    pub reach: Reach,
    /// The store's name
    #[arg(long)]
    pub name: String,
    /// The store that it is a sub-store of
    #[arg(long, value_name = "STORE")]
    pub parent: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `naru keys …`
#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// Create an API secret of V2, or a key and secret of V1; a secret is shown this once
    #[command(
        after_long_help = "Example:\n  naru keys create --store store-… --name backend \
        --expires-in-days 365\n  naru keys create --store store-… --name shop --v1"
    )]
    Create(KeyCreate),
    /// List API secrets and keys of V1, without the secrets
    #[command(after_long_help = "Example:\n  naru keys list --store store-…")]
    List {
        /// Which server to talk to.
        #[command(flatten)]
        reach: Reach,
        /// The store's id
        #[arg(long, value_name = "STORE")]
        store: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Revoke an API secret or a key of V1; it stops working within a second
    #[command(after_long_help = "Example:\n  naru keys revoke secret-…")]
    Revoke {
        /// Which server to talk to.
        #[command(flatten)]
        reach: Reach,
        /// The key's id
        #[arg(value_name = "KEY")]
        key: String,
    },
    /// Change the master key, under which the stored secrets are encrypted
    #[command(
        after_long_help = "Example:\n  openssl rand -base64 32 > /etc/naru/master.key.new\n  \
        naru keys rotate --config /etc/naru/naru.toml --new-key-file /etc/naru/master.key.new\n  \
        mv /etc/naru/master.key.new /etc/naru/master.key\n\n\
        The servers on the database must be stopped. From the moment that it says so, the \
        database opens with the new\nkey only. If it is interrupted, run it again: with the same \
        key file, or without one when the config names the\nnew key by then. On PostgreSQL \
        servers may run with the new key while it goes on. See \
        docs/operating/master-key.md."
    )]
    Rotate(KeysRotate),
}

/// `naru keys rotate`
#[derive(Debug, Args)]
pub struct KeysRotate {
    /// Config file of the server; its master key is the one to be replaced
    #[arg(long, value_name = "FILE")]
    pub config: PathBuf,
    /// A file with the new master key: 32 random bytes as base64
    ///
    /// Without it, a rotation that was begun is finished.
    #[arg(long, value_name = "FILE")]
    pub new_key_file: Option<PathBuf>,
    /// Others know the old key: addresses signed with it stop working at once
    #[arg(long, requires = "new_key_file")]
    pub leaked: bool,
    /// Open everything that is encrypted, and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `naru keys create`
#[derive(Debug, Args)]
pub struct KeyCreate {
    /// Which server to talk to.
    #[command(flatten)]
    pub reach: Reach,
    /// The store's id
    #[arg(long, value_name = "STORE")]
    pub store: String,
    /// What the key is for
    #[arg(long)]
    pub name: String,
    /// After how many days it stops working; never if not given
    #[arg(long, value_name = "DAYS", value_parser = days)]
    pub expires_in_days: Option<u32>,
    /// A key and secret of V1
    #[arg(long)]
    pub v1: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `naru channels …`
#[derive(Debug, Subcommand)]
pub enum ChannelsCommand {
    /// Create a channel: a contract with a PG
    #[command(after_long_help = "Example:\n  naru channels create --store store-… \
        --name \"Inicis cards\" --pg INICIS_V2 \\\n    --merchant-id MYMID00001 --live \
        --secret-file iniapi_key=/run/secrets/iniapi-key \\\n    \
        --secret-env iniapi_iv=INIAPI_IV --secret-env sign_key=INICIS_SIGN_KEY \\\n    \
        --option iniapi_base=https://iniapi.inicis.com --option order_id_inquiry=true \\\n    \
        --option shop_url=https://shop.example\n\n\
        Secrets are read from files or variables, never from the command line itself.")]
    Create(Box<ChannelCreate>),
    /// List channels
    #[command(after_long_help = "Example:\n  naru channels list --store store-…")]
    List {
        /// Which server to talk to.
        #[command(flatten)]
        reach: Reach,
        /// The store's id
        #[arg(long, value_name = "STORE")]
        store: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show one channel, without its secrets
    #[command(after_long_help = "Example:\n  naru channels show channel-key-…")]
    Show(ChannelName),
    /// Take no new payments through a channel; cancellations go on
    #[command(after_long_help = "Example:\n  naru channels disable channel-key-…")]
    Disable(ChannelName),
    /// Take payments through a disabled channel again
    #[command(after_long_help = "Example:\n  naru channels enable channel-key-…")]
    Enable(ChannelName),
    /// Have payments of a channel's windows wait for the merchant's confirmation
    #[command(
        name = "manual-confirm",
        after_long_help = "Example:\n  naru channels manual-confirm channel-key-…"
    )]
    ManualConfirm(ChannelName),
    /// Have them approved as soon as the customer has authenticated
    #[command(
        name = "auto-confirm",
        after_long_help = "Example:\n  naru channels auto-confirm channel-key-…"
    )]
    AutoConfirm(ChannelName),
}

/// One channel
#[derive(Debug, Args)]
pub struct ChannelName {
    /// Which server to talk to.
    #[command(flatten)]
    pub reach: Reach,
    /// The channel's key
    #[arg(value_name = "CHANNEL")]
    pub channel: String,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `naru channels create`
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("environment").args(["test", "live"]).required(true)))]
pub struct ChannelCreate {
    /// Which server to talk to.
    #[command(flatten)]
    pub reach: Reach,
    /// The store's id
    #[arg(long, value_name = "STORE")]
    pub store: String,
    /// The channel's name
    #[arg(long)]
    pub name: String,
    /// The PG's code, such as `INICIS_V2`
    #[arg(long, value_name = "PG")]
    pub pg: String,
    /// The merchant id at the PG
    #[arg(long, value_name = "MID")]
    pub merchant_id: String,
    /// A test contract
    #[arg(long)]
    pub test: bool,
    /// A live contract
    #[arg(long)]
    pub live: bool,
    /// An option of the channel; can be repeated
    #[arg(long = "option", value_name = "NAME=VALUE", value_parser = pair)]
    pub options: Vec<(String, String)>,
    /// A key of the PG, read from a file; can be repeated
    #[arg(long = "secret-file", value_name = "NAME=PATH", value_parser = pair)]
    pub secret_files: Vec<(String, String)>,
    /// A key of the PG, read from an environment variable; can be repeated
    #[arg(long = "secret-env", value_name = "NAME=VARIABLE", value_parser = pair)]
    pub secret_variables: Vec<(String, String)>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `naru webhooks …`
#[derive(Debug, Subcommand)]
pub enum WebhooksCommand {
    /// Set where webhooks of a store go
    #[command(after_long_help = "Example:\n  naru webhooks set --store store-… \
        --url https://shop.example/webhook")]
    Set(WebhookSet),
    /// List where webhooks of a store go
    #[command(after_long_help = "Example:\n  naru webhooks list --store store-…")]
    List {
        /// Which server to talk to.
        #[command(flatten)]
        reach: Reach,
        /// The store's id
        #[arg(long, value_name = "STORE")]
        store: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Issue a second signing secret, or end the older one
    #[command(
        name = "rotate-secret",
        after_long_help = "Example:\n  naru webhooks rotate-secret --store store-… endpoint-…\n\n\
            While two secrets live, every webhook carries two signatures. Deploy the new one, \
            then run the command again with `--finish` to end the older one."
    )]
    RotateSecret {
        /// Which endpoint.
        #[command(flatten)]
        webhook: WebhookName,
        /// End the older of two secrets
        #[arg(long)]
        finish: bool,
    },
    /// Send no more webhooks to an endpoint
    #[command(after_long_help = "Example:\n  naru webhooks remove --store store-… endpoint-…")]
    Remove(WebhookName),
    /// Send a test webhook to an endpoint and show what it answered
    #[command(after_long_help = "Example:\n  naru webhooks test --store store-… endpoint-…")]
    Test(WebhookName),
}

/// `naru webhooks set`
#[derive(Debug, Args)]
pub struct WebhookSet {
    /// Which server to talk to.
    #[command(flatten)]
    pub reach: Reach,
    /// The store's id
    #[arg(long, value_name = "STORE")]
    pub store: String,
    /// The address
    #[arg(long)]
    pub url: String,
    /// The webhooks' version
    #[arg(long, default_value = "2024-04-25", value_parser = ["2024-04-25", "2024-01-01", "v1"])]
    pub version: String,
    /// The form of bodies; `form` in versions 2024-01-01 and v1 only
    #[arg(long, default_value = "json", value_parser = ["json", "form"])]
    pub content_type: String,
    /// Webhooks of live payments instead of test payments
    #[arg(long)]
    pub live: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// One webhook endpoint
#[derive(Debug, Args)]
pub struct WebhookName {
    /// Which server to talk to.
    #[command(flatten)]
    pub reach: Reach,
    /// The store's id
    #[arg(long, value_name = "STORE")]
    pub store: String,
    /// The endpoint's id
    #[arg(value_name = "ENDPOINT")]
    pub endpoint: String,
}

fn days(text: &str) -> Result<u32, String> {
    match text.parse() {
        Ok(days @ 1..=3650) => Ok(days),
        Ok(_) | Err(_) => Err("expected a number of days from 1 to 3650".to_owned()),
    }
}

pub(super) fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() && !value.is_empty() => {
            Ok((name.to_owned(), value.to_owned()))
        }
        // What was given may be a secret in the wrong place: it is not repeated.
        _ => Err("expected a name, `=`, and what the help says".to_owned()),
    }
}
