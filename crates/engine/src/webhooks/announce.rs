//! Making messages: in the commit of their cause.

use naru_domain::b2b::Side;
use naru_domain::b2b::tax_invoice::{Event, State, TaxInvoice};
use naru_domain::billing_key::BillingKey;
use naru_domain::payment::{Announcement, Attempt, Payment, Trigger};
use naru_domain::{AttemptId, Face, PaymentId, StoreId, Timestamp};
use naru_store::Commit;
use serde_json::{Map, Value, json};

use crate::records::{
    EndpointRecord, Environment, ExecutionResult, JobKind, JobRecord, PayloadFormat,
    PayloadVersion, StoreRecord, WebhookRecord, WebhookStatus, tax_invoice_status,
};
use crate::{Engine, Fault};

/// Deliveries of a message about a tax invoice, the first included.
const TAX_EXECUTIONS_MAX: u32 = 5;

/// What merchants are told about billing keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BillingKeyNews {
    /// A window was opened.
    Ready,
    /// Issued.
    Issued,
    /// No channel issued it.
    Failed,
    /// Deleted.
    Deleted,
}

/// A message before it has an address.
pub(super) struct Message {
    pub(super) face: Face,
    pub(super) event: &'static str,
    pub(super) subject_id: String,
    pub(super) environment: Environment,
    /// Fields of `data` in version 2024-04-25, `storeId` left out.
    pub(super) data: Vec<(&'static str, Value)>,
    /// `tx_id` and `status` of version 2024-01-01, which knows payments only.
    pub(super) old: Option<(String, &'static str)>,
    pub(super) payment_status: Option<String>,
    pub(super) trigger: Option<Trigger>,
    pub(super) notice_urls: Vec<String>,
    pub(super) at: Timestamp,
    /// Deliveries at most, where they are not the ordinary number.
    pub(super) executions_max: Option<u32>,
}

/// Where an endpoint's secrets are sealed to.
pub(crate) fn endpoint_place(store_id: &StoreId, endpoint_id: &str) -> String {
    format!("endpoint:{store_id}:{endpoint_id}")
}

/// The event, and the status of version 2024-01-01, which does not know all of them.
pub(super) const fn names(what: Announcement) -> (&'static str, Option<&'static str>) {
    match what {
        Announcement::Ready => ("Transaction.Ready", Some("Ready")),
        Announcement::Paid => ("Transaction.Paid", Some("Paid")),
        Announcement::VirtualAccountIssued => (
            "Transaction.VirtualAccountIssued",
            Some("VirtualAccountIssued"),
        ),
        Announcement::PayPending => ("Transaction.PayPending", Some("PayPending")),
        Announcement::Failed => ("Transaction.Failed", Some("Failed")),
        Announcement::PartialCancelled(_) => {
            ("Transaction.PartialCancelled", Some("PartialCancelled"))
        }
        Announcement::Cancelled(_) => ("Transaction.Cancelled", Some("Cancelled")),
        Announcement::CancelPending(_) => ("Transaction.CancelPending", Some("CancelPending")),
        Announcement::DisputeCreated => ("Transaction.DisputeCreated", None),
        Announcement::DisputeResolved => ("Transaction.DisputeResolved", None),
    }
}

impl Engine {
    /// Adds the messages about a payment to the commit of their cause.
    pub(crate) async fn announce(
        &self,
        unit: &mut Commit,
        payment: &Payment,
        (what, attempt, trigger): (Announcement, AttemptId, Option<Trigger>),
    ) -> Result<(), Fault> {
        let attempt = payment
            .attempt(attempt)
            .ok_or_else(|| Fault::internal("an announcement about no attempt"))?;
        if attempt.face() == Face::V1 {
            return self
                .announce_v1(unit, payment, (what, attempt, trigger))
                .await;
        }
        let (event, old_status) = names(what);
        let mut data = vec![
            ("paymentId", payment.id.to_string().into()),
            ("transactionId", attempt.transaction_id().into()),
        ];
        match what {
            Announcement::PartialCancelled(id)
            | Announcement::Cancelled(id)
            | Announcement::CancelPending(id) => {
                data.push(("cancellationId", id.to_string().into()));
            }
            Announcement::Ready
            | Announcement::Paid
            | Announcement::VirtualAccountIssued
            | Announcement::PayPending
            | Announcement::Failed
            | Announcement::DisputeCreated
            | Announcement::DisputeResolved => {}
        }
        let message = Message {
            face: Face::V2,
            event,
            subject_id: payment.id.as_str().to_owned(),
            environment: Environment::of(attempt.channel.is_test),
            data,
            old: old_status.map(|status| (attempt.id.to_string(), status)),
            payment_status: Some(payment.status_of(attempt).name().to_owned()),
            trigger,
            notice_urls: attempt.order.notice_urls.clone(),
            at: self.now(),
            executions_max: None,
        };
        self.add_messages(unit, &payment.store_id, message).await?;
        Ok(())
    }

    /// Adds the messages about a billing key to the commit of their cause.
    pub(crate) async fn announce_key(
        &self,
        unit: &mut Commit,
        key: &BillingKey,
        news: BillingKeyNews,
    ) -> Result<(), Fault> {
        if key.face == Face::V1 {
            return self.announce_issue_v1(unit, key, news).await;
        }
        let event = match news {
            BillingKeyNews::Ready => "BillingKey.Ready",
            BillingKeyNews::Issued => "BillingKey.Issued",
            BillingKeyNews::Failed => "BillingKey.Failed",
            BillingKeyNews::Deleted => "BillingKey.Deleted",
        };
        let is_test = key
            .channels
            .first()
            .is_some_and(|issue| issue.channel.is_test);
        let message = Message {
            face: Face::V2,
            event,
            subject_id: key.id.as_str().to_owned(),
            environment: Environment::of(is_test),
            data: vec![("billingKey", key.id.to_string().into())],
            old: None,
            payment_status: None,
            trigger: None,
            notice_urls: key.notice_urls.clone(),
            at: self.now(),
            executions_max: None,
        };
        self.add_messages(unit, &key.store_id, message).await?;
        Ok(())
    }

    /// Adds the messages about a tax invoice to the commit of their cause. Drafts, failures and
    /// the steps before the tax office's answer have none.
    pub(crate) async fn announce_invoice(
        &self,
        unit: &mut Commit,
        invoice: &TaxInvoice,
        event: &Event,
    ) -> Result<(), Fault> {
        if let Some(name) = tax_event(event, invoice) {
            self.tell_of_invoice(unit, invoice, name).await?;
        }
        Ok(())
    }

    /// Adds the messages of one name about a tax invoice as it stands now. Gives how many.
    pub(crate) async fn tell_of_invoice(
        &self,
        unit: &mut Commit,
        invoice: &TaxInvoice,
        event: &'static str,
    ) -> Result<usize, Fault> {
        let mut data = vec![("taxInvoiceId", json!(invoice.id.to_string()))];
        for (name, key) in [
            ("supplierDocumentKey", &invoice.keys.supplier),
            ("recipientDocumentKey", &invoice.keys.recipient),
        ] {
            if let Some(key) = key {
                data.push((name, json!(key)));
            }
        }
        let totals = invoice.document.totals;
        data.extend([
            ("status", json!(tax_invoice_status(invoice))),
            ("supplierBrn", json!(invoice.brn(Side::Supplier).as_str())),
            ("totalAmount", json!(totals.total)),
            ("totalSupplyAmount", json!(totals.supply)),
            ("totalTaxAmount", json!(totals.tax)),
        ]);
        let message = Message {
            face: Face::V2,
            event,
            subject_id: invoice.id.to_string(),
            environment: Environment::of(invoice.is_test),
            data,
            old: None,
            payment_status: None,
            trigger: None,
            notice_urls: Vec::new(),
            at: self.now(),
            executions_max: Some(TAX_EXECUTIONS_MAX),
        };
        self.add_messages(unit, &invoice.store_id, message).await
    }

    async fn add_messages(
        &self,
        unit: &mut Commit,
        store_id: &StoreId,
        message: Message,
    ) -> Result<usize, Fault> {
        let Some(store) = self.store_record(store_id).await? else {
            return Ok(0);
        };
        let mut count = 0;
        let mut endpoints = self.endpoints(&store, message.environment).await?;
        endpoints.retain(|endpoint| endpoint.version != PayloadVersion::V1);
        for (endpoint, url) in addresses(&endpoints, &message.notice_urls) {
            let Some((body, content_type)) = payload(&store, endpoint, &message) else {
                continue;
            };
            let letter = Letter {
                endpoint_id: &endpoint.id,
                url,
                body,
                content_type,
            };
            self.add_letter(unit, store_id, (&message, letter))?;
            count += 1;
        }
        Ok(count)
    }

    /// Adds a message with its address, and the job that delivers it.
    pub(super) fn add_letter(
        &self,
        unit: &mut Commit,
        store_id: &StoreId,
        (message, letter): (&Message, Letter<'_>),
    ) -> Result<(), Fault> {
        let record = WebhookRecord {
            store_id: store_id.clone(),
            id: self.new_uuid().to_string(),
            subject_id: message.subject_id.clone(),
            event: message.event.to_owned(),
            face: message.face,
            endpoint_id: letter.endpoint_id.to_owned(),
            environment: message.environment,
            url: letter.url.to_owned(),
            content_type: letter.content_type.to_owned(),
            body: letter.body,
            payment_status: message.payment_status.clone(),
            trigger: message.trigger,
            triggered_at: message.at,
            executions: Vec::new(),
            executions_max: message
                .executions_max
                .unwrap_or(self.config().webhook_executions_max),
            manual_count: 0,
            status: WebhookStatus::Pending,
        };
        unit.insert(&record)?;
        let kind = JobKind::DeliverWebhook {
            store_id: store_id.clone(),
            webhook_id: record.id.clone(),
        };
        unit.insert(&JobRecord {
            id: kind.id(),
            queue: kind.queue(),
            lane: lane(store_id, letter.url),
            due_at: self.now(),
            lease_until: None,
            tries: 0,
            refusals: 0,
            kind,
        })?;
        Ok(())
    }
}

/// A message with its address.
pub(super) struct Letter<'a> {
    /// The endpoint that signs it; empty where none does.
    pub(super) endpoint_id: &'a str,
    pub(super) url: &'a str,
    pub(super) body: String,
    pub(super) content_type: &'static str,
}

fn tax_event(event: &Event, invoice: &TaxInvoice) -> Option<&'static str> {
    match event {
        Event::Requested { .. } => Some("TaxInvoice.Requested"),
        Event::Issued { .. } => Some("TaxInvoice.Issued"),
        Event::RequestCancelled { .. } => Some("TaxInvoice.RequestCancelled"),
        Event::RequestRefused { .. } => Some("TaxInvoice.Refused"),
        Event::IssuanceCancelled { .. } => Some("TaxInvoice.IssuanceCancelled"),
        Event::Transmitted { .. } => match invoice.state {
            State::SendingCompleted { .. } => Some("TaxInvoice.SendingCompleted"),
            State::Absent
            | State::Drafted
            | State::Requested
            | State::RequestCancelled
            | State::RequestRefused
            | State::Issued { .. }
            | State::BeforeSending { .. }
            | State::WaitingSending { .. }
            | State::Sending { .. }
            | State::SendingFailed { .. }
            | State::IssuanceCancelled { .. }
            | State::Deleted { .. } => None,
        },
        Event::Created { .. }
        | Event::CallBegan { .. }
        | Event::CallFailed { .. }
        | Event::CallDone { .. }
        | Event::Drafted { .. }
        | Event::Updated { .. }
        | Event::RecipientSeen { .. }
        | Event::Attached { .. }
        | Event::Detached { .. }
        | Event::Deleted { .. } => None,
    }
}

/// A receiver: one that hangs delays nobody else (P6).
pub(super) fn lane(store_id: &StoreId, url: &str) -> String {
    let origin = url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
    format!("{store_id} {origin}")
}

/// What a merchant's server is asked before the money of a window is taken.
pub(crate) struct Question<'a> {
    /// The payment's store.
    pub(crate) store: &'a StoreRecord,
    /// The payment.
    pub(crate) payment_id: &'a PaymentId,
    /// The attempt.
    pub(crate) attempt: &'a Attempt,
    /// Where to ask.
    pub(crate) url: &'a str,
    /// How long it may take.
    pub(crate) timeout_ms: u32,
}

