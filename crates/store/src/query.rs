//! What can be asked of a table.

use crate::{Table, Value};

/// Sort direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Smallest first.
    Ascending,
    /// Largest first.
    Descending,
}

/// One condition on one column. A null never matches.
#[derive(Debug, Clone)]
pub enum Condition {
    /// Equal to the value.
    Is(&'static str, Value),
    /// Equal to one of the values; none given matches nothing.
    In(&'static str, Vec<Value>),
    /// At least the value.
    AtLeast(&'static str, Value),
    /// At most the value.
    AtMost(&'static str, Value),
    /// Strictly less than the value.
    Below(&'static str, Value),
    /// Strictly greater than the value.
    Above(&'static str, Value),
    /// A text that begins with this one (case-sensitive, by bytes; no wildcards).
    Prefix(&'static str, String),
    /// At least one row of another table matches: its columns named second equal this table's
    /// columns named first, and its own conditions hold. The conditions may not nest further.
    Exists {
        /// The other table.
        table: &'static Table,
        /// (this table's column, the other table's column) pairs.
        on: &'static [(&'static str, &'static str)],
        /// Conditions on the other table.
        filter: Vec<Condition>,
    },
}

impl Condition {
    /// Equal to one of these texts, each named once.
    pub fn one_of<'a>(column: &'static str, texts: impl Iterator<Item = &'a str>) -> Self {
        let mut values: Vec<Value> = texts.map(Value::from).collect();
        values.sort();
        values.dedup();
        Self::In(column, values)
    }
}

/// A question to one table. Conditions are joined by AND.
#[derive(Debug, Clone)]
pub struct Query {
    /// Where to look.
    pub table: &'static Table,
    /// All must hold.
    pub filter: Vec<Condition>,
    /// Sort columns, most significant first. The table's key is always added last, ascending or
    /// in the direction of the first sort column, so that the order is total.
    pub order: Vec<(&'static str, Direction)>,
    /// Rows to give back at most.
    pub limit: u32,
    /// Rows to skip.
    pub offset: u32,
    /// See [`Self::few`].
    pub is_few: bool,
}

impl Query {
    /// All rows of a table, up to `limit`.
    pub fn of(table: &'static Table, limit: u32) -> Self {
        Self {
            table,
            filter: Vec::new(),
            order: Vec::new(),
            limit,
            offset: 0,
            is_few: false,
        }
    }

    /// Few rows match, and an index finds them: a backend may read them as it reads a single row,
    /// without going through what it has for long scans.
    #[must_use]
    pub fn few(self) -> Self {
        Self {
            is_few: true,
            ..self
        }
    }

    /// Adds a condition.
    #[must_use]
    pub fn and(mut self, condition: Condition) -> Self {
        self.filter.push(condition);
        self
    }

    /// Adds a sort column.
    #[must_use]
    pub fn by(mut self, column: &'static str, direction: Direction) -> Self {
        self.order.push((column, direction));
        self
    }
}
