//! SQL from table descriptions.
//!
//! Every value is a parameter; every name comes from a description in the code and is quoted. It
//! must not concatenate anything a caller sent.
//!
//! Invariant: what a statement may change names the whole key and, where it replaces or deletes
//! what was read, the version that was read.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;

use naru_store::{Condition, Direction, Kind, Query, Table, Value};
use naru_store::{possible, prefix_end, tables};

use crate::values::Param;

/// The statements of one table that don't depend on a query. Parameters come in this order: the
/// key, the other columns, the body, the expected version.
///
/// `insert_many` and `upsert_many` take many rows at once: the same parameters, each the array of
/// what the rows have in that column, so that the text is the same however many rows there are.
pub(crate) struct TableSql {
    pub(crate) get: String,
    pub(crate) insert: String,
    pub(crate) insert_many: String,
    pub(crate) update: String,
    pub(crate) upsert: String,
    pub(crate) upsert_many: String,
    pub(crate) expect: String,
    pub(crate) delete: String,
    pub(crate) delete_any: String,
}

/// The statements of every table.
#[derive(Clone)]
pub(crate) struct Tables(Arc<HashMap<&'static str, Arc<TableSql>>>);

impl Tables {
    pub(crate) fn all() -> Self {
        let all = tables::ALL.iter();
        let all = all.map(|table| (table.name, Arc::new(TableSql::of(table))));
        Self(Arc::new(all.collect()))
    }

    pub(crate) fn sql(&self, table: &Table) -> Arc<TableSql> {
        let known = self.0.get(table.name).cloned();
        known.unwrap_or_else(|| Arc::new(TableSql::of(table)))
    }
}

impl TableSql {
    pub(crate) fn of(table: &Table) -> Self {
        let name = quoted(table.name);
        let keys = table.key.len();
        let body = keys + table.columns.len() + 1;
        let key_list = list(table.key.iter().map(|column| quoted(column.name)));
        let by_key = by_key(table);
        let sets: String = table
            .columns
            .iter()
            .enumerate()
            .fold(String::new(), |sets, (n, column)| {
                format!("{sets}, {} = ${}", quoted(column.name), keys + n + 1)
            });
        let replaced: String = table.columns.iter().fold(String::new(), |sets, column| {
            format!("{sets}, {0} = EXCLUDED.{0}", quoted(column.name))
        });
        let (row, rows) = (insert_row(table, body), insert_rows(table));
        // DO NOTHING rather than an error: the count says it, and the server's log stays quiet.
        let keep = format!("ON CONFLICT ({key_list}) DO NOTHING");
        let replace = format!(
            "ON CONFLICT ({key_list}) DO UPDATE SET version = t.version + 1{replaced}, \
             body = EXCLUDED.body"
        );
        Self {
            get: format!("SELECT {} FROM {name} AS t WHERE {by_key}", returned(table)),
            insert: format!("{row} {keep}"),
            insert_many: format!("{rows} {keep}"),
            update: format!(
                "UPDATE {name} AS t SET version = t.version + 1{sets}, body = ${body} \
                 WHERE {by_key} AND t.version = ${}",
                body + 1
            ),
            upsert: format!("{row} {replace}"),
            upsert_many: format!("{rows} {replace}"),
            // FOR SHARE: nobody changes the row before the unit is over, others may expect it too.
            expect: format!(
                "SELECT 1 FROM {name} AS t WHERE {by_key} AND t.version = ${} FOR SHARE",
                keys + 1
            ),
            delete: format!(
                "DELETE FROM {name} AS t WHERE {by_key} AND t.version = ${}",
                keys + 1
            ),
            delete_any: format!("DELETE FROM {name} AS t WHERE {by_key}"),
        }
    }
}

fn insert_row(table: &Table, parameters: usize) -> String {
    let values = list((1..=parameters).map(|n| format!("${n}")));
    format!("{} VALUES (1, {values})", insert_into(table))
}

/// The rows come in the order of the arrays, which is the order of their locks.
fn insert_rows(table: &Table) -> String {
    let kinds = table.key.iter().chain(table.columns).map(|one| one.kind);
    let arrays = list(kinds.chain([Kind::Text]).enumerate().map(|(n, kind)| {
        let kind = match kind {
            Kind::Text => "text",
            Kind::Int => "bigint",
        };
        format!("${}::{kind}[]", n + 1)
    }));
    let into = insert_into(table);
    format!("{into} SELECT 1, r.* FROM unnest({arrays}) AS r")
}

fn insert_into(table: &Table) -> String {
    let columns = table
        .key
        .iter()
        .chain(table.columns)
        .map(|column| quoted(column.name));
    let columns = list(columns.chain(["body".to_owned()]));
    format!(
        "INSERT INTO {} AS t (version, {columns})",
        quoted(table.name)
    )
}

/// A statement with its parameters.
pub(crate) struct Statement {
    pub(crate) sql: String,
    pub(crate) params: Vec<Param>,
}

/// The rows of a query; `None` if nothing can match.
pub(crate) fn scan(query: &Query) -> Option<Statement> {
    let filter = possible(&query.filter)?;
    let mut builder = Builder::default();
    let source = builder.source(query.table, &filter);
    let order = list(query.total_order().into_iter().map(|(name, direction)| {
        format!(
            "t.{} {}",
            quoted(name),
            sorted(query.table, name, direction)
        )
    }));
    let limit = builder.bind(i64::from(query.limit).into());
    let offset = builder.bind(i64::from(query.offset).into());
    let sql = format!(
        "SELECT {} FROM {source} ORDER BY {order} LIMIT {limit} OFFSET {offset}",
        returned(query.table),
    );
    Some(Statement {
        sql,
        params: builder.params,
    })
}

/// How many rows match, up to `cap`; `None` if nothing can match.
pub(crate) fn count(query: &Query, cap: u32) -> Option<Statement> {
    let filter = possible(&query.filter)?;
    let mut builder = Builder::default();
    let source = builder.source(query.table, &filter);
    let cap = builder.bind(i64::from(cap).into());
    let sql = format!("SELECT count(*) FROM (SELECT 1 FROM {source} LIMIT {cap}) AS capped");
    Some(Statement {
        sql,
        params: builder.params,
    })
}

/// Deletes what matches; `None` if nothing can match.
pub(crate) fn delete_where(table: &Table, filter: &[Condition]) -> Option<Statement> {
    let filter = possible(filter)?;
    let mut builder = Builder::default();
    let condition = builder.filter("t", &filter);
    let sql = format!("DELETE FROM {} AS t WHERE {condition}", quoted(table.name));
    Some(Statement {
        sql,
        params: builder.params,
    })
}

/// Adds to a counter: the key, what to add, the most that the sum may be.
pub(crate) fn add(table: &Table, column: &str) -> String {
    let keys = table.key.len();
    let by_key = by_key(table);
    let (name, column) = (quoted(table.name), quoted(column));
    let (delta, most) = (keys + 1, keys + 2);
    format!(
        // As a numeric, a sum outside the range is compared instead of being an error.
        "UPDATE {name} AS t SET {column} = coalesce(t.{column}, 0) + ${delta}::bigint \
         WHERE {by_key} \
         AND coalesce(t.{column}, 0)::numeric + ${delta}::bigint <= ${most}::bigint"
    )
}

/// Empties a column: the key, the version.
pub(crate) fn clear(table: &Table, column: &str) -> String {
    let (name, column, version) = (quoted(table.name), quoted(column), table.key.len() + 1);
    let by_key = by_key(table);
    format!("UPDATE {name} AS t SET {column} = NULL WHERE {by_key} AND t.version = ${version}")
}

fn by_key(table: &Table) -> String {
    let keys = table.key.iter().enumerate();
    conjunction(keys.map(|(n, key)| format!("t.{} = ${}", quoted(key.name), n + 1)))
}

/// Rows in the order of the key: all, or those behind a key, which are the parameters.
pub(crate) fn page(table: &Table, is_first: bool, limit: u32) -> String {
    let (name, returned) = (quoted(table.name), returned(table));
    let key = list(
        table
            .key
            .iter()
            .map(|column| format!("t.{}", quoted(column.name))),
    );
    let behind = if is_first {
        String::new()
    } else {
        let after = list((1..=table.key.len()).map(|n| format!("${n}")));
        format!("WHERE ({key}) > ({after}) ")
    };
    format!("SELECT {returned} FROM {name} AS t {behind}ORDER BY {key} LIMIT {limit}")
}

/// Takes whole rows in, their versions included, in the order of [`returned`].
pub(crate) fn copy_in(table: &Table) -> String {
    let keys = table.key.iter().map(|column| quoted(column.name));
    let columns = table.columns.iter().map(|column| quoted(column.name));
    let all = keys
        .chain(["version".to_owned()])
        .chain(columns)
        .chain(["body".to_owned()]);
    format!(
        "COPY {} ({}) FROM STDIN (FORMAT binary)",
        quoted(table.name),
        list(all)
    )
}

/// The names of those tables that have rows, the settings by the name of the parameter left out.
pub(crate) fn filled(tables: &[&Table], settings: &Table) -> String {
    let asked = tables.iter().map(|table| {
        let name = quoted(table.name);
        let but = if table.name == settings.name {
            " WHERE name <> $1"
        } else {
            // So that the parameter has a type whichever tables there are.
            " WHERE $1::text IS NOT NULL"
        };
        format!(
            "SELECT '{}' AS name WHERE EXISTS (SELECT 1 FROM {name}{but})",
            table.name
        )
    });
    asked.collect::<Vec<_>>().join(" UNION ALL ")
}

/// Keeps everybody else from writing to any of the tables, until the transaction ends.
pub(crate) fn lock(tables: &[&Table]) -> String {
    format!(
        "LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE",
        list(tables.iter().map(|table| quoted(table.name)))
    )
}

/// The columns of a row of `t`, in the order that `values::row` reads them.
pub(crate) fn returned(table: &Table) -> String {
    let keys = table
        .key
        .iter()
        .map(|column| format!("t.{}", quoted(column.name)));
    let columns = table
        .columns
        .iter()
        .map(|column| format!("t.{}", quoted(column.name)));
    list(
        keys.chain(["t.version".to_owned()])
            .chain(columns)
            .chain(["t.body".to_owned()]),
    )
}

/// Nulls come first when ascending. PostgreSQL's default is the opposite; a key column has no
/// nulls and keeps the default, which is the order its primary key index has.
fn sorted(table: &Table, name: &str, direction: Direction) -> &'static str {
    let in_key = table.key.iter().any(|column| column.name == name);
    match (direction, in_key) {
        (Direction::Ascending, true) => "ASC",
        (Direction::Descending, true) => "DESC",
        (Direction::Ascending, false) => "ASC NULLS FIRST",
        (Direction::Descending, false) => "DESC NULLS LAST",
    }
}

