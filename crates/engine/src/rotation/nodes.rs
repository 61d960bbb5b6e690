//! Nodes that share a store tell it from time to time that they run, and with which master key.
//!
//! A rotation refuses to begin while one runs. That is for good order; what keeps a node that was
//! not seen from doing harm is that its commits name the key ([`super::check`]).

use naru_domain::Timestamp;
use naru_store::{Commit, Condition, Query, Versioned, tables};
use serde::{Deserialize, Serialize};

use crate::records::SettingRecord;
use crate::{Engine, Fault};

/// What the settings of nodes begin with.
const NODE: &str = "node:";
/// After how long a node that said nothing does not run any more, in seconds.
const GONE_S: i64 = 60;
/// After how long it is forgotten.
const FORGOTTEN_S: i64 = 3_600;
/// Nodes that are looked at.
const NODES_MAX: u32 = 1_000;

#[derive(Debug, Serialize, Deserialize)]
struct Seen {
    master_key_id: String,
    at: Timestamp,
}

impl Engine {
    /// An id for a node that starts.
    pub fn node_id(&self) -> String {
        self.new_uuid().to_string()
    }

    /// Tells that this node runs; gives whether its master key is still the store's.
    pub async fn node_runs(&self, node: &str) -> Result<bool, Fault> {
        let seen = Seen {
            master_key_id: self.keys().id().to_owned(),
            at: self.clock().process(),
        };
        let mut unit = Commit::new(self.new_uuid());
        unit.upsert(&SettingRecord {
            name: format!("{NODE}{node}"),
            value: serde_json::to_string(&seen)
                .map_err(|error| Fault::internal(error.to_string()))?,
        })?;
        self.commit(unit).await?;
        // Only now: whoever replaces the key sees the node, or the node sees the other key.
        let keys = self.master_keys().await?;
        Ok(keys.is_none_or(|keys| keys.current == self.keys().id()))
    }

    /// Tells that this node does not run any more.
    pub async fn node_stops(&self, node: &str) -> Result<(), Fault> {
        let mut unit = Commit::new(self.new_uuid());
        unit.writes.push(naru_store::Write::Delete {
            table: &tables::SETTINGS,
            key: vec![format!("{NODE}{node}").into()],
            expected: None,
        });
        Ok(self.commit(unit).await?)
    }

    /// How many nodes run on the store with a master key that is not `but`.
    pub async fn running_nodes(&self, but: Option<&str>) -> Result<usize, Fault> {
        let now = self.store().now().await?;
        let nodes = self.nodes().await?;
        let running = nodes.iter().filter(|(_, seen)| {
            now < seen.at.plus_seconds(GONE_S) && Some(seen.master_key_id.as_str()) != but
        });
        Ok(running.count())
    }

    /// Forgets nodes that ended without saying so.
    pub(crate) async fn sweep_nodes(&self) -> Result<(), Fault> {
        let now = self.clock().process();
        let mut unit = Commit::new(self.new_uuid());
        for (found, seen) in self.nodes().await? {
            if seen.at.plus_seconds(FORGOTTEN_S) <= now {
                unit.delete(&found);
            }
        }
        if !unit.writes.is_empty() {
            self.commit(unit).await?;
        }
        Ok(())
    }

    async fn nodes(&self) -> Result<Vec<(Versioned<SettingRecord>, Seen)>, Fault> {
        let query =
            Query::of(&tables::SETTINGS, NODES_MAX).and(Condition::Prefix("name", NODE.to_owned()));
        let found = self.store().list::<SettingRecord>(query).await?;
        let seen = found.into_iter().filter_map(|found| {
            let seen = serde_json::from_str(&found.value.value).ok()?;
            Some((found, seen))
        });
        Ok(seen.collect())
    }
}
