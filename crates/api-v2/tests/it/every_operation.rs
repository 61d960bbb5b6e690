//! What must hold of every operation that is served, whatever it does.

use naru_wire_v2::Operation;

use crate::app;

fn served() -> impl Iterator<Item = Operation> {
    Operation::ALL
        .iter()
        .copied()
        .filter(|operation| naru_wire_v2::is_served(*operation))
}

/// The path, with this in the place of each id.
fn path(operation: Operation, id: &str) -> String {
    let filled = operation.path().split('/').map(|segment| {
        if segment.starts_with('{') {
            id
        } else {
            segment
        }
    });
    filled.collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn an_id_that_is_no_text_is_refused() {
    let app = app().await;
    for operation in served().filter(|operation| operation.path().contains('{')) {
        let path = path(operation, "%FF");
        let answer = app.request(operation.method(), &path).send().await;
        let message = answer.refused(400, "INVALID_REQUEST");
        assert!(message.contains("UTF-8"), "{path}: {message}");
    }
}

#[tokio::test]
async fn a_body_that_is_no_json_is_refused() {
    let app = app().await;
    for operation in served().filter(|operation| !operation.path().contains('{')) {
        // They read no body, and in the query nothing that has a shape.
        let last = operation.path().rsplit('/').next().unwrap_or_default();
        if [
            "banks",
            "evaluate",
            "id-existence",
            "overseas-payment-usage",
        ]
        .contains(&last)
        {
            continue;
        }
        let in_query = operation.method() == "GET";
        let request = if in_query {
            let path = format!("{}?requestBody=%7B&test=maybe", operation.path());
            app.request("GET", &path)
        } else {
            app.request(operation.method(), operation.path()).raw("{")
        };
        request.send().await.refused(400, "INVALID_REQUEST");
    }
}
