//! Windows in which a billing key is issued. No money moves: an answer that is lost is a failure,
//! as at every issue, and the PG's orphaned key can never be charged.

use naru_connector::{AuthenticatedWindow, Device, InboundRequest, KeyIssue, OpenWindow};
use naru_connector::{Operation, OperationKind, Order, Outcome, Returned, Secret, WindowForm};
use naru_domain::billing_key::{
    BillingKey, BillingKeyEvent, BillingKeyRefusal, BillingKeyState, ChannelIssue, IssueOutcome,
    KeyWindow,
};
use naru_domain::payment::{Failure, Origin};
use naru_domain::{
    Amount, AttemptId, BillingKeyId, ChannelGroupSnapshot, Currency, Customer, MethodKind, Opener,
    StoreId, Timestamp, WindowWishes,
};
use naru_store::{Commit, CommitError};

use super::OpenedWindow;
use super::open::is_framed;
use crate::admin::MANUAL_CONFIRM;
use crate::billing_keys::{issue_answer, issues_prefix, leave_job, news_of, step_job};
use crate::directory::OpenChannel;
use crate::exchange::refusal;
use crate::jobs::JobDone;
use crate::payments::{CallContext, ChannelChoice};
use crate::records::{AttemptRecord, AuthenticationRecord, ImpUidRecord, JobRecord, Subject};
use crate::webhooks::BillingKeyNews;
use crate::{Answer, Engine, Fault, IdempotencyTicket};

/// How often a commit is tried against concurrent changes.
const TRIES: u32 = 50;
/// How long a confirmation waits for another one of the same key, at most, in milliseconds.
const WAIT_MS: i64 = 50_000;
const LOOK_AGAIN_MS: u64 = 200;

/// A billing-key window asked for.
#[derive(Debug, Clone)]
pub struct OpenKeyWindow {
    /// Through which channel, or one of which group.
    pub channel: ChannelChoice,
    /// What the PG shows.
    pub name: String,
    /// The price that it shows; none is taken.
    pub shown: i64,
    /// Whose card it is.
    pub customer: Customer,
    /// The merchant's own text.
    pub custom_data: Option<String>,
    /// Webhook addresses that replace the store's.
    pub notice_urls: Vec<String>,
    /// The id that the merchant names it by, on the V1 face.
    pub saves_as: Option<BillingKeyId>,
    /// In which kind of browser.
    pub device: Device,
    /// The page that opens it, if one does.
    pub opener: Option<Opener>,
    /// What that page wishes of it.
    pub wishes: WindowWishes,
}

/// What became of a billing-key window, as its page tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyEnd {
    /// Issued.
    Issued,
    /// The merchant has to confirm.
    NeedsConfirmation {
        /// By this.
        billing_issue_token: String,
    },
    /// It failed.
    Failed(Failure),
}

/// A customer who came back from a billing-key window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyBack {
    /// The key.
    pub billing_key: BillingKeyId,
    /// What became of it.
    pub end: KeyEnd,
}

/// A merchant's word that what was authenticated may be issued. What is `None` is not compared.
#[derive(Debug, Clone)]
pub struct ConfirmKey {
    /// The window's token.
    pub billing_issue_token: String,
    /// Whether it is a test.
    pub is_test: Option<bool>,
    /// Whether the caller wants no webhook of success.
    pub skip_webhook: bool,
}

/// What happened, what is kept of it, and the job that follows.
struct Step {
    events: Vec<BillingKeyEvent>,
    kept: Option<AuthenticationRecord>,
}

impl Engine {
    /// Opens a billing-key window: the key is on disk before the browser goes anywhere.
    pub async fn open_key_window(
        &self,
        context: CallContext,
        request: OpenKeyWindow,
    ) -> Result<OpenedWindow, Fault> {
        for _ in 0..TRIES {
            let opened = self.try_open_key_window(&context, request.clone()).await?;
            if let Some(opened) = opened {
                return Ok(opened);
            }
        }
        Err(too_many_changes())
    }

