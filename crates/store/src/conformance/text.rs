//! Cases: what text can be stored, how it compares, and that bodies are not touched.

use super::rows::{get, insert, key, matches, payment, unit, update};
use crate::tables::PAYMENTS;
use crate::{CommitError, Condition, Row, Store, Value, Write};

/// Texts that some database, quoting rule or collation would like to change.
const ODD: [&str; 14] = [
    "",
    " ",
    " leading and trailing ",
    "주문-가나다-ㄱ",
    "e\u{301} is not \u{e9}",
    "'; DROP TABLE payments; --",
    "\"double\" `back` \\ back\\slash",
    "?1 $1 :name @name",
    "a_b%c*d[e]",
    "tab\tnew\nline\rreturn",
    "\u{1}\u{7f}\u{85}\u{feff}",
    "😀👨‍👩‍👧",
    "\u{10FFFF}\u{FFFF}",
    "123",
];

pub(super) async fn odd_texts_survive(store: &dyn Store) {
    let rows = ODD.map(|text| payment(text, &[("status", text.into())], text));
    insert(store, &PAYMENTS, rows.to_vec()).await;
    for row in rows {
        assert_eq!(
            get(store, &PAYMENTS, row.key.clone()).await.as_ref(),
            Some(&row)
        );
        let same = Condition::Is("status", row.columns[4].clone());
        assert_eq!(
            matches(store, &PAYMENTS, same).await.len(),
            1,
            "{:?}",
            row.body
        );
        let Value::Text(text) = &row.key[1] else {
            panic!("not a text")
        };
        let begins = matches(store, &PAYMENTS, Condition::Prefix("status", text.clone())).await;
        assert!(begins.contains(text), "{text:?} begins with itself");
    }
    let case = Condition::Is("status", "'; drop table payments; --".into());
    assert!(
        matches(store, &PAYMENTS, case).await.is_empty(),
        "upper and lower case differ"
    );
}

pub(super) async fn texts_sort_and_compare_by_bytes(store: &dyn Store) {
    let mut texts = [
        "b", "B", "a", "ab", "a b", "a-b", "é", "e", "가", "각", "힣", "Z", "_", "~", "\u{FFFF}",
        "😀",
    ];
    insert(
        store,
        &PAYMENTS,
        texts.map(|text| payment(text, &[], "{}")).to_vec(),
    )
    .await;
    texts.sort_unstable();
    let all = Condition::AtLeast("payment_id", "".into());
    assert_eq!(matches(store, &PAYMENTS, all).await, texts);
    for (index, text) in texts.iter().enumerate() {
        let below = matches(
            store,
            &PAYMENTS,
            Condition::Below("payment_id", (*text).into()),
        )
        .await;
        assert_eq!(below, texts[..index], "below {text}");
        let least = matches(
            store,
            &PAYMENTS,
            Condition::AtLeast("payment_id", (*text).into()),
        );
        assert_eq!(least.await, texts[index..], "at least {text}");
    }
}

pub(super) async fn prefix_knows_no_wildcards(store: &dyn Store) {
    let texts = [
        "%", "%%x", "_", "_x", "\\", "\\%", "a", "A", "a%b", "ab", "가", "가나", "각", "[a]", "*",
    ];
    insert(
        store,
        &PAYMENTS,
        texts.map(|text| payment(text, &[], "{}")).to_vec(),
    )
    .await;
    for prefix in [
        "",
        "%",
        "_",
        "\\",
        "a",
        "A",
        "a%",
        "가",
        "가나다",
        "[",
        "*",
        "x",
    ] {
        let mut want: Vec<_> = texts
            .into_iter()
            .filter(|text| text.starts_with(prefix))
            .collect();
        want.sort_unstable();
        let found = matches(
            store,
            &PAYMENTS,
            Condition::Prefix("payment_id", prefix.to_owned()),
        );
        assert_eq!(found.await, want, "{prefix:?}");
    }
}