/// What it answered.
pub(crate) enum Asked {
    /// The money may be taken.
    Approved,
    /// It may not, or nobody knows.
    Refused {
        /// What the merchant's server says of it, if it says why.
        reason: Option<String>,
        /// The same for people: at least what was answered, or why nothing was.
        why: String,
    },
}

impl Engine {
    /// Asks a merchant's server, once. Signed as the store's first endpoint of V2 is, and in its
    /// version; where there is none, nothing goes out unsigned (P6). V1 knows no signatures.
    pub(crate) async fn ask_merchant(&self, question: &Question<'_>) -> Result<Asked, Fault> {
        let attempt = question.attempt;
        let environment = Environment::of(attempt.channel.is_test);
        let endpoints = self.endpoints(question.store, environment).await?;
        let face = match attempt.imp_uid {
            Some(_) => Face::V1,
            None => Face::V2,
        };
        let mut endpoints = endpoints.iter();
        let endpoint = endpoints.find(|endpoint| endpoint.version != PayloadVersion::V1);
        let (body, content_type) = match (face, endpoint) {
            (Face::V1, _) => v1_question(question),
            (Face::V2, Some(endpoint)) => confirm_body(question, endpoint, self.now()),
            (Face::V2, None) => {
                let why = "the store has no webhook endpoint whose secret could sign the question";
                return Ok(Asked::Refused {
                    reason: None,
                    why: why.to_owned(),
                });
            }
        };
        let message = WebhookRecord {
            face,
            store_id: question.store.id.clone(),
            id: self.new_uuid().to_string(),
            subject_id: question.payment_id.as_str().to_owned(),
            event: "Transaction.Confirm".to_owned(),
            endpoint_id: endpoint.map_or_else(String::new, |endpoint| endpoint.id.clone()),
            environment,
            url: question.url.to_owned(),
            content_type: content_type.to_owned(),
            body,
            payment_status: None,
            trigger: None,
            triggered_at: self.now(),
            executions: Vec::new(),
            executions_max: 1,
            manual_count: 0,
            status: WebhookStatus::Pending,
        };
        Ok(
            match self
                .execute_within(&message, question.timeout_ms)
                .await?
                .result
            {
                ExecutionResult::Answered(answer) if answer.code == 200 => Asked::Approved,
                ExecutionResult::Answered(answer) => {
                    let reason = told_reason(&answer.body);
                    let status = || format!("status {}", answer.code);
                    Asked::Refused {
                        why: reason.clone().unwrap_or_else(status),
                        reason,
                    }
                }
                ExecutionResult::Failed(why) => Asked::Refused { reason: None, why },
            },
        )
    }
}