#[derive(Default)]
struct Builder {
    params: Vec<Param>,
}

impl Builder {
    fn bind(&mut self, param: Param) -> String {
        self.params.push(param);
        format!("${}", self.params.len())
    }

    /// Rows `t` that match. Where a list of ids is given, each is looked up by itself in the index
    /// of the key. OFFSET 0 keeps it so: from statistics that lag behind a growing table the
    /// planner would conclude that the rows of the whole store are few, and read them all.
    fn source(&mut self, table: &Table, filter: &[Condition]) -> String {
        let name = quoted(table.name);
        let Some((column, values)) = ids(table, filter) else {
            return format!("{name} AS t WHERE {}", self.filter("t", filter));
        };
        let others = filter.iter().filter(|one| {
            let Condition::In(name, _) = one else {
                return true;
            };
            *name != column
        });
        let others: Vec<_> = others.map(|one| self.condition("t", one)).collect();
        let (array, kind) = match array(values) {
            array @ Param::Ints(_) => (array, "bigint"),
            array => (array, "text"),
        };
        let ids = self.bind(array);
        let others = conjunction(others.into_iter());
        format!(
            "unnest({ids}::{kind}[]) AS i (id) CROSS JOIN LATERAL (SELECT * FROM {name} AS t \
             WHERE t.{} = i.id AND {others} OFFSET 0) AS t",
            quoted(column)
        )
    }

