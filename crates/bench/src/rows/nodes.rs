//! Several nodes on one PostgreSQL, beside one node on the same cores; and what a charge costs on
//! node and database as nodes are added.

use std::time::Instant;

use anyhow::{Result, ensure};

use crate::pg::Server;
use crate::run::Bench;
use crate::shop::Shop;
use crate::workloads;

const CONNECTIONS: usize = 32;
const NODES_MAX: usize = 3;
/// The key that seals, which nodes on one database share.
const MASTER_KEY: &str = "master.key";
const ON_NODES: [&str; NODES_MAX] = [
    "charge on 1 node: CPU on the node, µs",
    "charge on 2 nodes: CPU on the nodes, µs",
    "charge on 3 nodes: CPU on the nodes, µs",
];
const ON_DATABASE: [&str; NODES_MAX] = [
    "charge on 1 node: CPU on the database, µs",
    "charge on 2 nodes: CPU on the database, µs",
    "charge on 3 nodes: CPU on the database, µs",
];

/// Nodes on one database.
struct Cluster {
    database: String,
    url: String,
    nodes: Vec<Shop>,
}

impl Bench<'_> {
    /// The two rows.
    pub async fn row_nodes(&mut self, simulator: &str) -> Result<()> {
        let Some(url) = self.needs_postgres() else {
            return Ok(());
        };
        let server = Server::open(url).await?;
        let mut clusters = Vec::new();
        for count in 1..=NODES_MAX {
            clusters.push(self.cluster(&server, count, simulator).await?);
        }
        let idle_us = server.idle_us().await?;
        let mut before = [0; 2];
        for round in 0..=self.arguments.rounds {
            let mut rates = Vec::new();
            for cluster in &clusters {
                let rate = self.charge_on((&server, idle_us), cluster, round).await?;
                rates.push(rate);
                if round == 0 {
                    Server::analyze(&cluster.url).await?;
                }
            }
            if let ([one, .., three], Some(last)) = (rates.as_slice(), clusters.last()) {
                let now = server.transactions(&last.database).await?;
                // The first round is the warm-up.
                if round > 0 {
                    self.report.round("nodes", (*three, *one))?;
                    let [done, undone] = [now[0] - before[0], now[1] - before[1]];
                    self.report.round("retries", (undone, done + undone))?;
                }
                before = now;
            }
        }
        for cluster in clusters {
            drop(cluster.nodes);
            server.drop(&cluster.database).await?;
        }
        Ok(())
    }

    async fn cluster(&self, server: &Server, count: usize, simulator: &str) -> Result<Cluster> {
        let database = format!("naru_bench_nodes_{count}");
        let url = server.fresh(&database).await?;
        let first = format!("nodes-{count}-0");
        let mut nodes = vec![self.open_shop(&first, simulator, Some(&url)).await?];
        let data = &self.arguments.directory;
        for number in 1..count {
            let name = format!("nodes-{count}-{number}");
            std::fs::create_dir_all(data.join(&name))?;
            let key = |name: &str| data.join(name).join(MASTER_KEY);
            std::fs::copy(key(&first), key(&name))?;
            let naru = self.serve(&name, simulator, Some(&url)).await?;
            let (url, heard) = (nodes[0].url.clone(), nodes[0].heard.clone());
            nodes.push(Shop { naru, url, heard });
        }
        Ok(Cluster {
            database,
            url,
            nodes,
        })
    }

    /// One round on one cluster; its rate.
    async fn charge_on(
        &mut self,
        (server, idle_us): (&Server, u64),
        cluster: &Cluster,
        round: u32,
    ) -> Result<u64> {
        let (Some(first), count) = (cluster.nodes.first(), cluster.nodes.len()) else {
            return Ok(0);
        };
        let (make, _) = workloads::charges(&first.naru, &format!("r{round}"), u64::MAX);
        let addresses: Vec<&str> = cluster
            .nodes
            .iter()
            .map(|node| node.naru.address.as_str())
            .collect();
        first.heard.clear();
        let nodes = cluster.processor_us()?;
        let before = (server.processor_us().await?, Instant::now());
        let load = self.round_load(CONNECTIONS);
        let charged = load.spread(&addresses, make).await?.good()?;
        first.settle(charged.answers).await?;
        let on_nodes = (cluster.processor_us()? - nodes) / charged.answers;
        let on_database = server.each_us(before, idle_us, charged.answers).await?;
        ensure!(count <= NODES_MAX, "{count} nodes");
        self.report.figures.extend([
            (ON_NODES[count - 1], on_nodes),
            (ON_DATABASE[count - 1], on_database),
        ]);
        Ok(charged.rate())
    }
}

impl Cluster {
    fn processor_us(&self) -> Result<u64> {
        let each = self
            .nodes
            .iter()
            .map(|node| node.naru.process.processor_us());
        each.sum()
    }
}
