//! Answers as bytes. Whatever a use case answers is rendered here and only here, so that a replay
//! is the first answer to the byte.

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{HeaderName, StatusCode};
use naru_domain::b2b::tax_invoice::TaxInvoice;
use naru_domain::identity::IdentityVerification;
use naru_domain::{BillingKeyId, ScheduleId, Timestamp};
use naru_engine::b2b::Edition;
use naru_engine::{Answer, Engine, Fault};
use naru_wire_v2 as wire;
use serde::Serialize;

use crate::view;

const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// A success: always 200 with a JSON object.
pub(crate) struct Reply {
    body: Bytes,
    is_replayed: bool,
}

impl Reply {
    /// Writes an answer.
    pub(crate) fn of(answer: &impl Serialize) -> Result<Self, Fault> {
        let body = wire::encode(answer)
            .map_err(|error| Fault::internal(format!("an answer can't be written: {error}")))?;
        Ok(Self {
            body: body.into(),
            is_replayed: false,
        })
    }

    /// An answer that was written before and still holds.
    pub(crate) fn kept(body: Bytes) -> Self {
        Self {
            body,
            is_replayed: false,
        }
    }

    /// What is sent.
    pub(crate) fn body(&self) -> &Bytes {
        &self.body
    }

    /// Marks an answer that was given before.
    pub(crate) fn replayed(self) -> Self {
        Self {
            is_replayed: true,
            ..self
        }
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        json(StatusCode::OK, self.body, self.is_replayed)
    }
}

/// A response with a JSON body.
pub(crate) fn json(status: StatusCode, body: Bytes, is_replayed: bool) -> Response {
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if is_replayed {
        headers.insert(REPLAYED, HeaderValue::from_static("true"));
    }
    response
}

/// What a use case answered.
pub(crate) fn answer(engine: &Engine, answer: &Answer) -> Result<Reply, Fault> {
    match answer {
        Answer::IdentityVerified { verification } => verified(engine, verification),
        Answer::CashReceiptIssued { issued } => Reply::of(&view::receipt_summary(issued)),
        Answer::Empty => Reply::of(&wire::PreRegisterPaymentResponse {}),
        // The same on the wire for a charge of a billing key.
        Answer::Payment { pg_tx_id, paid_at } => Reply::of(&wire::PayInstantlyResponse {
            payment: wire::InstantPaymentSummary {
                paid_at: view::whole_seconds(*paid_at),
                pg_tx_id: pg_tx_id.clone(),
            },
        }),
        Answer::PaymentConfirmed { pg_tx_id, paid_at } => confirmed(pg_tx_id, *paid_at),
        Answer::Cancellation { cancellation } => Reply::of(&wire::CancelPaymentResponse {
            cancellation: view::cancellation(cancellation),
        }),
        Answer::CancellationStopped { at } => stopped(*at),
        Answer::AccountClosed { at } => Reply::of(&wire::CloseVirtualAccountResponse {
            closed_at: at.to_string(),
        }),
        Answer::ShipmentRegistered { .. }
        | Answer::ShipmentChanged { .. }
        | Answer::StoreSalesRegistered { .. }
        | Answer::RejectionAccepted { .. } => action(answer),
        Answer::CashReceiptCancelled { amount, at } => {
            Reply::of(&view::receipt_cancelled(*amount, *at))
        }
        Answer::BillingKeyIssued { .. } => key_issued(answer),
        Answer::BillingKeyConfirmed { billing_key } => key_confirmed(billing_key),
        Answer::KeyIssuedAndPaid {
            billing_key,
            payment_id,
            ..
        } => Reply::of(&wire::ConfirmedBillingKeyIssueAndPaySummary {
            billing_key: billing_key.to_string(),
            payment_id: payment_id.to_string(),
        }),
        Answer::BillingKeyDeleted { at } => Reply::of(&wire::DeleteBillingKeyResponse {
            deleted_at: at.to_string(),
        }),
        Answer::PaymentSessionCreated {
            id,
            url,
            expires_at,
        } => Reply::of(&wire::CreatePaymentSessionResponse {
            expires_at: expires_at.to_string(),
            session_id: id.clone(),
            url: url.clone(),
        }),
        Answer::PaymentSessionClosed { at } => Reply::of(&wire::ClosePaymentSessionResponse {
            closed_at: at.to_string(),
        }),
        Answer::Scheduled { id } => scheduled(id),
        Answer::SchedulesRevoked { ids, at } => Reply::of(&view::revoked(ids, *at)),
        Answer::TaxInvoice { invoice, edition } => tax_invoice(invoice, *edition),
        Answer::WebhookSent { webhook } => Reply::of(&wire::ResendWebhookResponse {
            webhook: view::webhook(webhook),
        }),
    }
}

