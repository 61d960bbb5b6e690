//! One run, from a fresh directory to the report.

use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use clap::{Args as ClapArgs, ValueEnum};
use serde_json::Value;

use crate::http::{Connection, request};
use crate::load::{Load, Make, Measured};
use crate::naru::{Naru, Process, Setup};
use crate::pin::Halves;
use crate::report::{Line, Report};
use crate::store::sqlite_file;
use crate::workloads::{self, PAYMENTS};

const BARE: &str = "axum with a document as long";
const UNITS: &str = "the same units straight into the store";
pub const WARM_UP: Duration = Duration::from_secs(1);
/// The payments that are read and listed.
pub const KEPT: &str = "kept";
/// The payments that are charged on time, then cancelled.
const SPENT: &str = "spent";

/// How to measure.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// The binary.
    #[arg(long)]
    pub naru: PathBuf,
    /// The profile it was built with.
    #[arg(long)]
    profile: String,
    /// A fresh directory for data.
    #[arg(long)]
    pub directory: PathBuf,
    /// Where the report goes, as JSON; as Markdown beside it.
    #[arg(long)]
    report: PathBuf,
    /// Rounds of each row: the server and its ceiling in turns. The medians count.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    pub rounds: u32,
    /// Seconds of each half of a round.
    #[arg(long, default_value_t = 2)]
    pub round_seconds: u64,
    /// Seconds for each workload of `payments`.
    #[arg(long, default_value_t = 5)]
    pub seconds: u64,
    /// Connections.
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// A PostgreSQL database instead of SQLite, for `payments` and `schedules`.
    #[arg(long)]
    pub database: Option<String>,
    /// A PostgreSQL server for the rows that compare with it; databases are made in it.
    #[arg(long)]
    pub postgres: Option<String>,
    /// Only this part; several may be named. All if left out.
    #[arg(long)]
    only: Vec<Part>,
    /// Payments of the long list, against a thousand.
    #[arg(long, default_value_t = 1_000_000)]
    pub payments: u64,
    /// Schedules that are due at once.
    #[arg(long, default_value_t = 100_000)]
    pub schedules: u64,
    /// Webhooks that are pending at once.
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(100..))]
    pub webhooks: u64,
}

/// Parts of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Reads, charges, cancels, one after the other: absolute figures.
    Payments,
    /// Row: reads.
    Reads,
    /// Row: charges; memory.
    Charges,
    /// Row: a charge's time at half load.
    HalfLoad,
    /// Row: charges and their cancellations.
    Cancels,
    /// Rows: lists, at two sizes.
    Lists,
    /// Rows: schedules due at once.
    Schedules,
    /// Rows: pending webhooks, some receivers dead.
    Webhooks,
    /// Rows: V1 beside V2.
    Faces,
    /// Row: PostgreSQL beside pgbench.
    Postgres,
    /// Rows: several nodes on one PostgreSQL.
    Nodes,
    /// Row: a connector's own work.
    Connector,
    /// Start and memory at very many payments.
    Million,
}

/// A run.
pub struct Bench<'a> {
    /// What was asked for.
    pub arguments: &'a Args,
    /// The cores.
    pub halves: Halves,
    /// What was found so far.
    pub report: Report,
    /// How much load.
    pub load: Load,
}

/// Runs everything and prints the report.
pub async fn run(arguments: &Args) -> Result<()> {
    let halves = Halves::find()?;
    let mut bench = Bench {
        load: Load {
            connections: arguments.connections,
            time: Duration::from_secs(arguments.seconds),
        },
        arguments,
        halves,
        report: Report::default(),
    };
    bench.describe()?;
    let measured = bench.measure().await;
    // What was measured before something went wrong is worth keeping.
    bench.report.write(&arguments.report)?;
    println!(
        "\n{}\nwritten to {}",
        bench.report.markdown()?,
        arguments.report.with_extension("md").display()
    );
    measured
}

/// How busy the machine is, so that nobody takes figures of a busy one for more than they are.
fn load_average() -> Result<String> {
    let text = std::fs::read_to_string("/proc/loadavg")?;
    Ok(text.split(' ').next().unwrap_or_default().to_owned())
}

