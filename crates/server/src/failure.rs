//! What goes wrong for a person at the command line: what, and what to do next.
//!
//! Lower case, no full stop, the value in backticks, never a secret. Code below the command line
//! has its own error types; they become a failure where a person would read them.

use std::fmt;

/// A failure with its next step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    message: String,
    hint: Option<String>,
}

impl Failure {
    /// What went wrong.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            hint: None,
        }
    }

    /// The next step.
    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..self
        }
    }

    /// The next step, if one is known.
    pub fn next_step(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// The same, said about a place.
    #[must_use]
    pub fn within(self, place: &str) -> Self {
        Self {
            message: format!("{place}: {}", self.message),
            ..self
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

/// The words for the terminal: `error:` with the whole chain, then `hint:` if there is one.
pub fn render(error: &anyhow::Error) -> String {
    let chain: Vec<String> = error.chain().map(ToString::to_string).collect();
    let mut text = format!("error: {}", chain.join(": "));
    let hint = error
        .chain()
        .find_map(|cause| cause.downcast_ref::<Failure>())
        .and_then(Failure::next_step);
    if let Some(hint) = hint {
        text.push_str("\nhint: ");
        text.push_str(hint);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hint_comes_last() {
        let failure = Failure::new("no store `a`").hint("list them with `naru stores list`");
        let error = anyhow::Error::from(failure).context("can't create the key");
        assert_eq!(
            render(&error),
            "error: can't create the key: no store `a`\nhint: list them with `naru stores list`"
        );
    }
}
