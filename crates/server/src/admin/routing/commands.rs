//! `naru routing …`: one call each, and its answer in words or as JSON.

use super::types::{ChannelGroup, ChannelGroupChange, NewChannelGroup, Route, Session};
use crate::admin::client::AdminClient;
use crate::admin::commands::list;
use crate::admin::types::Items;
use crate::cli::{
    ChannelShare, GroupCreate, GroupName, GroupSchedule, GroupScheduleName, GroupSet, GroupShow,
    RoutingCommand,
};
use crate::failure::Failure;
use crate::output;

/// `naru routing …`
pub async fn routing(command: RoutingCommand) -> anyhow::Result<()> {
    match command {
        RoutingCommand::List { reach, store, json } => {
            let path = ["stores", store.as_str(), "channel-groups"];
            let groups: Items<ChannelGroup> = AdminClient::find(&reach)?.get(&path).await?;
            let header = [
                "GROUP",
                "NAME",
                "FOR",
                "CHANNELS ON",
                "FAILOVER",
                "SCHEDULED",
            ];
            list(&groups, json, header, row)
        }
        RoutingCommand::Show(GroupShow { name, history }) => {
            let path = ["channel-groups", name.group.as_str()];
            let group = AdminClient::find(&name.reach)?.get(&path).await?;
            show(&group, (name.json, history))
        }
        RoutingCommand::Create(arguments) => create(arguments).await,
        RoutingCommand::Set(arguments) => set(arguments).await,
        RoutingCommand::Schedule(arguments) => schedule(arguments).await,
        RoutingCommand::CancelSchedule(GroupScheduleName { name, at }) => {
            let path = ["channel-groups", &name.group, "schedules", &at];
            let group = AdminClient::find(&name.reach)?.delete(&path).await?;
            show(&group, (name.json, false))
        }
        RoutingCommand::Delete(GroupName { reach, group, json }) => {
            let path = ["channel-groups", group.as_str()];
            let deleted: ChannelGroup = AdminClient::find(&reach)?.delete(&path).await?;
            if json {
                return output::json(&deleted);
            }
            output::note(format!("`{group}` is deleted; requests that name it fail"));
            Ok(())
        }
    }
}

async fn create(arguments: GroupCreate) -> anyhow::Result<()> {
    let new = NewChannelGroup {
        name: arguments.name,
        is_test: arguments.test,
        routes: arguments.channels.into_iter().map(route).collect(),
        failover_tries_max: arguments.failover,
    };
    let path = ["stores", arguments.store.as_str(), "channel-groups"];
    let group = AdminClient::find(&arguments.reach)?
        .post(&path, &new)
        .await?;
    show(&group, (arguments.json, false))
}

async fn set(arguments: GroupSet) -> anyhow::Result<()> {
    let GroupSet {
        name: GroupName { reach, group, json },
        new_name,
        channels,
        on,
        off,
        failover,
    } = arguments;
    let routes: Vec<Route> = channels.into_iter().map(route).collect();
    let change = ChannelGroupChange {
        name: new_name,
        routes: Some(routes).filter(|routes| !routes.is_empty()),
        on,
        off,
        failover_tries_max: failover,
    };
    if change == ChannelGroupChange::default() {
        return Err(Failure::new("nothing to change")
            .hint("name what changes: `--channel`, `--on`, `--off`, `--failover` or `--name`")
            .into());
    }
    let path = ["channel-groups", group.as_str()];
    let group = AdminClient::find(&reach)?.post(&path, &change).await?;
    show(&group, (json, false))
}

async fn schedule(arguments: GroupSchedule) -> anyhow::Result<()> {
    let GroupSchedule {
        name: GroupScheduleName { name, at },
        channels,
    } = arguments;
    let session = Session {
        starts_at: at,
        routes: channels.into_iter().map(route).collect(),
    };
    let path = ["channel-groups", name.group.as_str(), "schedules"];
    let group = AdminClient::find(&name.reach)?
        .post(&path, &session)
        .await?;
    show(&group, (name.json, false))
}

fn route(share: ChannelShare) -> Route {
    Route {
        channel_key: share.channel,
        weight: share.weight,
        is_on: share.is_on,
    }
}

fn row(group: &ChannelGroup) -> [String; 6] {
    let routes = group.current.as_ref().map(|now| now.routes.as_slice());
    let routes = routes.unwrap_or_default();
    let on = routes.iter().filter(|route| route.is_on).count();
    [
        group.id.clone(),
        group.name.clone(),
        environment(group).to_owned(),
        format!("{on} of {}", routes.len()),
        failover(group),
        group.scheduled.len().to_string(),
    ]
}

const fn environment(group: &ChannelGroup) -> &'static str {
    if group.is_test { "test" } else { "live" }
}

fn failover(group: &ChannelGroup) -> String {
    match group.failover_tries_max {
        0 => "off".to_owned(),
        tries => tries.to_string(),
    }
}

fn show(group: &ChannelGroup, (json, with_history): (bool, bool)) -> anyhow::Result<()> {
    if json {
        return output::json(group);
    }
    output::line(format!("group     {}", group.id));
    output::line(format!("store     {}", group.store_id));
    output::line(format!("name      {}", group.name));
    output::line(format!("channels  {}", environment(group)));
    output::line(format!("failover  {}", failover(group)));
    output::line(format!("created   {}", group.created_at));
    if let Some(deleted_at) = &group.deleted_at {
        output::line(format!("deleted   {deleted_at}"));
    }
    if let Some(now) = &group.current {
        show_session("since", now);
    }
    for session in &group.scheduled {
        show_session("from", session);
    }
    if with_history {
        for session in &group.past {
            show_session("before, since", session);
        }
    } else if !group.past.is_empty() {
        output::note(format!(
            "earlier settings: {}; `--history` shows them",
            group.past.len()
        ));
    }
    Ok(())
}

fn show_session(from: &str, session: &Session) {
    output::line("");
    output::line(format!("{from} {}", session.starts_at));
    let row = |route: &Route| {
        [
            route.channel_key.clone(),
            route.weight.to_string(),
            if route.is_on { "on" } else { "off" }.to_owned(),
        ]
    };
    let rows: Vec<_> = session.routes.iter().map(row).collect();
    output::table(["CHANNEL", "WEIGHT", "STATE"], &rows);
}
