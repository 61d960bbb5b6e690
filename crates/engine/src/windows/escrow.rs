//! The page on which the customer of an escrow payment keeps or rejects the goods, in the PG's
//! window.
//!
//! Nothing that a browser brings changes a state: the PG's notice does.

use naru_connector::{Device, InboundRequest, OpenEscrowWindow, OperationKind, WindowForm};
use naru_domain::payment::{Attempt, EscrowState, Payment, Refusal};
use naru_domain::{AttemptId, Currency, PaymentId, StoreId};

use super::back::Opened;
use crate::exchange::refusal;
use crate::{Engine, Fault};

/// What the page shows.
#[derive(Debug, Clone)]
pub struct EscrowPage {
    /// The shop's name.
    pub shop: String,
    /// What was bought.
    pub name: String,
    /// What was paid.
    pub total: i64,
    /// In which currency.
    pub currency: Currency,
    /// Whether it is a test.
    pub is_test: bool,
    /// Where the escrow stands.
    pub state: EscrowState,
    /// What opens the PG's window, where there is something to decide.
    pub form: Option<WindowForm>,
}

impl Engine {
    /// The address of the page of an escrow payment, for its customer.
    pub async fn escrow_page_url(
        &self,
        store_id: &StoreId,
        payment_id: &PaymentId,
    ) -> Result<String, Fault> {
        let found = self.load_payment(store_id, payment_id).await?;
        let payment = found.ok_or(Fault::PaymentNotFound)?.value.0;
        let (attempt, _) = payment.captured().ok_or(Fault::PaymentNotPaid)?;
        if payment.escrow.is_none() {
            return Err(Refusal::NotEscrow.into());
        }
        let base = self.config().public_url.trim_end_matches('/');
        Ok(format!(
            "{base}/checkout/escrows/{}",
            self.escrow_token(attempt.id)
        ))
    }

    /// What the page of a token shows.
    pub async fn escrow_page(&self, token: &str, device: Device) -> Result<EscrowPage, Fault> {
        let Opened {
            store,
            payment,
            attempt,
            channel,
        } = self.escrow_of_token(token).await?;
        let state = state_of(&payment)?;
        let waits = matches!(state, EscrowState::Registered | EscrowState::Delivered);
        let form = if waits {
            let window = self.escrow_window((&payment, attempt.id), (token, device))?;
            let connector = self.connector_of(&channel)?;
            let form = connector
                .capabilities()
                .check(OperationKind::OpenEscrowWindow, &channel.settings)
                .and_then(|()| connector.open_escrow_window(&window, &self.call_at(&channel)))
                .map_err(refusal)?;
            Some(form)
        } else {
            None
        };
        Ok(EscrowPage {
            shop: store.name.clone(),
            name: attempt.order.name.clone(),
            total: attempt.charged().total,
            currency: attempt.order.currency.clone(),
            is_test: attempt.channel.is_test,
            state,
            form,
        })
    }

    /// Whether the browser says that the customer has decided.
    pub async fn escrow_returned(
        &self,
        token: &str,
        request: &InboundRequest,
    ) -> Result<bool, Fault> {
        let opened = self.escrow_of_token(token).await?;
        Ok(self.connector_of(&opened.channel)?.has_decided(request))
    }

    fn escrow_window(
        &self,
        (payment, attempt): (&Payment, AttemptId),
        (token, device): (&str, Device),
    ) -> Result<OpenEscrowWindow, Fault> {
        let base = self.config().public_url.trim_end_matches('/');
        let page = format!("{base}/checkout/escrows/{token}");
        let captured = payment.captured().filter(|(found, _)| found.id == attempt);
        let (attempt, capture): (&Attempt, _) = captured.ok_or(Fault::PaymentNotPaid)?;
        Ok(OpenEscrowWindow {
            pg_tx_id: capture.pg_tx_id.clone(),
            currency: attempt.order.currency.clone(),
            device,
            return_url: format!("{page}/return"),
            close_url: format!("{page}/close"),
        })
    }

    async fn escrow_of_token(&self, token: &str) -> Result<Opened, Fault> {
        let attempt = self.escrow_attempt_of_token(token);
        let opened = self
            .opened_attempt(attempt.ok_or(Fault::PaymentNotFound)?)
            .await?;
        state_of(&opened.payment).map(|_| opened)
    }
}

fn state_of(payment: &Payment) -> Result<EscrowState, Fault> {
    let escrow = payment.escrow.as_ref().ok_or(Fault::PaymentNotFound)?;
    Ok(escrow.state)
}