    /// One try. Nothing where somebody has the `imp_uid` that was drawn.
    async fn try_open_key_window(
        &self,
        context: &CallContext,
        request: OpenKeyWindow,
    ) -> Result<Option<OpenedWindow>, Fault> {
        let (channel, group) = self.window_channel(context, &request.channel).await?;
        let attempt = AttemptId::new(self.new_uuid());
        let expires_at = self.clock().process().plus_millis(self.config().window_ms);
        let key = self.key_to_issue(context, request, (&channel, group), (attempt, expires_at));
        let form = self.key_form(&channel, &key, attempt)?;
        let mut unit = Commit::new(self.new_uuid());
        unit.insert(&AttemptRecord {
            attempt,
            store_id: key.store_id.clone(),
            subject_id: key.id.as_str().to_owned(),
            subject: Subject::BillingKey,
            at: key.requested_at,
        })?;
        if let Some(named) = key.named_issue() {
            unit.insert(&ImpUidRecord {
                imp_uid: named.imp_uid.clone(),
                attempt,
                store_id: key.store_id.clone(),
                subject_id: key.id.as_str().to_owned(),
                subject: Subject::BillingKey,
            })?;
        }
        let event = BillingKeyEvent::Requested { key: Box::new(key) };
        let key = self.add_key_events(&mut unit, None, &[event])?;
        self.announce_key(&mut unit, &key, BillingKeyNews::Ready)
            .await?;
        match self.commit(unit).await {
            Ok(()) => {}
            Err(CommitError::Conflict(_)) => return Ok(None),
            Err(error) => return Err(error.into()),
        }
        self.wakers().webhook().notify_one();
        Ok(Some(OpenedWindow {
            attempt,
            page_url: self.window_url(attempt),
            form,
            expires_at,
        }))
    }

    /// The key as it begins.
    fn key_to_issue(
        &self,
        context: &CallContext,
        request: OpenKeyWindow,
        (channel, group): (&OpenChannel, Option<ChannelGroupSnapshot>),
        (attempt, expires_at): (AttemptId, Timestamp),
    ) -> BillingKey {
        let saves_as = request.saves_as;
        let issue_id = request.wishes.issue_id.as_deref();
        let prefix = match (&saves_as, issue_id) {
            (None, _) => "billing-key-".to_owned(),
            (Some(_), None) => "saving-".to_owned(),
            (Some(_), Some(merchant_uid)) => issues_prefix(merchant_uid),
        };
        BillingKey {
            merchant_id: context.store.merchant_id.clone(),
            store_id: context.store.id.clone(),
            id: BillingKeyId::new(format!("{prefix}{}", self.new_uuid())),
            customer: request.customer,
            custom_data: request.custom_data,
            notice_urls: request.notice_urls,
            origin: Origin {
                platform: super::platform_of(request.device),
                ..context.origin.clone()
            },
            window: Some(KeyWindow {
                name: request.name,
                shown: request.shown,
                expires_at,
                by_merchant: channel.settings.is_on(MANUAL_CONFIRM),
                imp_uid: self.window_imp_uid_on(context.face),
                opener: request.opener,
                wishes: request.wishes,
            }),
            skip_webhook: false,
            face: context.face,
            saves_as,
            first_issued_at: None,
            requested_at: self.now(),
            channel_group: group,
            channels: vec![ChannelIssue {
                channel: channel.record.snapshot(),
                attempt,
                outcome: IssueOutcome::Pending,
                deletion: None,
            }],
            deletion: None,
            state: BillingKeyState::Ready,
            event_count: 0,
        }
    }

    pub(super) fn key_form(
        &self,
        channel: &OpenChannel,
        key: &BillingKey,
        attempt: AttemptId,
    ) -> Result<WindowForm, Fault> {
        let page = self.window_url(attempt);
        let connector = self.connector_of(channel)?;
        let window = key.window.as_ref();
        let window = OpenWindow {
            order: order_of(key, attempt)?,
            method: MethodKind::Card,
            key_issue: KeyIssue::Instead,
            device: super::device_of(&key.origin),
            account_expires_at: None,
            is_framed: window.is_some_and(|window| is_framed(window.opener.as_ref())),
            wishes: window
                .map(|window| window.wishes.clone())
                .unwrap_or_default(),
            return_url: format!("{page}/return"),
            close_url: format!("{page}/close"),
            notice_url: self.notice_url(connector.capabilities().name),
        };
        let call = self.call_at(channel);
        connector
            .capabilities()
            .check(OperationKind::OpenWindow, &channel.settings)
            .and_then(|()| connector.open_window(&window, &call))
            .map_err(refusal)
    }

