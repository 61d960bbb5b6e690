//! Logs: to standard error, text at a terminal and JSON elsewhere, or as configured.
//!
//! What must not be logged is never put into a field (bodies, headers, query strings, anything
//! of P8): a filter that looks for card numbers in finished lines would be a promise nobody can
//! keep. Libraries that could print what they transport are held at `warn`, whatever the config
//! says.

use std::io::{self, IsTerminal};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::Directive;

use crate::config::{Log, LogFormat};
use crate::failure::Failure;

/// Libraries that see bodies, headers or SQL parameters.
const HELD_AT_WARN: &[&str] = &[
    "axum",
    "h2",
    "hyper",
    "hyper_util",
    "reqwest",
    "rusqlite",
    "rustls",
    "tokio_postgres",
    "tower_http",
];

/// Starts logging. To be called once, before anything else runs.
pub fn start(log: &Log) -> Result<(), Failure> {
    let filter = filter(&log.level)?;
    let json = match log.format {
        LogFormat::Json => true,
        LogFormat::Text => false,
        LogFormat::Auto => !io::stderr().is_terminal(),
    };
    let builder = tracing_subscriber::fmt()
        // Else a line that finds no room, on a full disk, panics, and ends whoever logged it: the
        // writer of the database, of all threads.
        .log_internal_errors(false)
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal());
    // An error means that logging has been started already, by a test.
    let _started = if json {
        builder.json().flatten_event(true).try_init()
    } else {
        builder.with_target(false).try_init()
    };
    Ok(())
}

fn filter(level: &str) -> Result<EnvFilter, Failure> {
    let wrong = || {
        Failure::new(format!("`{level}` is not a log level")).hint(
            "write `error`, `warn`, `info`, `debug`, or directives such as \
                   `info,naru_engine=debug`",
        )
    };
    let mut filter = EnvFilter::builder().parse(level).map_err(|_| wrong())?;
    for library in HELD_AT_WARN {
        let directive: Directive = format!("{library}=warn").parse().map_err(|_| wrong())?;
        filter = filter.add_directive(directive);
    }
    Ok(filter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_stay_at_warn_whatever_is_asked_for() {
        let filter = filter("trace,hyper=trace").unwrap().to_string();
        assert!(
            filter.contains("hyper=warn") && !filter.contains("hyper=trace"),
            "{filter}"
        );
    }

    #[test]
    fn nonsense_is_refused() {
        assert!(filter("info,=,=").is_err());
    }
}
