//! Webhooks, with what was sent and what came back.

use naru_domain::payment::Trigger;
use naru_engine::payments::WebhookView;
use naru_engine::records::ExecutionResult;
use naru_wire_v2::{
    PaymentWebhook, PaymentWebhookPaymentStatus, PaymentWebhookRequest, PaymentWebhookResponse,
    PaymentWebhookStatus, PaymentWebhookTrigger,
};

/// A webhook with its latest delivery.
pub(crate) fn webhook(webhook: &WebhookView) -> PaymentWebhook {
    let latest = webhook.executions.last();
    let answer = latest.and_then(|execution| match &execution.result {
        ExecutionResult::Answered(answer) => Some(answer),
        ExecutionResult::Failed(_) => None,
    });
    PaymentWebhook {
        current_execution_count: i32::try_from(webhook.executions.len()).ok(),
        id: webhook.id.clone(),
        // None is sent before the request that caused it is answered.
        is_async: Some(true),
        max_execution_count: i32::try_from(webhook.executions_max).ok(),
        payment_status: webhook
            .payment_status
            .as_deref()
            .and_then(PaymentWebhookPaymentStatus::parse),
        request: latest.map(|execution| PaymentWebhookRequest {
            body: webhook.body.clone(),
            header: Some(execution.header.clone()),
            requested_at: Some(execution.requested_at.to_string()),
        }),
        response: answer.map(|answer| PaymentWebhookResponse {
            body: answer.body.clone(),
            code: answer.code.to_string(),
            header: answer.header.clone(),
            responded_at: answer.at.to_string(),
        }),
        status: webhook.status.name().and_then(PaymentWebhookStatus::parse),
        trigger: webhook.trigger.map(trigger),
        triggered_at: Some(webhook.triggered_at.to_string()),
        url: webhook.url.clone(),
    }
}

const fn trigger(trigger: Trigger) -> PaymentWebhookTrigger {
    match trigger {
        Trigger::DisputeCreated => PaymentWebhookTrigger::DisputeCreated,
        Trigger::DisputeResolved => PaymentWebhookTrigger::DisputeResolved,
        Trigger::Manual => PaymentWebhookTrigger::Manual,
        Trigger::VirtualAccountDeposit => PaymentWebhookTrigger::VirtualAccountDeposit,
        Trigger::AsyncCancelApproved => PaymentWebhookTrigger::AsyncCancelApproved,
        Trigger::AsyncCancelFailed => PaymentWebhookTrigger::AsyncCancelFailed,
        Trigger::AsyncPayApproved => PaymentWebhookTrigger::AsyncPayApproved,
        Trigger::AsyncPayFailed => PaymentWebhookTrigger::AsyncPayFailed,
        Trigger::AsyncPayPending => PaymentWebhookTrigger::AsyncPayPending,
    }
}
