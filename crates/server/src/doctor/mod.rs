//! `naru doctor`: looks at an installation and says in words what is wrong and what to do.
//!
//! A check is a name and a future; this module runs them in order and prints. Checks only look:
//! nothing is created, changed or sent to a PG. What isn't built isn't listed.

mod checks;
pub(crate) mod live;

use std::future::Future;
use std::path::Path;
use std::pin::Pin;

use serde::{Deserialize, Serialize};

use crate::admin::client::AdminClient;
use crate::admin::types::Items;
use crate::cli::{DoctorArgs, Reach};
use crate::failure::Failure;
use crate::{admin, config, output};

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "lowercase")]
pub enum Finding {
    /// All is well.
    Ok {
        /// What was seen.
        seen: String,
    },
    /// It works, but a person should look.
    Warn {
        /// What was seen.
        seen: String,
        /// The next step.
        advice: String,
    },
    /// The server can't be relied on until this is mended.
    Fail {
        /// What was seen.
        seen: String,
        /// The next step.
        advice: String,
    },
}

impl Finding {
    /// All is well.
    pub fn ok(seen: impl Into<String>) -> Self {
        Self::Ok { seen: seen.into() }
    }

    /// A person should look.
    pub fn warn(seen: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::Warn {
            seen: seen.into(),
            advice: advice.into(),
        }
    }

    /// To be mended.
    pub fn fail(seen: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::Fail {
            seen: seen.into(),
            advice: advice.into(),
        }
    }
}

/// The future of a check.
pub type FindingFuture = Pin<Box<dyn Future<Output = Finding> + Send>>;

/// One check.
pub struct Check {
    /// What it looks at, in a word or two.
    pub name: &'static str,
    /// Looks.
    pub run: FindingFuture,
}

impl Check {
    /// A check.
    pub fn new(name: &'static str, run: impl Future<Output = Finding> + Send + 'static) -> Self {
        Self {
            name,
            run: Box::pin(run),
        }
    }

    /// A check whose result is known.
    pub fn known(name: &'static str, finding: Finding) -> Self {
        Self::new(name, std::future::ready(finding))
    }
}

/// A check and what it found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// What it looked at.
    pub check: String,
    /// What it found.
    #[serde(flatten)]
    pub finding: Finding,
}

/// `naru doctor`
pub async fn run(arguments: DoctorArgs) -> anyhow::Result<()> {
    let checks = checks_of(&arguments.reach);
    let mut lines = Vec::new();
    for Check { name, run } in checks {
        lines.push(Line {
            check: name.to_owned(),
            finding: run.await,
        });
    }
    // A server that does not run has been reported above.
    if let Ok(client) = AdminClient::find(&arguments.reach)
        && let Ok(found) = client.get::<Items<Line>>(&["doctor"]).await
    {
        lines.extend(found.items);
    }
    if arguments.json {
        output::json(&lines)?;
    } else {
        lines.iter().flat_map(words).for_each(output::line);
    }
    let failed = lines
        .iter()
        .filter(|line| matches!(line.finding, Finding::Fail { .. }))
        .count();
    match failed {
        0 => Ok(()),
        _ => Err(
            Failure::new(format!("{failed} of {} checks failed", lines.len()))
                .hint("do what stands behind `->`, then run `naru doctor` again")
                .into(),
        ),
    }
}

fn checks_of(reach: &Reach) -> Vec<Check> {
    let Some(path) = &reach.config else {
        let data = reach.data.as_deref();
        return checks::sandbox(data.unwrap_or(Path::new(admin::client::DEFAULT_DATA)));
    };
    match config::load(path, config::environment()) {
        Ok(loaded) => checks::production(&loaded),
        Err(failure) => vec![Check::known("config", from_failure(&failure))],
    }
}

fn from_failure(failure: &Failure) -> Finding {
    Finding::fail(
        failure.to_string(),
        failure.next_step().unwrap_or("mend the config").to_owned(),
    )
}

fn words(line: &Line) -> Vec<String> {
    let check = &line.check;
    match &line.finding {
        Finding::Ok { seen } => vec![format!("ok    {check}: {seen}")],
        Finding::Warn { seen, advice } => {
            vec![
                format!("warn  {check}: {seen}"),
                format!("      -> {advice}"),
            ]
        }
        Finding::Fail { seen, advice } => {
            vec![
                format!("FAIL  {check}: {seen}"),
                format!("      -> {advice}"),
            ]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_to_do_stands_below_what_is_wrong() {
        let line = Line {
            check: "database".to_owned(),
            finding: Finding::fail("it is gone", "bring it back"),
        };
        assert_eq!(
            words(&line),
            ["FAIL  database: it is gone", "      -> bring it back"]
        );
        assert_eq!(
            serde_json::to_value(&line).unwrap(),
            serde_json::json!({"check": "database", "state": "fail", "seen": "it is gone",
                "advice": "bring it back"})
        );
    }
}
