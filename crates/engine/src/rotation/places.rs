//! Where in a row sealed texts are, and which places each may be sealed to.
//!
//! A place is part of what is encrypted, so a wrong guess opens nothing: it is enough that the
//! right one is among them.

use naru_domain::StoreId;
use naru_store::{Row, Table, Value, tables};
use serde_json::{Map, Value as Json};

/// A sealed text of a row.
pub(super) struct Found<'a> {
    /// The text.
    pub(super) text: &'a str,
    /// The objects around it, the outermost first.
    pub(super) around: Vec<&'a Map<String, Json>>,
}

/// A place that a text may be sealed to.
pub(super) struct Place {
    /// As the key ring knows it.
    pub(super) text: String,
    /// The store whose person is sealed there, if it is a person.
    pub(super) person_of: Option<StoreId>,
}

impl Place {
    fn of(text: String) -> Self {
        Self {
            text,
            person_of: None,
        }
    }

    fn person(store: &str, id: &str) -> Self {
        Self {
            text: format!("identity:{store}:{id}"),
            person_of: Some(StoreId::new(store)),
        }
    }
}

/// The sealed texts of a document: those that begin with one of the marks.
pub(super) fn sealed_texts<'a>(body: &'a Json, marks: &[&str]) -> Vec<Found<'a>> {
    let mut found = Vec::new();
    look(body, &mut Vec::new(), marks, &mut found);
    found
}

fn look<'a>(
    at: &'a Json,
    around: &mut Vec<&'a Map<String, Json>>,
    marks: &[&str],
    found: &mut Vec<Found<'a>>,
) {
    match at {
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
        Json::String(text) => {
            if marks.iter().any(|mark| text.starts_with(mark)) {
                let around = around.clone();
                found.push(Found { text, around });
            }
        }
        Json::Array(items) => items
            .iter()
            .for_each(|item| look(item, around, marks, found)),
        Json::Object(fields) => {
            around.push(fields);
            fields
                .values()
                .for_each(|value| look(value, around, marks, found));
            around.pop();
        }
    }
}

/// The places that a text of this row may be sealed to.
pub(super) fn places(table: &Table, row: &Row, found: &Found<'_>) -> Vec<Place> {
    let mut places: Vec<Place> = of_row(table, row).into_iter().collect();
    let inside_out = found.around.iter().rev();
    places.extend(inside_out.flat_map(|object| of_object(object)));
    places
}

fn key(row: &Row, index: usize) -> &str {
    match row.key.get(index) {
        Some(Value::Text(text)) => text,
        Some(Value::Int(_) | Value::Null) | None => "",
    }
}

/// What the row's own key says.
fn of_row(table: &Table, row: &Row) -> Option<Place> {
    let (first, second) = (key(row, 0), key(row, 1));
    if table == &tables::EVENTS {
        return of_subject(first, second);
    }
    if table == &tables::IDENTITY_VERIFICATIONS {
        return Some(Place::person(first, second));
    }
    let text = if table == &tables::CHANNELS {
        format!("channel:{first}")
    } else if table == &tables::WEBHOOK_ENDPOINTS {
        format!("endpoint:{first}:{second}")
    } else if table == &tables::TAX_CONTRACTS {
        format!("tax-contract:{first}:{second}")
    } else if table == &tables::BILLING_KEYS {
        format!("billing-key:{second}")
    } else if table == &tables::CASH_RECEIPTS {
        format!("cash-receipt:{first}:{second}")
    } else {
        return None;
    };
    Some(Place::of(text))
}

/// What an event is about.
fn of_subject(store: &str, subject: &str) -> Option<Place> {
    match subject.split_once(':')? {
        ("b", id) => Some(Place::of(format!("billing-key:{id}"))),
        ("c", id) => Some(Place::of(format!("cash-receipt:{store}:{id}"))),
        ("i", id) => Some(Place::person(store, id)),
        _ => None,
    }
}

/// What an object around it says: a cancellation within a payment, an answer that is kept to be
/// given again.
fn of_object(object: &Map<String, Json>) -> Vec<Place> {
    let text = |name: &str| object.get(name).and_then(Json::as_str);
    let mut places = Vec::new();
    if let Some(id) = text("id") {
        places.push(Place::of(format!("cancellation:{id}")));
        places.push(Place::of(format!("billing-key:{id}")));
        places.extend(text("store_id").map(|store| Place::person(store, id)));
    }
    if let Some(attempt) = text("attempt") {
        places.push(Place::of(format!("authentication:{attempt}")));
    }
    if let (Some(store), Some(payment)) = (text("store_id"), text("payment_id")) {
        places.push(Place::of(format!("cash-receipt:{store}:{payment}")));
    }
    places
}
