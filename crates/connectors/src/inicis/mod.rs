//! KG Inicis (`INICIS_V2`), server side: key-in cards, virtual accounts, billing keys, refunds,
//! escrow, cash receipts, store receipts, inquiries and notices over the INIAPI.
//!
//! Version 2 of the INIAPI carries refunds and inquiries, version 1 the rest. Each operation is one
//! request and one answer; there is no net cancel in this API, so an unclear answer is left to an
//! inquiry. The payment windows and their approvals are protocols of their own: `window`, and
//! `standard` for computers, `mobile` for phones. `README.md` beside this file has the
//! support matrix, the settings, and what is unconfirmed. Sections named in comments are those of
//! the PG's manual of the INIAPI unless said otherwise.

mod account;
mod card;
mod codes;
mod contract;
mod escrow;
mod exchange;
mod inquiry;
mod key_window;
mod mobile;
mod notice;
mod options;
mod receipt;
mod refund;
mod reply;
mod rules;
pub(crate) mod settlement;
mod sign;
mod standard;
mod store_receipt;
mod window;
mod window_codes;
mod window_result;
mod wire;

use naru_connector::{
    BeginError, Call, Capabilities, ChannelSettings, Connector, Exchange, InboundRequest, Inquire,
    Notification, OpenEscrowWindow, OpenWindow, Operation, OperationKind, Rejected, Returned,
    SettingsError, Support, WindowForm,
};

/// The contract's code of this PG.
pub(crate) const PG_PROVIDER: &str = "INICIS_V2";

/// What this PG can do.
static CAPABILITIES: Capabilities = Capabilities {
    pg_provider: PG_PROVIDER,
    name: "inicis",
    operations: &[
        (OperationKind::PayCard, Support::Confirmed),
        (OperationKind::IssueVirtualAccount, Support::Confirmed),
        (OperationKind::IssueBillingKey, Support::Confirmed),
        (OperationKind::OpenWindow, Support::Confirmed),
        (OperationKind::ApproveWindow, Support::Confirmed),
        (OperationKind::NetCancel, Support::Confirmed),
        (OperationKind::ChargeBillingKey, Support::Confirmed),
        (OperationKind::Refund, Support::Confirmed),
        (OperationKind::CloseVirtualAccount, Support::Confirmed),
        (OperationKind::RegisterShipment, Support::Confirmed),
        (OperationKind::OpenEscrowWindow, Support::Confirmed),
        (OperationKind::AcceptRejection, Support::Confirmed),
        (OperationKind::RegisterStoreSales, Support::Unconfirmed),
        (OperationKind::IssueCashReceipt, Support::Confirmed),
        (OperationKind::CancelCashReceipt, Support::Confirmed),
        // The inquiry is documented, that it knows receipts is our reading: see `receipt`.
        (OperationKind::InquireCashReceipt, Support::Confirmed),
        (OperationKind::InquireByTransaction, Support::Confirmed),
        (OperationKind::InquireByOrder, Support::Confirmed),
    ],
    // Design 2a.2.
    settle_time_ms: 10 * 60 * 1_000,
    // The manual's sample code waits 15 to 30 s.
    answer_timeout_ms: 30_000,
};

/// The connector.
#[derive(Debug)]
pub struct Inicis;

impl Connector for Inicis {
    fn capabilities(&self) -> &'static Capabilities {
        &CAPABILITIES
    }

    fn check_settings(&self, settings: &ChannelSettings) -> Result<(), SettingsError> {
        contract::check(settings)
    }

    fn begin(
        &self,
        operation: &Operation,
        call: &Call<'_>,
    ) -> Result<Box<dyn Exchange>, BeginError> {
        let context = wire::Context::new(call)?;
        let exchange = match operation {
            Operation::PayCard(payment) => card::pay(payment, &context),
            Operation::IssueVirtualAccount(issue) => account::issue(issue, &context),
            Operation::ApproveWindow(window) => window::approve(window, &context),
            Operation::NetCancel(window) => window::net_cancel(window, &context),
            Operation::IssueBillingKey(issue) => card::issue_key(issue, &context),
            Operation::ChargeBillingKey(charge) => card::charge(charge, &context),
            Operation::DeleteBillingKey(_) => {
                return Err(BeginError::Unsupported(
                    "KG Inicis has no call that deletes a billing key".to_owned(),
                ));
            }
            Operation::CapturePayment(_) => {
                return Err(BeginError::Unsupported(
                    "KG Inicis captures what it approved by itself".to_owned(),
                ));
            }
            Operation::Refund(refund) => refund::refund(refund, &context),
            Operation::CloseVirtualAccount(close) => account::close(close, &context),
            Operation::RegisterShipment(asked) => escrow::shipment(asked, &context),
            Operation::AcceptRejection(accept) => escrow::accept_rejection(accept, &context),
            Operation::RegisterStoreSales(asked) => store_receipt::register(asked, &context),
            Operation::IssueCashReceipt(issue) => receipt::issue(issue, &context),
            Operation::CancelCashReceipt(cancel) => receipt::cancel(cancel, &context),
            Operation::Inquire(Inquire::CashReceipt { pg_receipt_id }) => {
                Ok(receipt::inquire(pg_receipt_id, &context))
            }
            Operation::Inquire(inquire) => inquiry::inquire(inquire, &context),
            Operation::Identity(_) => {
                return Err(BeginError::Unsupported(
                    "KG Inicis verifies identities in a window only".to_owned(),
                ));
            }
        };
        Ok(Box::new(exchange?))
    }

    fn open_window(&self, window: &OpenWindow, call: &Call<'_>) -> Result<WindowForm, BeginError> {
        window::open(window, &wire::Context::new(call)?)
    }

    fn open_escrow_window(
        &self,
        window: &OpenEscrowWindow,
        call: &Call<'_>,
    ) -> Result<WindowForm, BeginError> {
        escrow::window(window, &wire::Context::new(call)?)
    }

    fn has_decided(&self, request: &InboundRequest) -> bool {
        escrow::has_decided(request)
    }

    fn read_return(&self, request: &InboundRequest, call: &Call<'_>) -> Result<Returned, Rejected> {
        window::read_return(request, call)
    }

    fn notice_merchant(&self, request: &InboundRequest) -> Result<String, Rejected> {
        notice::notice_merchant(request)
    }

    fn read_notification(
        &self,
        request: &InboundRequest,
        settings: &ChannelSettings,
    ) -> Result<Notification, Rejected> {
        notice::read(request, settings)
    }
}
