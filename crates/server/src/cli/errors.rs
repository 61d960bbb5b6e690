//! Usage errors in Naru's own words: lower case, backticks, a `hint:` line.
//!
//! A value that can't be read is not repeated where it could be a secret in the wrong place.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory as _, Parser as _};

use super::Cli;

/// Reads a command line, the program's name first.
pub fn parse(arguments: &[OsString]) -> Result<Cli, clap::Error> {
    Cli::try_parse_from(arguments)
}

/// The words for a usage error of a command line.
pub fn render(error: &clap::Error, arguments: &[OsString]) -> String {
    let help = format!("see `{} --help`", command_of(arguments));
    let (message, hint) = words(error);
    format!("error: {message}\nhint: {}", hint.unwrap_or(help))
}

/// The command that a command line names, as far as it can be followed.
fn command_of(arguments: &[OsString]) -> String {
    let root = Cli::command();
    let mut words = vec![root.get_name()];
    let mut command = &root;
    for argument in arguments.iter().skip(1) {
        let Some(next) = command.find_subcommand(argument) else {
            break;
        };
        words.push(next.get_name());
        command = next;
    }
    words.join(" ")
}

fn words(error: &clap::Error) -> (String, Option<String>) {
    let argument = quoted(error, ContextKind::InvalidArg);
    let value = quoted(error, ContextKind::InvalidValue);
    let similar = |kind| {
        texts(error, kind)
            .first()
            .map(|name| format!("there is `{name}`"))
    };
    match error.kind() {
        ErrorKind::InvalidSubcommand => (
            format!(
                "there is no command {}",
                quoted(error, ContextKind::InvalidSubcommand)
            ),
            similar(ContextKind::SuggestedSubcommand),
        ),
        ErrorKind::UnknownArgument => (
            format!("{argument} is not understood here"),
            similar(ContextKind::SuggestedArg),
        ),
        ErrorKind::MissingRequiredArgument => (format!("{argument} must be given"), None),
        ErrorKind::ArgumentConflict => {
            let prior = quoted(error, ContextKind::PriorArg);
            (format!("{argument} and {prior} exclude each other"), None)
        }
        ErrorKind::InvalidValue if value.is_empty() || value == "``" => {
            (format!("{argument} needs a value"), None)
        }
        ErrorKind::InvalidValue => (
            format!("{value} is not a value of {argument}"),
            similar(ContextKind::SuggestedValue).or_else(|| {
                Some(format!(
                    "it can be {}",
                    quoted(error, ContextKind::ValidValue)
                ))
            }),
        ),
        ErrorKind::ValueValidation => {
            let reason = std::error::Error::source(error)
                .map_or_else(|| "it can't be read".to_owned(), ToString::to_string);
            (format!("the value of {argument} is wrong: {reason}"), None)
        }
        _ => {
            let rendered = error.to_string();
            let first = rendered.lines().next().unwrap_or_default();
            (first.trim_start_matches("error: ").replace('\'', "`"), None)
        }
    }
}

fn texts(error: &clap::Error, kind: ContextKind) -> Vec<String> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => vec![text.clone()],
        Some(ContextValue::Strings(texts)) => texts.clone(),
        _ => Vec::new(),
    }
}

fn quoted(error: &clap::Error, kind: ContextKind) -> String {
    let quoted: Vec<String> = texts(error, kind)
        .iter()
        .map(|text| format!("`{text}`"))
        .collect();
    quoted.join(", ")
}
