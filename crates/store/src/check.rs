//! Checks that every backend makes before it touches its database, so that all of them answer
//! the same: shapes against the table descriptions, and values that no row can hold.
//!
//! What it must not do: know a business rule. Callers validate their input at the edge; what is
//! refused here is a bug of Naru, and saying so beats retrying it for ever.
//!
//! Invariant: text with a NUL character is never stored (PostgreSQL can't), and nothing that
//! could only match such text, or a null, matches anything.

use std::cmp::Ordering;

use crate::{Column, Commit, CommitError, Condition, Direction, Kind, Query, Row, StoreError};
use crate::{Table, Value, Write, tables};

impl Commit {
    /// Refuses a unit that no backend can store: a row that is not in its table's shape, a null
    /// in a key, a NUL character in a text, a condition on a column that isn't there, a change of
    /// a table that is only added to. Every backend calls this first.
    pub fn check(&self) -> Result<(), CommitError> {
        self.writes
            .iter()
            .try_for_each(check_write)
            .map_err(CommitError::Invalid)
    }
}

impl Query {
    /// Refuses a query that doesn't fit its tables: unknown columns, values of another kind,
    /// nested `Exists`. Every backend calls this first.
    pub fn check(&self) -> Result<(), StoreError> {
        self.order
            .iter()
            .try_for_each(|(name, _)| known(self.table, name).map(|_| ()))
            .and_then(|()| check_filter(self.table, &self.filter, true))
            .map_err(StoreError)
    }

    /// The sort columns with the key added: a total order. A key column that is already sorted
    /// by is not repeated.
    pub fn total_order(&self) -> Vec<(&'static str, Direction)> {
        let last = self
            .order
            .first()
            .map_or(Direction::Ascending, |(_, way)| *way);
        let mut order = self.order.clone();
        for column in self.table.key {
            if !self.order.iter().any(|(name, _)| *name == column.name) {
                order.push((column.name, last));
            }
        }
        order
    }

    /// How two rows stand to each other in the total order: for merging what several queries gave.
    pub fn ordering(&self) -> impl Fn(&Row, &Row) -> Ordering + use<> {
        let (table, order) = (self.table, self.total_order());
        move |a, b| {
            let by = |(name, direction): &(&'static str, Direction)| {
                let ascending = table.value_of(a, name).cmp(&table.value_of(b, name));
                match direction {
                    Direction::Ascending => ascending,
                    Direction::Descending => ascending.reverse(),
                }
            };
            order.iter().map(by).fold(Ordering::Equal, Ordering::then)
        }
    }
}

impl Table {
    /// Whether a row with this key can exist. `false` for a null or a NUL character in the key
    /// (answer "not there" without asking); an error for a key that is not this table's.
    pub fn can_hold(&self, key: &[Value]) -> Result<bool, StoreError> {
        check_shape(self, self.key, key).map_err(StoreError)?;
        Ok(key.iter().all(possible_value))
    }

    /// Whether every backend can store this row; if not, why, without its values.
    pub fn check_row(&self, row: &Row) -> Result<(), String> {
        check_row(self, row)
    }
}

/// What of a filter is left to ask. `None`: nothing can match, because a condition names a null
/// or a text that can't be stored, or lists no values; then a backend answers without asking.
pub fn possible(filter: &[Condition]) -> Option<Vec<Condition>> {
    filter.iter().map(possible_condition).collect()
}

/// The smallest text that is greater than every text with this prefix, by bytes; `None` if there
/// is no such text (an empty prefix, or nothing but U+10FFFF).
pub fn prefix_end(prefix: &str) -> Option<String> {
    let mut end = prefix.to_owned();
    while let Some(last) = end.pop() {
        // The order of UTF-8 bytes is the order of code points; surrogates are not characters.
        let next = match last {
            '\u{D7FF}' => Some('\u{E000}'),
            other => char::from_u32(u32::from(other).saturating_add(1)),
        };
        if let Some(next) = next {
            end.push(next);
            return Some(end);
        }
    }
    None
}

fn possible_value(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Int(_) => true,
        Value::Text(text) => !has_nul(text),
    }
}

fn possible_condition(condition: &Condition) -> Option<Condition> {
    match condition {
        Condition::Is(_, value)
        | Condition::AtLeast(_, value)
        | Condition::AtMost(_, value)
        | Condition::Below(_, value)
        | Condition::Above(_, value) => possible_value(value).then(|| condition.clone()),
        Condition::In(name, values) => {
            let values: Vec<_> = values
                .iter()
                .filter(|v| possible_value(v))
                .cloned()
                .collect();
            (!values.is_empty()).then_some(Condition::In(name, values))
        }
        Condition::Prefix(_, prefix) => (!has_nul(prefix)).then(|| condition.clone()),
        Condition::Exists { table, on, filter } => Some(Condition::Exists {
            table,
            on,
            filter: possible(filter)?,
        }),
    }
}

/// Whether rows of a table are never changed and never deleted.
fn is_added_to(table: &Table) -> bool {
    tables::ADDED_TO.iter().any(|one| one.name == table.name)
}

