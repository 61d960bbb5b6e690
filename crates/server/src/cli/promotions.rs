//! Arguments of `naru promotions …`.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand};

use super::Reach;
use crate::admin::promotions::types::Partition;

/// `naru promotions …`
#[derive(Debug, Subcommand)]
pub enum PromotionsCommand {
    /// Create a promotion: a discount for the cards of one company
    #[command(
        after_long_help = "Example:\n  naru promotions create --store store-… --name Summer \
        --card-company SAMSUNG_CARD \\\n    --partition 50000=5% --partition 100000=10% \
        --max-discount 20000 \\\n    --budget 10000000 --end 2030-08-31T23:59:59+09:00\n\n\
        A partition is an order total and what is taken off from there up: percents or an \
        amount.\nUp to five, each with a greater rate than the one before."
    )]
    Create(Box<PromotionCreate>),
    /// List the promotions of a store
    #[command(after_long_help = "Example:\n  naru promotions list --store store-…")]
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
    /// Show one promotion and what is spent of its budget
    #[command(after_long_help = "Example:\n  naru promotions show promotion-id-…")]
    Show(PromotionName),
    /// Give no discounts until the promotion is resumed
    #[command(after_long_help = "Example:\n  naru promotions pause promotion-id-…")]
    Pause(PromotionName),
    /// Give discounts again
    #[command(after_long_help = "Example:\n  naru promotions resume promotion-id-…")]
    Resume(PromotionName),
    /// End a promotion for good
    #[command(after_long_help = "Example:\n  naru promotions terminate promotion-id-…")]
    Terminate(PromotionName),
    /// Change a promotion: all of it before its start, name and schedule later
    #[command(after_long_help = "Example:\n  naru promotions edit promotion-id-… \
        --end 2030-09-30T23:59:59+09:00")]
    Edit(Box<PromotionEdit>),
    /// Say whose cards begin with which digits, from a file with lines `DIGITS,CARD_COMPANY`
    #[command(
        name = "import-cards",
        after_long_help = "Example:\n  naru promotions import-cards bins.csv\n\n\
        The card company of a typed-in card has to be known before it is charged: a card that \
        no line\nof the table fits gets no promotion. PGs and card companies give merchants \
        such tables.\nSix to eight digits; the longest that fits counts."
    )]
    ImportCards {
        /// Which server to talk to.
        #[command(flatten)]
        reach: Reach,
        /// The file
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

/// One promotion
#[derive(Debug, Args)]
pub struct PromotionName {
    /// Which server to talk to.
    #[command(flatten)]
    pub reach: Reach,
    /// The promotion's id
    #[arg(value_name = "PROMOTION")]
    pub promotion: String,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `naru promotions create`
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("spare").args(["spare_amount", "spare_percent"])))]
pub struct PromotionCreate {
    /// Which server to talk to.
    #[command(flatten)]
    pub reach: Reach,
    /// The store's id
    #[arg(long, value_name = "STORE")]
    pub store: String,
    /// The promotion's name
    #[arg(long)]
    pub name: String,
    /// The card company, such as `SAMSUNG_CARD`
    #[arg(long, value_name = "COMPANY")]
    pub card_company: String,
    /// The currency of orders and of the budget
    #[arg(long, default_value = "KRW")]
    pub currency: String,
    /// What is taken off from an order total up; can be repeated
    #[arg(long = "partition", value_name = "FROM=AMOUNT|PERCENT%", required = true,
        value_parser = partition)]
    pub partitions: Vec<Partition>,
    /// What a discount in percents comes to at most
    #[arg(long, value_name = "AMOUNT")]
    pub max_discount: Option<i64>,
    /// What all discounts together may come to
    #[arg(long, value_name = "AMOUNT")]
    pub budget: i64,
    /// Cancellations give nothing back to the budget
    #[arg(long)]
    pub no_recover: bool,
    /// A further budget for expected refunds
    #[arg(long, value_name = "AMOUNT", requires = "no_recover")]
    pub spare_amount: Option<i64>,
    /// A further budget for expected refunds, in percents
    #[arg(long, value_name = "PERCENT", requires = "no_recover")]
    pub spare_percent: Option<i32>,
    /// When it starts, RFC 3339; at once if not given
    #[arg(long, value_name = "TIME")]
    pub start: Option<String>,
    /// When it ends, RFC 3339
    #[arg(long, value_name = "TIME")]
    pub end: String,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `naru promotions edit`
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("spare").args(["spare_amount", "spare_percent"])))]
pub struct PromotionEdit {
    /// Which promotion.
    #[command(flatten)]
    pub name: PromotionName,
    /// Another name
    #[arg(long = "name", value_name = "NAME")]
    pub new_name: Option<String>,
    /// Another start, RFC 3339
    #[arg(long, value_name = "TIME")]
    pub start: Option<String>,
    /// Another end, RFC 3339
    #[arg(long, value_name = "TIME")]
    pub end: Option<String>,
    /// Before its start: another card company
    #[arg(long, value_name = "COMPANY")]
    pub card_company: Option<String>,
    /// Before its start: all partitions anew
    #[arg(long = "partition", value_name = "FROM=AMOUNT|PERCENT%", value_parser = partition)]
    pub partitions: Vec<Partition>,
    /// With the partitions: what a discount in percents comes to at most
    #[arg(long, value_name = "AMOUNT", requires = "partitions")]
    pub max_discount: Option<i64>,
    /// Before its start: another budget
    #[arg(long, value_name = "AMOUNT")]
    pub budget: Option<i64>,
    /// Before its start: cancellations give back to the budget
    #[arg(long, conflicts_with = "no_recover")]
    pub recover: bool,
    /// Before its start: cancellations give nothing back to the budget
    #[arg(long)]
    pub no_recover: bool,
    /// With it: a further budget for expected refunds
    #[arg(long, value_name = "AMOUNT", requires = "no_recover")]
    pub spare_amount: Option<i64>,
    /// With it: a further budget for expected refunds, in percents
    #[arg(long, value_name = "PERCENT", requires = "no_recover")]
    pub spare_percent: Option<i32>,
}

fn partition(text: &str) -> Result<Partition, String> {
    let wrong = || "expected `50000=5%` or `50000=3000`".to_owned();
    let (from, off) = text.split_once('=').ok_or_else(wrong)?;
    let amount_from = from.parse().map_err(|_| wrong())?;
    let (percent, amount) = match off.strip_suffix('%') {
        Some(percent) => (Some(percent.parse().map_err(|_| wrong())?), None),
        None => (None, Some(off.parse().map_err(|_| wrong())?)),
    };
    Ok(Partition {
        amount_from,
        percent,
        amount,
    })
}
