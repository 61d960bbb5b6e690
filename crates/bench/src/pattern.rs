//! Text with gaps: what a copied row has in common with all other copies, and where its own ids and
//! times go. Taken apart once, so that a million copies cost little more than their bytes.

use uuid::Uuid;

/// How far from the pattern's own time a number still is one of its times, in microseconds.
const NEAR_US: i64 = 3_600_000_000;
/// A time in microseconds has so many digits, from 2001 to 2286.
const TIME_DIGITS: usize = 16;

/// What is different in each copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Id {
    /// The payment's id.
    Payment(String),
    /// A UUID, with dashes or without.
    Uuid(Uuid),
    /// A PG's id, which ends in digits.
    PgTx(String),
}

/// What each copy has instead, in the order of the pattern's ids.
pub struct Own {
    /// One text for each id: with dashes, for UUIDs.
    pub ids: Vec<String>,
    /// How much later it happened, in microseconds.
    pub later_us: i64,
}

/// What is told apart in a text.
pub struct Known<'a> {
    /// The ids.
    pub ids: &'a [Id],
    /// When the pattern happened.
    pub at_us: i64,
}

/// A text taken apart.
#[derive(Debug, Clone)]
pub struct Pattern(Vec<Part>);

#[derive(Debug, Clone)]
enum Part {
    Text(String),
    Id(usize),
    Hex(usize),
    Time(i64),
}

impl Known<'_> {
    /// Whether a number is one of the pattern's times.
    pub fn is_time(&self, number: i64) -> bool {
        (number - self.at_us).abs() < NEAR_US
    }

    /// The first part of a text, unless it is like that of every copy, and how long it is.
    fn part(&self, text: &str) -> Option<(Part, usize)> {
        for (index, id) in self.ids.iter().enumerate() {
            let (dashed, hex) = match id {
                Id::Payment(id) | Id::PgTx(id) => (id.clone(), None),
                Id::Uuid(id) => (id.to_string(), Some(id.simple().to_string())),
            };
            if text.starts_with(&dashed) {
                return Some((Part::Id(index), dashed.len()));
            }
            if let Some(hex) = hex.filter(|hex| text.starts_with(hex)) {
                return Some((Part::Hex(index), hex.len()));
            }
        }
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let number: i64 = text.get(..digits)?.parse().ok()?;
        (digits == TIME_DIGITS && self.is_time(number)).then_some((Part::Time(number), digits))
    }
}

impl Pattern {
    /// Takes a text apart.
    pub fn of(text: &str, known: &Known<'_>) -> Self {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        let mut was_digit = false;
        while let Some(first) = rest.chars().next() {
            // The middle of a longer number is no time.
            let found = known.part(rest).filter(|(part, _)| match part {
                Part::Time(_) => !was_digit,
                Part::Text(_) | Part::Id(_) | Part::Hex(_) => true,
            });
            let length = if let Some((part, length)) = found {
                parts.push(Part::Text(std::mem::take(&mut plain)));
                parts.push(part);
                length
            } else {
                plain.push(first);
                first.len_utf8()
            };
            was_digit = first.is_ascii_digit();
            rest = rest.get(length..).unwrap_or_default();
        }
        parts.push(Part::Text(plain));
        Self(parts)
    }

    /// The text as an SQL expression: `own` has one for each id, `literal` makes one of a text.
    pub fn sql(&self, own: &[String], literal: &dyn Fn(&str) -> String) -> String {
        let id = |index: usize| own.get(index).map_or("''", String::as_str);
        let is_worth_it = |part: &&Part| !matches!(part, Part::Text(plain) if plain.is_empty());
        let parts = self.0.iter().filter(is_worth_it).map(|part| match part {
            Part::Text(plain) => literal(plain),
            Part::Id(index) => id(*index).to_owned(),
            Part::Hex(index) => format!("replace({}, '-', '')", id(*index)),
            Part::Time(at) => literal(&at.to_string()),
        });
        let parts: Vec<String> = parts.collect();
        if parts.is_empty() {
            return literal("");
        }
        parts.join(" || ")
    }

    /// The text of a copy.
    pub fn write(&self, own: &Own) -> String {
        let mut text = String::new();
        for part in &self.0 {
            match part {
                Part::Text(plain) => text.push_str(plain),
                Part::Id(index) => text.push_str(own.ids.get(*index).map_or("", String::as_str)),
                Part::Hex(index) => {
                    let dashed = own.ids.get(*index).map_or("", String::as_str);
                    text.extend(dashed.chars().filter(|one| *one != '-'));
                }
                Part::Time(at) => text.push_str(&(at + own.later_us).to_string()),
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_times_are_replaced_and_nothing_else() {
        let uuid: Uuid = "0190a6de-0000-7000-8000-000000000001".parse().unwrap();
        let ids = [Id::Payment("kind-0".to_owned()), Id::Uuid(uuid)];
        let at_us = 1_767_225_600_493_379;
        let known = Known { ids: &ids, at_us };
        let text = format!(
            r#"{{"id":"kind-0","at":{},"other":{},"long":1{at_us}1,"tx":"{uuid}","o":"{}"}}"#,
            at_us + 5,
            at_us - NEAR_US,
            uuid.simple()
        );
        let other: Uuid = "0190a6de-0000-7000-8000-000000000002".parse().unwrap();
        let own = Own {
            ids: vec!["seed-1".to_owned(), other.to_string()],
            later_us: -100,
        };
        let expected = text
            .replace("kind-0", "seed-1")
            .replace(&(at_us + 5).to_string(), &(at_us - 95).to_string())
            .replace(&uuid.to_string(), &other.to_string())
            .replace(&uuid.simple().to_string(), &other.simple().to_string());
        assert_eq!(Pattern::of(&text, &known).write(&own), expected);
    }
}