    fn filter(&mut self, alias: &str, filter: &[Condition]) -> String {
        conjunction(
            filter
                .iter()
                .map(|condition| self.condition(alias, condition)),
        )
    }

    fn condition(&mut self, alias: &str, condition: &Condition) -> String {
        match condition {
            Condition::Is(name, value) => self.compare(alias, name, "=", value),
            Condition::AtLeast(name, value) => self.compare(alias, name, ">=", value),
            Condition::AtMost(name, value) => self.compare(alias, name, "<=", value),
            Condition::Below(name, value) => self.compare(alias, name, "<", value),
            Condition::Above(name, value) => self.compare(alias, name, ">", value),
            Condition::In(name, values) => self.one_of(alias, name, values),
            Condition::Prefix(name, prefix) => self.prefix(alias, name, prefix),
            Condition::Exists { table, on, filter } => self.exists(alias, table, (on, filter)),
        }
    }

    fn compare(&mut self, alias: &str, name: &str, operator: &str, value: &Value) -> String {
        let parameter = self.bind(value.into());
        format!("{alias}.{} {operator} {parameter}", quoted(name))
    }

    /// One value becomes `=`, which lets an index give the order; several become one array, so
    /// that the text of the statement, and with it its plan, doesn't depend on how many.
    fn one_of(&mut self, alias: &str, name: &str, values: &[Value]) -> String {
        if let [value] = values {
            return self.compare(alias, name, "=", value);
        }
        let array = array(values);
        let parameter = self.bind(array);
        format!("{alias}.{} = ANY({parameter})", quoted(name))
    }

