//! Cells of a record by the names of their columns, and what they hold.

use std::collections::HashMap;

use naru_domain::{Day, Timestamp};

use super::{LineProblem, Record};
use crate::kst;

/// The greatest amount of a line: below what sums can hold by a factor of a million.
const AMOUNT_MAX: i64 = 999_999_999_999;
/// The longest id or name, in characters.
const TEXT_MAX: usize = 200;

/// Which column has which name.
pub(crate) struct Columns {
    by_name: HashMap<String, usize>,
    count: usize,
}

impl Columns {
    /// Reads a header. Every required column must be there, and none but the known ones.
    pub(crate) fn of(
        header: &Record,
        (required, optional): (&[&str], &[&str]),
    ) -> Result<Self, Vec<LineProblem>> {
        let mut problems = Vec::new();
        let mut by_name = HashMap::new();
        for (at, name) in header.cells.iter().enumerate() {
            let name = name.trim();
            if !required.contains(&name) && !optional.contains(&name) {
                problems.push(format!(
                    "the column `{}` is not known; columns are `{}`",
                    shortened(name),
                    [required, optional].concat().join("`, `")
                ));
            } else if by_name.insert(name.to_owned(), at).is_some() {
                problems.push(format!("the column `{name}` is there twice"));
            }
        }
        for name in required.iter().filter(|name| !by_name.contains_key(**name)) {
            problems.push(format!("the column `{name}` is missing"));
        }
        if problems.is_empty() {
            return Ok(Self {
                by_name,
                count: header.cells.len(),
            });
        }
        let line = header.line;
        let problem = |problem| LineProblem { line, problem };
        Err(problems.into_iter().map(problem).collect())
    }

    /// The cells of a record below the header.
    pub(crate) fn cells<'a>(&'a self, record: &'a Record) -> Result<Cells<'a>, String> {
        if record.cells.len() == self.count {
            return Ok(Cells {
                columns: self,
                record,
            });
        }
        let (want, have) = (self.count, record.cells.len());
        Err(format!("has {have} cells where the header has {want}"))
    }
}

fn shortened(name: &str) -> String {
    name.chars().take(40).collect()
}

/// A record's cells.
pub(crate) struct Cells<'a> {
    columns: &'a Columns,
    record: &'a Record,
}

impl Cells<'_> {
    /// A cell's text without blanks around it; nothing if it is empty or has no column.
    pub(crate) fn raw(&self, name: &str) -> Option<&str> {
        let at = self.columns.by_name.get(name)?;
        let text = self.record.cells.get(*at)?.trim();
        (!text.is_empty()).then_some(text)
    }

    /// An id or a name.
    pub(crate) fn text(&self, name: &str) -> Result<Option<String>, String> {
        let Some(text) = self.raw(name) else {
            return Ok(None);
        };
        if text.chars().count() > TEXT_MAX || text.chars().any(char::is_control) {
            return Err(format!(
                "`{name}`: expected at most {TEXT_MAX} characters without control characters"
            ));
        }
        Ok(Some(text.to_owned()))
    }

    /// An id that must be there.
    pub(crate) fn id(&self, name: &str) -> Result<String, String> {
        self.text(name)?.ok_or_else(|| format!("`{name}` is empty"))
    }

    /// A whole number with an optional sign; commas between digits are allowed.
    pub(crate) fn signed(&self, name: &str) -> Result<Option<i64>, String> {
        let Some(text) = self.raw(name) else {
            return Ok(None);
        };
        let digits = text.replace(',', "");
        let is_number = digits
            .strip_prefix('-')
            .unwrap_or(&digits)
            .bytes()
            .all(|byte| byte.is_ascii_digit());
        digits
            .parse::<i64>()
            .ok()
            .filter(|number| is_number && number.abs() <= AMOUNT_MAX)
            .map(Some)
            .ok_or_else(|| {
                format!(
                    "`{name}`: expected a whole number of at most {AMOUNT_MAX}, in the currency's \
                     smallest unit"
                )
            })
    }

    /// A whole number that is not negative.
    pub(crate) fn unsigned(&self, name: &str) -> Result<Option<i64>, String> {
        match self.signed(name)? {
            Some(number) if number < 0 => Err(format!("`{name}`: expected no negative number")),
            number => Ok(number),
        }
    }

    /// A number that must be there.
    pub(crate) fn required(&self, name: &str) -> Result<i64, String> {
        self.signed(name)?
            .ok_or_else(|| format!("`{name}` is empty"))
    }

    /// A day that must be there, as `yyyy-MM-dd` or `yyyyMMdd`.
    pub(crate) fn day(&self, name: &str) -> Result<Day, String> {
        let text = self.raw(name).ok_or_else(|| format!("`{name}` is empty"))?;
        day(text).ok_or_else(|| format!("`{name}`: expected a day such as `2026-01-15`"))
    }

    /// A day with an optional time of Korea; or a moment with its zone.
    pub(crate) fn moment(&self, name: &str) -> Result<(Day, Option<Timestamp>), String> {
        let text = self.raw(name).ok_or_else(|| format!("`{name}` is empty"))?;
        moment(text).ok_or_else(|| {
            format!("`{name}`: expected `2026-01-15`, or `2026-01-15 10:20:30` of Korea's time")
        })
    }

    /// Yes or no.
    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, String> {
        match self.raw(name) {
            None => Ok(None),
            Some("Y") => Ok(Some(true)),
            Some("N") => Ok(Some(false)),
            Some(_) => Err(format!("`{name}`: expected `Y` or `N`")),
        }
    }

    /// Months of an instalment plan.
    pub(crate) fn months(&self, name: &str) -> Result<Option<u16>, String> {
        let months = self.unsigned(name)?;
        months
            .map(|months| {
                u16::try_from(months)
                    .ok()
                    .filter(|months| *months <= 60)
                    .map(|months| if months == 1 { 0 } else { months })
                    .ok_or_else(|| format!("`{name}`: expected months from 0 to 60"))
            })
            .transpose()
    }
}

fn day(text: &str) -> Option<Day> {
    if text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let (year, rest) = text.split_at_checked(4)?;
        let (month, day) = rest.split_at_checked(2)?;
        return format!("{year}-{month}-{day}").parse().ok();
    }
    text.parse().ok()
}

fn moment(text: &str) -> Option<(Day, Option<Timestamp>)> {
    if let Some(day) = day(text) {
        return Some((day, None));
    }
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some((kst::settlement_day(at), Some(at)));
    }
    let (date, time) = text.split_once([' ', 'T'])?;
    let found = day(date)?;
    let digits = |text: &str| text.replace(['-', ':'], "");
    let at = kst::read(&digits(date), &digits(time))?;
    Some((found, Some(at)))
}
