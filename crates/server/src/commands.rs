//! From the command line to what does it, and from its result to an exit code.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::ErrorKind;

use crate::cli::{self, Cli, Command, ConfigArgs, ConfigCommand};
use crate::tls::Identity;
use crate::{
    admin, config, core_dumps, doctor, failure, lifecycle, listen, logging, migrate_store, output,
    pg_sim, sandbox, serve, trigger,
};

/// The exit code of a wrong command line.
const USAGE: u8 = 2;

/// Runs the command line of this process.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    naru_egress::install_crypto();
    if let Err(error) = core_dumps::switch_off() {
        output::note(format!(
            "warning: core dumps can't be switched off: {error}"
        ));
    }
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let cli = match cli::parse(&arguments) {
        Ok(cli) => cli,
        Err(error) => return usage(&error, &arguments),
    };
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::note(failure::render(&error));
            ExitCode::FAILURE
        }
    }
}

fn usage(error: &clap::Error, arguments: &[OsString]) -> ExitCode {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            output::line(error.render().to_string().trim_end());
            ExitCode::SUCCESS
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            output::note(error.render().to_string().trim_end());
            ExitCode::from(USAGE)
        }
        _ => {
            output::note(cli::render_usage_error(error, arguments));
            ExitCode::from(USAGE)
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<()> {
    let log = match &cli.command {
        Command::Serve(arguments) => {
            config::load(&arguments.config, config::environment())?
                .config
                .log
        }
        _ => config::from_environment(config::environment())?.config.log,
    };
    logging::start(&log)?;
    crate::panics::hold_back();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(dispatch(cli.command))
}

async fn dispatch(command: Command) -> anyhow::Result<()> {
    lifecycle::survive_file_size_limit()?;
    match command {
        Command::Sandbox(arguments) => sandbox::run(arguments).await,
        Command::Serve(arguments) => serve::run(arguments).await,
        Command::PgSim(arguments) => pg_sim::run(arguments).await,
        Command::Migrate(arguments) => serve::migrate(arguments).await,
        Command::Doctor(arguments) => doctor::run(arguments).await,
        Command::Config(command) => configuration(command),
        Command::Stores(command) => admin::commands::stores(command).await,
        Command::Keys(command) => admin::commands::keys(command).await,
        Command::Channels(command) => admin::commands::channels(command).await,
        Command::Payments(command) => admin::payments::commands::payments(command).await,
        Command::Promotions(command) => admin::promotions::commands::promotions(command).await,
        Command::Profiles(command) => admin::profiles::commands::profiles(command).await,
        Command::Routing(command) => admin::routing::commands::routing(command).await,
        Command::B2b(command) => admin::b2b::commands::b2b(command).await,
        Command::Webhooks(command) => admin::commands::webhooks(command).await,
        Command::Settlements(command) => admin::settlements::commands::settlements(*command).await,
        Command::Administrators(command) => {
            admin::administrators::commands::administrators(command).await
        }
        Command::AuditLog(arguments) => admin::acts::commands::audit_log(arguments).await,
        Command::Audit(arguments) => admin::audit::commands::audit(arguments).await,
        Command::Journal(arguments) => admin::journal::commands::journal(arguments).await,
        Command::Backup(arguments) => admin::backup::commands::backup(arguments).await,
        Command::MigrateStore(arguments) => migrate_store::run(arguments).await,
        Command::Windows(command) => admin::windows::commands::windows(*command).await,
        Command::Listen(arguments) => listen::run(arguments).await,
        Command::Trigger(arguments) => trigger::run(arguments).await,
    }
}

fn configuration(command: ConfigCommand) -> anyhow::Result<()> {
    match command {
        ConfigCommand::Check(ConfigArgs { config: path }) => {
            let loaded = config::load(&path, config::environment())?;
            loaded.check()?;
            loaded.database()?.must_exist()?;
            if let Some(files) = loaded.tls()? {
                Identity::read(&files).map_err(|failure| loaded.blame_tls(failure))?;
            }
            output::line(format!("`{}` is complete", path.display()));
        }
        ConfigCommand::Print(ConfigArgs { config: path }) => {
            let loaded = config::load(&path, config::environment())?;
            output::line(loaded.print()?.trim_end());
        }
    }
    Ok(())
}
