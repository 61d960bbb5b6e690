//! Pages of lists on a store of a thousand payments and on one of a million: what a page costs must
//! not hang on how many payments there are (design decision 4).
//!
//! Both servers run; one is asked at a time, by one connection, in turns, so that the machine's
//! moods meet both. The payments are copies of a few that the server made (`seed`).

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use naru_bench::bodies::{CARD, card_payment};
use serde_json::{Value, json};

use crate::http::{Connection, request};
use crate::load::{Load, Make};
use crate::naru::Naru;
use crate::report::Pair;
use crate::run::Bench;
use crate::seed::{Copies, Template, fill};
use crate::store::{open, sqlite_file};
use crate::workloads::asked;

/// The directory of the server with many payments.
pub const LARGE: &str = "lists-large";
const SMALL: u64 = 1_000;
/// All payments are of the last days that lists look at unless told otherwise.
const SPREAD_US: i64 = 80 * 86_400 * 1_000_000;
const ROUNDS: usize = 5;
/// How long one question is asked in one round.
const TURN: Duration = Duration::from_millis(250);
/// Payments made by the server, to be copied.
const KINDS: usize = 6;
const VIRTUAL_ACCOUNT: usize = 4;
const RARE: usize = 5;
/// In one of so many payments something is rare: 500 of a million.
const RARELY: u64 = 2_000;

/// A question.
struct Ask {
    name: &'static str,
    path: &'static str,
    body: Value,
}

/// Which kind the n-th payment is.
fn kind(number: u64) -> usize {
    match (number % RARELY, number % 100) {
        (7, _) => RARE,
        (13, _) => VIRTUAL_ACCOUNT,
        (_, 20..25) => 1,
        (_, 30..32) => 2,
        (_, 40) => 3,
        _ => 0,
    }
}

/// Calls and gives the body of a 200.
async fn call(connection: &mut Connection, bytes: &[u8]) -> Result<Value> {
    let answer = connection.call(bytes).await?;
    let body: Value = serde_json::from_slice(answer.body).unwrap_or_default();
    ensure!(answer.status == 200, "answered {}: {body}", answer.status);
    Ok(body)
}

/// One payment of each kind: paid, failed, cancelled, cancelled in part, an account, a rare one.
async fn make_kinds(naru: &Naru) -> Result<()> {
    let mut connection = Connection::open(&naru.address).await?;
    let mut bodies = vec![card_payment(&naru.channel, CARD); KINDS];
    bodies[1] = card_payment(&naru.channel, "9000000000120049");
    bodies[VIRTUAL_ACCOUNT]["method"] = json!({"virtualAccount": {
        "bank": "SHINHAN", "expiry": {"validHours": 72}, "option": {"type": "NORMAL"}}});
    bodies[RARE]["orderName"] = json!("Zebra");
    bodies[RARE]["customer"]["name"]["full"] = json!("Quetzal Rare");
    for (number, body) in bodies.iter().enumerate() {
        let path = format!("/payments/kind-{number}/instant");
        let bytes = request("POST", &path, &naru.secret, &body.to_string());
        let status = connection.call(&bytes).await?.status;
        ensure!(
            status == if number == 1 { 502 } else { 200 },
            "{path}: {status}"
        );
    }
    for (number, body) in [
        (2, json!({"reason": "b"})),
        (3, json!({"reason": "b", "amount": 1})),
    ] {
        let path = format!("/payments/kind-{number}/cancel");
        let bytes = request("POST", &path, &naru.secret, &body.to_string());
        call(&mut connection, &bytes).await?;
    }
    // The index is a second behind, at most.
    tokio::time::sleep(Duration::from_secs(3)).await;
    Ok(())
}

fn page(name: &'static str, body: Value) -> Ask {
    Ask {
        name,
        path: "/payments",
        body,
    }
}

fn filtered(name: &'static str, filter: impl Into<Value>) -> Ask {
    let filter = filter.into();
    page(name, json!({ "filter": filter }))
}

fn word(field: &str, value: &str) -> Value {
    json!({"textSearch": [{"field": field, "value": value}]})
}

/// Two filters in one.
fn both(filter: &Value, more: &Value) -> Value {
    let objects = [filter, more].into_iter().filter_map(Value::as_object);
    let all = objects
        .flatten()
        .map(|(name, value)| (name.clone(), value.clone()));
    Value::Object(all.collect())
}