    /// A range of bytes: an index on a column with the "C" collation serves it, and there are no
    /// wildcards to escape.
    fn prefix(&mut self, alias: &str, name: &str, prefix: &str) -> String {
        let from = self.compare(alias, name, ">=", &Value::from(prefix));
        match prefix_end(prefix) {
            None => from,
            Some(end) => {
                format!(
                    "{from} AND {}",
                    self.compare(alias, name, "<", &Value::from(end))
                )
            }
        }
    }

    fn exists(&mut self, alias: &str, table: &Table, (on, filter): Inner<'_>) -> String {
        let joined = on.iter().fold(String::new(), |mut sql, (here, there)| {
            // Writing to a String can't fail.
            let _ = write!(sql, "e.{} = {alias}.{} AND ", quoted(there), quoted(here));
            sql
        });
        let condition = self.filter("e", filter);
        format!(
            "EXISTS (SELECT 1 FROM {} AS e WHERE {joined}{condition})",
            quoted(table.name)
        )
    }
}

/// The ids that a question names: several values of the key's second column in one store, by its
/// first. (Behind a longer beginning, another index with the same beginning could seem as good.)
fn ids<'a>(table: &Table, filter: &'a [Condition]) -> Option<(&'static str, &'a [Value])> {
    let [first, second, ..] = table.key else {
        return None;
    };
    let of = |name: &str| -> Vec<&'a Condition> {
        let names = |one: &&Condition| match one {
            Condition::Is(named, _) | Condition::In(named, _) => *named == name,
            _ => false,
        };
        filter.iter().filter(names).collect()
    };
    let is_one = |one: &Condition| match one {
        Condition::In(_, values) => values.len() == 1,
        _ => true,
    };
    match (of(first.name).as_slice(), of(second.name).as_slice()) {
        ([one], [Condition::In(name, values)]) if is_one(one) && values.len() > 1 => {
            Some((name, values))
        }
        _ => None,
    }
}

/// Each value once.
fn array(values: &[Value]) -> Param {
    let mut texts = Vec::new();
    let mut ints = Vec::new();
    for value in values {
        match value {
            Value::Text(text) => texts.push(text.clone()),
            Value::Int(int) => ints.push(*int),
            Value::Null => {}
        }
    }
    if texts.is_empty() {
        ints.sort_unstable();
        ints.dedup();
        return Param::Ints(ints);
    }
    texts.sort_unstable();
    texts.dedup();
    Param::Texts(texts)
}

