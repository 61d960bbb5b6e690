//! Paying: by typed-in card, by virtual account, by billing key.

use std::sync::Arc;

use naru_connector::{
    AccountChoice, CardCredential, CashReceiptWish, ChargeBillingKey, IssueVirtualAccount,
    Operation, Order, PayCard,
};
use naru_domain::payment::{Attempt, AttemptState, BeginAttempt, Command, OrderDetails, Origin};
use naru_domain::{AttemptId, BillingKeyId, ChannelKey, MethodKind, PaymentId, Timestamp};

use super::begin::Running;
use crate::directory::OpenChannel;
use crate::records::{BillingKeyRecord, StoreRecord};
use crate::{Answer, Engine, Fault, IdempotencyTicket};

/// What every changing call carries.
#[derive(Debug, Clone)]
pub struct CallContext {
    /// The store it is about.
    pub store: Arc<StoreRecord>,
    /// Its idempotency key, if it has one.
    pub ticket: Option<IdempotencyTicket>,
    /// Where it came from.
    pub origin: Origin,
}

/// Card data and how to use it. Lives only in memory (P8).
#[derive(Debug, Clone)]
pub struct CardDetails {
    /// The card.
    pub credential: CardCredential,
    /// Months; 0 or 1 is a lump sum.
    pub installment_months: u16,
    /// Whether the merchant bears the interest.
    pub is_interest_free: bool,
    /// Whether to use card points.
    pub use_card_point: bool,
}

/// How an instant payment is made.
#[derive(Debug, Clone)]
pub enum PayMethod {
    /// By typed-in card.
    Card(CardDetails),
    /// By virtual account.
    VirtualAccount {
        /// The contract's bank code.
        bank: String,
        /// Until when a deposit is taken.
        expires_at: Timestamp,
        /// Which account.
        account: AccountChoice,
        /// Cash receipt.
        cash_receipt: CashReceiptWish,
        /// Whom the account is shown to belong to.
        remittee_name: Option<String>,
    },
}

/// An instant payment.
#[derive(Debug, Clone)]
pub struct PayInstantly {
    /// Through which channel.
    pub channel: ChannelKey,
    /// How.
    pub method: PayMethod,
}

/// A charge of a billing key.
#[derive(Debug, Clone)]
pub struct ChargeKey {
    /// Which key.
    pub billing_key: BillingKeyId,
    /// Which of its channels, where the caller says.
    pub channel: Option<ChannelKey>,
    /// Months; 0 or 1 is a lump sum.
    pub installment_months: u16,
    /// Whether the merchant bears the interest.
    pub is_interest_free: bool,
    /// Whether to use card points.
    pub use_card_point: bool,
}

/// A payment asked for.
#[derive(Debug, Clone)]
pub struct PayRequest<M> {
    /// The merchant's id for it.
    pub payment_id: PaymentId,
    /// What is bought.
    pub order: OrderDetails,
    /// Whether the caller wants no webhook of success.
    pub skip_webhook: bool,
    /// How it is paid.
    pub method: M,
}

impl Engine {
    /// `POST /payments/{paymentId}/instant`.
    pub async fn pay_instantly(
        &self,
        context: CallContext,
        request: PayRequest<PayInstantly>,
    ) -> Result<Answer, Fault> {
        let channel = self
            .live_channel(&context.store, &request.method.channel)
            .await?;
        let attempt = AttemptId::new(self.new_uuid());
        let order = wire_order(attempt, &request.payment_id, &request.order);
        let (kind, operation) = match request.method.method {
            PayMethod::Card(card) => (
                MethodKind::Card,
                Operation::PayCard(PayCard {
                    order,
                    card: card.credential,
                    installment_months: card.installment_months,
                    is_interest_free: card.is_interest_free,
                    use_card_point: card.use_card_point,
                }),
            ),
            PayMethod::VirtualAccount {
                bank,
                expires_at,
                account,
                cash_receipt,
                remittee_name,
            } => (
                MethodKind::VirtualAccount,
                Operation::IssueVirtualAccount(IssueVirtualAccount {
                    order,
                    bank,
                    expires_at,
                    account,
                    cash_receipt,
                    remittee_name,
                }),
            ),
        };
        let attempt = Attempt {
            id: attempt,
            order: request.order,
            channel: channel.record.snapshot(),
            method: kind,
            origin: context.origin.clone(),
            billing_key: None,
            skip_webhook: request.skip_webhook,
            send_by: self.send_by(),
            requested_at: self.now(),
            status_changed_at: self.now(),
            state: AttemptState::Sending,
        };
        self.pay(context, request.payment_id, (attempt, channel, operation))
            .await
    }

