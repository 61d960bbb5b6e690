//! The fields of a call. Numbers may come as texts and texts as numbers; `null` is nothing, and in
//! a form so is an empty text.

use naru_domain::{Currency, Timestamp};
use serde_json::{Map, Value};

use crate::money::minor;
use crate::refused::Refused;

/// The fields of a call.
#[derive(Clone, Default)]
pub(crate) struct Input {
    fields: Map<String, Value>,
    is_form: bool,
}

impl Input {
    pub(crate) fn of_json(fields: Map<String, Value>) -> Self {
        Self {
            fields,
            is_form: false,
        }
    }

    pub(crate) fn of_form(fields: Map<String, Value>) -> Self {
        Self {
            fields,
            is_form: true,
        }
    }

    /// These fields, and those of another where these have none.
    pub(crate) fn over(mut self, other: Self) -> Self {
        for (name, value) in other.fields {
            self.fields.entry(name).or_insert(value);
        }
        self
    }

    /// Whether a text holds what no database takes.
    pub(crate) fn holds_nul(&self) -> bool {
        self.fields
            .iter()
            .any(|(name, value)| name.contains('\0') || holds_nul(value))
    }

    pub(crate) fn value(&self, name: &str) -> Option<&Value> {
        let value = self.fields.get(name)?;
        let is_nothing = match value {
            Value::Null => true,
            Value::String(text) => self.is_form && text.is_empty(),
            Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => false,
        };
        (!is_nothing).then_some(value)
    }