type Inner<'a> = (&'a [(&'static str, &'static str)], &'a [Condition]);

pub(crate) fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}

pub(crate) fn list(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(", ")
}

fn conjunction(items: impl Iterator<Item = String>) -> String {
    let items: Vec<_> = items.collect();
    if items.is_empty() {
        "TRUE".to_owned()
    } else {
        items.join(" AND ")
    }
}

#[cfg(all(test, feature = "test-support"))]
mod tests {
    use naru_store::{Condition, Direction, Kind, Query, tables};

    use super::{TableSql, add, count, scan};
    use crate::test_support::{connect, explained, fresh_database};
    use crate::values::Param;
    use crate::{claim, commit};

    #[tokio::test]
    async fn every_statement_can_be_prepared() {
        let database = fresh_database().await;
        let client = connect(&database.url).await;
        let claims = claim::statements();
        for sql in claims
            .iter()
            .map(String::as_str)
            .chain([commit::RECORD_UNITS])
        {
            client.prepare(sql).await.unwrap();
        }
        for table in tables::ALL {
            let sql = TableSql::of(table);
            let keys = table.key.len();
            let row = keys + table.columns.len() + 1;
            for (sql, parameters) in [
                (&sql.get, keys),
                (&sql.insert, row),
                (&sql.insert_many, row),
                (&sql.update, row + 1),
                (&sql.upsert, row),
                (&sql.upsert_many, row),
                (&sql.expect, keys + 1),
                (&sql.delete, keys + 1),
                (&sql.delete_any, keys),
            ] {
                let statement = client.prepare(sql).await.unwrap();
                assert_eq!(statement.params().len(), parameters, "{sql}");
            }
            for column in table.columns.iter().filter(|one| one.kind == Kind::Int) {
                let sql = add(table, column.name);
                let statement = client.prepare(&sql).await.unwrap();
                assert_eq!(statement.params().len(), keys + 2, "{sql}");
            }
        }
    }

    #[tokio::test]
    async fn first_page_of_a_list_comes_from_an_index() {
        let database = fresh_database().await;
        let client = connect(&database.url).await;
        let filled = "INSERT INTO payments \
                      (store_id, payment_id, version, created_at, status_changed_at, status, body) \
                      SELECT 's' || n % 3, 'p' || n, 1, n, n, 'PAID', '{}' \
                      FROM generate_series(1, 20000) n; \
                      ANALYZE payments";
        client.batch_execute(filled).await.unwrap();
        for (column, way) in [
            ("created_at", Direction::Descending),
            ("created_at", Direction::Ascending),
            ("status_changed_at", Direction::Descending),
        ] {
            let query = Query::of(&tables::PAYMENTS, 20)
                .and(Condition::In("store_id", vec!["s1".into()]))
                .and(Condition::AtLeast("created_at", 10.into()))
                .by(column, way);
            let statement = scan(&query).unwrap();
            let plan = explained(&client, &statement.sql, &statement.params).await;
            assert!(
                plan.contains(&format!("payments_store_id_{column}")),
                "{plan}"
            );
            assert!(
                !plan.contains("Seq Scan") && !plan.contains("Bitmap"),
                "{plan}"
            );
        }
    }

    /// Where all indexes seem equally cheap the planner takes the youngest, which must be the
    /// key's: a migration that adds an index makes the key anew (V19).
    #[tokio::test]
    async fn a_row_of_an_empty_table_is_looked_up_by_its_key() {
        let database = fresh_database().await;
        let client = connect(&database.url).await;
        for table in tables::ALL {
            let name = table.name;
            let vacuum = format!("VACUUM \"{name}\"");
            client.batch_execute(&vacuum).await.unwrap();
            let sql = TableSql::of(table);
            let key = table.key.iter().map(|column| match column.kind {
                Kind::Text => Param::Value("k".into()),
                Kind::Int => 1.into(),
            });
            let key: Vec<_> = key.collect();
            for sql in [&sql.get, &sql.delete_any] {
                let plan = explained(&client, sql, &key).await;
                assert!(plan.contains(&format!("{name}_pkey")), "{plan}");
            }
        }
    }