    /// `POST /payments/{paymentId}/billing-key`.
    pub async fn pay_with_billing_key(
        &self,
        context: CallContext,
        request: PayRequest<ChargeKey>,
    ) -> Result<Answer, Fault> {
        let charge = request.method;
        let (channel, pg_billing_key) = self
            .chargeable(&context.store, &charge.billing_key, charge.channel.as_ref())
            .await?;
        let attempt = AttemptId::new(self.new_uuid());
        let operation = Operation::ChargeBillingKey(ChargeBillingKey {
            order: wire_order(attempt, &request.payment_id, &request.order),
            pg_billing_key,
            installment_months: charge.installment_months,
            is_interest_free: charge.is_interest_free,
            use_card_point: charge.use_card_point,
        });
        let attempt = Attempt {
            id: attempt,
            order: request.order,
            channel: channel.record.snapshot(),
            method: MethodKind::Card,
            origin: context.origin.clone(),
            billing_key: Some(charge.billing_key),
            skip_webhook: request.skip_webhook,
            send_by: self.send_by(),
            requested_at: self.now(),
            status_changed_at: self.now(),
            state: AttemptState::Sending,
        };
        self.pay(context, request.payment_id, (attempt, channel, operation))
            .await
    }

    /// A channel that takes new payments.
    pub(crate) async fn live_channel(
        &self,
        store: &StoreRecord,
        key: &ChannelKey,
    ) -> Result<Arc<OpenChannel>, Fault> {
        let channel = self.channel_for(store, key).await?;
        if channel.record.disabled_at.is_some() {
            return Err(Fault::ChannelNotFound);
        }
        Ok(channel)
    }

    /// The channel at which a billing key is charged, and the PG's key there.
    async fn chargeable(
        &self,
        store: &StoreRecord,
        id: &BillingKeyId,
        wanted: Option<&ChannelKey>,
    ) -> Result<(Arc<OpenChannel>, naru_connector::Secret), Fault> {
        let key = self
            .store()
            .load::<BillingKeyRecord>(vec![store.id.as_str().into(), id.as_str().into()])
            .await?
            .ok_or(Fault::BillingKeyNotFound)?
            .value
            .0;
        let held = key
            .chargeable()?
            .find(|(channel, _)| wanted.is_none_or(|wanted| *wanted == channel.key));
        let (channel, sealed) = held.ok_or(Fault::ChannelNotFound)?;
        let pg_key = self
            .keys()
            .open(&crate::billing_keys::place(id), sealed)
            .map_err(|error| Fault::internal(format!("billing key {id}: {error}")))?;
        Ok((self.live_channel(store, &channel.key).await?, pg_key))
    }

    /// Intent, PG, result: three steps, the first and the last of them commits.
    async fn pay(
        &self,
        context: CallContext,
        payment_id: PaymentId,
        (mut attempt, channel, operation): (Attempt, Arc<OpenChannel>, Operation),
    ) -> Result<Answer, Fault> {
        let started_at = self.clock().process();
        let exchange = self.begin(&channel, &operation)?;
        self.needs_order_inquiry(&channel)?;
        let running = Running {
            store: Arc::clone(&context.store),
            payment_id: payment_id.clone(),
            attempt: attempt.id,
            channel,
            ticket: context.ticket,
            started_at,
        };
        loop {
            attempt.send_by = self.send_by();
            let pre_registration = self
                .pre_registration(&running.store.id, &payment_id)
                .await?;
            let command = Command::Begin(Box::new(BeginAttempt {
                merchant_id: running.store.merchant_id.clone(),
                store_id: running.store.id.clone(),
                payment_id: payment_id.clone(),
                attempt: attempt.clone(),
                pre_registration,
            }));
            if self.try_begin(&running, command).await? {
                break;
            }
        }
        let outcome = self.drive(exchange, Some(attempt.send_by)).await;
        self.conclude(&running, outcome).await
    }
}

/// The order as a connector sees it.
fn wire_order(attempt: AttemptId, payment_id: &PaymentId, order: &OrderDetails) -> Order {
    Order {
        order_id: attempt.order_id(),
        payment_id: payment_id.as_str().to_owned(),
        name: order.name.clone(),
        amount: order.amount,
        currency: order.currency.clone(),
        customer: order.customer.clone(),
        is_escrow: order.is_escrow,
    }
}
