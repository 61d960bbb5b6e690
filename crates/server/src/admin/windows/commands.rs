//! `naru windows …`: one call each, and its answer as JSON.

use super::types::{BroughtBack, NewWindow, OpenedWindow, WindowResult};
use crate::admin::client::AdminClient;
use crate::cli::WindowsCommand;
use crate::output;

/// `naru windows …`
pub async fn windows(command: WindowsCommand) -> anyhow::Result<()> {
    match command {
        WindowsCommand::Open(arguments) => {
            let new = NewWindow {
                payment_id: arguments.payment,
                channel_key: arguments.channel,
                amount: arguments.amount,
                virtual_account: arguments.virtual_account,
                mobile: arguments.mobile,
                confirm_url: arguments.confirm_url,
            };
            let path = ["stores", arguments.store.as_str(), "windows"];
            let opened: OpenedWindow = AdminClient::find(&arguments.reach)?
                .post(&path, &new)
                .await?;
            output::json(&opened)
        }
        WindowsCommand::Return(arguments) => {
            let brought = BroughtBack {
                form: arguments.form,
            };
            let path = ["windows", arguments.transaction.as_str(), "return"];
            let result: WindowResult = AdminClient::find(&arguments.reach)?
                .post(&path, &brought)
                .await?;
            output::json(&result)
        }
    }
}