    /// Takes what a browser brought back from a billing-key window.
    pub async fn key_window_returned(
        &self,
        attempt: AttemptId,
        request: InboundRequest,
    ) -> Result<KeyBack, Fault> {
        self.end_key_window(attempt, Some(&request)).await
    }

    /// Ends a billing-key window by what the browser brought back, or because the customer left.
    pub(super) async fn end_key_window(
        &self,
        attempt: AttemptId,
        request: Option<&InboundRequest>,
    ) -> Result<KeyBack, Fault> {
        let (store_id, id) = self.key_of_attempt(attempt).await?;
        for _ in 0..TRIES {
            let key = self.key_in_window(&store_id, &id).await?;
            if key.state != BillingKeyState::Ready {
                return Ok(self.key_back(&key));
            }
            let (outcome, kept) = match request {
                Some(request) => self.read_key_return(&key, attempt, request).await?,
                None => (Err(super::left()), None),
            };
            let now = self.store().now().await?;
            let until = now.plus_millis(self.config().confirm_ms);
            let Ok(events) = key.returned(outcome, (now, until), self.now()) else {
                continue;
            };
            let step = Step { events, kept };
            let Some(key) = self.commit_key_step((&store_id, &id), step, None).await? else {
                continue;
            };
            if key.state == BillingKeyState::Issuing {
                // What it comes to stands in the key.
                let _ = self.issue_authenticated(&key, None).await;
                let key = self.key_in_window(&store_id, &id).await?;
                return Ok(self.key_back(&key));
            }
            return Ok(self.key_back(&key));
        }
        Err(too_many_changes())
    }

    /// `POST /billing-keys/confirm`.
    pub async fn confirm_billing_key(
        &self,
        context: CallContext,
        request: ConfirmKey,
    ) -> Result<Answer, Fault> {
        let started_at = self.clock().process();
        let token = &request.billing_issue_token;
        loop {
            let key = self.key_of_token(&context, token).await?;
            let (store_id, id) = (key.store_id.clone(), key.id.clone());
            let now = self.store().now().await?;
            let events = match key.confirm(request.is_test, request.skip_webhook, now) {
                Ok(events) => events,
                Err(BillingKeyRefusal::IssueInFlight)
                    if self.clock().process() < started_at.plus_millis(WAIT_MS) =>
                {
                    self.same_key_runs(context.ticket.as_ref()).await?;
                    self.clock().sleep_ms(LOOK_AGAIN_MS).await;
                    continue;
                }
                Err(refused) => {
                    self.same_key_runs(context.ticket.as_ref()).await?;
                    return Err(refused.into());
                }
            };
            let step = Step { events, kept: None };
            let ticket = context.ticket.as_ref();
            let committed = self.commit_key_step((&store_id, &id), step, ticket).await?;
            if let Some(key) = committed {
                let record = ticket.map(IdempotencyTicket::record_key);
                return self.issue_authenticated(&key, record).await;
            }
            self.same_key_runs(ticket).await?;
        }
    }

    /// Ends an issue that nobody confirmed in time.
    pub(crate) async fn run_end_key_window(
        &self,
        (store_id, id): (&StoreId, &BillingKeyId),
        until: Timestamp,
    ) -> Result<JobDone, Fault> {
        let left_ms = until.as_millis() - self.store().now().await?.as_millis();
        if left_ms >= 0 {
            return Ok(JobDone::Later {
                pause_ms: left_ms + 1,
            });
        }
        let key = self.key_in_window(store_id, id).await?;
        let failure = Failure::own(
            Failure::WINDOW_EXPIRED,
            "nobody confirmed in time; no billing key was issued",
        );
        let Ok(events) = key.unconfirmed(failure, self.now()) else {
            return Ok(JobDone::Again);
        };
        let step = Step { events, kept: None };
        let committed = self.commit_key_step((store_id, id), step, None).await?;
        Ok(match committed {
            Some(_) => JobDone::Finished,
            None => JobDone::Again,
        })
    }

