//! Lists: a window of time, filters, an order, pages. Every list of the API is made of this.
//!
//! Values of one filter are alternatives, filters add up, an empty one filters nothing. What is
//! asked goes to the store as it is; a list adds its table ([`Listed`]) and whatever only it has.
//!
//! Invariant: a list names the stores that it is about, so no row of another one can be in it.

use naru_domain::{StoreId, Timestamp};
use naru_store::{Condition, Direction, Query, Record, Row, StoreError, Table, Value, tables};

use crate::records::Subject;
use crate::{Engine, Fault};

/// How far matches are counted: the deepest page that can be asked for.
pub const TOTAL_COUNT_MAX: u32 = 60_000;
/// Stores that are asked one by one, so that each can use its index, rather than all at once.
const ASKED_APART_MAX: usize = 32;
/// Rows beyond a page that are looked at first, and at most, before the database has to sort.
const WALKED_MORE: u32 = 40;
const WALKED_MAX: u32 = 2_000;
/// The last row of a page up to which stores are asked one by one: each has to give so many.
const ASKED_APART_ROWS_MAX: u32 = 2_000;

/// Which page of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// From 0.
    pub number: u32,
    /// Items on it.
    pub size: u32,
}

impl Page {
    /// Items before it.
    pub const fn offset(self) -> u32 {
        self.number.saturating_mul(self.size)
    }

    /// Items up to its end.
    pub const fn end(self) -> u32 {
        self.offset().saturating_add(self.size)
    }
}

/// A page of a list.
#[derive(Debug, Clone)]
pub struct PageOf<T> {
    /// The items.
    pub items: Vec<T>,
    /// How many match, counted up to [`TOTAL_COUNT_MAX`].
    pub total_count: u32,
}

/// Sort order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortOrder {
    /// Oldest first.
    Ascending,
    /// Newest first.
    Descending,
}

/// What to sort by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    /// The column.
    pub by: &'static str,
    /// In which order.
    pub order: SortOrder,
}

impl Sort {
    const fn direction(self) -> Direction {
        match self.order {
            SortOrder::Ascending => Direction::Ascending,
            SortOrder::Descending => Direction::Descending,
        }
    }
}

/// A word to search for; matches by prefix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchTerm {
    /// Wire names of the fields that it is searched in.
    pub fields: Vec<&'static str>,
    /// The word.
    pub value: String,
}

