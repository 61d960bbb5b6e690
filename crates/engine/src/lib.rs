//! Use cases: load, decide, commit, run effects.
//!
//! The only crate that calls `domain::decide` on live data. A face turns a request into a call
//! of [`Engine`] and its result into an answer; a worker calls [`Engine::run`] for jobs. Nothing
//! here keeps state between requests but caches of a second and wake-up calls.
//!
//! Invariants: the intent is on disk before a byte goes to a PG (P2); what was answered is on
//! disk (P1); webhooks and jobs are rows of the commit that caused them (P6).

mod acts;
pub mod admin;
pub mod administrators;
pub mod analytics;
mod answer;
pub mod audit;
mod auth;
pub mod b2b;
mod billing_keys;
pub mod cash_receipts;
mod checkout;
mod clock;
mod directory;
mod entropy;
mod exchange;
mod fault;
mod idempotency;
pub mod identity;
pub mod index;
mod jobs;
pub mod journal;
mod keyring;
mod ledger;
pub mod list;
mod measures;
mod notices;
mod overview;
pub mod payments;
mod promotions;
mod proof;
pub mod reconcile;
pub mod records;
pub mod rotation;
pub mod schedules;
mod search;
mod unit;
mod v1_tokens;
mod waiting;
pub mod webhooks;
pub mod windows;

use std::sync::{Arc, OnceLock};

use naru_connector::tax::TaxProvider;
use naru_connector::{Connector, Transport};
use naru_domain::Timestamp;
use naru_domain::identity::IdentityLimits;
use naru_domain::payment::Limits;
use naru_store::Store;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

/// What a face needs of the layers below: a face depends on the engine alone.
pub use naru_connector::{
    AccountChoice, CardCredential, CashReceiptWish, Device, OperationKind, Party, Secret,
    StoreSaleAsked, WindowForm,
};
pub use naru_store::{Condition, Value};

pub use acts::{ACTS_MAX, Act, ActEnd, ActFilter, ActPage, Actor, BegunAct, NewAct};
pub use answer::Answer;
pub use auth::{Caller, Tokens};
pub use billing_keys::{BillingKeyView, IssueRequest};
pub use checkout::NewPaymentSession;
pub use clock::{Clock, SystemTime, Time};
pub use entropy::{Entropy, SystemEntropy};
pub use fault::{ChannelFailure, ChannelFailureReason, Fault};
pub use idempotency::IdempotencyTicket;
pub use jobs::{JobDone, LEASE_MS};
pub use keyring::{BadMasterKey, CannotOpen, KeyRing};
pub use overview::{OVERVIEW_MAX, Overview};
pub use promotions::PromotionView;
pub use proof::Proof;
pub use v1_tokens::{V1Caller, V1Token};
pub use waiting::Wakers;

/// Limits and times, all configuration.
#[derive(Debug, Clone)]
pub struct EngineConfig {
    /// Limits on one payment.
    pub limits: Limits,
    /// Whether sub-store and channel creation may name simulators and loopback addresses.
    pub is_sandbox: bool,
    /// How long after its intent a request may begin to write to the PG, in milliseconds.
    pub send_window_ms: i64,
    /// How long a request tries to find out an unclear outcome, from its start, in milliseconds.
    pub request_budget_ms: i64,
    /// How long idempotency records are kept, in seconds of the business clock: 15 days.
    pub idempotency_retention_s: i64,
    /// Automatic deliveries of one webhook, the first included.
    pub webhook_executions_max: u32,
    /// Automatic deliveries of one webhook of the V1 face, the first included: one, as there.
    pub v1_webhook_executions_max: u32,
    /// How long delivering one webhook may take, connecting included, in milliseconds: the
    /// contract's 30 s for each of the two.
    pub webhook_timeout_ms: u32,
    /// Manual deliveries of one webhook.
    pub webhook_manual_max: u32,
    /// The comparison of our books with the PGs'.
    pub compare: reconcile::CompareConfig,
    /// How long after a window was opened the customer may come back from it, in milliseconds.
    pub window_ms: i64,
    /// How long after that somebody may confirm, in milliseconds.
    pub confirm_ms: i64,
    /// Limits on one identity verification.
    pub identity: IdentityLimits,
    /// Messages of identity verifications that one address of a customer may cause in ten minutes,
    /// in one store.
    pub identity_messages_per_address_max: u32,
    /// This server's address as PGs are told.
    pub server_ip: String,
    /// Under which address browsers reach this server.
    pub public_url: String,
    /// How long a payment session lives where the merchant does not say, in seconds.
    pub session_ttl_default_s: i64,
    /// How long a payment session may live, in seconds.
    pub session_ttl_max_s: i64,
}

