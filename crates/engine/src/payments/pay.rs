//! Paying: by typed-in card, by virtual account, by billing key.

use std::sync::Arc;

use naru_connector::{
    AccountChoice, CardCredential, CashReceiptWish, ChargeBillingKey, IssueVirtualAccount,
    Operation, OperationKind, Order, PayCard, Secret,
};
use naru_domain::cash_receipt::ReceiptKind;
use naru_domain::payment::{OrderDetails, Origin};
use naru_domain::{BillingKeyId, ChannelKey, Face, MethodKind, PaymentId, ScheduleId, Timestamp};

use super::course::ChannelChoice;
use super::tries::{MakeOperation, Plan};
use crate::directory::OpenChannel;
use crate::promotions::PaidBy;
use crate::records::StoreRecord;
use crate::{Answer, Engine, Fault, IdempotencyTicket};

/// What every changing call carries.
#[derive(Debug, Clone)]
pub struct CallContext {
    /// The store it is about.
    pub store: Arc<StoreRecord>,
    /// Its idempotency key, if it has one.
    pub ticket: Option<IdempotencyTicket>,
    /// On which face it was made.
    pub face: Face,
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
    /// Through which channel, or one of which group.
    pub channel: ChannelChoice,
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
        let PayInstantly { channel, method } = request.method;
        let (kind, paid_by, receipt, operation) = match &method {
            PayMethod::Card(card) => (
                MethodKind::Card,
                PaidBy::number(&card.credential.number),
                None,
                OperationKind::PayCard,
            ),
            PayMethod::VirtualAccount { cash_receipt, .. } => (
                MethodKind::VirtualAccount,
                PaidBy::Other,
                wished(cash_receipt),
                OperationKind::IssueVirtualAccount,
            ),
        };
        let course = self.course_of(&context.store, &channel, operation).await?;
        let plan = Plan {
            payment_id: request.payment_id,
            order: request.order,
            method: kind,
            paid_by,
            promotion: None,
            billing_key: None,
            cash_receipt: receipt,
            schedule: None,
            skip_webhook: request.skip_webhook,
            course: course.map(|()| instant(method.clone())),
        };
        // On the heap: it holds an attempt, an exchange and its outcome.
        Box::pin(self.pay(context, plan)).await
    }

    /// `POST /payments/{paymentId}/billing-key`.
    pub async fn pay_with_billing_key(
        &self,
        context: CallContext,
        request: PayRequest<ChargeKey>,
    ) -> Result<Answer, Fault> {
        self.charge_key(context, request, None).await
    }

    /// Charges a billing key, for a caller or for a schedule.
    pub(crate) async fn charge_key(
        &self,
        context: CallContext,
        request: PayRequest<ChargeKey>,
        schedule: Option<ScheduleId>,
    ) -> Result<Answer, Fault> {
        let charge = request.method;
        let (course, paid_by, method) = self
            .chargeable(&context.store, &charge.billing_key, charge.channel.as_ref())
            .await?;
        let plan = Plan {
            payment_id: request.payment_id,
            order: request.order,
            method,
            paid_by,
            promotion: None,
            billing_key: Some(charge.billing_key.clone()),
            cash_receipt: None,
            schedule,
            skip_webhook: request.skip_webhook,
            course: course.map(|pg_billing_key| charged(&charge, pg_billing_key, method)),
        };
        // On the heap: it holds an attempt, an exchange and its outcome.
        Box::pin(self.pay(context, plan)).await
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

    /// Whether a store may use a channel.
    pub async fn usable_channel(&self, store: &StoreRecord, key: &ChannelKey) -> Result<(), Fault> {
        self.live_channel(store, key).await.map(drop)
    }
}

fn instant(method: PayMethod) -> MakeOperation {
    Box::new(move |order: Order| match method {
        PayMethod::Card(card) => Operation::PayCard(PayCard {
            order,
            card: card.credential,
            installment_months: card.installment_months,
            is_interest_free: card.is_interest_free,
            use_card_point: card.use_card_point,
        }),
        PayMethod::VirtualAccount {
            bank,
            expires_at,
            account,
            cash_receipt,
            remittee_name,
        } => Operation::IssueVirtualAccount(IssueVirtualAccount {
            order,
            bank,
            expires_at,
            account,
            cash_receipt,
            remittee_name,
        }),
    })
}

pub(crate) fn charged(
    charge: &ChargeKey,
    pg_billing_key: Secret,
    method: MethodKind,
) -> MakeOperation {
    let charge = charge.clone();
    Box::new(move |order: Order| {
        Operation::ChargeBillingKey(ChargeBillingKey {
            order,
            pg_billing_key,
            method,
            installment_months: charge.installment_months,
            is_interest_free: charge.is_interest_free,
            use_card_point: charge.use_card_point,
        })
    })
}

/// For whom a receipt was asked for.
const fn wished(wish: &CashReceiptWish) -> Option<ReceiptKind> {
    match wish {
        CashReceiptWish::None => None,
        CashReceiptWish::Personal(_) => Some(ReceiptKind::Personal),
        CashReceiptWish::Corporate(_) => Some(ReceiptKind::Corporate),
    }
}
