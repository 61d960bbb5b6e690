//! Arguments of `naru profiles …`.

use clap::{ArgGroup, Args, Subcommand};

use super::Reach;

/// `naru profiles …`
#[derive(Debug, Subcommand)]
pub enum ProfilesCommand {
    /// Create a checkout profile: how a hosted checkout may be paid
    #[command(after_long_help = "Example:\n  naru profiles create --store store-… \
        --name \"Main shop\" --live")]
    Create(ProfileCreate),
    /// List the checkout profiles of a store
    #[command(after_long_help = "Example:\n  naru profiles list --store store-…")]
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
    /// Show one checkout profile with its methods
    #[command(after_long_help = "Example:\n  naru profiles show checkout-profile-…")]
    Show(ProfileName),
    /// Offer a method of payment, or say anew how it is offered
    #[command(
        name = "set-method",
        after_long_help = "Example:\n  naru profiles set-method checkout-profile-… CARD_KR \
        --channel channel-key-… \\\n    --country KR --currency KRW --min 100 --max 5000000\n\n\
        Without countries or currencies it is offered in all. Methods are offered in the order \
        in which\nthey were first set."
    )]
    SetMethod(MethodSet),
    /// Take a method of payment out of a profile
    #[command(
        name = "remove-method",
        after_long_help = "Example:\n  naru profiles remove-method checkout-profile-… CARD_KR"
    )]
    RemoveMethod {
        /// Which profile.
        #[command(flatten)]
        profile: ProfileName,
        /// The method
        #[arg(value_name = "METHOD")]
        method: String,
    },
}

/// One checkout profile
#[derive(Debug, Args)]
pub struct ProfileName {
    /// Which server to talk to.
    #[command(flatten)]
    pub reach: Reach,
    /// The profile's key
    #[arg(value_name = "PROFILE")]
    pub profile: String,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `naru profiles create`
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("environment").args(["test", "live"]).required(true)))]
pub struct ProfileCreate {
    /// Which server to talk to.
    #[command(flatten)]
    pub reach: Reach,
    /// The store's id
    #[arg(long, value_name = "STORE")]
    pub store: String,
    /// The profile's name
    #[arg(long)]
    pub name: String,
    /// Of test channels
    #[arg(long)]
    pub test: bool,
    /// Of live channels
    #[arg(long)]
    pub live: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `naru profiles set-method`
#[derive(Debug, Args)]
pub struct MethodSet {
    /// Which profile.
    #[command(flatten)]
    pub profile: ProfileName,
    /// The method, such as `CARD_KR`
    #[arg(value_name = "METHOD")]
    pub method: String,
    /// The channel's key
    #[arg(long, value_name = "CHANNEL")]
    pub channel: String,
    /// A country in which it is offered; can be repeated
    #[arg(long = "country", value_name = "COUNTRY")]
    pub countries: Vec<String>,
    /// A currency in which it is offered; can be repeated
    #[arg(long = "currency", value_name = "CURRENCY")]
    pub currencies: Vec<String>,
    /// From which amount up it is offered
    #[arg(long, value_name = "AMOUNT")]
    pub min: Option<i64>,
    /// Up to which amount it is offered
    #[arg(long, value_name = "AMOUNT")]
    pub max: Option<i64>,
    /// Do not offer it for now
    #[arg(long)]
    pub off: bool,
}