impl Default for EngineConfig {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            is_sandbox: false,
            send_window_ms: 5_000,
            request_budget_ms: 50_000,
            idempotency_retention_s: 15 * 86_400,
            webhook_executions_max: 6,
            v1_webhook_executions_max: 1,
            webhook_timeout_ms: 60_000,
            webhook_manual_max: 10,
            compare: reconcile::CompareConfig::default(),
            window_ms: 60 * 60_000,
            confirm_ms: 30 * 60_000,
            identity: IdentityLimits::default(),
            identity_messages_per_address_max: 30,
            server_ip: "127.0.0.1".to_owned(),
            public_url: "http://127.0.0.1:8080".to_owned(),
            session_ttl_default_s: 86_400,
            session_ttl_max_s: 30 * 86_400,
        }
    }
}

/// Finds the connector of a PG by the contract's PG code.
pub type Connectors = fn(&str) -> Option<&'static dyn Connector>;

/// Finds a tax-invoice provider by its short name.
pub type TaxProviders = fn(&str) -> Option<&'static dyn TaxProvider>;

/// What an engine is made of.
pub struct Parts {
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// The way to PGs.
    pub pg_transport: Arc<dyn Transport>,
    /// The way to webhook receivers.
    pub webhook_transport: Arc<dyn Transport>,
    /// The connectors.
    pub connectors: Connectors,
    /// The tax-invoice providers.
    pub tax_providers: TaxProviders,
    /// Both clocks.
    pub clock: Arc<Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Keys.
    pub keys: Arc<KeyRing>,
    /// Limits.
    pub config: EngineConfig,
}

/// The engine. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

struct Inner {
    parts: Parts,
    directory: directory::Directory,
    wakers: Wakers,
    counts: payments::Counts,
    kept: payments::KeptAnswers,
    results: index::Results,
    ids: entropy::Sequence,
    tasks: TaskTracker,
    computing: administrators::Computing,
    /// The version of the setting that names the master key, as it was checked.
    key_version: OnceLock<i64>,
}

impl Engine {
    /// Puts an engine together.
    pub fn new(parts: Parts) -> Self {
        let inner = Inner {
            parts,
            directory: directory::Directory::default(),
            wakers: Wakers::default(),
            counts: payments::Counts::default(),
            kept: payments::KeptAnswers::default(),
            results: index::Results::default(),
            ids: entropy::Sequence::default(),
            tasks: TaskTracker::new(),
            computing: administrators::Computing::default(),
            key_version: OnceLock::new(),
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// The store.
    pub fn store(&self) -> &dyn Store {
        self.inner.parts.store.as_ref()
    }

    /// Both clocks.
    pub fn clock(&self) -> &Clock {
        &self.inner.parts.clock
    }

    /// Limits and times.
    pub fn config(&self) -> &EngineConfig {
        &self.inner.parts.config
    }

    /// Wake-up calls for workers and waiting requests.
    pub fn wakers(&self) -> &Wakers {
        &self.inner.wakers
    }

    /// Counts of lists.
    pub(crate) fn counts(&self) -> &payments::Counts {
        &self.inner.counts
    }

    /// Answers about payments.
    pub(crate) fn kept_answers(&self) -> &payments::KeptAnswers {
        &self.inner.kept
    }

    /// Results of payments that are to be indexed.
    pub(crate) fn results(&self) -> &index::Results {
        &self.inner.results
    }

    /// Runs a use case to its end even if the caller hangs up: the merchant may learn the result
    /// by asking again with the same idempotency key.
    pub async fn detached<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, Fault>> + Send + 'static,
    ) -> Result<T, Fault> {
        match self.inner.tasks.spawn(work).await {
            Ok(result) => result,
            Err(error) => Err(Fault::internal(format!("a request's task ended: {error}"))),
        }
    }

    /// Waits until every running use case has ended.
    pub async fn drain(&self) {
        self.inner.tasks.close();
        self.inner.tasks.wait().await;
    }

    pub(crate) fn computing(&self) -> &administrators::Computing {
        &self.inner.computing
    }

    pub(crate) fn keys(&self) -> &KeyRing {
        &self.inner.parts.keys
    }

    pub(crate) fn key_version(&self) -> &OnceLock<i64> {
        &self.inner.key_version
    }

    pub(crate) fn entropy(&self) -> &dyn Entropy {
        self.inner.parts.entropy.as_ref()
    }

    pub(crate) fn connector(&self, pg_provider: &str) -> Option<&'static dyn Connector> {
        (self.inner.parts.connectors)(pg_provider)
    }

    pub(crate) fn new_uuid(&self) -> Uuid {
        self.inner.ids.uuid_v7(self.entropy(), self.now())
    }

    /// The business clock.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock().business()
    }
}
