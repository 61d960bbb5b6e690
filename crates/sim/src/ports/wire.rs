//! The two ways out of a process: to the PG, and to receivers of webhooks.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use naru_connector::{Answer, Request, SendError, Sent, Transport, TransportFuture};

use super::Port;
use crate::Mistake;
use crate::time::sleep_ms;

/// How late a request can arrive after its sender has given up: less than the connector's time to
/// settle, which is what that time is for.
const LATE_MAX_MS: u64 = 120_000;

/// The way to the PG.
pub struct NodeWire(pub Port);

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Arrives,
    Refused,
    Lost,
    Unanswered,
    Twice,
    Late,
}

fn lost(sent: Sent) -> SendError {
    SendError {
        sent,
        detail: "lost in the storm".to_owned(),
    }
}

impl NodeWire {
    fn fate(&self) -> Fate {
        let (dice, weather) = (&self.0.world.dice, self.0.world.weather());
        let fates = [
            (weather.refused, Fate::Refused),
            (weather.request_lost, Fate::Lost),
            (weather.answer_lost, Fate::Unanswered),
            (weather.twice, Fate::Twice),
            (weather.late, Fate::Late),
        ];
        let mut fates = fates.into_iter();
        let hit = fates.find(|(chance, _)| dice.happens(*chance));
        hit.map_or(Fate::Arrives, |(_, fate)| fate)
    }

    /// Waits for the request's turn. `false`: its time was over before.
    async fn turn(&self, within_ms: Option<u32>) -> bool {
        let dice = &self.0.world.dice;
        let is_slow = !self.0.world.is_calm() && dice.happens(200);
        let wait = if is_slow {
            dice.between(1_000, 20_000)
        } else {
            dice.below(20)
        };
        match within_ms.map(u64::from) {
            Some(within) if wait > within => {
                sleep_ms(within).await;
                false
            }
            _ => {
                sleep_ms(wait).await;
                true
            }
        }
    }

    async fn arrive(&self, request: Request) -> Result<Answer, SendError> {
        let timeout = Duration::from_millis(request.timeout_ms.into());
        let world = Arc::clone(&self.0.world);
        // On a task of its own: what has arrived happens even if the sender dies.
        let arriving = tokio::spawn(async move {
            sleep_ms(world.dice.below(50)).await;
            world.pg.call(request).await
        });
        match tokio::time::timeout(timeout, arriving).await {
            Ok(Ok(answer)) => answer.map_err(|_cut| lost(Sent::Perhaps)),
            Ok(Err(_)) | Err(_) => Err(lost(Sent::Perhaps)),
        }
    }

    async fn suffer(&self, request: Request, fate: Fate) -> Result<Answer, SendError> {
        let timeout = u64::from(request.timeout_ms);
        match fate {
            Fate::Arrives => self.arrive(request).await,
            Fate::Refused => Err(lost(Sent::No)),
            Fate::Lost => {
                sleep_ms(self.0.world.dice.between(0, timeout)).await;
                Err(lost(Sent::Perhaps))
            }
            Fate::Unanswered => {
                let _ = self.arrive(request).await;
                Err(lost(Sent::Perhaps))
            }
            Fate::Twice => {
                let _ = self.arrive(request.clone()).await;
                // A copy meets the PG as it is: one that took a request says of its copy that it
                // has it. It does not decline it as a new one for a reason of the customer's.
                self.0.world.pg_behaves().await;
                self.arrive(request).await
            }
            Fate::Late => {
                let world = Arc::clone(&self.0.world);
                let late = self.0.world.dice.between(timeout, timeout + LATE_MAX_MS);
                tokio::spawn(async move {
                    sleep_ms(late).await;
                    let _ = world.pg.call(request).await;
                });
                sleep_ms(timeout).await;
                Err(lost(Sent::Perhaps))
            }
        }
    }

    async fn go(&self, request: Request) -> Result<Answer, SendError> {
        self.0.before("to the PG").await;
        if !self.turn(request.write_within_ms).await {
            return Err(lost(Sent::No));
        }
        self.0.life.hold_if_dead().await;
        let fate = self.fate();
        let done = self.suffer(request, fate).await;
        self.0.after(&format!("from the PG, {fate:?}")).await;
        match (self.0.world.options.mistake, done) {
            (Some(Mistake::LostIsNotSent), Err(_)) => Err(lost(Sent::No)),
            (_, done) => done,
        }
    }
}

impl Transport for NodeWire {
    fn send(&self, request: Request) -> TransportFuture<'_> {
        Box::pin(self.go(request))
    }
}

/// The way to receivers of webhooks.
pub struct NodePost(pub Port);

impl NodePost {
    async fn go(&self, request: Request) -> Result<Answer, SendError> {
        self.0.before("webhook").await;
        let world = &self.0.world;
        let said = |status| {
            Ok(Answer {
                status,
                headers: Vec::new(),
                body: Bytes::new(),
            })
        };
        if world.dice.happens(world.weather().receiver) {
            if world.options.mistake == Some(Mistake::RefusedIsDelivered) {
                return said(200);
            }
            return match world.dice.below(3) {
                0 => Err(lost(Sent::No)),
                1 => said(500),
                _ => {
                    world.receiver.take(&request);
                    Err(lost(Sent::Perhaps))
                }
            };
        }
        world.receiver.take(&request);
        self.0.after("webhook taken").await;
        said(200)
    }
}

impl Transport for NodePost {
    fn send(&self, request: Request) -> TransportFuture<'_> {
        Box::pin(self.go(request))
    }
}
