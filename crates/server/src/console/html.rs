//! The markup of the console. Whatever comes from the store or from a form is escaped.

use std::fmt::Write as _;

use jiff::tz::{TimeZone, offset};
use naru_documents::escape;
use naru_domain::Timestamp;
use naru_engine::administrators::{AdministratorView, ConsoleSession};
use naru_engine::records::{ActOutcome, ActVia, ChannelRecord, StoreRecord};
use naru_engine::{Act, ActPage, OVERVIEW_MAX, Overview};

use super::words::Words;
use crate::sandbox_credentials::{CONSOLE_EMAIL, CONSOLE_PASSWORD};

/// Something that a page says at its top.
#[derive(Clone, Copy)]
pub(super) enum Note<'a> {
    /// It was done.
    Good(&'a str),
    /// It was not.
    Bad(&'a str),
}

impl Note<'_> {
    fn markup(self) -> String {
        let (class, role, text) = match self {
            Self::Good(text) => ("note good", "status", text),
            Self::Bad(text) => ("note bad", "alert", text),
        };
        format!("<p class=\"{class}\" role=\"{role}\">{}</p>", escape(text))
    }
}

/// What every page of a session has.
pub(super) struct Frame<'a> {
    pub(super) words: &'static Words,
    pub(super) session: &'a ConsoleSession,
    /// The path of the page.
    pub(super) place: &'static str,
    pub(super) query: &'a [(String, String)],
}

