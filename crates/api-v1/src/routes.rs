//! The route table: every served operation with its handler, and nothing else. A test compares it
//! with what the contract says is served.

use std::time::Instant;

use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::{MethodFilter, MethodRouter, on};
use naru_engine::Engine;

use crate::call::{Call, Open};
use crate::envelope::Reply;
use crate::refused::Refused;
use crate::{messages, operations};

/// An operation of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Operation {
    /// The contract's id.
    pub(crate) id: &'static str,
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    /// The path without its last part, where clients may leave that out.
    short: Option<&'static str>,
}

impl Operation {
    /// The paths that it is served on.
    pub(crate) fn paths(self) -> impl Iterator<Item = &'static str> {
        [Some(self.path), self.short].into_iter().flatten()
    }
}

/// A served operation.
pub(crate) struct Route {
    pub(crate) operation: Operation,
    pub(crate) handler: MethodRouter<Engine>,
}

const fn get(id: &'static str, path: &'static str) -> Operation {
    operation(id, "GET", path)
}

const fn post(id: &'static str, path: &'static str) -> Operation {
    operation(id, "POST", path)
}

const fn operation(id: &'static str, method: &'static str, path: &'static str) -> Operation {
    Operation {
        id,
        method,
        path,
        short: None,
    }
}

const fn or_short(operation: Operation, short: &'static str) -> Operation {
    Operation {
        short: Some(short),
        ..operation
    }
}

/// Every route.
pub(crate) fn table() -> Vec<Route> {
    let mut all = vec![open(
        post("getToken", "/users/getToken"),
        operations::get_token::handle,
    )];
    all.extend(payments());
    all.extend(customers());
    all.extend(schedules());
    all.extend(accounts());
    all.extend(receipts());
    all.extend(certifications());
    all.extend(tables());
    all
}

/// Operations of PGs that Naru does not reach: routed, and not in the served document.
pub(crate) fn elsewhere() -> Vec<Route> {
    let one = |it: operations::elsewhere::Elsewhere| {
        route(operation(it.id, it.method, it.path), move |call| {
            operations::elsewhere::handle(call, it)
        })
    };
    operations::elsewhere::ALL.into_iter().map(one).collect()
}

fn payments() -> Vec<Route> {
    use operations as op;
    vec![
        route(
            get("getPaymentByImpUid", "/payments/{imp_uid}"),
            op::get_payment_by_imp_uid::handle,
        ),
        route(
            get("balanceByImpUid", "/payments/{imp_uid}/balance"),
            op::balance_by_imp_uid::handle,
        ),
        route(
            get("getPaymentListByImpUid", "/payments"),
            op::get_payment_list_by_imp_uid::handle,
        ),
        route(
            or_short(
                get(
                    "getPaymentByMerchantUid",
                    "/payments/find/{merchant_uid}/{payment_status}",
                ),
                "/payments/find/{merchant_uid}",
            ),
            op::get_payment_by_merchant_uid::handle,
        ),
        route(
            or_short(
                get(
                    "getAllPaymentsByMerchantUid",
                    "/payments/findAll/{merchant_uid}/{payment_status}",
                ),
                "/payments/findAll/{merchant_uid}",
            ),
            op::get_all_payments_by_merchant_uid::handle,
        ),
        route(
            get("getPaymentsByStatus", "/payments/status/{payment_status}"),
            op::get_payments_by_status::handle,
        ),
        route(
            post("cancelPayment", "/payments/cancel"),
            op::cancel_payment::handle,
        ),
        route(
            post("preparePayment", "/payments/prepare"),
            op::prepare_payment::handle,
        ),
        route(
            operation("editPreparePayment", "PUT", "/payments/prepare"),
            op::edit_prepare_payment::handle,
        ),
        route(
            get(
                "getPaymentPrepareByMerchantUid",
                "/payments/prepare/{merchant_uid}",
            ),
            op::get_payment_prepare_by_merchant_uid::handle,
        ),
    ]
}

