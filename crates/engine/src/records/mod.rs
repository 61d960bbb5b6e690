//! What the engine keeps, each type in one table of the store.

mod admin;
mod administration;
mod bulk;
mod checkout;
mod idempotency;
mod identity;
mod job;
mod journal;
mod ledger;
mod payment;
mod promotion;
mod receipt;
mod routing;
mod schedule;
mod settlement;
mod tax;
mod v1;
mod webhook;
mod window;

pub(crate) use admin::seoul;
pub use admin::{
    ApiSecretRecord, ChannelRecord, EndpointRecord, EndpointSecret, Environment, PayloadFormat,
    PayloadVersion, SessionRecord, SettingRecord, StoreRecord, UserCodeRecord,
};
pub use administration::{
    ActOutcome, ActRecord, ActVia, AdministratorRecord, ConsoleSessionRecord, KeptPassword,
    LogInCountRecord,
};
pub(crate) use bulk::bulk_key;
pub use bulk::{BulkInvoiceRecord, BulkRowContent, BulkRowRecord, RowStage, bulk_status};
pub use checkout::{CheckoutProfileRecord, PaymentSessionRecord};
pub use idempotency::{IdempotencyRecord, IdempotencyState};
pub use identity::{IdentityJob, IdentityRateRecord, IdentityRecord};
pub use job::{JobKind, JobRecord, Queue};
pub use journal::{JournalRecord, JournalSubject};
pub use ledger::{FactsRecord, LedgerHeadRecord, LedgerRecord, ProfileRecord};
pub(crate) use payment::method_name;
pub use payment::{
    AttemptRecord, BillingKeyRecord, DiscrepancyRecord, EventRecord, NoticeRecord, NoticeState,
    PaymentRecord, PreRegistrationRecord, Subject,
};
pub use promotion::{CardBinRecord, PromotionBudgetRecord, PromotionRecord};
pub use receipt::{CashReceiptRecord, ReceiptJob};
pub use routing::{ChannelGroupNameRecord, ChannelGroupRecord};
pub use schedule::{ScheduleRecord, ScheduledKeyRecord};
pub use settlement::{
    BatchState, ComparisonRecord, DifferenceRecord, DifferenceState, EnrolmentRecord,
    SettledContract, SettlementBatchRecord, SettlementDayRecord, SettlementLineRecord,
    SettlementTotalRecord, TotalKey,
};
pub use tax::{
    CompanyCheck, CompanyCheckRecord, CounterpartyNumberRecord, CounterpartyRecord,
    TaxContractRecord, TaxFileChunkRecord, TaxFileRecord, TaxInvitationRecord, TaxInvoiceKeyRecord,
    TaxInvoiceRecord, business_status_name, connection_name, tax_invoice_status,
};
pub(crate) use tax::{document_key_row, environment_name, invitation_key, number_row};
pub use v1::{ImpUidRecord, V1KeyRecord, V1TokenRecord};
pub use webhook::{Execution, ExecutionResult, ReceiverAnswer, WebhookRecord, WebhookStatus};
pub use window::AuthenticationRecord;
