//! Why a request could not be read.

use std::fmt;

const ALLOWED_SHOWN_MAX: usize = 12;
const KEY_CHARS_MAX: usize = 64;

/// Why a request could not be read. Its text names the field as it stands on the wire and what was
/// expected there; it never repeats a value.
#[derive(Debug)]
pub struct DecodeError {
    /// Innermost first.
    path: Vec<Segment>,
    problem: Problem,
}

#[derive(Debug)]
enum Segment {
    Key(String),
    Index(usize),
}

#[derive(Debug)]
enum Problem {
    Empty,
    Utf8(usize),
    Syntax(String),
    Missing,
    Expected(String),
    NotAllowed(&'static [&'static str]),
    Invalid,
}

impl DecodeError {
    pub(super) fn empty() -> Self {
        Self::at_root(Problem::Empty)
    }

    pub(super) fn utf8(valid_bytes: usize) -> Self {
        Self::at_root(Problem::Utf8(valid_bytes))
    }

    /// serde_json's messages about syntax name a place and never a value.
    pub(super) fn syntax(error: &serde_json::Error) -> Self {
        Self::at_root(Problem::Syntax(error.to_string()))
    }

    pub(super) fn expected(what: impl fmt::Display) -> Self {
        Self::at_root(Problem::Expected(what.to_string()))
    }

    /// The same error, seen from the object that has the field `key`.
    #[must_use]
    pub(super) fn under(mut self, key: &str) -> Self {
        self.path
            .push(Segment::Key(key.chars().take(KEY_CHARS_MAX).collect()));
        self
    }

    /// The same error, seen from the list that has the item.
    #[must_use]
    pub(super) fn at_index(mut self, index: usize) -> Self {
        self.path.push(Segment::Index(index));
        self
    }

    /// Whether something that must be there is not.
    pub const fn is_missing(&self) -> bool {
        matches!(self.problem, Problem::Missing | Problem::Empty)
    }

    fn at_root(problem: Problem) -> Self {
        Self {
            path: Vec::new(),
            problem,
        }
    }

    /// The field, as `amount.total` or `products[0].id`; empty if it is the body itself.
    pub fn path(&self) -> String {
        let mut out = String::new();
        for segment in self.path.iter().rev() {
            match segment {
                Segment::Key(key) if out.is_empty() => out.push_str(key),
                Segment::Key(key) => {
                    out.push('.');
                    out.push_str(key);
                }
                Segment::Index(index) => {
                    out.push('[');
                    out.push_str(&index.to_string());
                    out.push(']');
                }
            }
        }
        out
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path();
        let field = if path.is_empty() {
            "the body".to_owned()
        } else {
            format!("`{path}`")
        };
        match &self.problem {
            Problem::Empty => f.write_str("the body is empty"),
            Problem::Utf8(valid) => write!(f, "the body is not UTF-8 (after {valid} bytes)"),
            Problem::Syntax(message) => write!(f, "the body is not JSON: {message}"),
            Problem::Missing => write!(f, "{field} is required"),
            Problem::Expected(what) => write!(f, "{field}: expected {what}"),
            Problem::Invalid => write!(f, "{field} is not valid"),
            Problem::NotAllowed(names) => {
                let shown = names
                    .iter()
                    .take(ALLOWED_SHOWN_MAX)
                    .copied()
                    .collect::<Vec<_>>();
                write!(
                    f,
                    "{field} is not one of the allowed values: {}",
                    shown.join(", ")
                )?;
                match names.len().saturating_sub(ALLOWED_SHOWN_MAX) {
                    0 => Ok(()),
                    more => write!(f, " and {more} more"),
                }
            }
        }
    }
}

impl std::error::Error for DecodeError {}

impl serde::de::Error for DecodeError {
    /// The message is dropped: it could repeat a value.
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self::at_root(Problem::Invalid)
    }

    fn invalid_type(_: serde::de::Unexpected<'_>, expected: &dyn serde::de::Expected) -> Self {
        Self::expected(expected)
    }

    fn invalid_value(_: serde::de::Unexpected<'_>, expected: &dyn serde::de::Expected) -> Self {
        Self::expected(expected)
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self::at_root(Problem::NotAllowed(expected))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::at_root(Problem::Missing).under(field)
    }
}
