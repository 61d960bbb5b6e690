//! How the PG's notices come to Naru: lost, late, twice, or as they should.

use std::sync::{Arc, Weak};

use bytes::Bytes;
use http::StatusCode;
use naru_connector::InboundRequest;
use naru_pg_sim::Courier;

use crate::setup::PG;
use crate::time::sleep_ms;
use crate::world::World;

/// A courier to whichever process lives.
pub fn to(world: &Weak<World>) -> Courier {
    let world = Weak::clone(world);
    Courier::new(move |_url, content_type, body| {
        let world = Weak::upgrade(&world);
        async move { carry(&world?, content_type, body).await }
    })
}

async fn carry(
    world: &Arc<World>,
    content_type: &'static str,
    body: Bytes,
) -> Option<(StatusCode, String)> {
    let weather = world.weather();
    if world.dice.happens(weather.notice_late) {
        sleep_ms(world.dice.between(1_000, 60_000)).await;
    }
    if world.dice.happens(weather.notice_lost) {
        return None;
    }
    if world.dice.happens(weather.notice_twice) {
        let _ = deliver(world, content_type, body.clone()).await;
    }
    let answer = deliver(world, content_type, body).await;
    if world.dice.happens(weather.notice_lost) {
        return None;
    }
    answer
}

async fn deliver(
    world: &Arc<World>,
    content_type: &'static str,
    body: Bytes,
) -> Option<(StatusCode, String)> {
    let node = world.node()?;
    let request = InboundRequest {
        content_type: Some(content_type.to_owned()),
        body,
        peer: None,
    };
    let taken = tokio::select! {
        biased;
        taken = node.engine.take_notice(PG, &request) => taken,
        () = node.life.over() => return None,
    };
    match taken {
        Ok(answer) => {
            let status = StatusCode::from_u16(answer.status).ok()?;
            Some((status, answer.body.to_owned()))
        }
        Err(_fault) => Some((StatusCode::SERVICE_UNAVAILABLE, String::new())),
    }
}
