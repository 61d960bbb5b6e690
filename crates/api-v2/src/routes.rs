//! The route table: every served operation with its handler, and nothing else.
//!
//! Method and path come from the contract's table, so a route can't differ from the document; the
//! test below compares the set of operations with what the document says is served.

mod b2b;

use std::time::{Duration, Instant};

use axum::extract::Request;
use axum::handler::Handler;
use axum::middleware::{Next, from_fn, map_response};
use axum::response::Response;
use axum::routing::{MethodFilter, MethodRouter, on};
use http::StatusCode;
use http::header::{self, HeaderValue};
use naru_engine::Engine;
use naru_wire_v2::Operation;

use crate::{faults, operations};

type Route = (Operation, MethodRouter<Engine>);

/// Every route.
pub(crate) fn table() -> Vec<Route> {
    use Operation as Op;
    let mut all = analytics();
    all.extend(checkout());
    all.extend(actions());
    all.extend(schedules());
    all.extend(identity());
    all.extend(cash_receipts());
    all.extend(b2b::routes());
    all.extend([
        route(Op::CancelPayment, operations::cancel_payment::handle),
        route(
            Op::CloseVirtualAccount,
            operations::close_virtual_account::handle,
        ),
        route(Op::DeleteBillingKey, operations::delete_billing_key::handle),
        route(
            Op::GetAllPaymentEventsByCursor,
            operations::get_all_payment_events_by_cursor::handle,
        ),
        route(
            Op::GetAllPaymentsByCursor,
            operations::get_all_payments_by_cursor::handle,
        ),
        route(Op::GetBankInfos, operations::get_bank_infos::handle),
        route(
            Op::GetBillingKeyInfo,
            operations::get_billing_key_info::handle,
        ),
        route(
            Op::GetBillingKeyInfos,
            operations::get_billing_key_infos::handle,
        ),
        route(Op::GetPayment, operations::get_payment::handle),
        route(
            Op::GetPaymentReconciliationSettlementVatReport,
            operations::get_payment_reconciliation_settlement_vat_report::handle,
        ),
        route(
            Op::GetPaymentReconciliationTransactionVatReport,
            operations::get_payment_reconciliation_transaction_vat_report::handle,
        ),
        route(
            Op::GetPaymentTransactions,
            operations::get_payment_transactions::handle,
        ),
        route(Op::GetPayments, operations::get_payments::handle),
        route(Op::GetPromotion, operations::get_promotion::handle),
        route(Op::IssueBillingKey, operations::issue_billing_key::handle),
        route(
            Op::LoginViaApiSecret,
            operations::login_via_api_secret::handle,
        ),
        route(Op::PayInstantly, operations::pay_instantly::handle),
        route(
            Op::PayWithBillingKey,
            operations::pay_with_billing_key::handle,
        ),
        route(
            Op::PreRegisterPayment,
            operations::pre_register_payment::handle,
        ),
        route(Op::RefreshToken, operations::refresh_token::handle),
        route(Op::ResendWebhook, operations::resend_webhook::handle),
    ]);
    all
}

/// Those of schedules.
fn schedules() -> Vec<Route> {
    use Operation as Op;
    vec![
        route(
            Op::CreatePaymentSchedule,
            operations::create_payment_schedule::handle,
        ),
        route(
            Op::GetPaymentSchedule,
            operations::get_payment_schedule::handle,
        ),
        route(
            Op::GetPaymentSchedules,
            operations::get_payment_schedules::handle,
        ),
        route(
            Op::RevokePaymentSchedules,
            operations::revoke_payment_schedules::handle,
        ),
    ]
}

/// Those of identity verification.
fn identity() -> Vec<Route> {
    use Operation as Op;
    vec![
        route(
            Op::ConfirmIdentityVerification,
            operations::confirm_identity_verification::handle,
        ),
        route(
            Op::GetIdentityVerification,
            operations::get_identity_verification::handle,
        ),
        route(
            Op::GetIdentityVerifications,
            operations::get_identity_verifications::handle,
        ),
        route(
            Op::ResendIdentityVerification,
            operations::resend_identity_verification::handle,
        ),
        route(
            Op::SendIdentityVerification,
            operations::send_identity_verification::handle,
        ),
    ]
}

/// Those of cash receipts.
fn cash_receipts() -> Vec<Route> {
    use Operation as Op;
    vec![
        route(
            Op::CancelCashReceiptByPaymentId,
            operations::cancel_cash_receipt_by_payment_id::handle,
        ),
        route(
            Op::GetCashReceiptByPaymentId,
            operations::get_cash_receipt_by_payment_id::handle,
        ),
        route(Op::GetCashReceipts, operations::get_cash_receipts::handle),
        route(Op::IssueCashReceipt, operations::issue_cash_receipt::handle),
    ]
}

/// Those of charts.
fn analytics() -> Vec<Route> {
    use Operation as Op;
    let mut all = statuses();
    all.extend([
        route(
            Op::GetAnalyticsCancellationRate,
            operations::get_analytics_cancellation_rate::handle,
        ),
        route(
            Op::GetAnalyticsCardChart,
            operations::get_analytics_card_chart::handle,
        ),
        route(
            Op::GetAnalyticsCardCompanyChart,
            operations::get_analytics_card_company_chart::handle,
        ),
        route(
            Op::GetAnalyticsEasyPayChart,
            operations::get_analytics_easy_pay_chart::handle,
        ),
        route(
            Op::GetAnalyticsEasyPayProviderChart,
            operations::get_analytics_easy_pay_provider_chart::handle,
        ),
        route(
            Op::GetAnalyticsOverseasPaymentUsage,
            operations::get_analytics_overseas_payment_usage::handle,
        ),
        route(
            Op::GetAnalyticsPaymentChart,
            operations::get_analytics_payment_chart::handle,
        ),
        route(
            Op::GetAnalyticsPaymentChartInsight,
            operations::get_analytics_payment_chart_insight::handle,
        ),
        route(
            Op::GetAverageAmountChart,
            operations::get_average_amount_chart::handle,
        ),
        route(
            Op::GetPaymentMethodChart,
            operations::get_payment_method_chart::handle,
        ),
        route(
            Op::GetPaymentMethodTrendChart,
            operations::get_payment_method_trend_chart::handle,
        ),
        route(
            Op::GetPgCompanyChart,
            operations::get_pg_company_chart::handle,
        ),
        route(
            Op::GetPgCompanyTrendChart,
            operations::get_pg_company_trend_chart::handle,
        ),
    ]);
    all
}

