//! What the PostgreSQL under measurement says of itself, and databases of our own in it.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use tokio_postgres::{Client, NoTls};

use crate::naru::processor_us;

/// How long an idle one is looked at.
const IDLE: Duration = Duration::from_secs(3);

/// A server that rows are measured on.
pub struct Server {
    client: Client,
    url: String,
}

impl Server {
    /// Connects to `postgres://USER@HOST:PORT/DATABASE` as one that may create databases.
    pub async fn open(url: &str) -> Result<Self> {
        let (client, connection) = tokio_postgres::connect(url, NoTls)
            .await
            .context("connecting to PostgreSQL")?;
        tokio::spawn(connection);
        Ok(Self {
            client,
            url: url.to_owned(),
        })
    }

    /// An empty database in the place of one of that name; gives its URL.
    pub async fn fresh(&self, name: &str) -> Result<String> {
        for sql in ["DROP DATABASE IF EXISTS", "CREATE DATABASE"] {
            self.client.batch_execute(&format!("{sql} {name}")).await?;
        }
        let (start, _) = self.url.rsplit_once('/').context("a URL without a path")?;
        Ok(format!("{start}/{name}"))
    }

    /// Has the planner learn what is there, as it does by itself within a minute: a database that
    /// is seconds old is planned for as if it were empty.
    pub async fn analyze(url: &str) -> Result<()> {
        Ok(Self::open(url)
            .await?
            .client
            .batch_execute("ANALYZE")
            .await?)
    }

    /// Drops it, whoever is connected.
    pub async fn drop(&self, name: &str) -> Result<()> {
        let sql = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
        Ok(self.client.batch_execute(&sql).await?)
    }

    /// Transactions of a database since it was created: committed, and rolled back. A second
    /// behind, at most.
    pub async fn transactions(&self, name: &str) -> Result<[u64; 2]> {
        let sql = "SELECT xact_commit, xact_rollback FROM pg_stat_database WHERE datname = $1";
        let row = self.client.query_one(sql, &[&name]).await?;
        let count = |at: usize| u64::try_from(row.get::<_, i64>(at));
        Ok([count(0)?, count(1)?])
    }

    /// Bytes written to the journal of the whole server so far.
    pub async fn wal_bytes(&self) -> Result<u64> {
        let sql = "SELECT (pg_current_wal_lsn() - '0/0')::bigint";
        let row = self.client.query_one(sql, &[]).await?;
        Ok(u64::try_from(row.get::<_, i64>(0))?)
    }

    /// The size of a database in bytes.
    pub async fn size_bytes(&self, name: &str) -> Result<u64> {
        let row = self
            .client
            .query_one("SELECT pg_database_size($1)", &[&name])
            .await?;
        Ok(u64::try_from(row.get::<_, i64>(0))?)
    }

    /// How many rows there are of this, such as `units`, in one of our databases.
    pub async fn rows(url: &str, of: &str) -> Result<u64> {
        let inside = Self::open(url).await?;
        let sql = format!("SELECT count(*) FROM {of}");
        let row = inside.client.query_one(&sql, &[]).await?;
        Ok(u64::try_from(row.get::<_, i64>(0))?)
    }

    /// What it takes per second when nothing is asked of the servers that use it, in microseconds:
    /// they look for work now and then.
    pub async fn idle_us(&self) -> Result<u64> {
        let before = self.processor_us().await?;
        tokio::time::sleep(IDLE).await;
        Ok((self.processor_us().await? - before) / IDLE.as_secs())
    }

    /// What it took since `before`, less what it takes when idle, for one of so many.
    pub async fn each_us(
        &self,
        (before, since): (u64, Instant),
        idle_us: u64,
        count: u64,
    ) -> Result<u64> {
        let used = self.processor_us().await? - before;
        let millis = u64::try_from(since.elapsed().as_millis())?;
        Ok(used.saturating_sub(idle_us * millis / 1_000) / count.max(1))
    }

    /// Processor time of all its processes so far, in microseconds. It must run on this machine.
    pub async fn processor_us(&self) -> Result<u64> {
        let row = self
            .client
            .query_one("SELECT pg_backend_pid()", &[])
            .await?;
        let own = row.get::<_, i32>(0).to_string();
        let parent_of = |stat: &str| -> Option<String> {
            let rest = stat.rsplit_once(')')?.1;
            rest.split_whitespace().nth(1).map(str::to_owned)
        };
        let stat = |pid: &str| std::fs::read_to_string(format!("/proc/{pid}/stat"));
        let own = stat(&own).context("PostgreSQL runs on another machine")?;
        let postmaster = parent_of(&own).context("no parent")?;
        let mut total = processor_us(&stat(&postmaster)?, true)?;
        for entry in std::fs::read_dir("/proc")?.flatten() {
            // A process may end while we look.
            let Ok(text) = stat(&entry.file_name().to_string_lossy()) else {
                continue;
            };
            if parent_of(&text).as_deref() == Some(&postmaster) {
                total += processor_us(&text, false)?;
            }
        }
        Ok(total)
    }
}
