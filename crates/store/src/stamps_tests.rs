use super::*;
use crate::tables::{JOBS, SETTINGS};
use crate::{Column, Condition, Kind};

fn row(table: &Table, key: &[&str], subject: &str) -> Row {
    let value = |column: &Column| match (column.name, column.kind) {
        ("subject_id", _) => subject.into(),
        (_, Kind::Int) => 0.into(),
        (_, Kind::Text) => "".into(),
    };
    Row {
        key: key.iter().map(|part| (*part).into()).collect(),
        version: 1,
        columns: table.columns.iter().map(value).collect(),
        body: "{}".to_owned(),
    }
}

fn unit(write: Write) -> [Commit; 1] {
    let mut unit = Commit::new(uuid::Uuid::nil());
    unit.writes.push(write);
    [unit]
}

fn key(store: &str, id: &str) -> Vec<Value> {
    vec![store.into(), id.into()]
}

fn delete(table: &'static Table, key: Vec<Value>) -> Write {
    Write::Delete {
        table,
        key,
        expected: None,
    }
}

fn clear(table: &'static Table, key: Vec<Value>) -> Write {
    Write::Clear {
        table,
        key,
        column: "needs_index",
        expected: 1,
    }
}

/// Writes, whether they change the stamp of the payment `p`, and whether everybody's.
fn writes() -> Vec<(&'static str, Write, bool, bool)> {
    let payment = || row(&PAYMENTS, &["s", "p"], "");
    let webhook = || row(&WEBHOOKS, &["s", "w"], "p");
    let update = |table, row| Write::Update {
        table,
        row,
        expected: 1,
    };
    let add = |table, key| Write::Add {
        table,
        key,
        column: "created_at",
        delta: 1,
        at_most: 9,
    };
    let expect = |table, key| Write::Expect {
        table,
        key,
        expected: 1,
    };
    let all = || vec![Condition::Is("store_id", "s".into())];
    vec![
        (
            "a payment",
            Write::Insert(&PAYMENTS, payment()),
            true,
            false,
        ),
        ("its change", update(&PAYMENTS, payment()), true, false),
        (
            "its derived row",
            Write::Upsert(&PAYMENTS, payment()),
            true,
            false,
        ),
        ("a counter", add(&PAYMENTS, key("s", "p")), true, false),
        ("its end", delete(&PAYMENTS, key("s", "p")), true, false),
        (
            "a webhook",
            Write::Insert(&WEBHOOKS, webhook()),
            true,
            false,
        ),
        ("its change", update(&WEBHOOKS, webhook()), true, false),
        ("its end", delete(&WEBHOOKS, key("s", "w")), true, true),
        (
            "many ends",
            Write::DeleteWhere(&WEBHOOKS, all()),
            true,
            true,
        ),
        (
            "many ends",
            Write::DeleteWhere(&PAYMENTS, all()),
            true,
            true,
        ),
        ("a mark", clear(&PAYMENTS, key("s", "p")), false, false),
        ("a look", expect(&PAYMENTS, key("s", "p")), false, false),
        (
            "a setting",
            Write::Upsert(&SETTINGS, row(&SETTINGS, &["p"], "")),
            false,
            false,
        ),
        ("jobs", Write::DeleteWhere(&JOBS, vec![]), false, false),
    ]
}

#[test]
fn writes_change_the_stamps_of_what_they_write_to() {
    for (name, write, own, others) in writes() {
        let stamps = Stamps::default();
        // Another subject, in another slot.
        let other = ["q", "r", "t"]
            .into_iter()
            .find(|id| stamps.place("s", id) != stamps.place("s", "p"))
            .unwrap();
        let before = (stamps.of("s", "p"), stamps.of("s", other));
        let units = unit(write);
        let changing = stamps.begin(units.iter());
        let during = (stamps.of("s", "p"), stamps.of("s", other));
        assert_eq!(during.0.is_none(), own, "{name}");
        assert_eq!(during.1.is_none(), others, "{name}");
        stamps.end(changing);
        let after = (stamps.of("s", "p"), stamps.of("s", other));
        assert!(after.0.is_some() && after.1.is_some(), "{name}");
        assert_eq!(after.0 != before.0, own, "{name}");
        assert_eq!(after.1 != before.1, others, "{name}");
    }
}

#[test]
fn one_batch_that_writes_twice_to_a_subject_ends_even() {
    let stamps = Stamps::default();
    let payment = row(&PAYMENTS, &["s", "p"], "");
    let units = [
        unit(Write::Insert(&PAYMENTS, payment.clone())),
        unit(Write::Upsert(&PAYMENTS, payment)),
    ];
    let before = stamps.of("s", "p");
    let changing = stamps.begin(units.iter().flatten());
    assert_eq!(stamps.of("s", "p"), None);
    stamps.end(changing);
    assert!(
        stamps
            .of("s", "p")
            .is_some_and(|after| Some(after) != before)
    );
}
