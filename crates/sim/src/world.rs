//! The world: everything that outlives a process of Naru.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use http::Method;
use naru_domain::Timestamp;
use naru_engine::Engine;
use naru_store_memory::{Durability, MemoryStore};

use crate::dice::Dice;
use crate::history::History;
use crate::node::{Life, Node};
use crate::pg::Pg;
use crate::receiver::Receiver;
use crate::time::{WorldTime, sleep_ms};
use crate::trace::Trace;
use crate::weather::Weather;
use crate::{Mistake, Options, Shared, courier, setup};

/// How often an idle worker looks: in the storm, and when all is calm.
const STORM_PACE_MS: u64 = 500;
const CALM_PACE_MS: u64 = 15_000;

/// How long a sync takes at most when nothing is wrong with the disk.
const SYNC_MS: u64 = 6;
/// How long a process lives after a sync has failed.
const SYNC_FAILED_MS: u64 = 50;
/// How long a disk stays full.
const DISK_FULL_MS_MAX: u64 = 60_000;

/// Purposes of the streams of draws.
const OF_FAULTS: u64 = 1;
const OF_IDS: u64 = 2;
const OF_WEATHER: u64 = 3;
const OF_TRADE: u64 = 4;

/// See the module.
pub struct World {
    pub options: Options,
    /// Draws of what goes wrong.
    pub dice: Dice,
    /// Draws of what merchants do.
    pub trade: Dice,
    pub ids: Dice,
    pub time: WorldTime,
    pub trace: Trace,
    pub store: Arc<MemoryStore>,
    pub pg: Pg,
    pub receiver: Receiver,
    pub history: History,
    /// An engine that nothing goes wrong with, to look at the store with. It has no workers.
    pub observer: Engine,
    nodes: Mutex<Vec<Arc<Node>>>,
    weather: Mutex<Weather>,
    is_calm: AtomicBool,
    /// Until when the disk takes no unit.
    full_until: Mutex<Timestamp>,
    crashes: AtomicU64,
    /// Whether several processes share the store, which then outlives them as a database does.
    is_cluster: bool,
}

impl World {
    /// A world whose processes run.
    pub async fn new(seed: u64, options: Options) -> Shared {
        let weather_dice = Dice::new(seed, OF_WEATHER);
        let time = WorldTime::new();
        let store = MemoryStore::new(move || time.read());
        let ids = Dice::new(seed, OF_IDS);
        let observer = setup::observer(&store, time, &ids);
        let is_cluster = !options.is_calm && weather_dice.happens(4_000);
        let weather = if options.is_calm {
            Weather::default()
        } else {
            Weather::storm(&weather_dice)
        };
        let world = Arc::new_cyclic(|world: &Weak<Self>| Self {
            options,
            dice: Dice::new(seed, OF_FAULTS),
            trade: Dice::new(seed, OF_TRADE),
            ids,
            time,
            trace: Trace::new(options.is_loud),
            store,
            pg: Pg::new(seed, time, courier::to(world)),
            receiver: Receiver::default(),
            history: History::default(),
            observer,
            nodes: Mutex::default(),
            weather: Mutex::new(weather),
            full_until: Mutex::new(Timestamp::default()),
            is_calm: AtomicBool::new(false),
            crashes: AtomicU64::new(0),
            is_cluster,
        });
        setup::seed(&world).await;
        world.store.set_durability(match options.mistake {
            Some(Mistake::AnswerBeforeSync) => Durability::Relaxed,
            _ => Durability::Held,
        });
        let processes = if is_cluster { 2 } else { 1 };
        for index in 0..processes {
            world.start(index);
        }
        world
    }

    fn start(self: &Arc<Self>, index: usize) {
        let node = setup::node(self, &Life::new(index));
        node.start(self, !self.is_cluster);
        let mut nodes = lock(&self.nodes);
        if index < nodes.len() {
            nodes[index] = node;
        } else {
            nodes.push(node);
        }
    }

