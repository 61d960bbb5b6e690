//! Tokens of windows: they name an attempt, and only we can make them. Nothing is kept of them.

use naru_domain::AttemptId;

use crate::Engine;

/// What a token of a payment begins with.
const PAYMENT: &str = "payment-token-";

impl Engine {
    /// The token by which a merchant confirms the payment of a window.
    pub(super) fn payment_token(&self, attempt: AttemptId) -> String {
        let order_id = attempt.order_id();
        let signature = self
            .keys()
            .sign_window(&[PAYMENT.as_bytes(), order_id.as_bytes()]);
        format!("{PAYMENT}{order_id}.{signature}")
    }

    /// The attempt that a token names; nothing if it is none of ours.
    pub(super) fn attempt_of_token(&self, token: &str) -> Option<AttemptId> {
        let (order_id, signature) = token.strip_prefix(PAYMENT)?.split_once('.')?;
        let parts = [PAYMENT.as_bytes(), order_id.as_bytes()];
        self.keys()
            .window_is_ours(&parts, signature)
            .then(|| AttemptId::from_order_id(order_id))
            .flatten()
    }
}