fn check_write(write: &Write) -> Result<(), String> {
    match write {
        Write::Insert(..) | Write::Expect { .. } => {}
        Write::Upsert(table, _)
        | Write::Update { table, .. }
        | Write::Delete { table, .. }
        | Write::DeleteWhere(table, _)
        | Write::Clear { table, .. }
        | Write::Add { table, .. } => {
            if is_added_to(table) {
                return Err(format!("`{}` is only added to", table.name));
            }
        }
    }
    match write {
        Write::Insert(table, row)
        | Write::Upsert(table, row)
        | Write::Update { table, row, .. } => check_row(table, row),
        Write::Expect { table, key, .. } | Write::Delete { table, key, .. } => {
            check_key(table, key)
        }
        Write::DeleteWhere(table, filter) => check_filter(table, filter, true),
        Write::Clear {
            table, key, column, ..
        } => {
            check_key(table, key)?;
            if table.columns.iter().any(|one| one.name == *column) {
                Ok(())
            } else {
                Err(format!("`{}` has no column `{column}`", table.name))
            }
        }
        Write::Add {
            table, key, column, ..
        } => {
            check_key(table, key)?;
            let found = table.columns.iter().find(|one| one.name == *column);
            match found.map(|found| found.kind) {
                Some(Kind::Int) => Ok(()),
                Some(Kind::Text) | None => {
                    Err(format!("`{}.{column}` is not a counter", table.name))
                }
            }
        }
    }
}

fn check_row(table: &Table, row: &Row) -> Result<(), String> {
    check_key(table, &row.key)?;
    check_shape(table, table.columns, &row.columns)?;
    let nul = row
        .columns
        .iter()
        .any(|value| matches!(value, Value::Text(text) if has_nul(text)));
    if nul || has_nul(&row.body) {
        return Err(format!(
            "a text of a row of `{}` has a NUL character",
            table.name
        ));
    }
    Ok(())
}

fn check_key(table: &Table, key: &[Value]) -> Result<(), String> {
    check_shape(table, table.key, key)?;
    if key.iter().all(possible_value) {
        return Ok(());
    }
    Err(format!(
        "a key of `{}` has a null or a NUL character",
        table.name
    ))
}

fn check_shape(table: &Table, columns: &[Column], values: &[Value]) -> Result<(), String> {
    if columns.len() != values.len() {
        let (want, have) = (columns.len(), values.len());
        return Err(format!(
            "`{}` has {want} such columns, {have} values given",
            table.name
        ));
    }
    columns
        .iter()
        .zip(values)
        .try_for_each(|(column, value)| check_kind(table, column, value))
}

fn check_kind(table: &Table, column: &Column, value: &Value) -> Result<(), String> {
    match (column.kind, value) {
        (_, Value::Null) | (Kind::Int, Value::Int(_)) | (Kind::Text, Value::Text(_)) => Ok(()),
        _ => Err(format!(
            "`{}.{}` holds another kind of value",
            table.name, column.name
        )),
    }
}

fn check_filter(table: &Table, filter: &[Condition], outermost: bool) -> Result<(), String> {
    filter
        .iter()
        .try_for_each(|condition| check_condition(table, condition, outermost))
}

fn check_condition(table: &Table, condition: &Condition, outermost: bool) -> Result<(), String> {
    match condition {
        Condition::Is(name, value)
        | Condition::AtLeast(name, value)
        | Condition::AtMost(name, value)
        | Condition::Below(name, value)
        | Condition::Above(name, value) => check_kind(table, known(table, name)?, value),
        Condition::In(name, values) => {
            let column = known(table, name)?;
            values
                .iter()
                .try_for_each(|value| check_kind(table, column, value))
        }
        Condition::Prefix(name, _) => match known(table, name)?.kind {
            Kind::Text => Ok(()),
            Kind::Int => Err(format!("`{}.{name}` is not a text", table.name)),
        },
        Condition::Exists {
            table: other,
            on,
            filter,
        } => {
            if !outermost {
                return Err(format!(
                    "conditions on `{}` may not nest further",
                    table.name
                ));
            }
            for (here, there) in *on {
                if known(table, here)?.kind != known(other, there)?.kind {
                    return Err(format!(
                        "`{here}` and `{}.{there}` differ in kind",
                        other.name
                    ));
                }
            }
            check_filter(other, filter, false)
        }
    }
}

fn known(table: &Table, name: &str) -> Result<&'static Column, String> {
    table
        .column(name)
        .ok_or_else(|| format!("`{}` has no column `{name}`", table.name))
}

fn has_nul(text: &str) -> bool {
    text.as_bytes().contains(&0)
}

#[cfg(test)]
mod tests {
    use super::prefix_end;

    #[test]
    fn prefix_end_is_the_next_text_by_bytes() {
        assert_eq!(prefix_end(""), None);
        assert_eq!(prefix_end("a").as_deref(), Some("b"));
        assert_eq!(prefix_end("a\u{10FFFF}").as_deref(), Some("b"));
        assert_eq!(prefix_end("\u{10FFFF}\u{10FFFF}"), None);
        assert_eq!(prefix_end("\u{D7FF}").as_deref(), Some("\u{E000}"));
        assert_eq!(prefix_end("가").as_deref(), Some("각"));
    }
}