    /// The key of a window that a token of this store names.
    pub(super) async fn key_of_token(
        &self,
        context: &CallContext,
        token: &str,
    ) -> Result<BillingKey, Fault> {
        let attempt = self
            .issue_of_token(token)
            .ok_or(Fault::BillingKeyNotFound)?;
        let (store_id, id) = self.key_of_attempt(attempt).await?;
        if store_id != context.store.id {
            return Err(Fault::BillingKeyNotFound);
        }
        self.key_in_window(&store_id, &id).await
    }

    pub(super) async fn key_of_attempt(
        &self,
        attempt: AttemptId,
    ) -> Result<(StoreId, BillingKeyId), Fault> {
        let key = vec![attempt.order_id().into()];
        let found = self.store().load::<AttemptRecord>(key).await?;
        found
            .map(|found| found.value)
            .filter(|record| record.subject == Subject::BillingKey)
            .map(|record| (record.store_id, BillingKeyId::new(record.subject_id)))
            .ok_or(Fault::BillingKeyNotFound)
    }

    pub(super) async fn key_in_window(
        &self,
        store_id: &StoreId,
        id: &BillingKeyId,
    ) -> Result<BillingKey, Fault> {
        let found = self.load_key(store_id, id).await?;
        found
            .map(|found| found.value.0)
            .filter(|key| key.window.is_some())
            .ok_or(Fault::BillingKeyNotFound)
    }

    /// What the browser says, and what of it is to be kept.
    async fn read_key_return(
        &self,
        key: &BillingKey,
        attempt: AttemptId,
        request: &InboundRequest,
    ) -> Result<(Result<(), Failure>, Option<AuthenticationRecord>), Fault> {
        let issue = key.channels.first().ok_or(Fault::BillingKeyNotFound)?;
        let channel = self.attempt_channel(&issue.channel.key).await?;
        let call = self.call_at(&channel);
        // What can't be read changes nothing: the right one may still come.
        let returned = self
            .connector_of(&channel)?
            .read_return(request, &call)
            .map_err(|rejected| Fault::invalid(rejected.reason))?;
        match returned {
            Returned::Refused(decline) => {
                let failure = Failure {
                    pg_code: decline.code,
                    pg_message: decline.message,
                };
                Ok((Err(failure), None))
            }
            Returned::Authenticated {
                order_id: Some(order_id),
                ..
            } if order_id != attempt.order_id() => Err(Fault::invalid(
                "what the browser brought back is about another order",
            )),
            Returned::Authenticated { authentication, .. } => {
                let place = super::place(attempt);
                let secret = authentication.expose();
                let record = AuthenticationRecord {
                    attempt,
                    store_id: key.store_id.clone(),
                    sealed: self.keys().seal(self.entropy(), &place, secret),
                    at: self.now(),
                };
                Ok((Ok(()), Some(record)))
            }
        }
    }