fn customers() -> Vec<Route> {
    use operations as op;
    let one = "/subscribe/customers/{customer_uid}";
    vec![
        route(
            get("customer_view_multiple", "/subscribe/customers"),
            op::customer_view_multiple::handle,
        ),
        route(get("customer_view", one), op::customer_view::handle),
        route(post("customer_save", one), op::customer_save::handle),
        route(
            operation("customer_delete", "DELETE", one),
            op::customer_delete::handle,
        ),
        route(
            get(
                "customer_payments",
                "/subscribe/customers/{customer_uid}/payments",
            ),
            op::customer_payments::handle,
        ),
        route(
            post("onetime", "/subscribe/payments/onetime"),
            op::onetime::handle,
        ),
        route(
            post("foreign", "/subscribe/payments/foreign"),
            op::onetime::handle,
        ),
        route(
            post("again", "/subscribe/payments/again"),
            op::again::handle,
        ),
    ]
}

fn schedules() -> Vec<Route> {
    use operations as op;
    let all = "/subscribe/payments/schedule";
    let one = "/subscribe/payments/schedule/{merchant_uid}";
    vec![
        route(
            get("findSchedulesByRange", all),
            op::find_schedules_by_range::handle,
        ),
        route(post("schedule", all), op::schedule::handle),
        route(
            get(
                "findSchedulesByCustomerOfPayments",
                "/subscribe/payments/schedule/customers/{customer_uid}",
            ),
            op::find_schedules_by_customer::handle,
        ),
        route(
            get(
                "findSchedulesByCustomer",
                "/subscribe/customers/{customer_uid}/schedules",
            ),
            op::find_schedules_by_customer::handle,
        ),
        route(
            get("getScheduleByMid", one),
            op::get_schedule_by_mid::handle,
        ),
        route(
            operation("updateScheduleByMid", "PUT", one),
            op::update_schedule_by_mid::handle,
        ),
        route(
            post(
                "rescheduleByMid",
                "/subscribe/payments/schedule/{merchant_uid}/reschedule",
            ),
            op::reschedule_by_mid::handle,
        ),
        route(
            post(
                "retryScheduleByMid",
                "/subscribe/payments/schedule/{merchant_uid}/retry",
            ),
            op::retry_schedule_by_mid::handle,
        ),
        route(
            post("unschedule", "/subscribe/payments/unschedule"),
            op::unschedule::handle,
        ),
    ]
}

fn accounts() -> Vec<Route> {
    use operations as op;
    let (account, escrow) = ("/vbanks/{imp_uid}", "/escrows/logis/{imp_uid}");
    vec![
        route(post("createVbank", "/vbanks"), op::create_vbank::handle),
        route(
            get("vbankHolder", "/vbanks/holder"),
            op::vbank_holder::handle,
        ),
        route(
            operation("modifyVbank", "PUT", account),
            op::modify_vbank::handle,
        ),
        route(
            operation("revokeVbank", "DELETE", account),
            op::revoke_vbank::handle,
        ),
        route(
            get("escrow_logis_get", escrow),
            op::escrow_logis_get::handle,
        ),
        route(
            post("escrow_logis_save", escrow),
            op::escrow_logis_save::handle,
        ),
        route(
            operation("escrow_logis_edit", "PUT", escrow),
            op::escrow_logis_edit::handle,
        ),
        route(
            post("partner", "/partners/receipts/{imp_uid}"),
            op::partner::handle,
        ),
    ]
}

fn receipts() -> Vec<Route> {
    use operations as op;
    let (own, external) = ("/receipts/{imp_uid}", "/receipts/external/{merchant_uid}");
    vec![
        route(get("getReceipt", own), op::get_receipt::handle),
        route(post("issueReceipt", own), op::issue_receipt::handle),
        route(
            operation("revokeReceipt", "DELETE", own),
            op::revoke_receipt::handle,
        ),
        route(
            get("getExternalReceipt", external),
            op::get_external_receipt::handle,
        ),
        route(
            post("issueExternalReceipt", external),
            op::issue_external_receipt::handle,
        ),
        route(
            operation("revokeExternalReceipt", "DELETE", external),
            op::revoke_external_receipt::handle,
        ),
    ]
}

