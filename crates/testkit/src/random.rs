//! Random requests, made from a document's schemas: mostly right, sometimes odd.
//!
//! Every choice comes from one number, so a run that fails is repeated by it.

use serde_json::{Map, Value, json};

/// Nesting beyond which nothing optional is made.
const DEPTH_MAX: usize = 6;

/// Texts that have broken servers before.
const ODD_TEXTS: [&str; 14] = [
    "",
    " ",
    "\0",
    "a\u{0}b",
    "가나다 라마바",
    "🛶",
    "'; DROP TABLE payments; --",
    "%00%FF",
    "../../etc/passwd",
    "2026-02-30",
    "9999-12-31T23:59:59.999999999Z",
    "-1",
    "1e400",
    "null",
];

/// Numbers that have.
const ODD_NUMBERS: [i64; 10] = [
    0,
    -1,
    1,
    99,
    1_000,
    i32::MAX as i64,
    i32::MAX as i64 + 1,
    (1 << 53) - 1,
    i64::MAX,
    i64::MIN,
];

/// A source of random values.
#[derive(Debug, Clone)]
pub struct Random {
    state: u64,
    /// Texts that mean something to the server, by the end of a field's name.
    known: Vec<(&'static str, String)>,
}

impl Random {
    /// One that begins at a number.
    pub fn new(seed: u64, known: Vec<(&'static str, String)>) -> Self {
        let state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        Self { state, known }
    }

    /// The next number (xorshift64*).
    pub fn number(&mut self) -> u64 {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        self.state.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// A number below this one.
    pub fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound.max(1)).unwrap_or(1);
        usize::try_from(self.number() % bound).unwrap_or(0)
    }

    /// One of several.
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        let index = self.below(of.len());
        of.get(index).expect("something to pick from")
    }

    /// Once in so many times.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// A text for a field of this name.
    pub fn text(&mut self, name: &str) -> String {
        let known: Vec<String> = self
            .known
            .iter()
            .filter(|(end, _)| name.to_lowercase().ends_with(end))
            .map(|(_, text)| text.clone())
            .collect();
        if !known.is_empty() && !self.once_in(8) {
            return self.pick(&known).clone();
        }
        if self.once_in(3) {
            return (*self.pick(&ODD_TEXTS)).to_owned();
        }
        match self.below(6) {
            0 => "x".repeat(self.below(3_000)),
            1 => self.number().to_string(),
            2 => "2026-11-26T09:00:00+09:00".to_owned(),
            3 => "2026-11-26".to_owned(),
            4 => "01012345678".to_owned(),
            _ => format!("text-{}", self.below(5)),
        }
    }

    fn odd(&mut self) -> Value {
        match self.below(8) {
            0 => Value::Null,
            1 => json!(true),
            2 => json!([]),
            3 => json!({}),
            4 => json!([[[[{}]]]]),
            5 => json!(1.5e300),
            6 => json!(*self.pick(&ODD_NUMBERS)),
            _ => json!(*self.pick(&ODD_TEXTS)),
        }
    }

    /// A value for a schema of a document, for a field of this name.
    pub fn value(&mut self, document: &Value, schema: &Value, name: &str) -> Value {
        self.nested(document, schema, name, 0)
    }

    fn nested(&mut self, document: &Value, schema: &Value, name: &str, depth: usize) -> Value {
        if depth > 0 && self.once_in(60) {
            return self.odd();
        }
        if let Some(path) = schema["$ref"].as_str() {
            let pointer = path.trim_start_matches('#');
            let target = document.pointer(pointer).expect("a schema of the document");
            return self.nested(document, target, name, depth);
        }
        for union in ["oneOf", "anyOf", "allOf"] {
            if let Some(parts) = schema[union].as_array().filter(|parts| !parts.is_empty()) {
                let part = self.pick(parts).clone();
                return self.nested(document, &part, name, depth);
            }
        }
        if let Some(values) = schema["enum"]
            .as_array()
            .filter(|values| !values.is_empty())
        {
            return self.pick(values).clone();
        }
        match schema["type"].as_str() {
            Some("object") => self.object(document, schema, depth),
            Some("array") => {
                let count = if depth < DEPTH_MAX { self.below(4) } else { 0 };
                let items = (0..count)
                    .map(|_| self.nested(document, &schema["items"], name, depth + 1))
                    .collect();
                Value::Array(items)
            }
            Some("integer" | "number") => match self.below(4) {
                0 => json!(*self.pick(&ODD_NUMBERS)),
                _ => json!(self.below(2_000)),
            },
            Some("boolean") => json!(self.once_in(2)),
            Some("string") => json!(self.text(name)),
            _ if schema.get("properties").is_some() => self.object(document, schema, depth),
            _ => self.odd(),
        }
    }

    fn object(&mut self, document: &Value, schema: &Value, depth: usize) -> Value {
        let required: Vec<&str> = schema["required"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let mut made = Map::new();
        for (name, one) in schema["properties"].as_object().into_iter().flatten() {
            let is_wanted = if required.contains(&name.as_str()) {
                !self.once_in(60)
            } else {
                depth < DEPTH_MAX && self.once_in(3)
            };
            if is_wanted {
                made.insert(name.clone(), self.nested(document, one, name, depth + 1));
            }
        }
        Value::Object(made)
    }
}

/// A text as a query or a path has it.
pub fn percent_encoded(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}
