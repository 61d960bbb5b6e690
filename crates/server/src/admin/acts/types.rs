//! What `naru audit-log` and the server say to each other.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Which acts are wanted.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ActQuery {
    /// From this moment on, RFC 3339, or from the beginning of this day in Korea.
    pub since: Option<String>,
    /// In this store.
    pub store: Option<String>,
    /// By this actor.
    pub actor: Option<String>,
    /// Of this operation.
    pub operation: Option<String>,
    /// Where the page before ended.
    pub after: Option<String>,
    /// Acts at most.
    pub limit: Option<u32>,
}

/// A page of acts, the latest first.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ActPage {
    /// The acts.
    pub items: Vec<Act>,
    /// Where to go on.
    pub next: Option<String>,
}

/// An act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Act {
    /// Its id.
    pub id: String,
    /// When it began, RFC 3339.
    pub at: String,
    /// When it ended, if that is known.
    pub ended_at: Option<String>,
    /// An administrator's e-mail address, or the name of a user of an operating system.
    pub actor: String,
    /// `command-line` or `console`.
    pub via: String,
    /// The network address that it came from.
    pub address: Option<String>,
    /// What, such as `channels.create`.
    pub operation: String,
    /// In which store.
    pub store_id: Option<String>,
    /// On what.
    pub subject: Option<String>,
    /// `begun`, `done`, `refused` or `failed`.
    pub outcome: String,
    /// Why it was not done.
    pub reason: Option<String>,
    /// What else is known.
    pub details: BTreeMap<String, String>,
}

impl From<naru_engine::Act> for Act {
    fn from(act: naru_engine::Act) -> Self {
        let begun = act.begun;
        Self {
            id: begun.id,
            at: begun.at.to_string(),
            ended_at: act.ended_at.map(|at| at.to_string()),
            actor: begun.actor,
            via: begun.via.name().to_owned(),
            address: begun.address,
            operation: begun.operation,
            store_id: begun.store_id,
            subject: begun.subject,
            outcome: act.outcome.name().to_owned(),
            reason: act.reason,
            details: begun.details,
        }
    }
}