/// The reason that a refusal may give.
fn told_reason(body: &str) -> Option<String> {
    let value: Value = serde_json::from_str(body).ok()?;
    // V2 and V1.
    let text = value.get("errorMessage").or_else(|| value.get("reason"))?;
    let text = text.as_str().filter(|text| !text.trim().is_empty())?;
    Some(text.chars().take(200).collect())
}

/// V1's question (reference v1-behaviour 9.2).
fn v1_question(question: &Question<'_>) -> (String, &'static str) {
    let body = json!({
        "imp_uid": question.attempt.imp_uid(), "merchant_uid": question.payment_id.as_str(),
        "amount": question.attempt.charged().total,
    });
    (body.to_string(), "application/json")
}

fn confirm_body(
    question: &Question<'_>,
    endpoint: &EndpointRecord,
    at: Timestamp,
) -> (String, &'static str) {
    let (payment, tx) = (
        question.payment_id.to_string(),
        question.attempt.id.to_string(),
    );
    let total = question.attempt.charged().total;
    match (endpoint.version, endpoint.format) {
        (PayloadVersion::V20240425, _) => {
            let data = json!({
                "storeId": question.store.id.as_str(), "paymentId": payment,
                "transactionId": tx, "totalAmount": total,
            });
            let body = json!({
                "type": "Transaction.Confirm", "timestamp": at.to_string(), "data": data,
            });
            (body.to_string(), "application/json")
        }
        (PayloadVersion::V1, _) => v1_question(question),
        (PayloadVersion::V20240101, PayloadFormat::Json) => {
            let body = json!({ "payment_id": payment, "tx_id": tx, "total_amount": total });
            (body.to_string(), "application/json")
        }
        (PayloadVersion::V20240101, PayloadFormat::Form) => {
            let total = total.to_string();
            let fields = [
                ("payment_id", payment.as_str()),
                ("tx_id", tx.as_str()),
                ("total_amount", total.as_str()),
            ];
            (url_form(&fields), "application/x-www-form-urlencoded")
        }
    }
}