    /// A text as it was sent, an empty one in JSON included.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.value(name).and_then(scalar)
    }

    /// The first of several names that is a text that says something.
    pub(crate) fn said(&self, names: &[&str]) -> Option<String> {
        let mut texts = names.iter().filter_map(|name| self.text(name));
        texts.find(|text| !text.trim().is_empty())
    }

    /// A text that must say something.
    pub(crate) fn required(&self, name: &str) -> Result<String, Refused> {
        self.said(&[name]).ok_or_else(|| Refused::missing(name))
    }

    /// A whole number.
    pub(crate) fn int(&self, name: &str) -> Result<Option<i64>, Refused> {
        let Some(text) = self.said(&[name]) else {
            return Ok(None);
        };
        let text = text.trim();
        let whole = text.split_once('.').map_or(text, |(whole, fraction)| {
            let is_whole = fraction.bytes().all(|byte| byte == b'0');
            if is_whole { whole } else { text }
        });
        let parsed = whole.parse().ok();
        let parsed = parsed.ok_or_else(|| Refused::malformed(name, "정수"))?;
        Ok(Some(parsed))
    }

    /// An amount in the currency's minor unit.
    pub(crate) fn amount(&self, name: &str, currency: &Currency) -> Result<Option<i64>, Refused> {
        match self.value(name) {
            Some(Value::String(text)) if text.trim().is_empty() => Ok(None),
            Some(value) => minor(name, value, currency).map(Some),
            None => Ok(None),
        }
    }

    /// Yes or no.
    pub(crate) fn boolean(&self, name: &str) -> Result<Option<bool>, Refused> {
        let Some(text) = self.said(&[name]) else {
            return Ok(None);
        };
        match text.trim().to_ascii_lowercase().as_str() {
            "true" | "1" | "y" => Ok(Some(true)),
            "false" | "0" | "n" => Ok(Some(false)),
            _ => Err(Refused::malformed(name, "true 또는 false")),
        }
    }

    /// A moment in Unix seconds.
    pub(crate) fn seconds(&self, name: &str) -> Result<Option<Timestamp>, Refused> {
        let seconds = self.int(name)?;
        // Within the years that a moment can be told in; beyond them are milliseconds.
        let is_moment = |seconds: &i64| (0..=99_999_999_999).contains(seconds);
        match seconds {
            None => Ok(None),
            Some(seconds) if is_moment(&seconds) => {
                Ok(Some(Timestamp::default().plus_seconds(seconds)))
            }
            Some(_) => Err(Refused::malformed(name, "Unix timestamp(초)")),
        }
    }

    /// Texts: a list, a list by its places, or one.
    pub(crate) fn list(&self, name: &str) -> Vec<String> {
        match self.value(name) {
            None => Vec::new(),
            Some(value) => items(value)
                .into_iter()
                .filter_map(scalar)
                .filter(|text| !text.is_empty())
                .collect(),
        }
    }

    /// An object, or a text that holds one.
    pub(crate) fn object(&self, name: &str) -> Option<Self> {
        match self.value(name)? {
            Value::Object(object) => Some(self.child(object)),
            Value::String(text) => {
                let parsed: Value = serde_json::from_str(text).ok()?;
                Some(self.child(parsed.as_object()?))
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => None,
        }
    }

    /// Objects: a list, a list by its places, one, or a text that holds them.
    pub(crate) fn objects(&self, name: &str) -> Vec<Self> {
        let parsed;
        let value = match self.value(name) {
            None => return Vec::new(),
            Some(Value::String(text)) => {
                parsed = serde_json::from_str(text).unwrap_or_default();
                &parsed
            }
            Some(value) => value,
        };
        let objects = items(value).into_iter().filter_map(Value::as_object);
        objects.map(|object| self.child(object)).collect()
    }

    /// The fields as they were sent.
    pub(crate) fn into_value(self) -> Value {
        Value::Object(self.fields)
    }

    fn child(&self, fields: &Map<String, Value>) -> Self {
        Self {
            fields: fields.clone(),
            is_form: self.is_form,
        }
    }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => {
            let text = number.to_string();
            let whole = text.strip_suffix(".0").map(str::to_owned);
            Some(whole.unwrap_or(text))
        }
        Value::Bool(value) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// The items of a list; those of an object are in the order of their places.
fn items(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().collect(),
        Value::Object(object) => {
            let place = |(name, value)| Some((str::parse::<u32>(name).ok()?, value));
            let mut placed: Vec<(u32, &Value)> = object
                .iter()
                .filter_map(|(name, value)| place((name.as_str(), value)))
                .collect();
            if placed.is_empty() {
                return vec![value];
            }
            placed.sort_by_key(|(place, _)| *place);
            placed.into_iter().map(|(_, value)| value).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => vec![value],
    }
}

fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(holds_nul),
        Value::Object(fields) => fields
            .iter()
            .any(|(name, value)| name.contains('\0') || holds_nul(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn input(value: &Value) -> Input {
        Input::of_json(value.as_object().unwrap().clone())
    }

    #[test]
    fn numbers_are_texts_and_texts_are_numbers() {
        let input = input(&json!({
            "merchant_uid": 20_240_101, "page": "2", "limit": 10.0, "flag": "Y", "off": 0,
            "at": "1700000000", "millis": 1_700_000_000_000_i64, "half": 1.5, "nothing": null,
            "empty": "",
        }));
        assert_eq!(input.required("merchant_uid").unwrap(), "20240101");
        assert_eq!(input.int("page").unwrap(), Some(2));
        assert_eq!(input.int("limit").unwrap(), Some(10));
        assert!(input.int("half").is_err());
        assert_eq!(input.boolean("flag").unwrap(), Some(true));
        assert_eq!(input.boolean("off").unwrap(), Some(false));
        assert_eq!(
            input.seconds("at").unwrap().unwrap().as_seconds(),
            1_700_000_000
        );
        assert!(input.seconds("millis").is_err());
        assert!(input.text("nothing").is_none());
        assert_eq!(input.text("empty").unwrap(), "");
        assert!(input.required("empty").is_err());
    }

    #[test]
    fn lists_are_read_in_every_spelling() {
        for value in [json!(["a", 1]), json!({"1": 1, "0": "a"})] {
            assert_eq!(input(&json!({ "x": value })).list("x"), ["a", "1"]);
        }
        assert_eq!(input(&json!({ "x": "a" })).list("x"), ["a"]);
        let extra = input(&json!({"extra": {"requester": "admin"}})).object("extra");
        assert_eq!(extra.unwrap().text("requester").unwrap(), "admin");
    }

    #[test]
    fn objects_are_read_in_every_spelling() {
        let two = json!([{"a": 1}, {"a": 2}]);
        for value in [
            two.clone(),
            json!({"0": {"a": 1}, "1": {"a": 2}}),
            json!(two.to_string()),
        ] {
            let seen = input(&json!({ "x": value })).objects("x");
            let seen: Vec<_> = seen.iter().map(|one| one.text("a").unwrap()).collect();
            assert_eq!(seen, ["1", "2"]);
        }
        assert_eq!(input(&json!({"x": {"a": 1}})).objects("x").len(), 1);
        assert!(input(&json!({"x": "no JSON"})).objects("x").is_empty());
    }

    #[test]
    fn an_empty_text_of_a_form_is_nothing() {
        let fields = json!({"buyer_addr": ""});
        let form = Input::of_form(fields.as_object().unwrap().clone());
        assert!(form.text("buyer_addr").is_none());
        assert_eq!(input(&fields).text("buyer_addr").unwrap(), "");
    }
}
