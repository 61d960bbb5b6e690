//! `naru migrate-store` of real installations: what goes on afterwards, and killed on the way.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use naru_server::sandbox_credentials::STORE_ID;
use serde_json::{Value, json};

use crate::cluster::Cluster;
use crate::rotate::{Installation, words};
use crate::sandbox::{Sandbox, naru};
use crate::settlements::{done, read, refused};
use crate::web::Web;

const PATIENCE: Duration = Duration::from_mins(1);
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// Asks until it is so.
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let since = Instant::now();
    while !is_so() {
        assert!(since.elapsed() < PATIENCE, "{what}");
        std::thread::sleep(POLL_INTERVAL);
    }
}

/// Answers 200 to whatever comes, and keeps the bodies. The thread ends with the test's process.
fn receive(listener: TcpListener) -> Arc<Mutex<Vec<Value>>> {
    let received = Arc::new(Mutex::new(Vec::new()));
    let bodies = Arc::clone(&received);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.unwrap());
            let (mut line, mut length) = (String::new(), 0);
            while stream.read_line(&mut line).is_ok_and(|read| read > 2) {
                let (name, value) = line.split_once(':').unwrap_or_default();
                if name.eq_ignore_ascii_case("content-length") {
                    length = value.trim().parse().unwrap();
                }
                line.clear();
            }
            let mut body = vec![0; length];
            if stream.read_exact(&mut body).is_ok() && length > 0 {
                bodies
                    .lock()
                    .unwrap()
                    .push(serde_json::from_slice(&body).unwrap());
            }
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
            let _gone = stream.get_mut().write_all(answer);
        }
    });
    received
}

/// A customer, as the simulated PG wants one.
fn customer() -> Value {
    json!({"name": {"full": "Hong Gildong"}, "email": "hong@shop.example",
        "phoneNumber": "010-0000-0000"})
}

/// Payments, one cancelled in part, one that failed, an account, a key with a schedule for later.
/// Gives the key and the schedule.
fn use_it(web: &Web) -> (String, String) {
    for id in ["order-1", "order-2"] {
        web.pay(id, 0, &json!({}));
    }
    let part = json!({"reason": "one of two", "amount": 400});
    web.api("POST", "/payments/order-2/cancel", Some(&part));
    let account = json!({"channelKey": web.place.channels[0].key, "orderName": "Two teas",
        "currency": "KRW", "amount": {"total": 2_000}, "customer": customer(),
        "method": {"virtualAccount": {"bank": "SHINHAN", "expiry": {"validHours": 72},
            "option": {"type": "NORMAL"}}}});
    web.api("POST", "/payments/order-4/instant", Some(&account));
    let card = json!({"credential": {"number": "4000000000000001", "expiryYear": "30",
        "expiryMonth": "12", "birthOrBusinessRegistrationNumber": "900101",
        "passwordTwoDigits": "12"}});
    let key = json!({"channelKey": web.place.channels[0].key, "customer": customer(),
        "method": {"card": card}});
    let issued = web.api("POST", "/billing-keys", Some(&key));
    let key = issued["billingKeyInfo"]["billingKey"]
        .as_str()
        .unwrap()
        .to_owned();
    let in_an_hour = jiff::Timestamp::now() + Duration::from_hours(1);
    let schedule = json!({"timeToPay": in_an_hour.to_string(), "payment": {
        "billingKey": key, "orderName": "Every month", "currency": "KRW",
        "amount": {"total": 3_000}, "customer": customer()}});
    let scheduled = web.api("POST", "/payments/order-3/schedule", Some(&schedule));
    (
        key,
        scheduled["schedule"]["id"].as_str().unwrap().to_owned(),
    )
}

/// What the API says about all of it.
fn answers(web: &Web, (key, schedule): (&str, &str)) -> Vec<Value> {
    let mut all: Vec<_> = ["order-1", "order-2", "order-4"]
        .iter()
        .map(|id| web.api("GET", &format!("/payments/{id}"), None))
        .collect();
    all.push(web.api("GET", &format!("/billing-keys/{key}"), None));
    all.push(web.api("GET", &format!("/payment-schedules/{schedule}"), None));
    let searched = json!({"filter": {"textSearch": [{"field": "CUSTOMER_NAME", "value": "Hong"}]}});
    for (path, body) in [("/payments", json!({})), ("/payments", searched)] {
        let asked = percent_encoding::utf8_percent_encode(
            &body.to_string(),
            percent_encoding::NON_ALPHANUMERIC,
        )
        .to_string();
        all.push(web.api("GET", &format!("{path}?requestBody={asked}"), None));
    }
    all.iter_mut().for_each(forget_deliveries);
    all
}

