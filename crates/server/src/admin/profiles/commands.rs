//! `naru profiles …`: one call each, and its answer in words or as JSON.

use super::types::{Method, NewProfile, Profile};
use crate::admin::client::AdminClient;
use crate::admin::commands::list;
use crate::admin::types::Items;
use crate::cli::{MethodSet, ProfileCreate, ProfileName, ProfilesCommand};
use crate::output;

/// `naru profiles …`
pub async fn profiles(command: ProfilesCommand) -> anyhow::Result<()> {
    match command {
        ProfilesCommand::Create(arguments) => create(arguments).await,
        ProfilesCommand::List { reach, store, json } => {
            let path = ["stores", store.as_str(), "profiles"];
            let found: Items<Profile> = AdminClient::find(&reach)?.get(&path).await?;
            list(&found, json, ["PROFILE", "NAME", "FOR", "METHODS"], |one| {
                let on = one.methods.iter().filter(|method| method.is_on);
                let names: Vec<_> = on.map(|method| method.method.as_str()).collect();
                [
                    one.key.clone(),
                    one.name.clone(),
                    if one.is_test { "test" } else { "live" }.to_owned(),
                    names.join(", "),
                ]
            })
        }
        ProfilesCommand::Show(ProfileName {
            reach,
            profile,
            json,
        }) => {
            let path = ["profiles", profile.as_str()];
            let found = AdminClient::find(&reach)?.get(&path).await?;
            show(&found, json)
        }
        ProfilesCommand::SetMethod(arguments) => set_method(arguments).await,
        ProfilesCommand::RemoveMethod { profile, method } => {
            let path = ["profiles", &profile.profile, "methods", &method];
            let changed = AdminClient::find(&profile.reach)?.delete(&path).await?;
            show(&changed, profile.json)
        }
    }
}

async fn create(arguments: ProfileCreate) -> anyhow::Result<()> {
    let new = NewProfile {
        name: arguments.name,
        is_test: arguments.test,
    };
    let path = ["stores", arguments.store.as_str(), "profiles"];
    let made = AdminClient::find(&arguments.reach)?
        .post(&path, &new)
        .await?;
    show(&made, arguments.json)
}

async fn set_method(arguments: MethodSet) -> anyhow::Result<()> {
    let ProfileName {
        reach,
        profile,
        json,
    } = arguments.profile;
    let method = Method {
        method: arguments.method,
        channel_key: arguments.channel,
        is_on: !arguments.off,
        countries: arguments.countries,
        currencies: arguments.currencies,
        amount_min: arguments.min,
        amount_max: arguments.max,
    };
    let path = ["profiles", profile.as_str(), "methods"];
    let changed = AdminClient::find(&reach)?.post(&path, &method).await?;
    show(&changed, json)
}

fn show(profile: &Profile, json: bool) -> anyhow::Result<()> {
    if json {
        return output::json(profile);
    }
    output::line(format!("profile  {}", profile.key));
    output::line(format!("store    {}", profile.store_id));
    output::line(format!("name     {}", profile.name));
    output::line(format!(
        "for      {}",
        if profile.is_test { "test" } else { "live" }
    ));
    let rows: Vec<_> = profile.methods.iter().map(row).collect();
    if !rows.is_empty() {
        let header = [
            "METHOD",
            "CHANNEL",
            "COUNTRIES",
            "CURRENCIES",
            "AMOUNTS",
            "OFFERED",
        ];
        output::table(header, &rows);
    }
    Ok(())
}

fn row(method: &Method) -> [String; 6] {
    let all = |list: &[String]| {
        if list.is_empty() {
            "all".to_owned()
        } else {
            list.join(", ")
        }
    };
    let bound = |amount: Option<i64>| amount.map_or_else(String::new, |amount| amount.to_string());
    let amounts = match (method.amount_min, method.amount_max) {
        (None, None) => "all".to_owned(),
        (least, most) => format!("{}–{}", bound(least), bound(most)),
    };
    [
        method.method.clone(),
        method.channel_key.clone(),
        all(&method.countries),
        all(&method.currencies),
        amounts,
        if method.is_on { "yes" } else { "no" }.to_owned(),
    ]
}