pub(super) async fn prefix_of_the_last_characters(store: &dyn Store) {
    let texts = [
        "\u{D7FF}",
        "\u{D7FF}x",
        "\u{E000}",
        "\u{10FFFE}",
        "\u{10FFFF}",
        "\u{10FFFF}z",
        "z\u{10FFFF}",
    ];
    insert(
        store,
        &PAYMENTS,
        texts.map(|text| payment(text, &[], "{}")).to_vec(),
    )
    .await;
    for prefix in [
        "\u{D7FF}",
        "\u{10FFFE}",
        "\u{10FFFF}",
        "\u{10FFFF}\u{10FFFF}",
        "z\u{10FFFF}",
    ] {
        let mut want: Vec<_> = texts
            .into_iter()
            .filter(|text| text.starts_with(prefix))
            .collect();
        want.sort_unstable();
        let found = matches(
            store,
            &PAYMENTS,
            Condition::Prefix("payment_id", prefix.to_owned()),
        );
        assert_eq!(found.await, want, "{prefix:?}");
    }
}

pub(super) async fn text_with_nul_is_refused_and_never_found(store: &dyn Store) {
    insert(
        store,
        &PAYMENTS,
        vec![payment("a", &[("status", "a".into())], "{}")],
    )
    .await;
    let writes = [
        Write::Insert(&PAYMENTS, payment("a\0", &[], "{}")),
        Write::Insert(&PAYMENTS, payment("b", &[("status", "\0".into())], "{}")),
        Write::Insert(&PAYMENTS, payment("b", &[], "{}\0")),
        update(
            &PAYMENTS,
            payment("a", &[("status", "a\0b".into())], "{}"),
            1,
        ),
        Write::Delete {
            table: &PAYMENTS,
            key: key(["s", "a\0"]),
            expected: None,
        },
    ];
    for write in writes {
        let answer = store.commit(unit(vec![write])).await;
        assert!(matches!(answer, Err(CommitError::Invalid(_))), "{answer:?}");
    }
    assert_eq!(get(store, &PAYMENTS, key(["s", "a\0"])).await, None);
    for condition in [
        Condition::Is("status", "a\0".into()),
        Condition::In("status", vec!["a\0".into(), "b".into()]),
        Condition::Prefix("status", "\0".to_owned()),
        Condition::AtMost("status", "z\0".into()),
    ] {
        assert!(
            matches(store, &PAYMENTS, condition.clone())
                .await
                .is_empty(),
            "{condition:?}"
        );
    }
    let list = Condition::In("status", vec!["a\0".into(), "a".into()]);
    assert_eq!(matches(store, &PAYMENTS, list).await, ["a"]);
}

pub(super) async fn bodies_come_back_byte_for_byte(store: &dyn Store) {
    let bodies = [
        r#"{"b":1,"a":2,"a":3}"#,
        "{ \"spaces\" :\n[ 1.0, 1e2, 12345678901234567890123 ] }",
        r#"{"nul":"\u0000","lone":"\ud800","slash":"\/"}"#,
        "not JSON at all",
        "",
    ];
    for (index, body) in bodies.into_iter().enumerate() {
        let row = payment(&index.to_string(), &[], body);
        insert(store, &PAYMENTS, vec![row.clone()]).await;
        assert_eq!(get(store, &PAYMENTS, row.key.clone()).await, Some(row));
    }
}

pub(super) async fn large_bodies_survive(store: &dyn Store) {
    // One megabyte, a limit no body of ours comes near (design 4).
    let body = |filler: &str| format!("\"{}\"", filler.repeat(1_000_000 / filler.len()));
    let first = payment("p", &[], &body("0123456789"));
    insert(store, &PAYMENTS, vec![first.clone()]).await;
    assert_eq!(get(store, &PAYMENTS, key(["s", "p"])).await, Some(first));
    let second = payment("p", &[], &body("가나다"));
    store
        .commit(unit(vec![update(&PAYMENTS, second.clone(), 1)]))
        .await
        .unwrap();
    let want = Row {
        version: 2,
        ..second
    };
    let found = store.scan(crate::Query::of(&PAYMENTS, 2)).await.unwrap();
    assert!(found == [want], "the second body, whole");
}