/// A list asked for.
#[derive(Debug, Clone)]
pub struct ListFilter {
    /// Stores that the caller may see.
    pub stores: Vec<StoreId>,
    /// The column of the moment that `from` and `until` are about.
    pub time: &'static str,
    /// From, inclusive.
    pub from: Timestamp,
    /// Until, inclusive.
    pub until: Timestamp,
    /// Column and accepted values: statuses, methods, providers and so on.
    pub columns: Vec<(&'static str, Vec<Value>)>,
    /// Column and range, inclusive.
    pub ranges: Vec<(&'static str, Timestamp, Timestamp)>,
    /// Words that must all match.
    pub search: Vec<SearchTerm>,
    /// Order.
    pub sort: Sort,
}

/// A record that has a list.
pub trait Listed: Record {
    /// Where its words are in the search index: as what, and how a row leads to them. Nothing if
    /// it is not searched.
    const WORDS: Option<(Subject, Join)> = None;
}

/// Pairs of columns that are equal in a row and in the rows of another table that belong to it.
pub type Join = &'static [(&'static str, &'static str)];

impl ListFilter {
    /// All that must hold, the stores left out.
    pub(crate) fn conditions<R: Listed>(&self) -> Vec<Condition> {
        let mut all = vec![
            Condition::AtLeast(self.time, self.from.into()),
            Condition::AtMost(self.time, self.until.into()),
        ];
        all.extend(
            self.columns
                .iter()
                .map(|(column, values)| any(column, values)),
        );
        for (column, from, until) in &self.ranges {
            all.push(Condition::AtLeast(column, (*from).into()));
            all.push(Condition::AtMost(column, (*until).into()));
        }
        all.extend(self.words::<R>());
        all
    }

    /// Its words, as conditions.
    pub(crate) fn words<R: Listed>(&self) -> Vec<Condition> {
        let terms = self.search.iter();
        let conditions = terms.map(|term| match R::WORDS {
            Some(words) => word(words, term),
            // Nothing has words: nothing matches.
            None => Condition::In(self.time, Vec::new()),
        });
        conditions.collect()
    }

    /// The order of its rows.
    pub(crate) fn query(&self, table: &'static Table) -> Query {
        Query::of(table, 0).by(self.sort.by, self.sort.direction())
    }

    /// Whether a row is in its window and has its values. Words are not looked at.
    pub(crate) fn holds(&self, table: &'static Table, row: &Row) -> bool {
        let has = |(name, values): &(&'static str, Vec<Value>)| {
            let value = table.value_of(row, name);
            value.is_some_and(|value| *value != Value::Null && values.contains(value))
        };
        let mut ranges = self.ranges.iter();
        self.holds_window(table, row)
            && self.columns.iter().all(has)
            && ranges.all(|(name, from, until)| is_within(table, row, name, (*from, *until)))
    }

    /// Whether a row is in its window.
    fn holds_window(&self, table: &'static Table, row: &Row) -> bool {
        is_within(table, row, self.time, (self.from, self.until))
    }
}

fn is_within(table: &Table, row: &Row, name: &str, (from, until): (Timestamp, Timestamp)) -> bool {
    let value = table.value_of(row, name);
    value.is_some_and(|value| *value >= from.into() && *value <= until.into())
}

/// The records of rows.
pub(crate) fn records<'r, R: Record>(rows: impl Iterator<Item = &'r Row>) -> Result<Vec<R>, Fault> {
    let records = rows.map(|row| R::from_row(row).map(|one| one.value));
    let records: Result<_, naru_store::RecordError> = records.collect();
    Ok(records.map_err(StoreError::from)?)
}

/// One of the values. One is the ordinary case, and an equality lets every backend use the index.
fn any(column: &'static str, values: &[Value]) -> Condition {
    match values {
        [value] => Condition::Is(column, value.clone()),
        values => Condition::In(column, values.to_vec()),
    }
}

fn word((subject, on): (Subject, Join), term: &SearchTerm) -> Condition {
    let fields: Vec<Value> = term
        .fields
        .iter()
        .map(|field| Value::from(*field))
        .collect();
    let filter = vec![
        Condition::Is("subject", subject.name().into()),
        Condition::Prefix("value", crate::search::fold(&term.value)),
        any("field", &fields),
    ];
    Condition::Exists {
        table: &tables::SEARCH,
        on,
        filter,
    }
}

impl Engine {
    /// A page of a list. `further` are conditions that only this list has.
    pub async fn list_page<R: Listed>(
        &self,
        filter: &ListFilter,
        further: Vec<Condition>,
        page: Page,
    ) -> Result<PageOf<R>, Fault> {
        let mut conditions = filter.conditions::<R>();
        conditions.extend(further);
        let mut query = Query::of(R::TABLE, page.size).by(filter.sort.by, filter.sort.direction());
        query.filter = conditions;
        let asked = asked(&filter.stores, &query, page);
        let total_count = self.counted(&asked).await?;
        let rows = self.page_rows(filter, asked, page).await?;
        Ok(PageOf {
            items: records(rows.iter())?,
            total_count,
        })
    }

    async fn counted(&self, asked: &[Query]) -> Result<u32, Fault> {
        let mut total_count = 0;
        for query in asked {
            let left = TOTAL_COUNT_MAX - total_count;
            if left > 0 {
                total_count += self.store().count(query.clone(), left).await?;
            }
        }
        Ok(total_count)
    }