/// How often a webhook was tried is another thing from one moment to the next.
fn forget_deliveries(answer: &mut Value) {
    match answer {
        Value::Object(fields) => {
            if let Some(webhooks) = fields.get_mut("webhooks").and_then(Value::as_array_mut) {
                for webhook in webhooks {
                    *webhook = json!([webhook["id"], webhook["url"], webhook["paymentStatus"]]);
                }
            }
            fields.values_mut().for_each(forget_deliveries);
        }
        Value::Array(items) => items.iter_mut().for_each(forget_deliveries),
        _ => {}
    }
}

/// Tokens of both faces: an access token, and one of V1.
fn tokens(web: &Web) -> [String; 2] {
    let secret = json!({"apiSecret": web.place.v2.api_secret});
    let v2 = web.api("POST", "/login/api-secret", Some(&secret));
    let (key, secret) = (&web.place.v1.imp_key, &web.place.v1.imp_secret);
    let key = json!({"imp_key": key, "imp_secret": secret});
    let url = format!("{}/users/getToken", web.place.v1.url);
    let (_, v1) = crate::web::call("POST", &url, "", Some(&key));
    let text = |found: &Value| found.as_str().unwrap().to_owned();
    [
        format!("Bearer {}", text(&v2["accessToken"])),
        text(&v1["response"]["access_token"]),
    ]
}

/// What both faces answer with a token.
fn answers_to_tokens(web: &Web, [v2, v1]: &[String; 2]) -> [Value; 2] {
    let url = format!("{}/payments/order-1", web.place.v2.url);
    let (status, mut v2) = crate::web::call("GET", &url, v2, None);
    forget_deliveries(&mut v2);
    assert_eq!((status, &v2["status"]), (200, &json!("PAID")), "{v2}");
    let url = format!("{}/payments/find/order-1", web.place.v1.url);
    let (status, v1) = crate::web::call("GET", &url, v1, None);
    assert_eq!(
        (status, &v1["response"]["status"]),
        (200, &json!("paid")),
        "{v1}"
    );
    [v2, v1]
}

/// Approvals in the PG's own books.
fn approvals(web: &Web) -> usize {
    let url = format!("{}/books?pg=inicis", web.place.simulator.url);
    let (_, books) = crate::web::call("GET", &url, "", None);
    let all = books["transactions"].as_array().unwrap().iter();
    all.filter(|one| one["pgTxId"].is_string() && one["amount"] == 3_000)
        .count()
}

/// Looks, moves, compares; then neither the old store nor a second move is taken.
fn move_once(data: &Path, url: &str) {
    let to = ["migrate-store", "--to", url];
    let looked = read(data, &[&to[..], &["--dry-run"]].concat());
    assert_eq!(looked["isDryRun"], true, "{looked}");
    let moved = read(data, &to);
    assert_eq!(moved["rows"], looked["rows"], "{moved}");
    assert_eq!(moved["tables"], looked["tables"], "{moved}");
    assert_eq!(moved["differenceCount"], 0, "{moved}");
    assert!(moved["rows"].as_u64().unwrap() > 50, "{moved}");
    let said = done(data, &[&to[..], &["--verify"]].concat());
    assert!(said.contains("both have the same rows"), "{said}");
    let said = refused(data, &["sandbox", "--listen", "127.0.0.1:0"]);
    assert!(said.contains("the store was moved to PostgreSQL"), "{said}");
    assert!(said.contains("hint: name that database"), "{said}");
    let said = refused(data, &to);
    assert!(said.contains("was moved to PostgreSQL at"), "{said}");
    // A sandbox's stays a sandbox's.
    let said = serve_refused(data, url);
    assert!(said.contains("the database is a sandbox's"), "{said}");
}