/// Those of charts of statuses.
fn statuses() -> Vec<Route> {
    use Operation as Op;
    vec![
        route(
            Op::GetPaymentStatusByPaymentClientChart,
            operations::get_payment_status_by_payment_client_chart::handle,
        ),
        route(
            Op::GetPaymentStatusByPaymentMethodChart,
            operations::get_payment_status_by_payment_method_chart::handle,
        ),
        route(
            Op::GetPaymentStatusByPgCompanyChart,
            operations::get_payment_status_by_pg_company_chart::handle,
        ),
        route(
            Op::GetPaymentStatusChart,
            operations::get_payment_status_chart::handle,
        ),
    ]
}

/// Actions on a payment besides taking and giving back its money.
fn actions() -> Vec<Route> {
    use Operation as Op;
    vec![
        route(
            Op::ApplyEscrowLogistics,
            operations::apply_escrow_logistics::handle,
        ),
        route(Op::CapturePayment, operations::capture_payment::handle),
        route(
            Op::ConfirmBillingKey,
            operations::confirm_billing_key::handle,
        ),
        route(
            Op::ConfirmBillingKeyIssueAndPay,
            operations::confirm_billing_key_issue_and_pay::handle,
        ),
        route(Op::ConfirmEscrow, operations::confirm_escrow::handle),
        route(Op::ConfirmPayment, operations::confirm_payment::handle),
        route(
            Op::ModifyEscrowLogistics,
            operations::modify_escrow_logistics::handle,
        ),
        route(
            Op::RegisterStoreReceipt,
            operations::register_store_receipt::handle,
        ),
        route(
            Op::StopPaymentCancellation,
            operations::stop_payment_cancellation::handle,
        ),
    ]
}

/// The hosted checkout's server side, and what PGs themselves take off.
fn checkout() -> Vec<Route> {
    use Operation as Op;
    vec![
        route(
            Op::ClosePaymentSession,
            operations::close_payment_session::handle,
        ),
        route(
            Op::CreatePaymentSession,
            operations::create_payment_session::handle,
        ),
        public(route(
            Op::EvaluateCheckoutProfile,
            operations::evaluate_checkout_profile::handle,
        )),
        public(route(
            Op::GetPaymentSession,
            operations::get_payment_session::handle,
        )),
        route(
            Op::GetPgCardPromotions,
            operations::get_pg_card_promotions::handle,
        ),
    ]
}

/// An operation without a credential that the pages of any shop may call from a browser.
fn public((operation, route): Route) -> Route {
    let ask = || async {
        let allowed = [
            (header::ACCESS_CONTROL_ALLOW_METHODS, "GET"),
            (header::ACCESS_CONTROL_ALLOW_HEADERS, "*"),
            (header::ACCESS_CONTROL_MAX_AGE, "86400"),
        ];
        (StatusCode::NO_CONTENT, allowed)
    };
    let open = map_response(async |mut response: Response| {
        let headers = response.headers_mut();
        let any = HeaderValue::from_static("*");
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, any);
        response
    });
    (operation, route.options(ask).layer(open))
}

/// One operation. What a handler or extractor failed with is rendered here, where the operation
/// and so the error types that it may answer are known.
fn route<H, T>(operation: Operation, handler: H) -> Route
where
    H: Handler<T, Engine>,
    T: 'static,
{
    let method = match operation.method() {
        "GET" => MethodFilter::GET,
        "POST" => MethodFilter::POST,
        "PUT" => MethodFilter::PUT,
        "PATCH" => MethodFilter::PATCH,
        _ => MethodFilter::DELETE,
    };
    let render = from_fn(move |request: Request, next: Next| async move {
        let started_at = Instant::now();
        let response = faults::rendered(operation, next.run(request).await);
        measure(operation, &response, started_at.elapsed());
        response
    });
    (operation, on(method, handler).layer(render))
}

fn measure(operation: Operation, response: &Response, took: Duration) {
    let id = operation.id();
    let status = response.status().as_str().to_owned();
    metrics::counter!("naru_requests_total", "operation" => id, "status" => status).increment(1);
    metrics::histogram!("naru_request_seconds", "operation" => id).record(took);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_routes_are_the_served_operations_and_no_others() {
        let routed: Vec<Operation> = table()
            .into_iter()
            .map(|(operation, _)| operation)
            .collect();
        let unique: BTreeSet<Operation> = routed.iter().copied().collect();
        assert_eq!(routed.len(), unique.len(), "an operation is routed twice");
        let served: BTreeSet<Operation> = Operation::ALL
            .iter()
            .copied()
            .filter(|operation| naru_wire_v2::is_served(*operation))
            .collect();
        assert_eq!(unique, served);
    }

    #[test]
    fn methods_are_those_that_a_route_knows() {
        for operation in Operation::ALL {
            assert!(["GET", "POST", "PUT", "PATCH", "DELETE"].contains(&operation.method()));
        }
    }
}