impl Frame<'_> {
    fn field(&self, name: &str) -> &str {
        let found = self.query.iter().find(|(found, _)| found == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    /// The field that every form has.
    fn hidden(&self) -> String {
        format!(
            "<input type=\"hidden\" name=\"token\" value=\"{}\">",
            escape(self.session.form_token.expose())
        )
    }

    /// A form that carries a button and what is hidden.
    fn button(&self, action: &str, (fields, class, text): (&str, &str, &str)) -> String {
        format!(
            "<form method=\"post\" action=\"{action}\">{}{fields}\
             <button type=\"submit\" class=\"{class}\">{text}</button></form>",
            self.hidden()
        )
    }

    /// The same page with another query.
    fn link(&self, changed: &[(&str, &str)]) -> String {
        let is_changed = |name: &str| changed.iter().any(|(one, _)| *one == name);
        let kept = self
            .query
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        let fields: Vec<(&str, &str)> = kept
            .filter(|(name, _)| !is_changed(name) && *name != "done")
            .chain(changed.iter().copied())
            .filter(|(_, value)| !value.is_empty())
            .collect();
        let query = serde_html_form::to_string(fields).unwrap_or_default();
        escape(&format!("{}?{query}", self.place))
    }

    fn page(&self, title: &str, body: &str) -> String {
        let words = self.words;
        let mut links = String::new();
        for (place, name) in [
            ("/console", words.overview),
            ("/console/audit-log", words.audit_log),
            ("/console/administrators", words.administrators),
        ] {
            let current = if place == self.place {
                " aria-current=\"page\""
            } else {
                ""
            };
            let _ = write!(links, "<a href=\"{place}\"{current}>{name}</a>");
        }
        let (code, name) = words.other;
        let current = if self.place == "/console/password" {
            " aria-current=\"page\""
        } else {
            ""
        };
        let header = format!(
            "<a class=\"skip\" href=\"#content\">{}</a><header><p class=\"brand\"><a \
             href=\"/console\"><b>Naru</b> {}</a></p><nav>{links}</nav><div class=\"account\"><a \
             href=\"/console/password\"{current}>{}</a>{}<a lang=\"{code}\" href=\"{}\">{name}</a>\
             </div></header>",
            words.skip,
            words.console,
            escape(&self.session.email),
            self.button("/console/log-out", ("", "plain", words.log_out)),
            self.link(&[("lang", code)]),
        );
        document(words, title, (&header, "wide", body))
    }
}

fn document(words: &Words, title: &str, (header, class, body): (&str, &str, &str)) -> String {
    format!(
        "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"robots\" content=\"noindex\">\n<title>{title} · Naru</title>\n\
         <link rel=\"stylesheet\" href=\"/console/console.css\">\n</head>\n<body>\n{header}\n\
         <main id=\"content\" class=\"{class}\">{body}</main>\n</body>\n</html>\n",
        words.code
    )
}

fn switch(words: &Words, place: &str) -> String {
    let (code, name) = words.other;
    format!("<p class=\"switch\"><a lang=\"{code}\" href=\"{place}?lang={code}\">{name}</a></p>")
}

/// A page that says one thing.
pub(super) fn message(words: &Words, [title, text]: [&str; 2]) -> String {
    let body = format!(
        "<div class=\"card\"><h1>{title}</h1><p>{text}</p><p><a href=\"/console\">{}</a></p></div>",
        words.back
    );
    document(words, title, ("", "narrow", &body))
}

/// `/console/log-in`
pub(super) fn log_in(
    words: &Words,
    (email, is_sandbox): (&str, bool),
    note: Option<Note<'_>>,
) -> String {
    let hint = if is_sandbox {
        format!(
            "<p class=\"soft\">{} <code>{CONSOLE_EMAIL}</code> <code>{CONSOLE_PASSWORD}</code></p>",
            words.sandbox
        )
    } else {
        format!("<p class=\"soft\">{}</p>", words.no_account)
    };
    let body = format!(
        "<div class=\"card\"><h1><b>Naru</b> {}</h1>{}<form method=\"post\" \
         action=\"/console/log-in\"><label for=\"email\">{}</label><input id=\"email\" \
         name=\"email\" type=\"email\" autocomplete=\"username\" required autofocus \
         value=\"{}\"><label for=\"password\">{}</label><input id=\"password\" name=\"password\" \
         type=\"password\" autocomplete=\"current-password\" required><button type=\"submit\" \
         class=\"main\">{}</button></form>{hint}</div>{}",
        words.console,
        note.map_or_else(String::new, Note::markup),
        words.email,
        escape(email),
        words.password,
        words.log_in,
        switch(words, "/console/log-in")
    );
    document(words, words.log_in, ("", "narrow", &body))
}

/// `/console`
pub(super) fn overview(
    frame: &Frame<'_>,
    counts: &Overview,
    stores: &[(StoreRecord, Vec<ChannelRecord>)],
) -> String {
    let words = frame.words;
    let mut tiles = String::new();
    for ([title, text], count, needs_a_person) in [
        (words.unresolved, counts.unresolved, false),
        (words.webhooks, counts.webhooks_waiting, false),
        (words.notices, counts.notices_waiting, false),
        (words.discrepancies, counts.discrepancies, true),
        (words.differences, counts.differences, true),
    ] {
        let class = if needs_a_person && count > 0 {
            "tile bad"
        } else {
            "tile"
        };
        let more = if count >= OVERVIEW_MAX { "+" } else { "" };
        let _ = write!(
            tiles,
            "<li class=\"{class}\"><b>{count}{more}</b> <strong>{title}</strong> \
             <span>{text}</span></li>"
        );
    }
    let mut list = String::new();
    for (store, channels) in stores {
        let _ = write!(
            list,
            "<section class=\"card\"><h3>{}</h3><p class=\"soft\"><code>{}</code></p>{}</section>",
            escape(&store.name),
            escape(store.id.as_str()),
            channels_table(words, channels)
        );
    }
    if stores.is_empty() {
        let _ = write!(list, "<p class=\"card\">{}</p>", words.no_stores);
    }
    let body = format!(
        "<h1>{}</h1><h2>{}</h2><ul class=\"tiles\">{tiles}</ul><h2>{}</h2>{list}",
        words.overview, words.open, words.stores
    );
    frame.page(words.overview, &body)
}

fn channels_table(words: &Words, channels: &[ChannelRecord]) -> String {
    if channels.is_empty() {
        return format!("<p>{}</p>", words.no_channels);
    }
    let mut rows = String::new();
    for channel in channels {
        let (class, state) = match (channel.disabled_at.is_some(), channel.is_test) {
            (true, _) => ("state off", words.disabled),
            (false, true) => ("state", words.test),
            (false, false) => ("state good", words.live),
        };
        let state = format!("<span class=\"{class}\">{state}</span>");
        let name = format!(
            "{}<br><code>{}</code>",
            escape(&channel.name),
            escape(channel.key.as_str())
        );
        rows.push_str(&row(&[
            (words.channel, name),
            (words.pg, escape(&channel.pg_provider)),
            (words.merchant_id, escape(&channel.pg_merchant_id)),
            (words.state, state),
        ]));
    }
    let heads = [words.channel, words.pg, words.merchant_id, words.state];
    table(&heads, &rows)
}

/// A row; on phones each cell says of which column it is.
fn row(cells: &[(&str, String)]) -> String {
    let mut out = String::from("<tr>");
    for (label, cell) in cells {
        let _ = write!(out, "<td data-label=\"{label}\">{cell}</td>");
    }
    out + "</tr>"
}

fn table(heads: &[&str], rows: &str) -> String {
    let mut cells = String::new();
    for head in heads {
        let _ = write!(cells, "<th scope=\"col\">{head}</th>");
    }
    format!("<table><thead><tr>{cells}</tr></thead><tbody>{rows}</tbody></table>")
}

/// A time in Korea, to the second.
fn time(at: Timestamp) -> String {
    let korea = TimeZone::fixed(offset(9));
    let at = at.to_jiff().to_zoned(korea);
    at.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// `/console/audit-log`
pub(super) fn audit_log(frame: &Frame<'_>, found: &ActPage, note: Option<Note<'_>>) -> String {
    let words = frame.words;
    let input = |name: &str, label: &str, more: &str| {
        format!(
            "<div><label for=\"{name}\">{label}</label><input id=\"{name}\" name=\"{name}\" \
             {more} value=\"{}\"></div>",
            escape(frame.field(name))
        )
    };
    let filter = format!(
        "<form method=\"get\" action=\"/console/audit-log\" class=\"filter card\">{}{}{}{}<div \
         class=\"buttons\"><button type=\"submit\" class=\"main\">{}</button><a \
         href=\"/console/audit-log\">{}</a></div></form>",
        input("since", words.since, "type=\"date\""),
        input("actor", words.who, "type=\"text\" autocomplete=\"off\""),
        input(
            "store",
            words.store,
            "type=\"text\" autocomplete=\"off\" placeholder=\"store-…\""
        ),
        input(
            "operation",
            words.operation,
            "type=\"text\" autocomplete=\"off\" placeholder=\"channels.create\""
        ),
        words.filter,
        words.clear
    );
    let rows: String = found.acts.iter().map(|act| act_row(words, act)).collect();
    let list = if found.acts.is_empty() {
        format!("<p>{}</p>", words.no_acts)
    } else {
        let heads = [
            words.at,
            words.who,
            words.operation,
            words.on,
            words.outcome,
        ];
        table(&heads, &rows)
    };
    let mut links = String::new();
    if !frame.field("after").is_empty() {
        let latest = frame.link(&[("after", "")]);
        let _ = write!(links, "<a href=\"{latest}\">← {}</a>", words.latest);
    }
    if let Some(next) = &found.next {
        let earlier = frame.link(&[("after", next)]);
        let _ = write!(
            links,
            "<a rel=\"next\" href=\"{earlier}\">{} →</a>",
            words.earlier
        );
    }
    let body = format!(
        "<h1>{}</h1>{}{filter}<div class=\"card acts\">{list}</div><p class=\"pages\">{links}</p>\
         <p class=\"soft\">{}</p>",
        words.audit_log,
        note.map_or_else(String::new, Note::markup),
        words.time_zone
    );
    frame.page(words.audit_log, &body)
}

fn act_row(words: &Words, act: &Act) -> String {
    let begun = &act.begun;
    let via = match begun.via {
        ActVia::CommandLine => words.command_line,
        ActVia::Console => words.console,
    };
    let from = begun
        .address
        .as_deref()
        .map_or_else(String::new, |from| format!(", {}", escape(from)));
    let who = format!(
        "{}<br><span class=\"soft\">{via}{from}</span>",
        escape(&begun.actor)
    );
    let (class, outcome) = match act.outcome {
        ActOutcome::Begun => ("state off", words.begun),
        ActOutcome::Done => ("state good", words.done),
        ActOutcome::Refused => ("state bad", words.was_refused),
        ActOutcome::Failed => ("state bad", words.failed),
    };
    let reason = act.reason.as_deref().map_or_else(String::new, |reason| {
        format!("<br><span class=\"soft\">{}</span>", escape(reason))
    });
    let mut on = String::new();
    for text in [&begun.subject, &begun.store_id].into_iter().flatten() {
        let _ = write!(on, "<code>{}</code><br>", escape(text));
    }
    for (name, value) in &begun.details {
        let _ = write!(
            on,
            "<span class=\"soft\">{}: {}</span><br>",
            escape(name),
            escape(value)
        );
    }
    row(&[
        (words.at, time(begun.at)),
        (words.who, who),
        (
            words.operation,
            format!("<code>{}</code>", escape(&begun.operation)),
        ),
        (words.on, on),
        (
            words.outcome,
            format!("<span class=\"{class}\">{outcome}</span>{reason}"),
        ),
    ])
}

/// A field for a password.
fn password_field(id: &str, label: &str, autocomplete: &str) -> String {
    format!(
        "<label for=\"{id}\">{label}</label><input id=\"{id}\" name=\"{id}\" type=\"password\" \
         autocomplete=\"{autocomplete}\" required maxlength=\"200\">"
    )
}

/// `/console/administrators`
pub(super) fn administrators(
    frame: &Frame<'_>,
    found: &[AdministratorView],
    note: Option<Note<'_>>,
) -> String {
    let words = frame.words;
    let done = (frame.field("done") == "1").then_some(Note::Good(words.is_done));
    let note = note.or(done).map_or_else(String::new, Note::markup);
    let rows: String = found
        .iter()
        .map(|one| administrator_row(frame, one))
        .collect();
    let heads = [
        words.email,
        words.added,
        words.password_set,
        words.locked_until,
        "",
    ];
    let body = format!(
        "<h1>{}</h1>{note}<div class=\"card\">{}</div><div class=\"card form\"><h2>{}</h2>\
         <form method=\"post\" action=\"/console/administrators/add\">{}<label \
         for=\"email\">{}</label><input id=\"email\" name=\"email\" type=\"email\" \
         autocomplete=\"off\" required maxlength=\"254\">{}<p class=\"soft\">{}</p>{}<button \
         type=\"submit\" class=\"main\">{}</button></form></div>",
        words.administrators,
        table(&heads, &rows),
        words.add_title,
        frame.hidden(),
        words.email,
        password_field("password", words.password, "new-password"),
        words.password_rule,
        password_field("again", words.again, "new-password"),
        words.add
    );
    frame.page(words.administrators, &body)
}

fn administrator_row(frame: &Frame<'_>, one: &AdministratorView) -> String {
    let words = frame.words;
    let is_self = one.email == frame.session.email;
    let email = escape(&one.email);
    let field = format!("<input type=\"hidden\" name=\"email\" value=\"{email}\">");
    let mut buttons = String::new();
    if one.locked_until.is_some() {
        let text = (field.as_str(), "second", words.unlock);
        buttons.push_str(&frame.button("/console/administrators/unlock", text));
    }
    if !is_self {
        // Opened first, so that nobody is removed by one slip of a finger.
        let text = (field.as_str(), "second danger", words.remove);
        let _ = write!(
            buttons,
            "<details><summary>{}</summary><p>{}</p>{}</details>",
            words.remove,
            words.sure_remove,
            frame.button("/console/administrators/remove", text)
        );
    }
    let you = if is_self {
        format!(" <span class=\"state\">{}</span>", words.you)
    } else {
        String::new()
    };
    let locked = one.locked_until.map_or_else(|| "–".to_owned(), time);
    row(&[
        (words.email, format!("{email}{you}")),
        (words.added, time(one.created_at)),
        (words.password_set, time(one.password_set_at)),
        (words.locked_until, locked),
        ("", buttons),
    ])
}

/// `/console/password`
pub(super) fn password(frame: &Frame<'_>, note: Option<Note<'_>>) -> String {
    let words = frame.words;
    let body = format!(
        "<h1>{}</h1>{}<div class=\"card form\"><p>{}</p><form method=\"post\" \
         action=\"/console/password\">{}<label \
         for=\"email\">{}</label><input id=\"email\" type=\"email\" readonly \
         autocomplete=\"username\" value=\"{}\">{}{}<p class=\"soft\">{}</p>{}<button \
         type=\"submit\" class=\"main\">{}</button></form></div>",
        words.change_title,
        note.map_or_else(String::new, Note::markup),
        words.change_text,
        frame.hidden(),
        words.email,
        escape(&frame.session.email),
        password_field("current", words.current, "current-password"),
        password_field("password", words.new, "new-password"),
        words.password_rule,
        password_field("again", words.again, "new-password"),
        words.change
    );
    frame.page(words.change_title, &body)
}