fn certifications() -> Vec<Route> {
    use operations as op;
    let one = "/certifications/{imp_uid}";
    vec![
        route(
            post("requestOTP", "/certifications/otp/request"),
            op::request_otp::handle,
        ),
        route(
            post("confirmOTP", "/certifications/otp/confirm/{imp_uid}"),
            op::confirm_otp::handle,
        ),
        route(get("getCertification", one), op::get_certification::handle),
        route(
            operation("deleteCertification", "DELETE", one),
            op::delete_certification::handle,
        ),
    ]
}

fn tables() -> Vec<Route> {
    use operations as op;
    vec![
        route(get("GetTier", "/tiers/{tier_code}"), op::get_tier::handle),
        route(
            get("getPgSettingList", "/users/pg"),
            op::get_pg_setting_list::handle,
        ),
        route(get("allCardCodes", "/cards"), op::all_card_codes::handle),
        route(
            get("cardCodes", "/cards/{card_standard_code}"),
            op::card_codes::handle,
        ),
        route(get("allBankCodes", "/banks"), op::all_bank_codes::handle),
        route(
            get("bankCodes", "/banks/{bank_standard_code}"),
            op::bank_codes::handle,
        ),
    ]
}

fn route<H, F>(operation: Operation, handle: H) -> Route
where
    H: Fn(Call) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Result<Reply, Refused>> + Send,
{
    let handler = on(
        filter(operation.method),
        move |State(engine): State<Engine>, request: Request| {
            let handle = handle.clone();
            async move {
                let started_at = Instant::now();
                let done = match Call::read(&engine, request).await {
                    Ok(call) => handle(call).await,
                    Err(refused) => Err(refused),
                };
                answered(operation, started_at, done)
            }
        },
    );
    Route { operation, handler }
}

fn open<H, F>(operation: Operation, handle: H) -> Route
where
    H: Fn(Open) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Result<Reply, Refused>> + Send,
{
    let handler = on(
        filter(operation.method),
        move |State(engine): State<Engine>, request: Request| {
            let handle = handle.clone();
            async move {
                let started_at = Instant::now();
                let done = match Open::read(&engine, request).await {
                    Ok(call) => handle(call).await,
                    Err(refused) => Err(refused),
                };
                answered(operation, started_at, done)
            }
        },
    );
    Route { operation, handler }
}

fn filter(method: &str) -> MethodFilter {
    match method {
        "GET" => MethodFilter::GET,
        "POST" => MethodFilter::POST,
        "PUT" => MethodFilter::PUT,
        _ => MethodFilter::DELETE,
    }
}

fn answered(operation: Operation, started_at: Instant, done: Result<Reply, Refused>) -> Response {
    let response = match done {
        Ok(reply) => reply.into_response(),
        Err(refused) => refused.into_response(operation.id),
    };
    let id = operation.id;
    let status = response.status().as_str().to_owned();
    metrics::counter!("naru_requests_total", "operation" => id, "status" => status).increment(1);
    metrics::histogram!("naru_request_seconds", "operation" => id).record(started_at.elapsed());
    response
}

/// An unknown path, or a known one with another method. Whoever has no token learns no more than
/// that.
pub(crate) async fn no_such_operation(State(engine): State<Engine>, request: Request) -> Response {
    let refused = match Call::read(&engine, request).await {
        Err(refused @ Refused::Unauthorized(_)) => refused,
        Ok(_) | Err(_) => Refused::NotFound(messages::NO_OPERATION.to_owned()),
    };
    refused.into_response("")
}
