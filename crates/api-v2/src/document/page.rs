//! The page as a whole: what holds for every call, the operations by group, the types.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use naru_wire_v2::{ErrorType, Operation};
use serde_json::Value;

use super::types::{definition, field, fields, reached, referred};
use super::words::{GROUPS, Group, both, escape, group_of, korean_summary};

/// An operation with where it stands in the document.
struct Entry<'a> {
    operation: Operation,
    value: &'a Value,
}

/// The page.
pub(super) fn render(document: &Value, style: &str) -> String {
    let entries = entries(document);
    let title = escape(document["info"]["title"].as_str().unwrap_or("API"));
    let mut out = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{title}</title><style>{style}</style></head><body>\
         <header><h1><a href=\"#top\" id=\"top\">{title}</a></h1>\
         <a class=\"plain\" href=\"/openapi.json\">openapi.json</a></header>"
    );
    out.push_str(&navigation(&entries));
    out.push_str("<main>");
    out.push_str(&introduction(document));
    for group in GROUPS {
        out.push_str(&group_section(document, &entries, group));
    }
    out.push_str(&types_section(document, &entries));
    out.push_str("</main></body></html>");
    out
}

/// The operations of the document, in the order of their paths.
fn entries(document: &Value) -> Vec<Entry<'_>> {
    let mut found: Vec<Entry<'_>> = Operation::ALL
        .iter()
        .copied()
        .map(|operation| {
            let method = operation.method().to_lowercase();
            let value = &document["paths"][operation.path()][&method];
            Entry { operation, value }
        })
        .filter(|entry| entry.value.is_object())
        .collect();
    found.sort_by_key(|entry| (entry.operation.path(), entry.operation.method()));
    found
}

fn of_group<'a>(
    entries: &'a [Entry<'a>],
    group: Group,
) -> impl Iterator<Item = &'a Entry<'a>> + 'a {
    entries
        .iter()
        .filter(move |entry| group_of(entry.operation.path()) == group.id)
}

fn badge(operation: Operation) -> String {
    let method = operation.method();
    format!("<span class=\"method {method}\">{method}</span>")
}