/// A sandbox moves with all that is under way, and goes on where it was.
#[test]
fn what_is_under_way_goes_on_after_the_move() {
    let cluster = Cluster::start();
    let url = cluster.url();
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path();
    let sandbox = Sandbox::start(data);
    let web = Web::of(data);
    // Nobody listens there yet, so webhooks wait.
    let unheard = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = unheard.local_addr().unwrap();
    drop(unheard);
    let hook = format!("http://{address}/");
    done(
        data,
        &["webhooks", "set", "--store", STORE_ID, "--url", &hook],
    );
    let (key, schedule) = use_it(&web);
    until("the index is filled", || {
        answers(&web, (&key, &schedule))[6]["page"]["totalCount"] == 3
    });
    let before = answers(&web, (&key, &schedule));
    let tokens = tokens(&web);
    let seen = answers_to_tokens(&web, &tokens);
    let to = ["migrate-store", "--to", &url];
    let said = refused(data, &to);
    assert!(
        said.contains("in use by a server with process id"),
        "{said}"
    );
    assert!(said.contains("hint: stop that server first"), "{said}");
    assert!(sandbox.stop());

    move_once(data, &url);
    let sandbox = Sandbox::start_with(data, &["--database", &url]);
    let web = Web::of(data);
    assert_eq!(answers(&web, (&key, &schedule)), before);
    assert_eq!(answers_to_tokens(&web, &tokens), seen);
    let said = done(data, &["audit"]);
    assert!(said.contains("everything fits"), "{said}");
    let log = read(data, &["audit-log", "--operation", "migrate-store"]);
    assert_eq!(log["items"].as_array().unwrap().len(), 1, "{log}");
    assert_eq!(log["items"][0]["outcome"], "done", "{log}");
    let received = receive(TcpListener::bind(address).unwrap());
    assert_eq!(approvals(&web), 0);
    web.control("/clock", &json!({"advance": "PT2H"}));
    let has = |id: &str| {
        let bodies = received.lock().unwrap();
        bodies.iter().any(|body| body["data"]["paymentId"] == id)
    };
    until("the schedule is carried out and webhooks arrive", || {
        has("order-1") && has("order-2") && has("order-3") && has("order-4")
    });
    let paid = web.api("GET", "/payments/order-3", None);
    assert_eq!(paid["status"], "PAID", "{paid}");
    web.pay("order-5", 0, &json!({}));
    let said = done(data, &["audit"]);
    assert!(said.contains("everything fits"), "{said}");
    assert!(sandbox.stop());
    // What was done since is no part of the old store.
    let said = refused(data, &[&to[..], &["--verify"]].concat());
    assert!(
        said.contains("extra    `payments`") && said.contains("rows differ"),
        "{said}"
    );
    let sandbox = Sandbox::start_with(data, &["--database", &url]);
    assert_eq!(approvals(&Web::of(data)), 1, "once, on either store");
    assert!(sandbox.stop());
}

/// What `naru serve` says of a sandbox's database.
fn serve_refused(data: &Path, url: &str) -> String {
    let config = data.join("naru.toml");
    let text = format!(
        "[server]\npublic = \"127.0.0.1:0\"\nprivate = \"127.0.0.1:0\"\n\
         [database]\nurl = \"{url}\"\n[keys]\nmaster_file = \"{}/master.key\"\n",
        data.display()
    );
    std::fs::write(&config, text).unwrap();
    let mut serve = Command::new(env!("CARGO_BIN_EXE_naru"));
    let output = serve
        .arg("serve")
        .arg("--config")
        .arg(&config)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", words(&output));
    words(&output)
}

/// A copy that is given up.
#[test]
fn a_store_that_is_taken_back_is_served_again_and_moves_again() {
    let cluster = Cluster::start();
    let installation = Installation::new(None);
    let url_file = installation.path("url");
    std::fs::write(&url_file, format!("{}\n", cluster.url())).unwrap();
    let to = ["migrate-store", "--to-file", url_file.to_str().unwrap()];
    let said = installation.refused(&["migrate-store", "--take-back"]);
    assert!(said.contains("was not moved"), "{said}");
    let said = installation.done(&to);
    assert!(said.contains("channels"), "{said}");
    assert!(said.contains("everything is on PostgreSQL now"), "{said}");
    for refused in [&["serve"][..], &["keys", "rotate", "--dry-run"]] {
        let said = installation.refused(refused);
        assert!(said.contains("the store was moved to PostgreSQL"), "{said}");
    }
    let said = installation.done(&["migrate-store", "--take-back"]);
    assert!(said.contains("may be served again"), "{said}");
    installation.serve().stop();
    // The database of before is not empty.
    let said = installation.refused(&to);
    assert!(said.contains("has rows already, in settings"), "{said}");
    assert!(said.contains("hint: name an empty database"), "{said}");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    std::fs::write(&url_file, runtime.block_on(cluster.create("second"))).unwrap();
    let moved = installation.json(&[&to[..], &["--json"]].concat());
    assert_eq!(moved["differenceCount"], 0, "{moved}");
    let absent = format!("{}absent", cluster.url().trim_end_matches("postgres"));
    std::fs::write(&url_file, absent).unwrap();
    installation.done(&["migrate-store", "--take-back"]);
    let said = installation.refused(&to);
    assert!(said.contains("there is no database `absent`"), "{said}");
}

/// Rows enough that a kill meets them on their way.
const MANY: &str = "INSERT INTO card_bins (bin, version, body) \
    WITH RECURSIVE n(i) AS (SELECT 100000 UNION ALL SELECT i + 1 FROM n WHERE i < 103000) \
    SELECT i, 1, '{\"bin\":\"' || i || '\",\"company\":\"SHINHAN_CARD\"}' FROM n";

/// An installation whose move is interrupted, again and again.
struct Interrupted {
    cluster: Cluster,
    installation: Installation,
    template: Vec<u8>,
}

