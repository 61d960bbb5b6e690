//! `naru administrators …`: one call each, and its answer in words or as JSON.

use naru_connector::Secret;

use super::types::{Administrator, NewAdministrator, NewPassword};
use crate::admin::client::AdminClient;
use crate::admin::types::Items;
use crate::cli::{AdministratorName, AdministratorPassword, AdministratorsCommand};
use crate::{output, password};

/// `naru administrators …`
pub async fn administrators(command: AdministratorsCommand) -> anyhow::Result<()> {
    match command {
        AdministratorsCommand::Add(arguments) => add(arguments).await,
        AdministratorsCommand::List { reach, json } => {
            let client = AdminClient::find(&reach)?;
            list(&client.get(&["administrators"]).await?, json)
        }
        AdministratorsCommand::Remove(AdministratorName { reach, email }) => {
            let client = AdminClient::find(&reach)?;
            let () = client.delete(&["administrators", &email]).await?;
            output::note(format!("`{email}` is no administrator any more"));
            Ok(())
        }
        AdministratorsCommand::ResetPassword(arguments) => reset_password(arguments).await,
        AdministratorsCommand::Unlock(AdministratorName { reach, email }) => {
            let client = AdminClient::find(&reach)?;
            let path = ["administrators", email.as_str(), "unlock"];
            let () = client.post(&path, &()).await?;
            output::note(format!("`{email}` may log in again"));
            Ok(())
        }
    }
}

/// The server first: nobody wants to type a password twice to hear that there is none.
fn asked(arguments: &AdministratorPassword) -> anyhow::Result<(AdminClient, Secret)> {
    let client = AdminClient::find(&arguments.reach)?;
    let password = password::asked(arguments.password_file.as_deref(), &arguments.email)?;
    Ok((client, password))
}

async fn add(arguments: AdministratorPassword) -> anyhow::Result<()> {
    let (client, password) = asked(&arguments)?;
    let new = NewAdministrator {
        email: arguments.email,
        password: password.expose().to_owned(),
    };
    let added: Administrator = client.post(&["administrators"], &new).await?;
    if arguments.json {
        return output::json(&added);
    }
    output::note(format!("`{}` may log in to the console", added.email));
    Ok(())
}

async fn reset_password(arguments: AdministratorPassword) -> anyhow::Result<()> {
    let (client, password) = asked(&arguments)?;
    let new = NewPassword {
        password: password.expose().to_owned(),
    };
    let path = ["administrators", arguments.email.as_str(), "password"];
    let () = client.post(&path, &new).await?;
    output::note(format!(
        "`{}` has another password, and is logged out everywhere",
        arguments.email
    ));
    Ok(())
}

fn list(found: &Items<Administrator>, json: bool) -> anyhow::Result<()> {
    if json {
        return output::json(found);
    }
    if found.items.is_empty() {
        output::note("there are none; add one with `naru administrators add EMAIL`");
        return Ok(());
    }
    let row = |one: &Administrator| {
        [
            one.email.clone(),
            one.created_at.clone(),
            one.password_set_at.clone(),
            one.locked_until.clone().unwrap_or_else(|| "-".to_owned()),
        ]
    };
    let rows: Vec<[String; 4]> = found.items.iter().map(row).collect();
    output::table(["EMAIL", "ADDED", "PASSWORD SET", "LOCKED UNTIL"], &rows);
    Ok(())
}
