//! Values on their way to the server and rows on their way back.
//!
//! It must not print a value: the driver logs parameters at debug level through `Debug`, and a
//! parameter may be anything a row holds (P8).
//!
//! Invariant: a value is sent only as the type the server expects; anything else is an error
//! before a byte goes out.

use std::error::Error as StdError;
use std::fmt;

use naru_store::{Row, Table, Value};
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use uuid::Uuid;

use crate::failure::Failure;

/// A bound parameter.
#[derive(Clone)]
pub(crate) enum Param {
    Value(Value),
    Texts(Vec<String>),
    Ints(Vec<i64>),
    /// One column of many rows.
    Column(Vec<Value>),
    Ids(Vec<Uuid>),
}

impl fmt::Debug for Param {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl From<i64> for Param {
    fn from(value: i64) -> Self {
        Self::Value(Value::Int(value))
    }
}

impl From<&Value> for Param {
    fn from(value: &Value) -> Self {
        Self::Value(value.clone())
    }
}

impl ToSql for Param {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        match (self, ty) {
            (Self::Value(Value::Null), _) => Ok(IsNull::Yes),
            (Self::Value(Value::Int(value)), &Type::INT8) => value.to_sql(ty, out),
            (Self::Value(Value::Text(value)), &Type::TEXT) => value.to_sql(ty, out),
            (Self::Texts(values), &Type::TEXT_ARRAY) => values.to_sql(ty, out),
            (Self::Ints(values), &Type::INT8_ARRAY) => values.to_sql(ty, out),
            (Self::Column(values), &Type::TEXT_ARRAY | &Type::INT8_ARRAY) => {
                let cells: Vec<Cell<'_>> = values.iter().map(Cell).collect();
                cells.to_sql(ty, out)
            }
            (Self::Ids(ids), &Type::UUID_ARRAY) => ids.to_sql(ty, out),
            _ => Err(format!("a value can't be sent as `{ty}`").into()),
        }
    }

    fn accepts(ty: &Type) -> bool {
        [
            Type::INT8,
            Type::TEXT,
            Type::INT8_ARRAY,
            Type::TEXT_ARRAY,
            Type::UUID_ARRAY,
        ]
        .contains(ty)
    }

    to_sql_checked!();
}

/// A value of a row that is sent as it is, borrowed.
pub(crate) struct Cell<'a>(pub(crate) &'a Value);

impl fmt::Debug for Cell<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl ToSql for Cell<'_> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        match (self.0, ty) {
            (Value::Null, _) => Ok(IsNull::Yes),
            (Value::Int(value), &Type::INT8) => value.to_sql(ty, out),
            (Value::Text(value), &Type::TEXT) => value.to_sql(ty, out),
            (Value::Int(_) | Value::Text(_), _) => {
                Err(format!("a value can't be sent as `{ty}`").into())
            }
        }
    }

    fn accepts(ty: &Type) -> bool {
        [Type::INT8, Type::TEXT].contains(ty)
    }

    to_sql_checked!();
}

/// Reads a row selected as `sql::returned` lists it.
pub(crate) fn row(table: &Table, from: &tokio_postgres::Row) -> Result<Row, Failure> {
    let keys = table.key.len();
    let columns = table.columns.len();
    Ok(Row {
        key: (0..keys)
            .map(|index| value(from, index))
            .collect::<Result<_, _>>()?,
        version: from.try_get(keys)?,
        columns: (0..columns)
            .map(|index| value(from, keys + 1 + index))
            .collect::<Result<_, _>>()?,
        body: from.try_get(keys + 1 + columns)?,
    })
}

fn value(from: &tokio_postgres::Row, index: usize) -> Result<Value, Failure> {
    let is_int = from
        .columns()
        .get(index)
        .is_some_and(|column| *column.type_() == Type::INT8);
    if is_int {
        return Ok(Value::from(from.try_get::<_, Option<i64>>(index)?));
    }
    Ok(Value::from(from.try_get::<_, Option<String>>(index)?))
}

/// The form in which the driver takes parameters.
pub(crate) fn as_sql(param: &Param) -> &(dyn ToSql + Sync) {
    param
}

#[cfg(test)]
mod tests {
    use naru_store::Value;

    use super::{Cell, Param};

    #[test]
    fn parameters_are_not_printed() {
        let params = [
            Param::Value(Value::from("4111111111111111")),
            Param::Texts(vec!["4111111111111111".to_owned()]),
            Param::from(4_111_111),
        ];
        assert!(!format!("{params:?}").contains("411"));
        let value = Value::from("4111111111111111");
        assert!(!format!("{:?}", Cell(&value)).contains("411"));
    }
}
