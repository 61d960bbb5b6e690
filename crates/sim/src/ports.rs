//! The ports of a process: everything that goes wrong between it and the outside, and the places
//! at which it can die.

mod store;
mod wire;

use std::sync::Arc;

pub use store::NodeStore;
pub use wire::{NodePost, NodeWire};

use crate::Shared;
use crate::node::Life;
use crate::time::sleep_ms;

/// What every port of a process has.
#[derive(Clone)]
pub struct Port {
    pub world: Shared,
    pub life: Arc<Life>,
}

impl Port {
    /// Before a call takes effect: the process may die, and time may pass.
    async fn before(&self, what: &str) {
        self.die_perhaps(what).await;
        match self.world.dice.below(4) {
            0 => {}
            1 => tokio::task::yield_now().await,
            _ => sleep_ms(self.world.dice.below(4)).await,
        }
        self.life.hold_if_dead().await;
    }

    /// After it took effect, and before the process knows.
    async fn after(&self, what: &str) {
        self.die_perhaps(what).await;
    }

    async fn die_perhaps(&self, what: &str) {
        self.life.hold_if_dead().await;
        let world = &self.world;
        let step = world.step(format_args!("{} {what}", self.life.index));
        if world.dice.happens(world.weather().crash) || world.options.crash_at == Some(step) {
            world.kill(&self.life);
        }
        self.life.hold_if_dead().await;
    }
}
