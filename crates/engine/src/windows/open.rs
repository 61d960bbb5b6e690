//! Opening a window.

use std::sync::Arc;

use naru_connector::{Device, OpenWindow, OperationKind, WindowForm};
use naru_domain::payment::{
    Attempt, AttemptState, BeginAttempt, Command, OrderDetails, Window, WindowApproval,
};
use naru_domain::{
    AttemptId, ChannelGroupSnapshot, Face, MethodKind, Opener, PaymentId, Timestamp, WindowType,
    WindowWishes,
};

use crate::admin::MANUAL_CONFIRM;
use crate::directory::OpenChannel;
use crate::exchange::refusal;
use crate::payments::{CallContext, ChannelChoice, Intent, Running, order_at};
use crate::promotions::PaidBy;
use crate::{Engine, Fault};

/// How long an opening waits for what runs on the payment, in milliseconds. Short, because the
/// customer looks at a page on which nothing has happened yet, and the page waits no longer than
/// it waits for any answer.
const PATIENCE_MS: i64 = 3_000;

/// A payment window asked for.
#[derive(Debug, Clone)]
pub struct OpenPaymentWindow {
    /// The merchant's id for the payment.
    pub payment_id: PaymentId,
    /// What is bought.
    pub order: OrderDetails,
    /// How it is to be paid.
    pub method: MethodKind,
    /// Through which channel, or one of which group.
    pub channel: ChannelChoice,
    /// In which kind of browser.
    pub device: Device,
    /// Until when a deposit is taken, where it is paid by virtual account.
    pub account_expires_at: Option<Timestamp>,
    /// Whether a billing key is issued with the payment.
    pub issues_key: bool,
    /// Where the merchant's server says whether the money may be taken, if it wants to be asked.
    pub confirm_url: Option<String>,
    /// The page that opens it, if one does.
    pub opener: Option<Opener>,
    /// What that page wishes of it.
    pub wishes: WindowWishes,
}

/// A window that was opened.
#[derive(Debug, Clone)]
pub struct OpenedWindow {
    /// Its attempt.
    pub attempt: AttemptId,
    /// The address of the page that hands over to the PG.
    pub page_url: String,
    /// What the page sends to the PG.
    pub form: WindowForm,
    /// Until when the customer may come back.
    pub expires_at: Timestamp,
}

impl Engine {
    /// Opens a payment window: the attempt is on disk before the browser goes anywhere.
    pub async fn open_payment_window(
        &self,
        context: CallContext,
        request: OpenPaymentWindow,
    ) -> Result<OpenedWindow, Fault> {
        let (channel, group) = self.window_channel(&context, &request.channel).await?;
        let started_at = self.clock().process();
        let expires_at = started_at.plus_millis(self.config().window_ms);
        let mut attempt = self.window_attempt(
            &context,
            &request,
            (&channel, group),
            (started_at, expires_at),
        )?;
        let id = attempt.id;
        let mut form = self.window_form(&channel, &attempt, &request.payment_id)?;
        let paid_by = PaidBy::window(request.method, &request.wishes, request.issues_key);
        let running = Running {
            store: Arc::clone(&context.store),
            payment_id: request.payment_id.clone(),
            attempt: id,
            channel,
            ticket: context.ticket.clone(),
            started_at,
            patience_ms: PATIENCE_MS,
            intent: Intent::default(),
        };
        loop {
            let asked = self
                .ask_promotion(&context.store, &request.order, &paid_by)
                .await?;
            if attempt.promotion != asked.applied {
                attempt.promotion = asked.applied;
                form = self.window_form(&running.channel, &attempt, &request.payment_id)?;
            }
            let registered = self
                .pre_registration(&context.store.id, &request.payment_id)
                .await?;
            let command = Command::Begin(Box::new(BeginAttempt {
                merchant_id: context.store.merchant_id.clone(),
                store_id: context.store.id.clone(),
                payment_id: request.payment_id.clone(),
                attempt: attempt.clone(),
                pre_registration: registered,
                promotion_refusal: asked.refusal,
            }));
            if self.try_begin_with(&running, command, &asked.also).await? {
                return Ok(OpenedWindow {
                    attempt: id,
                    page_url: self.window_url(id),
                    form,
                    expires_at,
                });
            }
            // Perhaps it was taken.
            attempt.imp_uid = self.window_imp_uid_on(context.face);
        }
    }

    /// The channel of a window, and the group that it was drawn from.
    pub(super) async fn window_channel(
        &self,
        context: &CallContext,
        choice: &ChannelChoice,
    ) -> Result<(Arc<OpenChannel>, Option<ChannelGroupSnapshot>), Fault> {
        let kind = OperationKind::OpenWindow;
        // A page can't give the merchant's word: a `confirm_url` of its own may be anybody's.
        let is_open_to = |channel: &OpenChannel| match context.face {
            Face::V1 => !channel.settings.is_on(MANUAL_CONFIRM),
            Face::V2 => true,
        };
        let course = self.course_where(&context.store, choice, kind, is_open_to);
        let mut course = course.await?;
        let stop = course.stops.pop_front().ok_or(Fault::ChannelGroupOff)?;
        if !is_open_to(&stop.channel) {
            return Err(Fault::ChannelNeedsConfirmation);
        }
        Ok((stop.channel, course.group))
    }

