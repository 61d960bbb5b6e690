//! Where each operation's input comes from, and where it names a store.

use naru_wire_v2 as wire;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Where an input comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// The body; an empty one stands for `{}`.
    Body,
    /// The query string. A body is not read.
    Query,
    /// The body, else the query parameter `requestBody`, else `{}`.
    BodyOrQuery,
    /// The query parameter `requestBody`, which must be there. A body is not read.
    QueryParameter,
}

/// An operation's input.
pub(crate) trait Input: DeserializeOwned + Send + 'static {
    /// Where it comes from.
    const SOURCE: Source;

    /// The store that it names.
    fn store_id(&self) -> Option<&str>;
}

/// The input of an operation that takes none. What is sent all the same is not read.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Nothing {}

impl Input for Nothing {
    const SOURCE: Source = Source::Query;

    fn store_id(&self) -> Option<&str> {
        None
    }
}

macro_rules! inputs {
    ($($source:ident: $($name:ident),+;)+) => {$($(
        impl Input for wire::$name {
            const SOURCE: Source = Source::$source;

            fn store_id(&self) -> Option<&str> {
                self.store_id.as_deref()
            }
        }
    )+)+};
}

inputs! {
    Body: CancelPaymentBody, InstantPaymentInput, BillingKeyPaymentInput, PreRegisterPaymentBody,
        IssueBillingKeyBody, ResendWebhookBody, RegisterEscrowLogisticsBody,
        ModifyEscrowLogisticsBody, ConfirmEscrowBody, RegisterStoreReceiptBody,
        CapturePaymentBody, ConfirmBillingKeyBody, ConfirmBillingKeyIssueAndPayBody,
        ConfirmPaymentBody, StopPaymentCancellationBody, IssueCashReceiptBody;
    Query: GetPaymentQuery, GetPaymentTransactionsQuery, GetBillingKeyInfoQuery,
        DeleteBillingKeyQuery, CloseVirtualAccountQuery, GetCashReceiptByPaymentIdQuery,
        CancelCashReceiptByPaymentIdQuery, GetPaymentScheduleQuery,
        ResendIdentityVerificationQuery, GetIdentityVerificationQuery;
    Body: SendIdentityVerificationBody, ConfirmIdentityVerificationBody;
    BodyOrQuery: GetAllPaymentsByCursorBody, RevokePaymentSchedulesBody;
}

impl Input for wire::CreatePaymentSessionBody {
    const SOURCE: Source = Source::Body;

    // The only operation that must name a store.
    fn store_id(&self) -> Option<&str> {
        Some(&self.store_id)
    }
}

macro_rules! inputs_without_store {
    ($($source:ident: $($name:ident),+;)+) => {$($(
        impl Input for wire::$name {
            const SOURCE: Source = Source::$source;

            // A list names stores in its filter, log-ins have none.
            fn store_id(&self) -> Option<&str> {
                None
            }
        }
    )+)+};
}

inputs_without_store! {
    Body: LoginViaApiSecretBody, RefreshTokenBody;
    BodyOrQuery: GetAnalyticsAverageAmountChartBody, GetAnalyticsCancellationRateBody,
        GetAnalyticsCardChartBody, GetAnalyticsCardCompanyChartBody,
        GetAnalyticsEasyPayChartBody, GetAnalyticsEasyPayProviderChartBody,
        GetAnalyticsPaymentChartBody, GetAnalyticsPaymentChartInsightBody,
        GetAnalyticsPaymentMethodChartBody, GetAnalyticsPaymentMethodTrendChartBody,
        GetAnalyticsPaymentStatusByPaymentClientChartBody,
        GetAnalyticsPaymentStatusByPaymentMethodChartBody,
        GetAnalyticsPaymentStatusByPgCompanyChartBody, GetAnalyticsPaymentStatusChartBody,
        GetAnalyticsPgCompanyChartBody, GetAnalyticsPgCompanyTrendChartBody,
        GetPaymentsBody, GetBillingKeyInfosBody, GetAllPaymentEventsByCursorBody,
        GetIdentityVerificationsBody, GetCashReceiptsBody;
    QueryParameter: GetPaymentReconciliationSettlementVatReportBody,
        GetPaymentReconciliationTransactionVatReportBody;
    Query: EvaluateCheckoutProfileQuery, GetPgCardPromotionsQuery;
}

/// The store stands inside the payment.
impl Input for wire::CreatePaymentScheduleBody {
    const SOURCE: Source = Source::Body;

    fn store_id(&self) -> Option<&str> {
        self.payment.store_id.as_deref()
    }
}

/// Unlike other lists, this one is about one store: the caller's own, if none is named.
impl Input for wire::GetPaymentSchedulesBody {
    const SOURCE: Source = Source::BodyOrQuery;

    fn store_id(&self) -> Option<&str> {
        self.filter.as_ref()?.store_id.as_deref()
    }
}