/// `noticeUrls` replace the configured addresses, signed as the first endpoint is.
fn addresses<'a>(
    endpoints: &'a [EndpointRecord],
    notice_urls: &'a [String],
) -> Vec<(&'a EndpointRecord, &'a str)> {
    if notice_urls.is_empty() {
        let own = |one: &'a EndpointRecord| one.url.as_deref().map(|url| (one, url));
        return endpoints.iter().filter_map(own).collect();
    }
    endpoints.first().map_or_else(Vec::new, |endpoint| {
        notice_urls
            .iter()
            .map(|url| (endpoint, url.as_str()))
            .collect()
    })
}

/// Body and content type, or nothing where the endpoint's version has no such message.
fn payload(
    store: &StoreRecord,
    endpoint: &EndpointRecord,
    message: &Message,
) -> Option<(String, &'static str)> {
    match endpoint.version {
        // Of payments of the other face alone.
        PayloadVersion::V1 => None,
        PayloadVersion::V20240425 => {
            let mut data = Map::new();
            data.insert("storeId".to_owned(), json!(store.id.as_str()));
            for (name, value) in &message.data {
                data.insert((*name).to_owned(), value.clone());
            }
            let body = json!({
                "type": message.event, "timestamp": message.at.to_string(), "data": data,
            });
            Some((body.to_string(), "application/json"))
        }
        PayloadVersion::V20240101 => {
            let (tx_id, status) = message.old.as_ref()?;
            let fields = [
                ("payment_id", message.subject_id.as_str()),
                ("tx_id", tx_id.as_str()),
                ("status", *status),
            ];
            Some(match endpoint.format {
                PayloadFormat::Json => {
                    let fields: Map<String, Value> = fields
                        .into_iter()
                        .map(|(name, value)| (name.to_owned(), json!(value)))
                        .collect();
                    (Value::Object(fields).to_string(), "application/json")
                }
                PayloadFormat::Form => {
                    let text = url_form(&fields);
                    (text, "application/x-www-form-urlencoded")
                }
            })
        }
    }
}

pub(super) fn url_form(fields: &[(&str, &str)]) -> String {
    serde_html_form::to_string(fields).unwrap_or_default()
}