fn navigation(entries: &[Entry<'_>]) -> String {
    let mut out = format!(
        "<nav><details open><summary>{}</summary>",
        both("Contents", "목차")
    );
    for group in GROUPS {
        let mut links = of_group(entries, group).peekable();
        if links.peek().is_none() {
            continue;
        }
        let _ = write!(
            out,
            "<h2><a href=\"#{}\">{}</a></h2><ul>",
            group.id,
            both(group.english, group.korean)
        );
        for entry in links {
            let (id, path) = (entry.operation.id(), escape(entry.operation.path()));
            let badge = badge(entry.operation);
            let _ = write!(
                out,
                "<li><a href=\"#{id}\">{badge} <span>{path}</span></a></li>"
            );
        }
        out.push_str("</ul>");
    }
    let types = both("Types", "타입");
    let _ = write!(
        out,
        "<h2><a href=\"#types\">{types}</a></h2></details></nav>"
    );
    out
}

/// English and Korean paragraphs about every call. Markup is ours, so it is not escaped.
const RULES: [(&str, &str); 5] = [
    (
        "Send <code>Authorization: PortOne &lt;API secret&gt;</code>, or <code>Bearer &lt;access \
         token&gt;</code> with a token of <a href=\"#loginViaApiSecret\">loginViaApiSecret</a>.",
        "<code>Authorization: PortOne &lt;API 시크릿&gt;</code> 또는 <code>Bearer &lt;액세스 \
         토큰&gt;</code> 헤더를 보내세요.",
    ),
    (
        "Bodies are JSON whatever their content type. Success is always 200 with a JSON object.",
        "요청 본문은 Content-Type과 관계없이 JSON입니다. 성공은 언제나 200과 JSON 객체입니다.",
    ),
    (
        "Amounts are integers in the currency’s minor unit: 1000 is ₩1,000, and $10.00 is 1000.",
        "금액은 통화의 최소 단위 정수입니다. 1000은 1,000원이고 10.00달러도 1000입니다.",
    ),
    (
        "Lists take their body in the query parameter <code>requestBody</code> as well.",
        "목록 조회는 본문 대신 <code>requestBody</code> 쿼리로도 입력을 받습니다.",
    ),
    (
        "With <code>Idempotency-Key: \"16 to 256 characters\"</code> a repeated change is \
         answered as before and not made again.",
        "<code>Idempotency-Key</code> 헤더를 보내면 같은 요청을 반복해도 한 번만 처리하고 같은 \
         응답을 돌려줍니다.",
    ),
];

fn introduction(document: &Value) -> String {
    let lead = escape(document["info"]["description"].as_str().unwrap_or_default());
    let mut out = format!(
        "<section class=\"intro\"><p class=\"lead\">{lead}</p><p class=\"lead\" lang=\"ko\">\
         나루는 포트원 REST API V2와 호환되는 오픈소스 결제 서버입니다. 포트원이나 PG사와는 \
         관계가 없습니다.</p><ul class=\"rules\">"
    );
    for (english, korean) in RULES {
        let _ = write!(
            out,
            "<li>{english}<br><span lang=\"ko\">{korean}</span></li>"
        );
    }
    let general = ErrorType::ALL
        .iter()
        .copied()
        .filter(|error| error.is_general());
    let heading = both("Errors that every operation may answer", "공통 오류");
    let _ = write!(
        out,
        "</ul><h3>{heading}</h3>{}</section>",
        errors(general.collect())
    );
    out
}

/// Error types by status.
fn errors(types: Vec<ErrorType>) -> String {
    let mut by_status: BTreeMap<u16, Vec<&str>> = BTreeMap::new();
    for error in types {
        by_status
            .entry(error.status())
            .or_default()
            .push(error.wire_name());
    }
    let mut out = String::from("<ul class=\"errors\">");
    for (status, names) in by_status {
        let names: Vec<String> = names
            .iter()
            .map(|name| format!("<code>{}</code>", escape(name)))
            .collect();
        let names = names.join(" ");
        let _ = write!(out, "<li><b>{status}</b> <span>{names}</span></li>");
    }
    out.push_str("</ul>");
    out
}

fn group_section(document: &Value, entries: &[Entry<'_>], group: Group) -> String {
    let articles: String = of_group(entries, group)
        .map(|entry| article(document, entry))
        .collect();
    if articles.is_empty() {
        return articles;
    }
    let heading = both(group.english, group.korean);
    format!(
        "<section id=\"{}\"><h2>{heading}</h2>{articles}</section>",
        group.id
    )
}

fn article(document: &Value, entry: &Entry<'_>) -> String {
    let operation = entry.operation;
    let id = operation.id();
    let mut out = format!(
        "<article id=\"{id}\"><h3>{} <code>{}</code></h3><p class=\"id\">{id}</p>\
         <p>{}<br><span lang=\"ko\">{}</span></p>",
        badge(operation),
        escape(operation.path()),
        escape(entry.value["summary"].as_str().unwrap_or_default()),
        escape(korean_summary(id)),
    );
    if !operation.spec().auth {
        let open = both("No credential is needed.", "인증이 필요 없습니다.");
        let _ = write!(out, "<p class=\"open\">{open}</p>");
    }
    for (place, english, korean) in [
        ("path", "In the path", "경로"),
        ("query", "In the query", "쿼리"),
    ] {
        out.push_str(&parameters(entry.value, place, &both(english, korean)));
    }
    let body = &entry.value["requestBody"]["content"]["application/json"]["schema"];
    if !body.is_null() {
        out.push_str(&block(document, &both("Body", "요청 본문"), body));
    }
    let answer = &entry.value["responses"]["200"]["content"]["application/json"]["schema"];
    out.push_str(&block(document, &both("Answer", "응답"), answer));
    let heading = both("Errors", "오류");
    let _ = write!(
        out,
        "<h4>{heading}</h4>{}</article>",
        errors(operation.allowed().to_vec())
    );
    out
}

fn parameters(value: &Value, place: &str, heading: &str) -> String {
    let rows: String = value["parameters"]
        .as_array()
        .into_iter()
        .flatten()
        // `requestBody` stands for the body, which is shown as such.
        .filter(|one| one["in"] == place && one["schema"].is_object())
        .map(|one| {
            let name = one["name"].as_str().unwrap_or_default();
            field(name, &one["schema"], one["required"] == true)
        })
        .collect();
    if rows.is_empty() {
        return rows;
    }
    format!("<h4>{heading}</h4><ul class=\"fields\">{rows}</ul>")
}

/// A body: its own fields here, everything deeper among the types.
fn block(document: &Value, heading: &str, schema: &Value) -> String {
    let Some(name) = referred(schema) else {
        return format!("<h4>{heading}</h4>{}", fields(schema));
    };
    let whole = &document["components"]["schemas"][name];
    let name = escape(name);
    let link = format!("<a class=\"kind\" href=\"#type-{name}\">{name}</a>");
    if whole["oneOf"].is_array() {
        return format!("<h4>{heading} {link}</h4>");
    }
    format!("<h4>{heading} {link}</h4>{}", fields(whole))
}

fn types_section(document: &Value, entries: &[Entry<'_>]) -> String {
    let roots: Vec<&Value> = entries
        .iter()
        .flat_map(|entry| {
            [
                &entry.value["parameters"],
                &entry.value["requestBody"],
                &entry.value["responses"]["200"],
            ]
        })
        .collect();
    let mut out = format!("<section id=\"types\"><h2>{}</h2>", both("Types", "타입"));
    for name in reached(document, &roots) {
        let schema = &document["components"]["schemas"][&name];
        out.push_str(&definition(&name, schema));
    }
    out.push_str("</section>");
    out
}
