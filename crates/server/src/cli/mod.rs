//! The command line: what can be said, not what it does.
//!
//! The first line of each help says what the command is for, the long help ends with an example.
//! A secret is never a value on the command line, where other users of the machine could read it:
//! it comes from a file or a variable.

mod admin;
mod administrators;
mod audit;
mod b2b;
mod backup;
mod errors;
mod journal;
mod migrate_store;
mod payments;
mod profiles;
mod promotions;
mod routing;
mod run;
mod settlements;
mod windows;

use clap::{Parser, Subcommand};

pub use admin::{
    ChannelCreate, ChannelName, ChannelsCommand, KeyCreate, KeysCommand, KeysRotate, Reach,
    StoreCreate, StoresCommand, WebhookName, WebhookSet, WebhooksCommand,
};
pub use administrators::{
    AdministratorName, AdministratorPassword, AdministratorsCommand, AuditLogArgs,
};
pub use audit::AuditArgs;
pub use b2b::{
    B2bCommand, B2bDisable, B2bEnable, BulkCommand, BulkImportArgs, BulkName, BulkStartArgs,
    OfInvoice,
};
pub use backup::BackupArgs;
pub use errors::{parse, render as render_usage_error};
pub use journal::JournalArgs;
pub use migrate_store::MigrateStoreArgs;
pub use payments::{DisputeCommand, DisputeOpen, DisputeResolve, PaymentName, PaymentsCommand};
pub use profiles::{MethodSet, ProfileCreate, ProfileName, ProfilesCommand};
pub use promotions::{PromotionCreate, PromotionEdit, PromotionName, PromotionsCommand};
pub use routing::{
    ChannelShare, GroupCreate, GroupName, GroupSchedule, GroupScheduleName, GroupSet, GroupShow,
    RoutingCommand,
};
pub use run::{
    ConfigArgs, ConfigCommand, DoctorArgs, ListenArgs, MigrateArgs, PgSimArgs, SandboxArgs,
    ServeArgs, TRIGGER_EVENTS, TriggerArgs,
};
pub use settlements::{
    AcceptArgs, CompareArgs, DifferencesArgs, EnrolArgs, ImportArgs, LineFilter, LinesArgs,
    RematchArgs, ReportArgs, SettlementsCommand, TaxArgs,
};
pub use windows::{WindowOpen, WindowReturn, WindowsCommand};

/// Payment orchestration that anyone can run
#[derive(Debug, Parser)]
#[command(
    name = "naru",
    version,
    long_about = "Payment orchestration that anyone can run: one server, compatible with PortOne's \
        public REST APIs and browser SDKs, that reaches the payment gateways by itself.\n\n\
        On a fresh machine start with `naru sandbox`.",
    after_help = "Exit codes: 0 it is done, 1 it failed, 2 the command line is wrong.",
    subcommand_required = true,
    arg_required_else_help = true,
    disable_help_subcommand = true
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Everything `naru` can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run everything on this machine, with simulated PGs and public test credentials
    Sandbox(SandboxArgs),
    /// Run the production server
    Serve(ServeArgs),
    /// Run the simulated PGs alone, as a process of their own
    PgSim(PgSimArgs),
    /// Bring the database to this version's schema
    Migrate(MigrateArgs),
    /// Say in words what is wrong with an installation, and what to do
    Doctor(DoctorArgs),
    /// Check or print the configuration
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Manage stores and sub-stores
    #[command(subcommand)]
    Stores(StoresCommand),
    /// Manage the API secrets of stores
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Manage channels: contracts with PGs
    #[command(subcommand)]
    Channels(ChannelsCommand),
    /// Do with a payment what no operation of the API does
    #[command(subcommand)]
    Payments(PaymentsCommand),
    /// Manage promotions: discounts for the cards of one company
    #[command(subcommand)]
    Promotions(PromotionsCommand),
    /// Manage checkout profiles: how hosted checkouts may be paid
    #[command(subcommand)]
    Profiles(ProfilesCommand),
    /// Manage channel groups: channels that share payments by weight
    #[command(subcommand)]
    Routing(RoutingCommand),
    /// Manage contracts with a tax-invoice provider
    #[command(subcommand)]
    B2b(B2bCommand),
    /// Manage where webhooks of a store go
    #[command(subcommand)]
    Webhooks(WebhooksCommand),
    /// Import PGs' settlements, compare books with the PGs', report what differs
    #[command(subcommand)]
    Settlements(Box<SettlementsCommand>),
    /// Manage who may log in to the console
    #[command(subcommand)]
    Administrators(AdministratorsCommand),
    /// Show who administered what, and what became of it
    AuditLog(AuditLogArgs),
    /// Look whether everything that the store holds fits together
    Audit(AuditArgs),
    /// Show what the accounts of the double-entry journal come to
    Journal(JournalArgs),
    /// Write a copy of a live SQLite store
    Backup(BackupArgs),
    /// Move a SQLite store to PostgreSQL, and compare every row
    MigrateStore(MigrateStoreArgs),
    /// Open payment windows in a sandbox without a checkout
    #[command(subcommand)]
    Windows(Box<WindowsCommand>),
    /// Forward webhooks to a local address while this command runs
    Listen(ListenArgs),
    /// Make a real payment in a sandbox that leads to the named webhook
    Trigger(TriggerArgs),
}
