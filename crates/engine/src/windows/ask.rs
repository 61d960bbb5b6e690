//! Asking the merchant's server whether the money may be taken (`confirmUrl`): it has ten seconds,
//! and only status 200 says yes.
//!
//! The question is signed and sent like a webhook, under the same address policy; unlike one it is
//! asked once, and not kept. What is unclear is no.

use naru_domain::Face;
use naru_domain::payment::{Attempt, Command, Confirmation, Failure};

use crate::payments::Running;
use crate::webhooks::{Asked, Question};
use crate::{Answer, Engine, Fault};

/// How long the merchant's server may take, connecting included.
const ANSWER_MS: u32 = 10_000;
/// After so long a process that has asked is dead.
pub(super) const GIVEN_UP_MS: i64 = 60_000;

impl Engine {
    /// Asks, and has the money taken or ends the attempt.
    pub(super) async fn confirm_by_url(
        &self,
        running: &Running,
        attempt: &Attempt,
        url: &str,
    ) -> Result<Answer, Fault> {
        let question = Question {
            store: &running.store,
            payment_id: &running.payment_id,
            attempt,
            url,
            timeout_ms: ANSWER_MS,
        };
        if let Asked::Refused { reason, why } = self.ask_merchant(&question).await? {
            let message = match attempt.face() {
                Face::V2 => format!("the merchant's server did not approve: {why}"),
                Face::V1 => {
                    // What was answered instead is told to nobody else.
                    tracing::info!(payment.id = %running.payment_id, why, "not approved");
                    v1_words(reason.as_deref())
                }
            };
            let failure = Failure::own(Failure::CONFIRM_REFUSED, &message);
            let subject = (&running.store.id, &running.payment_id);
            self.end_window(subject, running.attempt, &failure).await?;
            return Err(failure.into());
        }
        loop {
            let command = Command::Confirm(Box::new(Confirmation {
                attempt: Some(attempt.id),
                tx_id: None,
                currency: None,
                total: None,
                tax_free: None,
                is_test: None,
                skip_webhook: false,
                now: self.store().now().await?,
                send_by: self.send_by(),
            }));
            if self.try_confirm(running, attempt, command).await? {
                return self.approve_window(running).await;
            }
        }
    }
}

/// What V1 says of a refusal, not a character otherwise.
fn v1_words(reason: Option<&str>) -> String {
    let reason = reason.unwrap_or("알 수 없음");
    format!("고객사 요청에 의해 결제를 중단합니다. (상세사유 : {reason})")
}