    /// A page of a list whose matches were counted in another way.
    pub(crate) async fn list_items<R: Listed>(
        &self,
        filter: &ListFilter,
        further: Vec<Condition>,
        page: Page,
    ) -> Result<Vec<R>, Fault> {
        let mut query = filter.query(R::TABLE);
        query.limit = page.size;
        query.filter = filter.conditions::<R>();
        query.filter.extend(further);
        let asked = asked(&filter.stores, &query, page);
        let rows = self.page_rows(filter, asked, page).await?;
        records(rows.iter())
    }

    /// The rows of a page, by the cheaper way.
    async fn page_rows(
        &self,
        filter: &ListFilter,
        asked: Vec<Query>,
        page: Page,
    ) -> Result<Vec<Row>, Fault> {
        if filter.time != filter.sort.by
            && let Some(rows) = self.walked(filter, &asked, page).await?
        {
            return Ok(rows);
        }
        self.merged(asked, page).await
    }

    /// A page whose window is of one time and whose order is of another. A database would read and
    /// sort the whole window; most pages are found at the beginning of the order instead, where the
    /// window is looked at row by row. Nothing if they are not.
    async fn walked(
        &self,
        filter: &ListFilter,
        asked: &[Query],
        page: Page,
    ) -> Result<Option<Vec<Row>>, Fault> {
        let [only] = asked else { return Ok(None) };
        let is_exists = |condition: &Condition| matches!(condition, Condition::Exists { .. });
        if only.filter.iter().any(is_exists) {
            // Each row that is walked past would be looked up elsewhere.
            return Ok(None);
        }
        let mut query = only.clone();
        query.filter.retain(|condition| {
            !matches!(condition, Condition::AtLeast(name, _) | Condition::AtMost(name, _)
                if *name == filter.time)
        });
        query.offset = 0;
        for limit in [page.end().saturating_add(WALKED_MORE), WALKED_MAX] {
            if limit > WALKED_MAX {
                break;
            }
            query.limit = limit;
            let mut rows = self.store().scan(query.clone()).await?;
            let is_all = rows.len() < limit as usize;
            rows.retain(|row| filter.holds_window(only.table, row));
            if is_all || rows.len() >= page.end() as usize {
                let (from, size) = (page.offset() as usize, page.size as usize);
                return Ok(Some(rows.into_iter().skip(from).take(size).collect()));
            }
        }
        Ok(None)
    }

    /// The rows of a page, from what each question gives.
    async fn merged(&self, asked: Vec<Query>, page: Page) -> Result<Vec<Row>, Fault> {
        let Some(ordering) = asked.first().map(Query::ordering) else {
            return Ok(Vec::new());
        };
        if let [only] = asked.as_slice() {
            return Ok(self.store().scan(only.clone()).await?);
        }
        let mut rows = Vec::new();
        for query in asked {
            rows.extend(self.store().scan(query).await?);
        }
        rows.sort_by(|a, b| ordering(a, b));
        let (from, size) = (page.offset() as usize, page.size as usize);
        Ok(rows.into_iter().skip(from).take(size).collect())
    }
}

/// The question to each store, or to all of them at once.
fn asked(stores: &[StoreId], query: &Query, page: Page) -> Vec<Query> {
    let ids = stores.iter().map(|id| Value::from(id.as_str()));
    let apart = stores.len() <= ASKED_APART_MAX && page.end() <= ASKED_APART_ROWS_MAX;
    let questions: Vec<Condition> = if apart {
        ids.map(|id| Condition::Is("store_id", id)).collect()
    } else {
        vec![any("store_id", &ids.collect::<Vec<_>>())]
    };
    let alone = questions.len() == 1;
    let asked = questions.into_iter().map(|store| {
        let mut query = query.clone();
        query.filter.insert(0, store);
        if alone {
            query.offset = page.offset();
        } else {
            query.limit = page.end();
        }
        query
    });
    asked.collect()
}
