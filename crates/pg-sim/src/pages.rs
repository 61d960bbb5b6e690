//! What the pages of all simulated PGs share: their frame, and the way back to the merchant.
//!
//! Nothing is inline, and every value is escaped.

use std::fmt::Write as _;

use axum::response::Response;
use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::answer::{self, escaped};

/// Forms go to wherever the merchant is; nothing is inline.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; \
    form-action http: https:; base-uri 'none'";

/// A page's frame.
pub(crate) struct Frame<'a> {
    /// The PG's name, in Korean and English.
    pub(crate) pg: [&'static str; 2],
    /// That nothing here is real, in Korean and English.
    pub(crate) footer: [&'static str; 2],
    /// Where the files of the pages are, seen from the page.
    pub(crate) files: &'a str,
}

impl Frame<'_> {
    pub(crate) fn document(&self, title: &str, body: &str) -> String {
        let ([pg, pg_en], [footer, footer_en]) = (self.pg, self.footer);
        format!(
            "<!doctype html>\n<html lang=\"ko\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"robots\" content=\"noindex\">\n<title>{title}</title>\n\
             <link rel=\"stylesheet\" href=\"{}/window.css\">\n</head>\n<body>\n\
             <header><p>모의 {pg} <span lang=\"en\">simulated {pg_en}</span></p></header>\n\
             <main>\n{body}\n</main>\n\
             <footer>{footer} <span lang=\"en\">{footer_en}</span></footer>\n\
             </body>\n</html>\n",
            self.files
        )
    }

    /// A page that says why there is no window.
    pub(crate) fn refusal(&self, title: &str, why: &str) -> String {
        let body = format!(
            "<h1>{title}</h1>\n<p lang=\"en\">The window can't be opened: {}</p>",
            escaped(why)
        );
        self.document(title, &body)
    }

    /// A page that takes the browser back to the merchant: by its script, or by a button without
    /// one.
    pub(crate) fn returning<'a>(
        &self,
        (url, target): (&str, &str),
        fields: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> String {
        let target = match target {
            "" => String::new(),
            name => format!(" target=\"{name}\""),
        };
        let body = format!(
            "<h1>상점으로 돌아갑니다</h1>\n<p lang=\"en\">Back to the shop.</p>\n\
             <form id=\"return\" method=\"post\" action=\"{}\"{target}>\n{}\
             <button>계속 <span lang=\"en\">Continue</span></button>\n</form>\n\
             <script src=\"{}/window.js\"></script>",
            escaped(url),
            hidden(fields),
            self.files,
        );
        self.document("상점으로 돌아갑니다", &body)
    }
}

/// Fields that a form carries along.
pub(crate) fn hidden<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut out = String::new();
    for (name, value) in fields {
        let (name, value) = (escaped(name), escaped(value));
        let _ = writeln!(
            out,
            "<input type=\"hidden\" name=\"{name}\" value=\"{value}\">"
        );
    }
    out
}

/// Scheme and host under which the simulator was reached.
pub(crate) fn base(headers: &HeaderMap) -> String {
    let host = headers.get(header::HOST);
    let host = host.and_then(|value| value.to_str().ok());
    format!("http://{}", host.unwrap_or("127.0.0.1"))
}

/// Whether a browser can be sent there.
pub(crate) fn is_web(url: &str) -> bool {
    url.starts_with("http://") || url.starts_with("https://")
}

/// A page under its policy.
pub(crate) fn page(text: String) -> Response {
    let mut response = answer::with_type(StatusCode::OK, "text/html;charset=UTF-8", text);
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "strict-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