impl Interrupted {
    fn new() -> Self {
        let installation = Installation::new(None);
        let file = installation.path("naru.db");
        let database = rusqlite::Connection::open(&file).unwrap();
        database.execute(MANY, []).unwrap();
        database
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
            .unwrap();
        drop(database);
        let interrupted = Self {
            cluster: Cluster::start(),
            template: std::fs::read(&file).unwrap(),
            installation,
        };
        // With the tables in it: making them takes longer than what is to be interrupted.
        interrupted.sql("CREATE DATABASE made");
        interrupted.name_there("made");
        let mut migrate = Command::new(env!("CARGO_BIN_EXE_naru"));
        migrate.args(["migrate", "--config"]);
        let output = migrate
            .arg(interrupted.installation.path("there.toml"))
            .output();
        assert!(output.unwrap().status.success());
        interrupted
    }

    fn sql(&self, statement: &str) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let url = self.cluster.url();
            let connected = tokio_postgres::connect(&url, tokio_postgres::NoTls).await;
            let (client, connection) = connected.unwrap();
            tokio::spawn(connection);
            client.batch_execute(statement).await.unwrap();
        });
    }

    /// Writes a config that names a database of the cluster; gives its URL.
    fn name_there(&self, database: &str) -> String {
        let config = std::fs::read_to_string(self.installation.path("naru.toml")).unwrap();
        let at = config.find("url = ").unwrap();
        let end = at + config[at..].find('\n').unwrap();
        let url = self.cluster.url();
        let url = format!("{}{database}", url.trim_end_matches("postgres"));
        let there = format!("{}url = \"{url}\"{}", &config[..at], &config[end..]);
        std::fs::write(self.installation.path("there.toml"), there).unwrap();
        url
    }

    /// The store as it was before any move, and an empty database.
    fn begin_anew(&self, number: usize) -> String {
        std::fs::write(self.installation.path("naru.db"), &self.template).unwrap();
        for file in ["naru.db-wal", "naru.db-shm"] {
            let _gone = std::fs::remove_file(self.installation.path(file));
        }
        let database = format!("killed_{number}");
        self.sql(&format!("CREATE DATABASE {database} TEMPLATE made"));
        self.name_there(&database)
    }

    /// Whether a store opens, and what is said of it. A look is refused wherever a start is.
    fn opens(&self, config: &str) -> (bool, String) {
        let mut look = Command::new(env!("CARGO_BIN_EXE_naru"));
        look.args(["keys", "rotate", "--dry-run", "--config"]);
        let output = look.arg(self.installation.path(config)).output().unwrap();
        (output.status.success(), words(&output))
    }

    fn serve_refused_there(&self) {
        let mut serve = Command::new(env!("CARGO_BIN_EXE_naru"));
        serve.args(["serve", "--config"]);
        let output = serve
            .arg(self.installation.path("there.toml"))
            .output()
            .unwrap();
        let said = words(&output);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("is being filled"), "{said}");
        assert!(
            said.contains("hint: wait until it is done, or run it again"),
            "{said}"
        );
    }
}

/// Killed a little later each time, until it comes to its end before it is killed. The store can
/// be served from one place at most, and never from half of one.
#[test]
fn a_move_that_is_killed_is_whole_or_begun_again() {
    let interrupted = Interrupted::new();
    let installation = &interrupted.installation;
    let (mut delay, mut half) = (Duration::ZERO, 0);
    for kills in 0.. {
        let url = interrupted.begin_anew(kills);
        let to = ["migrate-store", "--json", "--to", &url];
        let mut command = installation.command(&to);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut running = command.spawn().unwrap();
        std::thread::sleep(delay);
        let ended = running.try_wait().unwrap();
        running.kill().unwrap();
        running.wait().unwrap();
        let (here, said_here) = interrupted.opens("naru.toml");
        let (there, said_there) = interrupted.opens("there.toml");
        assert!(!(here && there), "{kills}: {said_here} {said_there}");
        assert!(here || said_here.contains("was moved"), "{said_here}");
        if said_there.contains("is being filled") {
            half += 1;
            interrupted.serve_refused_there();
        }
        if !there {
            let moved = installation.json(&to);
            assert_eq!(moved["differenceCount"], 0, "{moved}");
        }
        installation.done(&[&to[..], &["--verify"]].concat());
        assert!(interrupted.opens("there.toml").0 && !interrupted.opens("naru.toml").0);
        if ended.is_some() {
            assert!(kills > 5 && half > 0, "{kills} {half}");
            break;
        }
        delay += Duration::from_millis(25);
    }
}

#[test]
fn a_sandbox_without_a_store_has_nothing_to_move() {
    let directory = tempfile::tempdir().unwrap();
    let to = ["migrate-store", "--to", "postgres://naru@127.0.0.1:1/naru"];
    let output = naru(directory.path(), &to);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        words(&output).contains("there is no database file"),
        "{}",
        words(&output)
    );
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
}
