//! A PG that keeps billing keys. It has a call to delete them and one to capture what it
//! authorised, which the PGs built so far have not. Made up: its wire is one request whose answer's
//! content does not matter.
//!
//! What it does is said by options of its channels: `refuses_issue`, `refuses_delete`,
//! `refuses_charge`, `refuses_capture`, and `forbids`, then no operation meets its rules. Its
//! requests go to `http://pg.test/key-pg/`, where a test may cut them.

use bytes::Bytes;
use naru_connector::{
    Acted, Approval, BeginError, Call, Capabilities, ChannelSettings, Connector, Decline, Exchange,
    InboundRequest, Input, IssuedKey, NoticeAnswer, Notification, Operation, OperationKind,
    Outcome, Rejected, Request, Returned, Secret, Sent, SettingsError, Step, Support, Unknown,
};
use naru_domain::{Card, CardPayment, Method, Timestamp};

/// The PG code that it goes by: one of the contract's that nothing else here uses.
pub const KEY_PG: &str = "DAOU";

static CAPABILITIES: Capabilities = Capabilities {
    pg_provider: KEY_PG,
    name: "key_pg",
    operations: &[
        (OperationKind::IssueBillingKey, Support::Confirmed),
        (OperationKind::ChargeBillingKey, Support::Confirmed),
        (OperationKind::DeleteBillingKey, Support::Confirmed),
        (OperationKind::CapturePayment, Support::Confirmed),
        (OperationKind::InquireByOrder, Support::Confirmed),
    ],
    settle_time_ms: 1_000,
    answer_timeout_ms: 1_000,
};

/// The connectors of the product, and this one.
pub fn connectors(pg_provider: &str) -> Option<&'static dyn Connector> {
    if pg_provider == KEY_PG {
        return Some(&KeyPg);
    }
    naru_connectors::connector(pg_provider)
}

struct KeyPg;

/// One request; whatever comes back, the outcome is this.
struct OneCall {
    request: Option<Request>,
    outcome: Option<Outcome>,
}

impl Exchange for OneCall {
    fn step(&mut self, input: Input) -> Step {
        if let Some(request) = self.request.take() {
            return Step::Send(request);
        }
        let unknown = |reason: &str| {
            Outcome::Unknown(Unknown {
                reason: reason.to_owned(),
            })
        };
        Step::Done(match input {
            Input::Failed(error) if error.sent == Sent::No => Outcome::NotSent {
                reason: error.detail,
            },
            Input::Failed(error) => unknown(&error.detail),
            Input::Answered(_) | Input::Start => {
                self.outcome.take().unwrap_or_else(|| unknown("over"))
            }
        })
    }
}

fn refused() -> Outcome {
    Outcome::Declined(Decline {
        code: "REFUSED".to_owned(),
        message: "not today".to_owned(),
    })
}

fn issued(order_id: &str, at: Timestamp) -> Outcome {
    Outcome::KeyIssued(IssuedKey {
        pg_billing_key: Secret::new(format!("key-of-{order_id}")),
        pg_tx_id: Some(format!("issue-{order_id}")),
        card: Card::default(),
        at,
    })
}

fn approved(order: &naru_connector::Order, at: Timestamp) -> Outcome {
    Outcome::Approved(Approval {
        cash_receipt: None,
        pg_billing_key: None,
        pg_tx_id: format!("charge-{}", order.order_id),
        amount: order.amount.total,
        currency: None,
        at,
        method: Method::Card(CardPayment::default()),
        receipt_url: None,
        escrow: None,
        raw: String::new(),
    })
}

impl Connector for KeyPg {
    fn capabilities(&self) -> &'static Capabilities {
        &CAPABILITIES
    }

    fn check_settings(&self, _: &ChannelSettings) -> Result<(), SettingsError> {
        Ok(())
    }

    fn begin(
        &self,
        operation: &Operation,
        call: &Call<'_>,
    ) -> Result<Box<dyn Exchange>, BeginError> {
        let refuses = |option: &str| call.settings.is_on(option);
        if refuses("forbids") {
            return Err(BeginError::Invalid {
                field: "customer.id",
                message: "is never right".to_owned(),
            });
        }
        let outcome = match operation {
            Operation::IssueBillingKey(_) if refuses("refuses_issue") => refused(),
            Operation::IssueBillingKey(issue) => issued(&issue.order_id, call.at),
            Operation::ChargeBillingKey(_) if refuses("refuses_charge") => refused(),
            Operation::ChargeBillingKey(charge) => approved(&charge.order, call.at),
            Operation::DeleteBillingKey(_) if refuses("refuses_delete") => refused(),
            Operation::DeleteBillingKey(_) => Outcome::KeyDeleted { at: call.at },
            Operation::CapturePayment(_) if refuses("refuses_capture") => refused(),
            Operation::CapturePayment(_) => Outcome::Acted(Acted {
                at: call.at,
                receipt_url: None,
            }),
            Operation::Inquire(_) => Outcome::NotFound,
            Operation::PayCard(_)
            | Operation::ApproveWindow(_)
            | Operation::NetCancel(_)
            | Operation::IssueVirtualAccount(_)
            | Operation::Refund(_)
            | Operation::CloseVirtualAccount(_)
            | Operation::RegisterShipment(_)
            | Operation::AcceptRejection(_)
            | Operation::RegisterStoreSales(_)
            | Operation::IssueCashReceipt(_)
            | Operation::CancelCashReceipt(_)
            | Operation::Identity(_) => {
                return Err(BeginError::Unsupported("it keeps keys only".to_owned()));
            }
        };
        let request = Request {
            method: http::Method::POST,
            url: format!("http://pg.test/key-pg/{}", call.settings.merchant_id),
            headers: Vec::new(),
            body: Bytes::new(),
            timeout_ms: CAPABILITIES.answer_timeout_ms,
            write_within_ms: None,
        };
        Ok(Box::new(OneCall {
            request: Some(request),
            outcome: Some(outcome),
        }))
    }

    fn read_return(&self, _: &InboundRequest, _: &Call<'_>) -> Result<Returned, Rejected> {
        Err(no_notices())
    }

    fn notice_merchant(&self, _: &InboundRequest) -> Result<String, Rejected> {
        Err(no_notices())
    }

    fn read_notification(
        &self,
        _: &InboundRequest,
        _: &ChannelSettings,
    ) -> Result<Notification, Rejected> {
        Err(no_notices())
    }
}

fn no_notices() -> Rejected {
    Rejected {
        reason: "it sends no notices".to_owned(),
        answer: NoticeAnswer {
            status: 404,
            content_type: "text/plain",
            body: "",
        },
    }
}