/// Pages, and each filter by itself.
fn single() -> Vec<Ask> {
    vec![
        page("page 1", json!({})),
        page("page 100", json!({"page": {"number": 99, "size": 10}})),
        filtered("page 1, oldest first", json!({"sortOrder": "ASC"})),
        filtered("created", json!({"timestampType": "CREATED_AT"})),
        filtered("status PAID", json!({"status": ["PAID"]})),
        filtered("status CANCELLED", json!({"status": ["CANCELLED"]})),
        filtered("two statuses", json!({"status": ["FAILED", "CANCELLED"]})),
        filtered("method CARD", json!({"methods": ["CARD"]})),
        filtered(
            "method VIRTUAL_ACCOUNT",
            json!({"methods": ["VIRTUAL_ACCOUNT"]}),
        ),
        filtered("PG", json!({"pgProvider": ["INICIS_V2"]})),
        filtered("currency", json!({"currency": "KRW"})),
        filtered("isTest", json!({"isTest": true})),
        filtered("isScheduled false", json!({"isScheduled": false})),
        filtered("version", json!({"version": "V2"})),
        filtered("platform", json!({"platformType": "API"})),
        filtered("word: payment id", word("PAYMENT_ID", "seed-0000500")),
        filtered("word: customer, rare", word("CUSTOMER_NAME", "quetzal")),
        filtered("word: order name, rare", word("ORDER_NAME", "zebra")),
    ]
}

/// Ten combinations with few matches.
fn combined(now: &jiff::Timestamp) -> Vec<Ask> {
    let before = |hours: i64| (*now - jiff::SignedDuration::from_hours(hours)).to_string();
    let day = json!({"from": before(960), "until": before(936)});
    let hour = json!({"from": before(960), "until": before(959)});
    let rare = word("CUSTOMER_NAME", "quetzal");
    let account = json!({"methods": ["VIRTUAL_ACCOUNT"]});
    let created = json!({"methods": ["CARD"], "timestampType": "CREATED_AT"});
    let oldest = json!({"currency": "KRW", "sortOrder": "ASC"});
    let words = json!({"textSearch": [{"field": "CUSTOMER_NAME", "value": "quetzal"},
        {"field": "ORDER_NAME", "value": "zebra"}]});
    let waiting = json!({"status": ["VIRTUAL_ACCOUNT_ISSUED"]});
    let status = |status: &str| json!({"status": [status]});
    vec![
        filtered("rare customer, PAID", both(&rare, &status("PAID"))),
        filtered("rare customer, CARD, created", both(&rare, &created)),
        filtered("rare customer, oldest first", both(&rare, &oldest)),
        filtered("rare customer, rare order", words),
        filtered("account, waiting", both(&account, &waiting)),
        filtered("account, KRW, oldest first", both(&account, &oldest)),
        filtered("account, PAID: none", both(&account, &status("PAID"))),
        filtered("FAILED in a day", both(&day, &status("FAILED"))),
        filtered("CANCELLED in a day", both(&day, &status("CANCELLED"))),
        filtered("CARD in an hour, created", both(&hour, &created)),
    ]
}

fn asks(now: &jiff::Timestamp, [of_payments, of_events]: [Value; 2]) -> Vec<Ask> {
    let cursor = |name, path, body| Ask { name, path, body };
    let (payments, events) = ("/payments-by-cursor", "/payment-events-by-cursor");
    let middle = |cursor: Value| json!({"size": 10, "cursor": cursor});
    let mut all = single();
    all.extend(combined(now));
    all.extend([
        cursor("cursor, first", payments, json!({"size": 10})),
        cursor("cursor, middle", payments, middle(of_payments)),
        cursor("events by cursor, middle", events, middle(of_events)),
    ]);
    all
}

/// Cursors into the middle of both walks.
async fn cursors(naru: &Naru, now: &jiff::Timestamp) -> Result<[Value; 2]> {
    let middle = (*now - jiff::SignedDuration::from_hours(40 * 24)).to_string();
    let mut connection = Connection::open(&naru.address).await?;
    let mut found = Vec::new();
    for path in ["/payments-by-cursor", "/payment-events-by-cursor"] {
        let bytes = asked(naru, path, &json!({"from": middle, "size": 1}));
        let page = call(&mut connection, &bytes).await?;
        found.push(page["items"][0]["cursor"].clone());
    }
    ensure!(found.iter().all(Value::is_string), "no cursors: {found:?}");
    Ok([found[0].clone(), found[1].clone()])
}