    /// Commits a step of a key in a window, with the job that ends what the process does not live
    /// to end. Nothing where somebody else was first.
    async fn commit_key_step(
        &self,
        (store_id, id): (&StoreId, &BillingKeyId),
        step: Step,
        ticket: Option<&IdempotencyTicket>,
    ) -> Result<Option<BillingKey>, Fault> {
        let found = self.load_key(store_id, id).await?;
        let found = found.ok_or(Fault::BillingKeyNotFound)?;
        let mut unit = Commit::new(self.new_uuid());
        let lane = found.value.0.channels.first();
        let lane = lane.map(|issue| issue.channel.key.clone());
        let key = self.add_key_events(&mut unit, Some(found), &step.events)?;
        let record = ticket.map(IdempotencyTicket::record_key);
        let kind = step_job(store_id, id, record);
        match (key.state, lane) {
            (BillingKeyState::AwaitingConfirm { until }, Some(lane)) => {
                unit.upsert(&JobRecord {
                    id: kind.id(),
                    queue: kind.queue(),
                    lane: lane.to_string(),
                    due_at: until,
                    lease_until: None,
                    tries: 0,
                    refusals: 0,
                    kind,
                })?;
            }
            (BillingKeyState::Issuing, Some(lane)) => leave_job(self, &mut unit, kind, &lane)?,
            _ => {
                if let Some(news) = news_of(&key) {
                    self.announce_key(&mut unit, &key, news).await?;
                }
            }
        }
        let is_open = matches!(
            key.state,
            BillingKeyState::AwaitingConfirm { .. } | BillingKeyState::Issuing
        );
        if let (Some(kept), true) = (step.kept, is_open) {
            unit.upsert(&kept)?;
        }
        self.open_record(&mut unit, ticket)?;
        match self.commit(unit).await {
            Ok(()) => {
                self.wakers().webhook().notify_one();
                Ok(Some(key))
            }
            Err(CommitError::Conflict(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Has the PG issue what was authenticated. The intent is on disk.
    async fn issue_authenticated(
        &self,
        key: &BillingKey,
        record: Option<&str>,
    ) -> Result<Answer, Fault> {
        let issue = key.channels.first().ok_or(Fault::BillingKeyNotFound)?;
        let attempt = issue.attempt;
        let send_by = self.send_by();
        let channel = self.attempt_channel(&issue.channel.key).await?;
        let begun = self
            .key_authentication(attempt)
            .await
            .and_then(|authentication| {
                let window = AuthenticatedWindow {
                    order: order_of(key, attempt)?,
                    method: MethodKind::Card,
                    easy_pay_provider: None,
                    key_issue: KeyIssue::Instead,
                    authentication,
                };
                self.begin(&channel, &Operation::ApproveWindow(Box::new(window)))
            });
        let outcome = match begun {
            Ok(exchange) => self.drive(exchange, Some(send_by)).await,
            Err(fault) => Outcome::NotSent {
                reason: fault.to_string(),
            },
        };
        let outcome = self.issue_outcome(&key.id, outcome);
        self.report_issue(&key.store_id, &key.id, (attempt, outcome), record)
            .await
    }

    async fn key_authentication(&self, attempt: AttemptId) -> Result<Secret, Fault> {
        let key = vec![attempt.order_id().into()];
        let found = self.store().load::<AuthenticationRecord>(key).await?;
        let found = found.ok_or_else(|| Fault::internal("nothing was authenticated"))?;
        self.keys()
            .open(&super::place(attempt), &found.value.sealed)
            .map_err(|error| Fault::internal(format!("authentication of {attempt}: {error}")))
    }

    pub(super) fn key_back(&self, key: &BillingKey) -> KeyBack {
        let attempt = key.channels.first().map(|issue| issue.attempt);
        let end = match (key.state, attempt) {
            (BillingKeyState::AwaitingConfirm { .. }, Some(attempt)) => KeyEnd::NeedsConfirmation {
                billing_issue_token: self.issue_token(attempt),
            },
            (BillingKeyState::Issued { .. } | BillingKeyState::Deleted { .. }, _) => KeyEnd::Issued,
            (
                BillingKeyState::Ready
                | BillingKeyState::AwaitingConfirm { .. }
                | BillingKeyState::Issuing
                | BillingKeyState::Failed { .. },
                _,
            ) => KeyEnd::Failed(match issue_answer(key) {
                Err(Fault::PgProvider {
                    pg_code,
                    pg_message,
                }) => Failure {
                    pg_code,
                    pg_message,
                },
                Ok(_) | Err(_) => {
                    Failure::own(Failure::OUTCOME_UNKNOWN, "the issue is not over yet")
                }
            }),
        };
        KeyBack {
            billing_key: key.id.clone(),
            end,
        }
    }
}

/// What the PG shows of an issue.
fn order_of(key: &BillingKey, attempt: AttemptId) -> Result<Order, Fault> {
    let window = key
        .window
        .as_ref()
        .ok_or_else(|| Fault::internal("a key without a window"))?;
    // Shown only, so it may be nothing.
    let amount = Amount {
        total: window.shown,
        tax_free: 0,
        vat: 0,
    };
    Ok(Order {
        order_id: attempt.order_id(),
        payment_id: key.id.as_str().to_owned(),
        name: window.name.clone(),
        amount,
        currency: Currency::krw(),
        customer: key.customer.clone(),
        is_escrow: false,
    })
}

fn too_many_changes() -> Fault {
    Fault::Unavailable {
        detail: "too many concurrent changes".to_owned(),
    }
}
