//! Messages of the V1 face: hardly any data, no signature, and only of some events.
//!
//! A receiver asks again by `imp_uid` whatever a message says. A payment that failed is told of
//! only where a schedule began it; a cancellation by the API only where its caller wants it told.

use naru_domain::payment::{Announcement, Attempt, Payment, Trigger};
use naru_domain::{CancellationId, Face};
use naru_store::Commit;
use serde_json::{Map, Value, json};

use super::announce::{Letter, Message, names, url_form};
use crate::records::{Environment, PayloadFormat, PayloadVersion};
use crate::{Engine, Fault};

/// The status that is told, and the cancellation that it is about.
fn told(what: Announcement, attempt: &Attempt) -> Option<(&'static str, Option<CancellationId>)> {
    match what {
        Announcement::Paid => Some(("paid", None)),
        Announcement::VirtualAccountIssued => Some(("ready", None)),
        Announcement::Failed if attempt.schedule.is_some() => Some(("failed", None)),
        Announcement::PartialCancelled(id) | Announcement::Cancelled(id) => {
            Some(("cancelled", Some(id)))
        }
        Announcement::Ready
        | Announcement::Failed
        | Announcement::PayPending
        | Announcement::CancelPending(_)
        | Announcement::DisputeCreated
        | Announcement::DisputeResolved => None,
    }
}

impl Engine {
    /// Adds the messages about a payment that the V1 face made to the commit of their cause.
    pub(super) async fn announce_v1(
        &self,
        unit: &mut Commit,
        payment: &Payment,
        (what, attempt, trigger): (Announcement, &Attempt, Option<Trigger>),
    ) -> Result<(), Fault> {
        let Some((status, cancellation)) = told(what, attempt) else {
            return Ok(());
        };
        let Some(store) = self.store_record(&payment.store_id).await? else {
            return Ok(());
        };
        let mut fields = vec![
            ("imp_uid", attempt.imp_uid()),
            ("merchant_uid", payment.id.to_string()),
            ("status", status.to_owned()),
        ];
        fields.extend(cancellation.map(|id| ("cancellation_id", id.to_string())));
        let environment = Environment::of(attempt.channel.is_test);
        let message = Message {
            face: Face::V1,
            event: names(what).0,
            subject_id: payment.id.as_str().to_owned(),
            environment,
            data: Vec::new(),
            old: None,
            payment_status: None,
            trigger,
            notice_urls: Vec::new(),
            at: self.now(),
            executions_max: Some(self.config().v1_webhook_executions_max),
        };
        let mut endpoints = self.endpoints(&store, environment).await?;
        endpoints.retain(|endpoint| endpoint.version == PayloadVersion::V1);
        let written = |format: PayloadFormat| written(&fields, format);
        let notice_urls = &attempt.order.notice_urls;
        // Addresses of the payment's own replace the store's, and are written to as the first.
        let first = endpoints.first();
        for url in notice_urls {
            let format = first.map_or(PayloadFormat::Json, |endpoint| endpoint.format);
            let (body, content_type) = written(format);
            let endpoint_id = first.map_or("", |endpoint| endpoint.id.as_str());
            let letter = Letter {
                endpoint_id,
                url,
                body,
                content_type,
            };
            self.add_letter(unit, &payment.store_id, (&message, letter))?;
        }
        let own = endpoints.iter().filter(|_| notice_urls.is_empty());
        for endpoint in own {
            let Some(url) = endpoint.url.as_deref() else {
                continue;
            };
            let (body, content_type) = written(endpoint.format);
            let endpoint_id = endpoint.id.as_str();
            let letter = Letter {
                endpoint_id,
                url,
                body,
                content_type,
            };
            self.add_letter(unit, &payment.store_id, (&message, letter))?;
        }
        Ok(())
    }
}

fn written(fields: &[(&'static str, String)], format: PayloadFormat) -> (String, &'static str) {
    match format {
        PayloadFormat::Json => {
            let fields: Map<String, Value> = fields
                .iter()
                .map(|(name, value)| ((*name).to_owned(), json!(value)))
                .collect();
            (Value::Object(fields).to_string(), "application/json")
        }
        PayloadFormat::Form => {
            let fields: Vec<_> = fields
                .iter()
                .map(|(name, value)| (*name, value.as_str()))
                .collect();
            (url_form(&fields), "application/x-www-form-urlencoded")
        }
    }
}