impl Bench<'_> {
    fn describe(&mut self) -> Result<()> {
        let processor = std::fs::read_to_string("/proc/cpuinfo")?;
        let model = processor
            .lines()
            .find(|line| line.starts_with("model name"));
        let model = model
            .and_then(|line| line.split_once(": "))
            .map_or("unknown", |two| two.1);
        let database = match self.arguments.database {
            Some(_) => "PostgreSQL",
            None => "SQLite",
        };
        let Halves { server, load } = &self.halves;
        self.report.setting.extend([
            ("profile", self.arguments.profile.clone()),
            ("processor", model.to_owned()),
            (
                "cores",
                format!("server and ceilings on {server:?}, load and PGs on {load:?}"),
            ),
            ("database", database.to_owned()),
            ("connections", self.arguments.connections.to_string()),
            ("seconds", self.arguments.seconds.to_string()),
            ("rounds", self.arguments.rounds.to_string()),
            (
                "seconds of a round",
                self.arguments.round_seconds.to_string(),
            ),
            ("machine's load when it began", load_average()?),
        ]);
        Ok(())
    }

    async fn measure(&mut self) -> Result<()> {
        let simulator = self.arguments.directory.join("simulator");
        let simulator = simulator.to_string_lossy().into_owned();
        let words = ["pg-sim", "--listen", "127.0.0.1:0", "--data", &simulator];
        let mut pgs = Process::start(&self.arguments.naru, &words, &self.halves.load)?;
        let url = pgs.line("http://").await?;
        for part in Part::value_variants() {
            let only = &self.arguments.only;
            if !only.is_empty() && !only.contains(part) {
                continue;
            }
            println!("measuring {part:?}");
            self.part(*part, &url)
                .await
                .with_context(|| format!("measuring {part:?}"))?;
        }
        Ok(())
    }

    async fn part(&mut self, part: Part, url: &str) -> Result<()> {
        match part {
            Part::Payments => self.payments(url).await,
            Part::Reads => self.row_reads(url).await,
            Part::Charges => self.row_charges(url).await,
            Part::HalfLoad => self.row_half_load(url).await,
            Part::Cancels => self.row_cancels(url).await,
            Part::Lists => self.lists(url).await,
            Part::Schedules => self.schedules(url).await,
            Part::Webhooks => self.row_webhooks(url).await,
            Part::Faces => self.row_faces(url).await,
            Part::Postgres => self.row_postgres(url).await,
            Part::Nodes => self.row_nodes(url).await,
            Part::Connector => self.row_connector(url).await,
            Part::Million => self.row_million(url).await,
        }
    }

    async fn payments(&mut self, url: &str) -> Result<()> {
        let mut naru = self.start("first start ms", url).await?;
        naru.process.kill().await?;
        let naru = self.start("second start ms", url).await?;
        let (idle, _) = naru.process.memory_kib()?;
        self.report.figures.insert("memory idle KiB", idle);

        self.fill(&naru).await?;
        self.reads(&naru).await?;
        let spent = self.charges(&naru).await?;
        let (_, most) = naru.process.memory_kib()?;
        self.report.figures.insert("memory at most KiB", most);
        self.end(naru, spent).await
    }

    async fn start(&mut self, figure: &'static str, simulator: &str) -> Result<Naru> {
        let database = self.arguments.database.as_deref();
        let naru = self.serve("naru", simulator, database).await?;
        let millis = u64::try_from(naru.start.as_millis())?;
        self.report.figures.insert(figure, millis);
        let bytes = std::fs::metadata(&self.arguments.naru)?.len();
        self.report.figures.insert("binary KiB", bytes / 1_024);
        Ok(naru)
    }

    /// A server with a directory of its own.
    pub async fn serve(
        &self,
        directory: &str,
        simulator: &str,
        database: Option<&str>,
    ) -> Result<Naru> {
        let setup = Setup {
            binary: &self.arguments.naru,
            directory: self.arguments.directory.join(directory),
            simulator,
            database,
            cores: &self.halves.server,
            under: &[],
        };
        Naru::start(&setup).await
    }

    /// A thousand payments to read and to list.
    pub async fn fill(&self, naru: &Naru) -> Result<()> {
        let (make, _) = workloads::charges(naru, KEPT, PAYMENTS);
        let load = Load {
            time: Duration::from_mins(10),
            ..self.load
        };
        let filled = load.run(&naru.address, make).await?;
        ensure!(
            filled.answers == PAYMENTS,
            "not every payment was made: {filled:?}"
        );
        Ok(())
    }

    async fn reads(&mut self, naru: &Naru) -> Result<()> {
        let first = format!("/payments/{KEPT}-0");
        let page = "/payments";
        for (name, path, make) in [
            ("reads", first.as_str(), workloads::reads(naru, KEPT)),
            ("list, page 1 of 1,000", page, workloads::list(naru)),
        ] {
            let ceiling = self.bare(naru, path).await?;
            self.line((name, BARE), naru, (make, ceiling)).await?;
        }
        Ok(())
    }

    /// The rate of a bare server that answers what the server answers at this path.
    async fn bare(&self, naru: &Naru, path: &str) -> Result<u64> {
        let mut connection = Connection::open(&naru.address).await?;
        let answer = connection
            .call(&request("GET", path, &naru.secret, ""))
            .await?;
        ensure!(answer.status == 200, "{path} answers {}", answer.status);
        let document = self.arguments.directory.join("document.json");
        std::fs::write(&document, answer.body)?;
        let document = document.to_string_lossy().into_owned();
        let own = std::env::current_exe()?;
        let mut bare = Process::start(&own, &["serve", &document], &self.halves.server)?;
        let address = bare.line("http://").await?.replace("http://", "");
        self.warm(&address, &workloads::plain()).await?;
        let measured = self.load.run(&address, workloads::plain()).await?;
        bare.kill().await?;
        Ok(measured.rate())
    }

    /// A moment of load before it counts.
    pub async fn warm(&self, address: &str, make: &Make) -> Result<()> {
        let load = Load {
            time: WARM_UP,
            ..self.load
        };
        load.run(address, make.clone()).await.map(drop)
    }

    async fn line(
        &mut self,
        (name, ceiling_is): (&'static str, &'static str),
        naru: &Naru,
        (make, ceiling): (Make, u64),
    ) -> Result<()> {
        self.warm(&naru.address, &make).await?;
        let (measured, processor_us) = self.timed(naru, make).await?;
        self.report.lines.push(Line {
            name,
            measured,
            ceiling,
            ceiling_is,
            processor_us,
        });
        Ok(())
    }

    async fn timed(&self, naru: &Naru, make: Make) -> Result<(Measured, u64)> {
        let before = naru.process.processor_us()?;
        let measured = self.load.run(&naru.address, make).await?;
        let used = naru.process.processor_us()? - before;
        let processor_us = used / measured.answers.max(1);
        Ok((measured, processor_us))
    }

    /// Charges, then cancels of the same payments. Gives the two lines, whose ceilings are
    /// measured when the server has stopped.
    async fn charges(&mut self, naru: &Naru) -> Result<[(Measured, u64); 2]> {
        let (warm, _) = workloads::charges(naru, "warm", u64::MAX);
        self.warm(&naru.address, &warm).await?;
        let (make, count) = workloads::charges(naru, SPENT, u64::MAX);
        let charged = self.timed(naru, make).await?;
        let count = count.load(Ordering::Relaxed);
        let cancelled = self
            .timed(naru, workloads::cancels(naru, SPENT, count))
            .await?;
        Ok([charged, cancelled])
    }

    /// Stops the server and measures what its database could have done.
    async fn end(&mut self, mut naru: Naru, spent: [(Measured, u64); 2]) -> Result<()> {
        naru.process.kill().await?;
        let directory = &self.arguments.directory;
        let (from, to) = match &self.arguments.database {
            Some(url) => (url.clone(), url.clone()),
            None => (
                sqlite_file(&directory.join("naru"))
                    .to_string_lossy()
                    .into_owned(),
                directory.join("ceiling.db").to_string_lossy().into_owned(),
            ),
        };
        let payment = format!("{SPENT}-0");
        let (connections, seconds) = (
            self.arguments.connections.to_string(),
            self.arguments.seconds.to_string(),
        );
        let words = ["store", &from, &payment, &to, &connections, &seconds];
        let mut store = Process::start(&std::env::current_exe()?, &words, &self.halves.server)?;
        let rates: Value = serde_json::from_str(&store.line("{").await?)?;
        for ((name, (measured, processor_us)), rate) in ["charges", "cancels"]
            .into_iter()
            .zip(spent)
            .zip(["charges", "cancels"])
        {
            let ceiling = rates[rate].as_u64().context("no rate")?;
            self.report.lines.push(Line {
                name,
                measured,
                ceiling,
                ceiling_is: UNITS,
                processor_us,
            });
        }
        Ok(())
    }
}
