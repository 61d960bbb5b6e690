//! The console over HTTP, against its real routes: who gets in, what ends a session, which forms
//! are taken, and that no page is shown without a session.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use http::{HeaderMap, Request, StatusCode};
use naru_connector::Secret;
use naru_engine::{ActFilter, Engine};
use naru_server::console;
use naru_store::Store;
use naru_store_sqlite::{SqliteOptions, SqliteStore};
use naru_testkit::{TestApp, TestAppOptions};
use tower::ServiceExt as _;

const WHO: &str = "hong@shop.example";
const PASSWORD: &str = "correct horse battery";
const SITE: &str = "http://127.0.0.1:8081";
const PAGES: [&str; 4] = [
    "/console",
    "/console/audit-log",
    "/console/administrators",
    "/console/password",
];

fn face(engine: Engine) -> Router {
    console::router(engine, Vec::new())
}

async fn app() -> TestApp {
    let app = TestApp::start(face).await;
    let password = Secret::new(PASSWORD);
    app.engine.add_administrator(WHO, &password).await.unwrap();
    app
}

struct Page {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

impl Page {
    fn place(&self) -> &str {
        self.headers
            .get("location")
            .map_or("", |place| place.to_str().unwrap())
    }

    /// The cookies that are set, as they stand in the answer.
    fn cookies(&self) -> Vec<String> {
        let set = self.headers.get_all("set-cookie").iter();
        set.map(|one| one.to_str().unwrap().to_owned()).collect()
    }

    /// The token of its forms.
    fn token(&self) -> String {
        let (_, after) = self.text.split_once("name=\"token\" value=\"").unwrap();
        after.split('"').next().unwrap().to_owned()
    }
}

/// A browser: it keeps cookies and says where its forms come from.
struct Browser {
    router: Router,
    address: SocketAddr,
    cookies: BTreeMap<String, String>,
    origin: Option<&'static str>,
    host: &'static str,
}

impl Browser {
    fn of(app: &TestApp) -> Self {
        Self {
            router: app.face(),
            address: "127.0.0.1:50000".parse().unwrap(),
            cookies: BTreeMap::new(),
            origin: Some(SITE),
            host: "127.0.0.1:8081",
        }
    }

    fn from(app: &TestApp, address: &str) -> Self {
        Self {
            address: format!("{address}:50000").parse().unwrap(),
            ..Self::of(app)
        }
    }

    async fn send(&mut self, method: &str, path: &str, body: String) -> Page {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", self.host)
            .header("accept-language", "en");
        if let (Some(origin), "POST") = (self.origin, method) {
            request = request.header("origin", origin);
        }
        for (name, value) in &self.cookies {
            request = request.header("cookie", format!("{name}={value}"));
        }
        let mut request = request.body(Body::from(body)).unwrap();
        request.extensions_mut().insert(ConnectInfo(self.address));
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        let page = Page {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8(bytes.to_vec()).unwrap(),
        };
        for cookie in page.cookies() {
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            if cookie.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        page
    }

    async fn get(&mut self, path: &str) -> Page {
        self.send("GET", path, String::new()).await
    }

    async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let body = serde_html_form::to_string(fields).unwrap();
        self.send("POST", path, body).await
    }

    async fn log_in(&mut self, email: &str, password: &str) -> Page {
        let fields = [("email", email), ("password", password)];
        self.post("/console/log-in", &fields).await
    }

    /// Logs in, and gives the token of its forms.
    async fn enter(&mut self) -> String {
        let page = self.log_in(WHO, PASSWORD).await;
        assert_eq!(
            (page.status, page.place()),
            (StatusCode::SEE_OTHER, "/console")
        );
        self.get("/console").await.token()
    }