    /// A table that grew since the planner last looked: it takes the store's rows for few.
    #[tokio::test]
    async fn ids_are_looked_up_one_by_one_whatever_statistics_say() {
        let database = fresh_database().await;
        let client = connect(&database.url).await;
        let filled = "INSERT INTO payment_facts (store_id, payment_id, version, body) \
                      SELECT 's', 'p' || n, 1, '{}' FROM generate_series(1, 20000) n";
        client.batch_execute(filled).await.unwrap();
        let ids = (0..60).map(|n| format!("p{n}").into()).collect();
        let query = Query::of(&tables::PAYMENT_FACTS, 900)
            .and(Condition::In("store_id", vec!["s".into()]))
            .and(Condition::In("payment_id", ids));
        for statement in [scan(&query), count(&query, 900)] {
            let statement = statement.unwrap();
            let plan = explained(&client, &statement.sql, &statement.params).await;
            let by_id = plan
                .lines()
                .any(|line| line.contains("Index Cond") && line.contains("payment_id = i.id"));
            assert!(by_id, "{plan}");
        }
    }

    /// What lists, cursors and charts ask, each with the index that must serve it.
    #[tokio::test]
    async fn what_lists_cursors_and_charts_ask_is_served_by_an_index() {
        let database = fresh_database().await;
        let client = connect(&database.url).await;
        let filled = "INSERT INTO payments \
                      (store_id, payment_id, version, created_at, status_changed_at, body) \
                      SELECT 's', 'p' || n, 1, n, n, '{}' FROM generate_series(1, 20000) n; \
                      INSERT INTO payment_facts (store_id, payment_id, version, position, \
                      profile, created_at, status_changed_at, amount, body) \
                      SELECT 's', 'p' || n, 1, n, 'f' || n % 20, n, n, 1, '{}' \
                      FROM generate_series(1, 20000) n; \
                      INSERT INTO ledger (store_id, position, version, merchant_id, \
                      recorded_at, money_at, currency, body) \
                      SELECT 's', n, 1, 'm', n, n, 'KRW', '{}' FROM generate_series(1, 20000) n; \
                      INSERT INTO webhooks (store_id, webhook_id, version, subject_id, \
                      triggered_at, status, body) \
                      SELECT 's', 'w' || n, 1, 'p' || n, n, 'SUCCEEDED', '{}' \
                      FROM generate_series(1, 20000) n; \
                      ANALYZE";
        client.batch_execute(filled).await.unwrap();
        let of_store = |table| Query::of(table, 10).and(Condition::Is("store_id", "s".into()));
        let up = Direction::Ascending;
        let ids = (0..100).map(|n| format!("p{n}").into()).collect();
        let cases = [
            (
                of_store(&tables::PAYMENTS).and(Condition::In("payment_id", ids)),
                "payments_pkey",
            ),
            (
                of_store(&tables::PAYMENT_FACTS)
                    .and(Condition::AtLeast("position", 15_000.into()))
                    .by("position", up),
                "payment_facts_store_id_position",
            ),
            (
                of_store(&tables::LEDGER)
                    .and(Condition::AtLeast("position", 15_000.into()))
                    .by("position", up),
                "ledger_pkey",
            ),
            (
                of_store(&tables::LEDGER)
                    .and(Condition::Is("currency", "KRW".into()))
                    .and(Condition::AtLeast("money_at", 15_000.into()))
                    .by("money_at", up)
                    .by("position", up),
                "ledger_store_id_currency_money_at_position",
            ),
            (
                of_store(&tables::WEBHOOKS)
                    .and(Condition::Is("status", "SUCCEEDED".into()))
                    .by("triggered_at", up),
                "webhooks_store_id_status_triggered_at",
            ),
        ];
        for (query, index) in cases {
            let statement = scan(&query).unwrap();
            let plan = explained(&client, &statement.sql, &statement.params).await;
            assert!(plan.contains(index), "{index}: {plan}");
            assert!(!plan.contains("Seq Scan"), "{plan}");
        }
    }
}
