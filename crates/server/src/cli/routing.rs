//! Arguments of `naru routing …`.

use clap::{ArgGroup, Args, Subcommand};

use super::Reach;

/// `naru routing …`
#[derive(Debug, Subcommand)]
pub enum RoutingCommand {
    /// List the channel groups of a store
    #[command(after_long_help = "Example:\n  naru routing list --store store-…")]
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
    /// Show one channel group: what applies now, and what is scheduled
    #[command(after_long_help = "Example:\n  naru routing show channel-group-… --history")]
    Show(GroupShow),
    /// Create a channel group: channels that share payments by weight
    #[command(
        after_long_help = "Example:\n  naru routing create --store store-… --name Cards --live \
        \\\n    --channel channel-key-A=70 --channel channel-key-B=30\n\n\
        Weights are whole percents and sum to 100. One to ten channels, all live or all test."
    )]
    Create(GroupCreate),
    /// Change a channel group from now on
    #[command(
        after_long_help = "Example:\n  naru routing set channel-group-… --off channel-key-A\n  \
        naru routing set channel-group-… --channel channel-key-A=40 --channel channel-key-B=60\n  \
        naru routing set channel-group-… --failover 1\n\n\
        `--channel` says all channels anew. Failover is Naru's own: a payment that a PG surely \
        never saw goes on through another channel of the group."
    )]
    Set(GroupSet),
    /// Change a channel group's channels at a whole hour
    #[command(after_long_help = "Example:\n  naru routing schedule channel-group-… \
        --at 2030-01-31T10:00:00+09:00 \\\n    \
        --channel channel-key-A=0:off --channel channel-key-B=100")]
    Schedule(GroupSchedule),
    /// Take a scheduled change back
    #[command(
        name = "cancel-schedule",
        after_long_help = "Example:\n  naru routing cancel-schedule channel-group-… \
        --at 2030-01-31T10:00:00+09:00"
    )]
    CancelSchedule(GroupScheduleName),
    /// Delete a channel group for good; requests that name it fail
    #[command(after_long_help = "Example:\n  naru routing delete channel-group-…")]
    Delete(GroupName),
}

/// One channel group
#[derive(Debug, Args)]
pub struct GroupName {
    /// Which server to talk to.
    #[command(flatten)]
    pub reach: Reach,
    /// The group's id
    #[arg(value_name = "GROUP")]
    pub group: String,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `naru routing show`
#[derive(Debug, Args)]
pub struct GroupShow {
    /// Which group.
    #[command(flatten)]
    pub name: GroupName,
    /// Show earlier settings as well
    #[arg(long)]
    pub history: bool,
}

/// `naru routing create`
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("environment").args(["test", "live"]).required(true)))]
pub struct GroupCreate {
    /// Which server to talk to.
    #[command(flatten)]
    pub reach: Reach,
    /// The store's id
    #[arg(long, value_name = "STORE")]
    pub store: String,
    /// The group's name, unique in the store
    #[arg(long)]
    pub name: String,
    /// Of test channels
    #[arg(long)]
    pub test: bool,
    /// Of live channels
    #[arg(long)]
    pub live: bool,
    /// A channel and its weight in percent; can be repeated
    #[arg(
        long = "channel", value_name = "CHANNEL=WEIGHT[:off]", required = true,
        value_parser = share
    )]
    pub channels: Vec<ChannelShare>,
    /// How many further channels a payment may try after one that the PG surely never saw
    #[arg(long, value_name = "TRIES", default_value_t = 0, value_parser = tries)]
    pub failover: u8,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `naru routing set`
#[derive(Debug, Args)]
pub struct GroupSet {
    /// Which group.
    #[command(flatten)]
    pub name: GroupName,
    /// A new name
    #[arg(long = "name", value_name = "NAME")]
    pub new_name: Option<String>,
    /// A channel and its weight in percent; all of them are said anew
    #[arg(long = "channel", value_name = "CHANNEL=WEIGHT[:off]", value_parser = share)]
    pub channels: Vec<ChannelShare>,
    /// A channel to switch on; can be repeated
    #[arg(long, value_name = "CHANNEL")]
    pub on: Vec<String>,
    /// A channel to switch off; can be repeated
    #[arg(long, value_name = "CHANNEL")]
    pub off: Vec<String>,
    /// How many further channels a payment may try; 0 switches failover off
    #[arg(long, value_name = "TRIES", value_parser = tries)]
    pub failover: Option<u8>,
}

/// A scheduled change of a group
#[derive(Debug, Args)]
pub struct GroupScheduleName {
    /// Which group.
    #[command(flatten)]
    pub name: GroupName,
    /// The whole hour from which on it applies, with its offset
    #[arg(long, value_name = "TIME")]
    pub at: String,
}

/// `naru routing schedule`
#[derive(Debug, Args)]
pub struct GroupSchedule {
    /// Which group, and when.
    #[command(flatten)]
    pub name: GroupScheduleName,
    /// A channel and its weight in percent; can be repeated
    #[arg(
        long = "channel", value_name = "CHANNEL=WEIGHT[:off]", required = true,
        value_parser = share
    )]
    pub channels: Vec<ChannelShare>,
}

/// A channel's part in a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelShare {
    /// The channel's key.
    pub channel: String,
    /// In percent.
    pub weight: u8,
    /// Whether it takes part.
    pub is_on: bool,
}

fn share(text: &str) -> Result<ChannelShare, String> {
    let expected = || {
        "expected a channel's key, `=`, a whole percent from 0 to 100, and `:off` if it is off"
            .to_owned()
    };
    let (channel, weight) = text.split_once('=').ok_or_else(expected)?;
    let (weight, is_on) = match weight.strip_suffix(":off") {
        Some(weight) => (weight, false),
        None => (weight, true),
    };
    match weight.parse() {
        Ok(weight @ 0..=100) if !channel.is_empty() => Ok(ChannelShare {
            channel: channel.to_owned(),
            weight,
            is_on,
        }),
        Ok(_) | Err(_) => Err(expected()),
    }
}

fn tries(text: &str) -> Result<u8, String> {
    match text.parse() {
        Ok(tries @ 0..=9) => Ok(tries),
        Ok(_) | Err(_) => Err("expected a number from 0, which is off, to 9".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_a_channel_a_percent_and_whether_it_is_off() {
        let read = |channel: &str, weight, is_on| {
            Ok(ChannelShare {
                channel: channel.to_owned(),
                weight,
                is_on,
            })
        };
        assert_eq!(share("a=70"), read("a", 70, true));
        assert_eq!(share("a=0:off"), read("a", 0, false));
        for wrong in [
            "a",
            "a=",
            "=70",
            "a=101",
            "a=-1",
            "a=1.5",
            "a=70:on",
            "a=70:off:off",
        ] {
            assert!(share(wrong).is_err(), "{wrong}");
        }
    }
}