    async fn is_in(&mut self) -> bool {
        self.get("/console").await.status == StatusCode::OK
    }
}

async fn operations(engine: &Engine) -> Vec<String> {
    let page = engine.acts(&ActFilter::default(), None, 100).await.unwrap();
    page.acts
        .into_iter()
        .map(|act| {
            format!(
                "{} {} {}",
                act.begun.actor,
                act.begun.operation,
                act.outcome.name()
            )
        })
        .collect()
}

#[tokio::test]
async fn nothing_is_shown_without_a_session() {
    let app = app().await;
    let mut browser = Browser::of(&app);
    let posts = [
        "/console/log-out",
        "/console/administrators/add",
        "/console/administrators/remove",
        "/console/administrators/unlock",
        "/console/password",
    ];
    let old = "A".repeat(43);
    for cookie in [None, Some(old.as_str()), Some("short"), Some("")] {
        browser.cookies.clear();
        if let Some(cookie) = cookie {
            browser
                .cookies
                .insert("naru-console".to_owned(), cookie.to_owned());
        }
        for path in PAGES {
            let page = browser.get(path).await;
            assert_eq!(page.status, StatusCode::SEE_OTHER, "{path}");
            assert_eq!((page.place(), page.text.as_str()), ("/console/log-in", ""));
        }
        for path in posts {
            let page = browser.post(path, &[("token", ""), ("email", WHO)]).await;
            assert_eq!(page.status, StatusCode::SEE_OTHER, "{path}");
            assert_eq!(page.place(), "/console/log-in", "{path}");
        }
    }
    assert!(operations(&app.engine).await.is_empty());
    let page = browser.get("/console/log-in").await;
    assert_eq!(page.status, StatusCode::OK);
}

#[tokio::test]
async fn pages_are_kept_by_nobody_and_load_nothing_from_elsewhere() {
    let app = app().await;
    let mut browser = Browser::of(&app);
    let _token = browser.enter().await;
    for path in PAGES {
        let page = browser.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        let header = |name: &str| page.headers[name].to_str().unwrap();
        assert_eq!(header("cache-control"), "private, no-store");
        assert_eq!(header("x-content-type-options"), "nosniff");
        // `no-referrer` would make browsers say `null` where a form comes from.
        assert_eq!(header("referrer-policy"), "same-origin");
        let policy = header("content-security-policy");
        for part in [
            "default-src 'none'",
            "style-src 'self'",
            "frame-ancestors 'none'",
        ] {
            assert!(policy.contains(part), "{policy}");
        }
        for odd in [
            "<script",
            "style=",
            "onclick",
            "javascript:",
            "http://",
            "https://",
        ] {
            assert!(!page.text.contains(odd), "{path}: {odd}");
        }
        assert!(page.text.contains("<html lang=\"en\">"));
    }
}

#[tokio::test]
async fn the_cookie_is_for_this_site_and_no_script() {
    let app = app().await;
    let mut browser = Browser::of(&app);
    let page = browser.log_in(WHO, PASSWORD).await;
    let [cookie] = page.cookies().try_into().unwrap();
    assert!(cookie.starts_with("naru-console="), "{cookie}");
    assert!(
        cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict"),
        "{cookie}"
    );

    let mut tls = Browser::of(&app);
    tls.origin = Some("https://console.example");
    tls.host = "console.example";
    let page = tls.log_in(WHO, PASSWORD).await;
    let [cookie] = page.cookies().try_into().unwrap();
    assert!(cookie.starts_with("__Host-naru-console="), "{cookie}");
    assert!(
        cookie.ends_with("; Path=/; Secure; HttpOnly; SameSite=Strict"),
        "{cookie}"
    );
    assert!(tls.is_in().await);
    // A cookie of TLS does not count by the name of the clear, nor the other way round.
    let token = tls.cookies.remove("__Host-naru-console").unwrap();
    tls.cookies.insert("naru-console".to_owned(), token);
    assert!(!tls.is_in().await);
    let token = browser.cookies.remove("naru-console").unwrap();
    browser
        .cookies
        .insert("__Host-naru-console".to_owned(), token);
    assert!(!browser.is_in().await);
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_read_the_same() {
    let app = app().await;
    let mut browser = Browser::of(&app);
    let wrong = browser.log_in(WHO, "wrong horse battery").await;
    let unknown = browser.log_in("nobody@shop.example", PASSWORD).await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    assert_eq!(unknown.status, StatusCode::UNAUTHORIZED);
    let text = unknown.text.replace("nobody@shop.example", WHO);
    assert_eq!(wrong.text, text);
    assert!(browser.cookies.is_empty());
    let odd = browser.log_in("\"><script>alert(1)</script>", "x").await;
    assert!(!odd.text.contains("<script"), "{}", odd.text);
}

#[tokio::test]
async fn five_wrong_passwords_lock_out_until_the_clock_has_moved() {
    let app = app().await;
    let mut browser = Browser::of(&app);
    for _ in 0..5 {
        let page = browser.log_in(WHO, "wrong horse battery").await;
        assert_eq!(page.status, StatusCode::UNAUTHORIZED);
    }
    let page = browser.log_in(WHO, PASSWORD).await;
    assert_eq!(page.status, StatusCode::UNAUTHORIZED);
    app.move_clock_s(15 * 60 - 5).await;
    assert_eq!(
        browser.log_in(WHO, PASSWORD).await.status,
        StatusCode::UNAUTHORIZED
    );
    app.move_clock_s(10).await;
    browser.enter().await;
    let log = operations(&app.engine).await;
    assert!(
        log.contains(&format!("{WHO} console.lock-out done")),
        "{log:?}"
    );
    let refused = format!("{WHO} console.log-in refused");
    assert_eq!(log.iter().filter(|line| **line == refused).count(), 7);
}

#[tokio::test]
async fn two_nodes_share_the_lock_out_and_the_session() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("naru.db");
    let store: Arc<dyn Store> = SqliteStore::open(&path, SqliteOptions::default()).unwrap();
    let options = TestAppOptions {
        store: Some(Arc::clone(&store)),
        ..TestAppOptions::default()
    };
    let one = TestApp::start_with(face, options).await;
    let password = Secret::new(PASSWORD);
    one.engine.add_administrator(WHO, &password).await.unwrap();
    let two = one.another_node(face, store).await;
    let mut browser = Browser::of(&one);
    browser.enter().await;
    browser.router = two.face();
    assert!(browser.is_in().await);

    let mut thieves = [
        Browser::from(&one, "10.0.0.8"),
        Browser::from(&two, "10.0.0.9"),
    ];
    for turn in 0..5 {
        let page = thieves[turn % 2].log_in(WHO, "wrong horse battery").await;
        assert_eq!(page.status, StatusCode::UNAUTHORIZED);
    }
    for thief in &mut thieves {
        assert_eq!(
            thief.log_in(WHO, PASSWORD).await.status,
            StatusCode::UNAUTHORIZED
        );
    }
    // Whoever logs in from where they always do is not locked out by them.
    let mut home = Browser::of(&two);
    home.enter().await;
}

#[tokio::test]
async fn an_address_with_too_many_wrong_passwords_is_told_when_to_come_back() {
    let app = app().await;
    let mut browser = Browser::from(&app, "10.0.0.9");
    for turn in 0..19 {
        let page = browser
            .log_in(&format!("nobody-{turn}@shop.example"), "x")
            .await;
        assert_eq!(page.status, StatusCode::UNAUTHORIZED, "{turn}");
    }
    for _ in 0..2 {
        let page = browser.log_in("nobody@shop.example", "x").await;
        assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
        let seconds: u32 = page.headers["retry-after"]
            .to_str()
            .unwrap()
            .parse()
            .unwrap();
        assert!((1..=900).contains(&seconds));
    }
}

#[tokio::test]
async fn a_session_ends_unused_after_half_an_hour_and_used_after_twelve() {
    let app = app().await;
    let mut browser = Browser::of(&app);
    browser.enter().await;
    app.move_clock_s(29 * 60).await;
    assert!(browser.is_in().await);
    app.move_clock_s(29 * 60).await;
    assert!(browser.is_in().await);
    app.move_clock_s(31 * 60).await;
    assert!(!browser.is_in().await);

    browser.enter().await;
    for _ in 0..36 {
        assert!(browser.is_in().await);
        app.move_clock_s(20 * 60).await;
    }
    assert!(!browser.is_in().await);
}

#[tokio::test]
async fn a_form_without_the_sessions_token_or_from_elsewhere_does_nothing() {
    let app = app().await;
    let mut browser = Browser::of(&app);
    let token = browser.enter().await;
    let mut other = Browser::of(&app);
    let foreign = other.enter().await;
    assert_ne!(token, foreign);
    let new = |token: &'static str| {
        [
            ("token", token),
            ("email", "kim@shop.example"),
            ("password", "another long one"),
            ("again", "another long one"),
        ]
    };
    let add = "/console/administrators/add";
    for wrong in ["", "x"] {
        let page = browser.post(add, &new(wrong)).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{wrong}");
    }
    let mut fields = new("");
    fields[0].1 = &foreign;
    assert_eq!(
        browser.post(add, &fields).await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        browser.post(add, &fields[1..]).await.status,
        StatusCode::FORBIDDEN
    );
    fields[0].1 = &token;
    for origin in [
        None,
        Some("null"),
        Some("http://evil.example"),
        Some("http://127.0.0.1:9"),
    ] {
        browser.origin = origin;
        for path in ["/console/log-out", "/console/password", add] {
            let page = browser.post(path, &fields).await;
            assert_eq!(page.status, StatusCode::FORBIDDEN, "{origin:?} {path}");
        }
        let page = browser.log_in(WHO, PASSWORD).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{origin:?}");
    }
    browser.origin = Some(SITE);
    assert!(browser.is_in().await);
    assert_eq!(app.engine.administrators().await.unwrap().len(), 1);
    let page = browser.post(add, &fields).await;
    assert_eq!(page.place(), "/console/administrators?done=1");
    assert_eq!(app.engine.administrators().await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_log_out_ends_the_session_even_for_whoever_kept_the_cookie() {
    let app = app().await;
    let mut browser = Browser::of(&app);
    let token = browser.enter().await;
    let kept = browser.cookies.clone();
    let page = browser.post("/console/log-out", &[("token", &token)]).await;
    assert_eq!(page.place(), "/console/log-in");
    assert!(browser.cookies.is_empty());
    browser.cookies = kept;
    assert!(!browser.is_in().await);
    let log = operations(&app.engine).await;
    assert_eq!(log[0], format!("{WHO} console.log-out done"));
}

#[tokio::test]
async fn another_password_ends_all_other_sessions() {
    let app = app().await;
    let mut here = Browser::of(&app);
    let mut there = Browser::of(&app);
    let token = here.enter().await;
    there.enter().await;
    let fields = |current: &'static str, again: &'static str| {
        [
            ("current", current),
            ("password", "another long one"),
            ("again", again),
        ]
    };
    let send = async |browser: &mut Browser, fields: &[(&str, &str)]| {
        let fields = [&[("token", token.as_str())], fields].concat();
        browser.post("/console/password", &fields).await
    };
    let wrong = fields("wrong horse battery", "another long one");
    let page = send(&mut here, &wrong).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    let differ = fields(PASSWORD, "another long two");
    let page = send(&mut here, &differ).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(here.is_in().await && there.is_in().await);
    let right = fields(PASSWORD, "another long one");
    let page = send(&mut here, &right).await;
    assert_eq!(page.place(), "/console/log-in?changed=1");
    assert!(!here.is_in().await && !there.is_in().await);
    let old = here.log_in(WHO, PASSWORD).await;
    assert_eq!(old.status, StatusCode::UNAUTHORIZED);
    let new = here.log_in(WHO, "another long one").await;
    assert_eq!(new.status, StatusCode::SEE_OTHER);
    let log = operations(&app.engine).await;
    let own = |outcome: &str| format!("{WHO} administrators.change-own-password {outcome}");
    assert!(
        log.contains(&own("done")) && log.contains(&own("refused")),
        "{log:?}"
    );
}

#[tokio::test]
async fn administrators_are_added_unlocked_and_removed_but_nobody_removes_themselves() {
    let app = app().await;
    let mut browser = Browser::of(&app);
    let token = browser.enter().await;
    let send = async |browser: &mut Browser, what: &str, fields: &[(&str, &str)]| {
        let fields = [&[("token", token.as_str())], fields].concat();
        let path = format!("/console/administrators/{what}");
        browser.post(&path, &fields).await
    };
    let kim = "kim@shop.example";
    let new = |email: &'static str, password: &'static str| {
        [
            ("email", email),
            ("password", password),
            ("again", password),
        ]
    };
    for (fields, words) in [
        (new(kim, "short"), "12 to 200 characters"),
        (new("kim", "another long one"), "no e-mail address"),
        (new(WHO, "another long one"), "already"),
    ] {
        let page = send(&mut browser, "add", &fields).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.text.contains(words), "{words}");
    }
    let added = new("Kim@shop.example", "another long one");
    assert_eq!(
        send(&mut browser, "add", &added).await.status,
        StatusCode::SEE_OTHER
    );
    let mut thief = Browser::from(&app, "10.0.0.9");
    for _ in 0..5 {
        thief.log_in(kim, "wrong horse battery").await;
    }
    let page = browser.get("/console/administrators").await;
    assert!(page.text.contains("Unlock"));
    send(&mut browser, "unlock", &[("email", kim)]).await;
    let page = browser.get("/console/administrators?done=1").await;
    assert!(!page.text.contains("Unlock") && page.text.contains("Done."));
    let mut hers = Browser::from(&app, "10.0.0.7");
    let page = hers.log_in(kim, "another long one").await;
    assert_eq!(page.status, StatusCode::SEE_OTHER);
    send(&mut browser, "remove", &[("email", kim)]).await;
    assert!(!hers.is_in().await);
    let page = send(&mut browser, "remove", &[("email", WHO)]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(browser.is_in().await);

    let page = browser.get("/console/audit-log").await;
    for name in ["add", "unlock", "remove"] {
        assert!(
            page.text.contains(&format!("administrators.{name}")),
            "{name}"
        );
    }
    assert!(!page.text.contains("another long one") && !page.text.contains("battery"));
}

#[tokio::test]
async fn the_audit_log_is_filtered_and_paged() {
    let app = app().await;
    let mut browser = Browser::of(&app);
    for _ in 0..3 {
        Browser::from(&app, "10.0.0.9")
            .log_in("nobody@shop.example", "x")
            .await;
    }
    browser.enter().await;
    for _ in 0..60 {
        let mut other = Browser::of(&app);
        let token = other.enter().await;
        other.post("/console/log-out", &[("token", &token)]).await;
    }
    let rows = |page: &Page| page.text.matches("<tr><td").count();
    let first = browser.get("/console/audit-log").await;
    assert_eq!(rows(&first), 50);
    let (_, link) = first.text.split_once("rel=\"next\" href=\"").unwrap();
    let next = link.split('"').next().unwrap().replace("&amp;", "&");
    let second = browser.get(&next).await;
    assert_eq!(rows(&second), 50);
    assert!(second.text.contains("Latest"));
    let of = async |browser: &mut Browser, query: &str| {
        let page = browser.get(&format!("/console/audit-log?{query}")).await;
        (page.status.as_u16(), rows(&page))
    };
    assert_eq!(of(&mut browser, "actor=unknown").await, (200, 3));
    assert_eq!(
        of(&mut browser, "operation=console.log-out&since=2020-01-01").await,
        (200, 50)
    );
    assert_eq!(of(&mut browser, "since=2999-01-01").await, (200, 0));
    assert_eq!(of(&mut browser, "store=store-none").await, (200, 0));
    assert_eq!(of(&mut browser, "since=yesterday").await, (422, 0));
    assert_eq!(of(&mut browser, "actor=%00").await.1, 0);
    let odd = browser
        .get("/console/audit-log?actor=%22%3E%3Cscript%3E")
        .await;
    assert!(!odd.text.contains("<script"));
}

#[tokio::test]
async fn a_page_is_in_the_language_that_was_chosen() {
    let app = app().await;
    let mut browser = Browser::of(&app);
    browser.enter().await;
    let page = browser.get("/console?lang=ko").await;
    assert!(page.text.contains("<html lang=\"ko\">") && page.text.contains("감사 기록"));
    let page = browser.get("/console/administrators").await;
    assert!(page.text.contains("관리자 추가"));
    assert!(page.text.contains("/console/administrators?lang=en"));
    let page = browser.get("/console/administrators?lang=en").await;
    assert!(page.text.contains("Add an administrator"));
}