    fn window_attempt(
        &self,
        context: &CallContext,
        request: &OpenPaymentWindow,
        (channel, group): (&OpenChannel, Option<ChannelGroupSnapshot>),
        (started_at, expires_at): (Timestamp, Timestamp),
    ) -> Result<Attempt, Fault> {
        Ok(Attempt {
            id: AttemptId::new(self.new_uuid()),
            imp_uid: self.window_imp_uid_on(context.face),
            order: request.order.clone(),
            channel: channel.record.snapshot(),
            channel_group: group,
            takes_over_from: None,
            method: request.method,
            origin: naru_domain::payment::Origin {
                platform: super::platform_of(request.device),
                ..context.origin.clone()
            },
            promotion: None,
            billing_key: None,
            cash_receipt: None,
            schedule: None,
            window: Some(Window {
                expires_at,
                approval: approval(channel, request.confirm_url.as_deref())?,
                account_expires_at: request.account_expires_at,
                issues_key: request.issues_key,
                opener: request.opener.clone(),
                wishes: request.wishes.clone(),
            }),
            skip_webhook: false,
            // Nothing is sent before the approval, which has a deadline of its own.
            send_by: started_at,
            requested_at: self.now(),
            status_changed_at: self.now(),
            state: AttemptState::Ready,
        })
    }

    /// What a page sends to the PG to open the window of an attempt.
    pub(super) fn window_form(
        &self,
        channel: &OpenChannel,
        attempt: &Attempt,
        payment_id: &PaymentId,
    ) -> Result<WindowForm, Fault> {
        let connector = self.connector_of(channel)?;
        let call = self.call_at(channel);
        let page = self.window_url(attempt.id);
        let opened = attempt.window.as_ref();
        let window = OpenWindow {
            order: order_at(attempt.id, payment_id, (&attempt.order, attempt.charged())),
            method: attempt.method,
            key_issue: super::key_issue_of(opened),
            device: super::device_of(&attempt.origin),
            account_expires_at: opened.and_then(|window| window.account_expires_at),
            is_framed: opened.is_some_and(|window| is_framed(window.opener.as_ref())),
            wishes: opened
                .map(|window| window.wishes.clone())
                .unwrap_or_default(),
            return_url: format!("{page}/return"),
            close_url: format!("{page}/close"),
            notice_url: self.notice_url(connector.capabilities().name),
        };
        let kinds = [OperationKind::OpenWindow, OperationKind::ApproveWindow];
        let capabilities = connector.capabilities();
        kinds
            .into_iter()
            .try_for_each(|kind| capabilities.check(kind, &channel.settings))
            .and_then(|()| connector.open_window(&window, &call))
            .map_err(refusal)
    }

    /// Where a PG tells of what happens after a window.
    pub(super) fn notice_url(&self, pg: &str) -> String {
        let base = self.config().public_url.trim_end_matches('/');
        format!("{base}/pg/{pg}/notices")
    }

    /// The address of the page of an attempt's window. It names the attempt, and only we can make
    /// it.
    pub(crate) fn window_url(&self, attempt: AttemptId) -> String {
        let base = self.config().public_url.trim_end_matches('/');
        format!("{base}/checkout/windows/{}", self.window_token(attempt))
    }

    /// Where a PG sends the browser back that takes no long addresses.
    pub(crate) fn short_return_url(&self, attempt: AttemptId) -> String {
        let base = self.config().public_url.trim_end_matches('/');
        format!("{base}/w/{}", self.window_token(attempt))
    }
}

/// Whether the window stands in a frame of the merchant's page.
pub(super) fn is_framed(opener: Option<&Opener>) -> bool {
    opener.is_some_and(|opener| opener.window_type == WindowType::Iframe)
}

/// Who is asked before the money is taken. A channel that waits for confirmations does so whatever
/// the browser says.
fn approval(channel: &OpenChannel, confirm_url: Option<&str>) -> Result<WindowApproval, Fault> {
    if channel.settings.is_on(MANUAL_CONFIRM) {
        return Ok(WindowApproval::ByMerchant);
    }
    let Some(url) = confirm_url else {
        return Ok(WindowApproval::AtOnce);
    };
    let is_http = url.starts_with("https://") || url.starts_with("http://");
    if !is_http || url.len() > CONFIRM_URL_MAX || !url.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Fault::invalid(
            "`confirmUrl`: expected an absolute http or https address",
        ));
    }
    Ok(WindowApproval::ByUrl {
        url: url.to_owned(),
    })
}

/// Bytes of an address to ask.
const CONFIRM_URL_MAX: usize = 2_000;
