//! Messages of the V1 face: hardly any data, no signature, and only of some events.
//!
//! A receiver asks again by `imp_uid` whatever a message says. A payment that failed is told of
//! only where a schedule began it; a cancellation by the API only where its caller wants it told.

use naru_domain::billing_key::BillingKey;
use naru_domain::payment::{Announcement, Attempt, Payment, Trigger};
use naru_domain::{CancellationId, Face, StoreId};
use naru_store::Commit;
use serde_json::{Map, Value, json};

use super::announce::{BillingKeyNews, Letter, Message, names, url_form};
use crate::records::{EndpointRecord, Environment, PayloadFormat, PayloadVersion};
use crate::{Engine, Fault};

/// A message before it has addresses.
struct Told<'a> {
    event: &'static str,
    subject_id: &'a str,
    is_test: bool,
    trigger: Option<Trigger>,
    notice_urls: &'a [String],
    fields: Vec<(&'static str, String)>,
}

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
        let mut fields = vec![
            ("imp_uid", attempt.imp_uid()),
            ("merchant_uid", payment.id.to_string()),
            ("status", status.to_owned()),
        ];
        fields.extend(cancellation.map(|id| ("cancellation_id", id.to_string())));
        let told = Told {
            event: names(what).0,
            subject_id: payment.id.as_str(),
            is_test: attempt.channel.is_test,
            trigger,
            notice_urls: &attempt.order.notice_urls,
            fields,
        };
        self.tell_v1(unit, &payment.store_id, told).await
    }

    /// Adds the messages about an issue that began in a window of the V1 face: it is a payment
    /// there, and as of any other only its success is told. Keys themselves have no messages.
    pub(super) async fn announce_issue_v1(
        &self,
        unit: &mut Commit,
        key: &BillingKey,
        news: BillingKeyNews,
    ) -> Result<(), Fault> {
        let (Some(named), Some(issue)) = (key.named_issue(), key.channels.first()) else {
            return Ok(());
        };
        match news {
            BillingKeyNews::Issued => {}
            BillingKeyNews::Ready | BillingKeyNews::Failed | BillingKeyNews::Deleted => {
                return Ok(());
            }
        }
        let told = Told {
            event: "BillingKey.Issued",
            subject_id: key.id.as_str(),
            is_test: issue.channel.is_test,
            trigger: None,
            notice_urls: &key.notice_urls,
            fields: vec![
                ("imp_uid", named.imp_uid.to_string()),
                ("merchant_uid", named.merchant_uid.to_owned()),
                ("status", "paid".to_owned()),
            ],
        };
        self.tell_v1(unit, &key.store_id, told).await
    }

    async fn tell_v1(
        &self,
        unit: &mut Commit,
        store_id: &StoreId,
        told: Told<'_>,
    ) -> Result<(), Fault> {
        let Some(store) = self.store_record(store_id).await? else {
            return Ok(());
        };
        let environment = Environment::of(told.is_test);
        let message = Message {
            face: Face::V1,
            event: told.event,
            subject_id: told.subject_id.to_owned(),
            environment,
            data: Vec::new(),
            old: None,
            payment_status: None,
            trigger: told.trigger,
            notice_urls: Vec::new(),
            at: self.now(),
            executions_max: Some(self.config().v1_webhook_executions_max),
        };
        let mut endpoints = self.endpoints(&store, environment).await?;
        endpoints.retain(|endpoint| endpoint.version == PayloadVersion::V1);
        for address in addresses(&endpoints, told.notice_urls) {
            let (body, content_type) = written(&told.fields, address.format);
            let letter = Letter {
                endpoint_id: address.endpoint_id,
                url: address.url,
                body,
                content_type,
            };
            self.add_letter(unit, store_id, (&message, letter))?;
        }
        Ok(())
    }
}

/// Where a message goes, and how it is written.
struct Address<'a> {
    endpoint_id: &'a str,
    url: &'a str,
    format: PayloadFormat,
}

/// Addresses of the payment's own replace the store's, and are written to as the first.
fn addresses<'a>(endpoints: &'a [EndpointRecord], notice_urls: &'a [String]) -> Vec<Address<'a>> {
    if notice_urls.is_empty() {
        let own = |endpoint: &'a EndpointRecord| {
            Some(Address {
                endpoint_id: &endpoint.id,
                url: endpoint.url.as_deref()?,
                format: endpoint.format,
            })
        };
        return endpoints.iter().filter_map(own).collect();
    }
    let first = endpoints.first();
    let named = |url: &'a String| Address {
        endpoint_id: first.map_or("", |endpoint| endpoint.id.as_str()),
        url,
        format: first.map_or(PayloadFormat::Json, |endpoint| endpoint.format),
    };
    notice_urls.iter().map(named).collect()
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
