//! KG Inicis unified authentication (`INICIS_UNIFIED`): identity verification in a window.
//!
//! A form opens the window; the browser brings an address and a token back; the PG tells who it
//! was at that address, encrypted with the token. `README.md` beside this file has the wire.

mod contract;
mod result;
mod seed;
mod window;

use naru_connector::{
    BeginError, Call, Capabilities, ChannelSettings, Connector, Exchange, IdentityOperation,
    IdentityOutcome, InboundRequest, Notification, OpenIdentityWindow, Operation, OperationKind,
    Outcome, Rejected, Returned, SettingsError, Support, WindowForm,
};

use crate::exchange::Exchanged;
use crate::identity::no_notices;
use contract::Contract;

/// What this PG can do.
static CAPABILITIES: Capabilities = Capabilities {
    pg_provider: "INICIS_UNIFIED",
    name: "inicis_unified",
    operations: &[(OperationKind::OpenIdentityWindow, Support::Confirmed)],
    // No money moves: nothing is ever looked for.
    settle_time_ms: 0,
    // What the manual suggests.
    answer_timeout_ms: 5_000,
};

/// The connector.
#[derive(Debug)]
pub struct InicisUnified;

impl Connector for InicisUnified {
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
        CAPABILITIES.check(operation.kind(), call.settings)?;
        let contract = Contract::read(call.settings)?;
        match operation {
            // Nothing is told before: the form is checked, and the PG has no id of it yet.
            Operation::Identity(IdentityOperation::Prepare(window)) => {
                window::form(window, &contract)?;
                let sent = IdentityOutcome::Sent {
                    pg_tx_id: String::new(),
                };
                Ok(Box::new(Exchanged::known(Outcome::Identity(sent))))
            }
            Operation::Identity(IdentityOperation::Finish(one)) => {
                Ok(Box::new(result::finish(one, contract)?))
            }
            _ => Err(BeginError::Unsupported(
                "a channel of `INICIS_UNIFIED` is for identity verification in windows only"
                    .to_owned(),
            )),
        }
    }

    fn open_identity_window(
        &self,
        window: &OpenIdentityWindow,
        _: &str,
        call: &Call<'_>,
    ) -> Result<WindowForm, BeginError> {
        window::form(window, &Contract::read(call.settings)?)
    }

    fn read_return(&self, request: &InboundRequest, call: &Call<'_>) -> Result<Returned, Rejected> {
        let contract = Contract::read(call.settings).map_err(|_| no_notices(request))?;
        result::read_return(request, &contract)
    }

    fn notice_merchant(&self, request: &InboundRequest) -> Result<String, Rejected> {
        Err(no_notices(request))
    }

    fn read_notification(
        &self,
        request: &InboundRequest,
        _: &ChannelSettings,
    ) -> Result<Notification, Rejected> {
        Err(no_notices(request))
    }
}

/// The PG's order id has 20 characters: the last ones of ours, which are the random ones.
fn m_tx_id(order_id: &str) -> &str {
    order_id
        .len()
        .checked_sub(20)
        .and_then(|start| order_id.get(start..))
        .unwrap_or(order_id)
}
