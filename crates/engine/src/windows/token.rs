//! Tokens of windows: they name an attempt, and only we can make them. Nothing is kept of them.

use naru_domain::AttemptId;

use crate::Engine;

/// What a token of a payment begins with.
const PAYMENT: &str = "payment-token-";
/// What a token of a billing key begins with.
const KEY: &str = "billing-issue-token-";
/// What a token of a window's page begins with.
const PAGE: &str = "window-";

/// What a token of an escrow's page begins with.
const ESCROW: &str = "escrow-";

impl Engine {
    /// The token by which a customer reaches the page of an escrow payment.
    pub(super) fn escrow_token(&self, attempt: AttemptId) -> String {
        self.token(ESCROW, attempt)
    }

    /// The attempt whose escrow's page a token names.
    pub(super) fn escrow_attempt_of_token(&self, token: &str) -> Option<AttemptId> {
        self.named(ESCROW, token)
    }

    /// The token by which a merchant confirms the payment of a window.
    pub(super) fn payment_token(&self, attempt: AttemptId) -> String {
        self.token(PAYMENT, attempt)
    }

    /// The token by which a merchant confirms the billing key of a window.
    pub(super) fn issue_token(&self, attempt: AttemptId) -> String {
        self.token(KEY, attempt)
    }

    /// The attempt that a payment's token names; nothing if it is none of ours.
    pub(super) fn attempt_of_token(&self, token: &str) -> Option<AttemptId> {
        self.named(PAYMENT, token)
    }

    /// The attempt that a billing key's token names.
    pub(super) fn issue_of_token(&self, token: &str) -> Option<AttemptId> {
        self.named(KEY, token)
    }

    /// The token by which a browser reaches the page of a window.
    pub(super) fn window_token(&self, attempt: AttemptId) -> String {
        self.token(PAGE, attempt)
    }

    /// The attempt whose window's page a token names.
    pub(super) fn window_of_token(&self, token: &str) -> Option<AttemptId> {
        self.named(PAGE, token)
    }

    fn token(&self, kind: &str, attempt: AttemptId) -> String {
        let order_id = attempt.order_id();
        let signature = self
            .keys()
            .sign_window(&[kind.as_bytes(), order_id.as_bytes()]);
        format!("{kind}{order_id}.{signature}")
    }

    fn named(&self, kind: &str, token: &str) -> Option<AttemptId> {
        let (order_id, signature) = token.strip_prefix(kind)?.split_once('.')?;
        let parts = [kind.as_bytes(), order_id.as_bytes()];
        self.keys()
            .window_is_ours(&parts, signature)
            .then(|| AttemptId::from_order_id(order_id))
            .flatten()
    }
}