impl Bench<'_> {
    /// All questions at both sizes.
    pub async fn lists(&mut self, simulator: &str) -> Result<()> {
        if self.arguments.database.is_some() {
            // Two databases would be needed.
            println!("lists are measured on SQLite only");
            return Ok(());
        }
        let small = self.filled("lists-small", simulator, SMALL).await?;
        let large = self
            .filled(LARGE, simulator, self.arguments.payments)
            .await?;
        let now = jiff::Timestamp::now();
        let questions = [
            asks(&now, cursors(&small, &now).await?),
            asks(&now, cursors(&large, &now).await?),
        ];
        let pairs = questions[0].iter().zip(&questions[1]);
        for (of_small, of_large) in pairs {
            let mut costs = [Vec::new(), Vec::new()];
            let mut note = String::new();
            for _ in 0..ROUNDS {
                for (at, (naru, ask)) in [(&small, of_small), (&large, of_large)].iter().enumerate()
                {
                    let (cost, count) = self.cost(naru, ask).await?;
                    costs[at].push(cost);
                    note = count.map_or_else(String::new, |count| format!("{count} match"));
                }
            }
            let [base, seen] = costs.map(|mut costs| {
                costs.sort_unstable();
                costs[ROUNDS / 2]
            });
            let pair = Pair {
                name: of_small.name.to_owned(),
                unit: "µs",
                base,
                seen,
                note,
            };
            self.report
                .pairs
                .entry("lists: 1,000, then many")
                .or_default()
                .push(pair);
        }
        self.worst()?;
        for (figure, naru) in [
            ("memory at 1,000 KiB", &small),
            ("memory at many KiB", &large),
        ] {
            let (now, _) = naru.process.memory_kib()?;
            self.report.figures.insert(figure, now);
        }
        Ok(())
    }

    /// The rows of the table: the question that grew most, of the filters by themselves and of the
    /// combinations with few matches.
    fn worst(&mut self) -> Result<()> {
        let pairs = self.report.pairs.get("lists: 1,000, then many");
        let pairs = pairs.cloned().unwrap_or_default();
        let filters = single().len();
        let combinations = combined(&jiff::Timestamp::now()).len();
        for (key, of) in [
            ("list-filters", pairs.get(..filters)),
            (
                "list-combinations",
                pairs.get(filters..filters + combinations),
            ),
        ] {
            let grown = |pair: &&Pair| pair.seen * 1_000 / pair.base.max(1);
            let worst = of.and_then(|pairs| pairs.iter().max_by_key(grown));
            let worst = worst.context("no question")?;
            self.report.round(key, (worst.seen, worst.base))?;
            self.report.note(key, worst.name.clone())?;
        }
        Ok(())
    }

    /// A server with so many payments; filled once in a run.
    pub async fn filled(&self, directory: &str, simulator: &str, count: u64) -> Result<Naru> {
        if self.arguments.directory.join(directory).exists() {
            return self.serve(directory, simulator, None).await;
        }
        let mut naru = self.serve(directory, simulator, None).await?;
        make_kinds(&naru).await?;
        naru.process.kill().await?;
        let file = sqlite_file(&self.arguments.directory.join(directory));
        let store = open(&file.to_string_lossy()).await?;
        let mut templates = Vec::new();
        for kind in 0..KINDS {
            templates.push(Template::read(store.as_ref(), &format!("kind-{kind}")).await?);
        }
        let step = SPREAD_US / i64::try_from(count)?;
        let earlier_us =
            move |number: u64| i64::try_from(number).unwrap_or_default().saturating_add(1) * step;
        let copies = Copies {
            templates: &templates,
            kind,
            count,
            prefix: "seed",
            earlier_us: &earlier_us,
        };
        let began = std::time::Instant::now();
        fill(&store, &copies).await?;
        println!("{count} payments copied in {} s", began.elapsed().as_secs());
        store.close().await;
        self.serve(directory, simulator, None).await
    }

    /// The median of one question, and how many payments match.
    async fn cost(&self, naru: &Naru, ask: &Ask) -> Result<(u64, Option<u64>)> {
        let bytes = asked(naru, ask.path, &ask.body);
        let mut connection = Connection::open(&naru.address).await?;
        let page = call(&mut connection, &bytes).await.context(ask.name)?;
        let make: Make = Arc::new(move |_, _| Some(bytes.clone()));
        let load = Load {
            connections: 1,
            time: TURN,
        };
        let measured = load.run(&naru.address, make).await?;
        Ok((measured.p50_us, page["page"]["totalCount"].as_u64()))
    }
}
