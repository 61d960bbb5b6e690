//! Reads the input of the controls and refuses it in words.
//!
//! A small reader instead of derived types: every message names the field and what was
//! expected, and a field that nobody asked for is refused, so that a typing mistake in a test
//! does not silently order nothing.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::answer;
use crate::inicis::Fields;
use crate::pg::Pg;

/// Input that a control refuses.
#[derive(Debug)]
pub(crate) struct BadInput {
    error: String,
    hint: String,
}

impl BadInput {
    pub(crate) fn new(error: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            error: error.into(),
            hint: hint.into(),
        }
    }
}

impl IntoResponse for BadInput {
    fn into_response(self) -> Response {
        let body = json!({ "error": self.error, "hint": self.hint });
        answer::json(StatusCode::BAD_REQUEST, &body)
    }
}

/// A 404 in the shape of the controls.
pub(crate) fn not_found(error: &str, hint: &str) -> Response {
    answer::json(
        StatusCode::NOT_FOUND,
        &json!({ "error": error, "hint": hint }),
    )
}

/// The fields of a JSON object; each is taken out once.
#[derive(Debug)]
pub(crate) struct Body {
    /// Before the names of a nested object: `match.`.
    prefix: &'static str,
    fields: Map<String, Value>,
}

impl Body {
    /// Reads a body; an empty one counts as `{}`.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, BadInput> {
        if bytes.trim_ascii().is_empty() {
            return Ok(Self {
                prefix: "",
                fields: Map::new(),
            });
        }
        match serde_json::from_slice(bytes) {
            Ok(Value::Object(fields)) => Ok(Self { prefix: "", fields }),
            Ok(_) => Err(BadInput::new("the body is not an object", "send `{ … }`")),
            Err(error) => Err(BadInput::new(
                format!("the body is not JSON: {error}"),
                "send JSON",
            )),
        }
    }

    fn take(&mut self, name: &str) -> Option<Value> {
        self.fields.remove(name).filter(|value| !value.is_null())
    }

    fn wrong(&self, name: &str, expected: &str) -> BadInput {
        let prefix = self.prefix;
        BadInput::new(
            format!("`{prefix}{name}` is not {expected}"),
            format!("expected {expected}"),
        )
    }

    pub(crate) fn text(&mut self, name: &str) -> Result<Option<String>, BadInput> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) if !text.is_empty() => Ok(Some(text)),
            Some(_) => Err(self.wrong(name, "a text that is not empty")),
        }
    }

    /// `fields`: what a page sends to the PG.
    pub(crate) fn page_fields(&mut self) -> Result<Fields, BadInput> {
        let fields = self.take("fields");
        let fields = fields.and_then(|fields| Fields::from_json(&fields.to_string()));
        fields.ok_or_else(|| {
            BadInput::new(
                "`fields` is missing",
                "what the page sends to the PG, as an object",
            )
        })
    }

    pub(crate) fn flag(&mut self, name: &str) -> Result<Option<bool>, BadInput> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(flag)),
            Some(_) => Err(self.wrong(name, "`true` or `false`")),
        }
    }

    pub(crate) fn integer(
        &mut self,
        name: &str,
        range: RangeInclusive<u64>,
    ) -> Result<Option<u64>, BadInput> {
        let Some(value) = self.take(name) else {
            return Ok(None);
        };
        let number = value.as_u64().filter(|number| range.contains(number));
        let (low, high) = (range.start(), range.end());
        let wrong = || self.wrong(name, &format!("an integer from {low} to {high}"));
        number.map(Some).ok_or_else(wrong)
    }

    /// One of the given names.
    pub(crate) fn choice<T: Copy>(
        &mut self,
        name: &str,
        choices: &[(&str, T)],
    ) -> Result<Option<T>, BadInput> {
        let Some(value) = self.take(name) else {
            return Ok(None);
        };
        let chosen = choices
            .iter()
            .find(|(choice, _)| value.as_str() == Some(choice));
        let wrong = || {
            let names: Vec<&str> = choices.iter().map(|(choice, _)| *choice).collect();
            self.wrong(name, &format!("one of `{}`", names.join("`, `")))
        };
        chosen.map(|(_, chosen)| Some(*chosen)).ok_or_else(wrong)
    }

    pub(crate) fn texts(&mut self, name: &str) -> Result<Option<Vec<String>>, BadInput> {
        let Some(value) = self.take(name) else {
            return Ok(None);
        };
        let texts = value.as_array().and_then(|items| {
            items
                .iter()
                .map(|item| item.as_str().map(str::to_owned))
                .collect::<Option<Vec<_>>>()
        });
        texts
            .map(Some)
            .ok_or_else(|| self.wrong(name, "a list of texts"))
    }

    /// A nested object, empty if absent.
    pub(crate) fn object(&mut self, name: &str, prefix: &'static str) -> Result<Self, BadInput> {
        match self.take(name) {
            None => Ok(Self {
                prefix,
                fields: Map::new(),
            }),
            Some(Value::Object(fields)) => Ok(Self { prefix, fields }),
            Some(_) => Err(self.wrong(name, "an object")),
        }
    }

    /// Refuses what nobody has taken.
    pub(crate) fn finish(self) -> Result<(), BadInput> {
        match self.fields.keys().next() {
            None => Ok(()),
            Some(name) => Err(BadInput::new(
                format!("`{}{name}` is not known here", self.prefix),
                "the README of pg-sim lists the fields of every control",
            )),
        }
    }
}

/// The values of a query, each name once.
pub(crate) fn query(raw: Option<&str>) -> Result<HashMap<String, String>, BadInput> {
    let pairs: Vec<(String, String)> = serde_html_form::from_str(raw.unwrap_or_default())
        .map_err(|error| BadInput::new(format!("the query can't be read: {error}"), "a=b&c=d"))?;
    Ok(pairs.into_iter().collect())
}

/// The PG that a control is about; absent means all.
pub(crate) fn read_pg(pg: Option<&str>) -> Result<Option<Pg>, BadInput> {
    let Some(name) = pg else {
        return Ok(None);
    };
    let found = Pg::NAMES.iter().find(|(known, _)| *known == name);
    found.map(|(_, pg)| Some(*pg)).ok_or_else(|| {
        let known = Pg::NAMES.map(|(known, _)| known).join("`, `");
        let error = format!("`pg` is `{name}`, which is not simulated");
        BadInput::new(error, format!("expected one of `{known}`"))
    })
}
