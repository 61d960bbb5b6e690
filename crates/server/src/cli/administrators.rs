//! Arguments of `naru administrators …` and of `naru audit-log`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Reach;

/// `naru administrators …`
#[derive(Debug, Subcommand)]
pub enum AdministratorsCommand {
    /// Let somebody log in to the console
    #[command(
        after_long_help = "Examples:\n  naru administrators add hong@shop.example\n  \
        naru administrators add hong@shop.example --password-file FILE\n\nThe password is asked \
        for on the terminal, or read from the first line of FILE or of standard input. It has\n\
        at least 12 characters."
    )]
    Add(AdministratorPassword),
    /// List administrators
    #[command(after_long_help = "Example:\n  naru administrators list --json")]
    List {
        /// Which server to talk to.
        #[command(flatten)]
        reach: Reach,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Remove an administrator, and log them out everywhere
    #[command(after_long_help = "Example:\n  naru administrators remove hong@shop.example")]
    Remove(AdministratorName),
    /// Set another password, end lock-outs, and log them out everywhere
    #[command(after_long_help = "Examples:\n  naru administrators reset-password \
        hong@shop.example\n  naru administrators reset-password hong@shop.example \
        --password-file FILE")]
    ResetPassword(AdministratorPassword),
    /// Let an administrator log in who is locked out after too many wrong passwords
    #[command(
        after_long_help = "Example:\n  naru administrators unlock hong@shop.example\n\nAddresses \
        that sent too many wrong passwords are listened to again as well: one may be theirs."
    )]
    Unlock(AdministratorName),
}

/// Names an administrator
#[derive(Debug, Args)]
pub struct AdministratorName {
    /// Which server to talk to.
    #[command(flatten)]
    pub reach: Reach,
    /// The e-mail address
    #[arg(value_name = "EMAIL")]
    pub email: String,
}

/// Names an administrator who gets a password
#[derive(Debug, Args)]
pub struct AdministratorPassword {
    /// Which server to talk to.
    #[command(flatten)]
    pub reach: Reach,
    /// The e-mail address
    #[arg(value_name = "EMAIL")]
    pub email: String,
    /// Read the password from the first line of a file; `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub password_file: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `naru audit-log`
#[derive(Debug, Args)]
#[command(
    after_long_help = "Examples:\n  naru audit-log\n  naru audit-log --since 2026-01-15 \
    --actor hong@shop.example\n  naru audit-log --store store-… --operation channels.create \
    --json\n\nThe latest act comes first. `begun` says that nothing is known of its end: it runs, \
    or the server ended\nmeanwhile. Whether what the store holds fits together is another \
    question: `naru audit`."
)]
pub struct AuditLogArgs {
    /// Which server to talk to.
    #[command(flatten)]
    pub reach: Reach,
    /// Acts from then on: a day in Korea, or a moment such as `2026-01-15T10:00:00+09:00`
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Acts in one store
    #[arg(long, value_name = "STORE")]
    pub store: Option<String>,
    /// Acts of one administrator, or of one user of the command line
    #[arg(long, value_name = "WHO")]
    pub actor: Option<String>,
    /// Acts of one kind, such as `channels.create`
    #[arg(long, value_name = "NAME")]
    pub operation: Option<String>,
    /// How many at most
    #[arg(long, value_name = "COUNT", default_value_t = 100,
        value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub limit: u32,
    /// Go on where an earlier page ended
    #[arg(long, value_name = "ID")]
    pub after: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}
