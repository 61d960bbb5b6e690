//! The checks that a running server makes of itself, since only it has the store and the keys:
//! the database, the clock, the channels and their groups. Served to `naru doctor` behind the admin
//! guard.

use naru_domain::ChannelKey;
use naru_engine::{Engine, Fault};

use super::{Finding, Line};

/// Clocks may differ by so much before leases of nodes that share a database are unsafe to judge.
const SKEW_MAX_MS: i64 = 1_000;

/// Looks at the store, the clock and every channel. Sends nothing to a PG.
pub(crate) async fn findings(engine: &Engine) -> Vec<Line> {
    let mut lines = vec![
        line("database", database(engine).await),
        line("clock", clock(engine).await),
        line("master key", master_key(engine).await),
    ];
    match engine.channels(None).await {
        Ok(channels) if channels.is_empty() => lines.push(line(
            "channels",
            Finding::warn("there are none", "create one with `naru channels create`"),
        )),
        Ok(channels) => {
            for channel in channels {
                let name = format!("channel {} ({})", channel.key, channel.pg_merchant_id);
                let finding = match engine.check_stored_channel(&channel) {
                    Ok(()) => Finding::ok("its keys open, its settings are complete"),
                    Err(fault) => Finding::fail(
                        fault.to_string(),
                        "create it anew with `naru channels create`, then disable this one",
                    ),
                };
                lines.push(Line {
                    check: name,
                    finding,
                });
            }
        }
        Err(fault) => lines.push(line("channels", unreachable(&fault))),
    }
    match groups(engine).await {
        Ok(found) => lines.extend(found),
        Err(fault) => lines.push(line("channel groups", unreachable(&fault))),
    }
    lines
}

/// Every channel group that was not deleted: whether a payment that names it goes anywhere.
async fn groups(engine: &Engine) -> Result<Vec<Line>, Fault> {
    let now = engine.clock().business();
    let channels = engine.channels(None).await?;
    let takes_payments = |key: &ChannelKey| {
        let found = channels.iter().find(|channel| channel.key == *key);
        found.is_some_and(|channel| channel.disabled_at.is_none())
    };
    let mut lines = Vec::new();
    for store in engine.stores().await? {
        for group in engine.channel_groups(&store.id).await? {
            let routes = group.session(now).map(|now| now.routes.as_slice());
            let routes = routes.unwrap_or_default();
            let on = routes
                .iter()
                .filter(|route| route.is_on && takes_payments(&route.channel))
                .count();
            let finding = match on {
                0 => Finding::warn(
                    "none of its channels takes payments",
                    "switch one on with `naru routing set` or `naru channels enable`",
                ),
                on => Finding::ok(format!("{on} of {} channels take payments", routes.len())),
            };
            lines.push(Line {
                check: format!("channel group {} ({})", group.id, group.name),
                finding,
            });
        }
    }
    Ok(lines)
}

fn line(check: &str, finding: Finding) -> Line {
    Line {
        check: check.to_owned(),
        finding,
    }
}

fn unreachable(fault: &Fault) -> Finding {
    Finding::fail(fault.to_string(), "look into the server's log")
}

async fn database(engine: &Engine) -> Finding {
    let name = engine.store().name();
    match engine.stores().await {
        Ok(stores) if stores.is_empty() => Finding::warn(
            format!("{name} answers, no store yet"),
            "run `naru stores create`",
        ),
        // Opening refuses a database that does not sync, so one that is open does.
        Ok(stores) => Finding::ok(format!(
            "{name} answers and syncs; stores: {}",
            stores.len()
        )),
        Err(fault) => unreachable(&fault),
    }
}

async fn clock(engine: &Engine) -> Finding {
    let before = engine.clock().machine();
    let Ok(theirs) = engine.store().now().await else {
        return Finding::fail(
            "the store does not tell the time",
            "look into the server's log",
        );
    };
    let skew_ms = theirs.as_millis() - before.as_millis();
    if skew_ms.abs() > SKEW_MAX_MS {
        return Finding::fail(
            format!("the database's clock differs by {skew_ms} ms"),
            "let both machines follow the same time server",
        );
    }
    match engine.clock().offset_ms() {
        0 => Finding::ok("in step with the database"),
        offset => Finding::warn(
            format!("the business clock is {offset} ms away from the machine's"),
            "move it back at the simulators with `POST /clock`, if no test needs it",
        ),
    }
}

/// Whether a change of the master key was finished.
async fn former_keys(engine: &Engine) -> Finding {
    let advice = "run `naru keys rotate --config FILE`; see docs/operating/master-key.md";
    match engine.master_keys().await {
        Ok(Some(keys)) if keys.former.iter().any(|one| !one.is_resealed) => {
            Finding::warn("changing it was not finished", advice)
        }
        Ok(_) => Finding::ok("it is the one that the database was sealed with"),
        Err(fault) => Finding::fail(fault.to_string(), advice),
    }
}

async fn master_key(engine: &Engine) -> Finding {
    match engine.check_master_key().await {
        Ok(()) => former_keys(engine).await,
        Err(fault) => Finding::fail(
            fault.to_string(),
            "use the key that the database was made with",
        ),
    }
}