    /// A process that lives, if there is one.
    pub fn node(&self) -> Option<Arc<Node>> {
        let nodes = lock(&self.nodes);
        let alive = nodes.iter().filter(|node| node.life.is_alive());
        let alive: Vec<_> = alive.cloned().collect();
        (!alive.is_empty()).then(|| Arc::clone(self.dice.pick(&alive)))
    }

    /// A process dies. On a store of its own, what was not synced dies with it. Another one starts.
    pub fn kill(self: &Arc<Self>, life: &Arc<Life>) {
        if !life.end() {
            return;
        }
        self.step(format_args!("{} dies", life.index));
        self.crashes.fetch_add(1, Ordering::Relaxed);
        if !self.is_cluster {
            self.store.crash();
        }
        let (world, index) = (Arc::clone(self), life.index);
        tokio::spawn(async move {
            sleep_ms(world.dice.between(10, 3_000)).await;
            world.start(index);
        });
    }

    /// Makes what has landed durable in a moment, as group commit does.
    pub fn sync_soon(self: &Arc<Self>) {
        let world = Arc::clone(self);
        tokio::spawn(async move {
            let within = world.weather().sync_ms.max(SYNC_MS);
            sleep_ms(world.dice.below(within)).await;
            if world.dice.happens(world.weather().sync_fails) {
                world.fail_sync().await;
            } else {
                world.store.sync();
            }
        });
    }

    /// A store that can't sync takes nothing any more, and its process stops. A database of several
    /// processes is beyond this: its answer is a commit's error.
    async fn fail_sync(self: &Arc<Self>) {
        if self.is_cluster {
            return self.store.sync();
        }
        self.step(format_args!("a sync fails"));
        self.store.crash();
        self.fill_disk(SYNC_FAILED_MS);
        sleep_ms(self.dice.below(SYNC_FAILED_MS)).await;
        let node = self.node();
        if let Some(node) = node {
            self.kill(&node.life);
        }
    }

    /// Whether the disk takes a unit.
    pub fn takes_writes(&self) -> bool {
        if self.dice.happens(self.weather().disk_full) {
            self.fill_disk(self.dice.between(1_000, DISK_FULL_MS_MAX));
        }
        self.is_calm() || self.time.read() >= *lock(&self.full_until)
    }

    fn fill_disk(&self, for_ms: u64) {
        let for_ms = i64::try_from(for_ms).unwrap_or(i64::MAX);
        *lock(&self.full_until) = self.time.read().plus_millis(for_ms);
    }

    /// Nothing fails from now on.
    pub async fn calm_down(&self) {
        self.step(format_args!("calm"));
        self.is_calm.store(true, Ordering::Relaxed);
        *lock(&self.weather) = Weather::default();
        self.pg_behaves().await;
        self.pg.resume();
    }

    /// The PG does nothing out of turn until it is told to.
    pub async fn pg_behaves(&self) {
        self.pg.control(Method::DELETE, "/faults", None).await;
    }

    pub fn weather(&self) -> Weather {
        *lock(&self.weather)
    }

    pub fn is_calm(&self) -> bool {
        self.options.is_calm || self.is_calm.load(Ordering::Relaxed)
    }

    pub fn pace_ms(&self) -> u64 {
        if self.is_calm.load(Ordering::Relaxed) {
            CALM_PACE_MS
        } else {
            STORM_PACE_MS
        }
    }

    pub fn crashes(&self) -> u64 {
        self.crashes.load(Ordering::Relaxed)
    }

    /// Adds a step to the trace.
    pub fn step(&self, what: fmt::Arguments<'_>) -> u64 {
        self.trace.step(self.time.read().as_micros(), what)
    }

    /// Lets go of the processes, whose ports hold the world in turn.
    pub fn dismantle(&self) {
        lock(&self.nodes).clear();
    }
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}