/// A payment that was confirmed: bare, unlike other payments.
fn confirmed(pg_tx_id: &str, paid_at: Timestamp) -> Result<Reply, Fault> {
    Reply::of(&wire::ConfirmedPaymentSummary {
        paid_at: view::whole_seconds(paid_at),
        pg_tx_id: pg_tx_id.to_owned(),
    })
}

/// A billing key of a window.
fn key_confirmed(id: &BillingKeyId) -> Result<Reply, Fault> {
    Reply::of(&wire::ConfirmedBillingKeySummary {
        billing_key: id.to_string(),
    })
}

/// A schedule that was made.
fn scheduled(id: &ScheduleId) -> Result<Reply, Fault> {
    Reply::of(&wire::CreatePaymentScheduleResponse {
        schedule: wire::PaymentScheduleSummary { id: id.to_string() },
    })
}

/// A cancellation that was stopped.
fn stopped(at: Timestamp) -> Result<Reply, Fault> {
    Reply::of(&wire::StopPaymentCancellationResponse {
        stopped_at: at.to_string(),
    })
}

/// A billing key, and the channels of its group that have none.
fn key_issued(answer: &Answer) -> Result<Reply, Fault> {
    let Answer::BillingKeyIssued {
        billing_key,
        channels,
        failures,
        at,
    } = answer
    else {
        return Err(Fault::internal("no issue of a billing key"));
    };
    let channels = channels
        .iter()
        .map(view::channel)
        .collect::<Result<_, _>>()?;
    let failures = failures
        .iter()
        .map(view::channel_failure)
        .collect::<Result<_, _>>()?;
    Reply::of(&wire::IssueBillingKeyResponse {
        billing_key_info: wire::BillingKeyInfoSummary {
            billing_key: billing_key.to_string(),
            channels: Some(channels),
            issued_at: at.to_string(),
        },
        // Sent even when empty: sample code reads it unguarded.
        channel_specific_failures: Some(failures),
    })
}

/// A verified person.
fn verified(engine: &Engine, verification: &IdentityVerification) -> Result<Reply, Fault> {
    let opened = engine.open_identity(verification.clone())?;
    Reply::of(&wire::ConfirmIdentityVerificationResponse {
        identity_verification: view::verified_identity(&opened)?,
    })
}

/// A tax invoice, by the edition in which it was asked for.
fn tax_invoice(invoice: &TaxInvoice, edition: Edition) -> Result<Reply, Fault> {
    match edition {
        Edition::Preview => Reply::of(&view::b2b::preview_tax_invoice(invoice)?),
        // The same on the wire for every step.
        Edition::Current => Reply::of(&wire::IssueB2bTaxInvoiceResponse {
            tax_invoice: view::b2b::tax_invoice(invoice, invoice.status_changed_at)?,
        }),
    }
}

/// What an action on a payment answered.
fn action(answer: &Answer) -> Result<Reply, Fault> {
    match answer {
        Answer::ShipmentRegistered {
            invoice_number,
            sent_at,
            at,
        } => Reply::of(&wire::ApplyEscrowLogisticsResponse {
            applied_at: at.to_string(),
            invoice_number: invoice_number.clone(),
            sent_at: sent_at.to_string(),
        }),
        Answer::ShipmentChanged {
            invoice_number,
            sent_at,
            at,
        } => Reply::of(&wire::ModifyEscrowLogisticsResponse {
            invoice_number: invoice_number.clone(),
            modified_at: at.to_string(),
            sent_at: sent_at.to_string(),
        }),
        Answer::StoreSalesRegistered { receipt_url } => {
            Reply::of(&wire::RegisterStoreReceiptResponse {
                receipt_url: receipt_url.clone(),
            })
        }
        // No operation of this face answers it.
        Answer::RejectionAccepted { .. } => Err(Fault::internal("an answer of the administration")),
        Answer::Empty
        | Answer::Payment { .. }
        | Answer::PaymentConfirmed { .. }
        | Answer::Cancellation { .. }
        | Answer::CancellationStopped { .. }
        | Answer::AccountClosed { .. }
        | Answer::CashReceiptIssued { .. }
        | Answer::CashReceiptCancelled { .. }
        | Answer::BillingKeyIssued { .. }
        | Answer::BillingKeyConfirmed { .. }
        | Answer::KeyIssuedAndPaid { .. }
        | Answer::BillingKeyDeleted { .. }
        | Answer::PaymentSessionCreated { .. }
        | Answer::PaymentSessionClosed { .. }
        | Answer::Scheduled { .. }
        | Answer::SchedulesRevoked { .. }
        | Answer::IdentityVerified { .. }
        | Answer::TaxInvoice { .. }
        | Answer::WebhookSent { .. } => Err(Fault::internal("no action on a payment")),
    }
}
