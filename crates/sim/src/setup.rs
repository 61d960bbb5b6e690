//! What is there before trade begins: engines, a store, a channel, a receiver's address.

use std::collections::BTreeMap;
use std::sync::Arc;

use http::Method;
use naru_connector::{Request, Secret, SendError, Sent, Transport, TransportFuture};
use naru_domain::{ChannelKey, MerchantId, StoreId, Timestamp};
use naru_engine::admin::{NewChannel, NewEndpoint, NewStore};
use naru_engine::records::{Environment, PayloadFormat, PayloadVersion, StoreRecord};
use naru_engine::{Clock, Engine, EngineConfig, Entropy, KeyRing, Parts};
use naru_store::Store;
use naru_store_memory::MemoryStore;
use serde_json::json;

use crate::dice::Dice;
use crate::node::{Life, Node};
use crate::ports::{NodePost, NodeStore, NodeWire, Port};
use crate::time::WorldTime;
use crate::{Mistake, Shared};

pub const STORE: &str = "store-sim";
pub const CHANNEL: &str = "channel-key-sim";
/// The PG's code in the contract.
pub const PG: &str = "INICIS_V2";
const MERCHANT: &str = "merchant-sim";
const MASTER_KEY: [u8; 32] = [7; 32];

/// No way out.
struct Nowhere;

impl Transport for Nowhere {
    fn send(&self, _: Request) -> TransportFuture<'_> {
        let error = SendError {
            sent: Sent::No,
            detail: "an observer sends nothing".to_owned(),
        };
        Box::pin(async move { Err(error) })
    }
}

type Ways = (Arc<dyn Transport>, Arc<dyn Transport>);

fn engine(store: Arc<dyn Store>, (pg, post): Ways, time: WorldTime, ids: &Dice) -> Engine {
    Engine::new(Parts {
        store,
        pg_transport: pg,
        webhook_transport: post,
        connectors: naru_connectors::connector,
        tax_providers: naru_connectors::tax_provider,
        clock: Arc::new(Clock::new(Box::new(time), 0)),
        entropy: Arc::new(ids.clone()) as Arc<dyn Entropy>,
        keys: Arc::new(KeyRing::new(&MASTER_KEY).expect("a master key")),
        config: EngineConfig {
            is_sandbox: true,
            ..EngineConfig::default()
        },
    })
}

/// An engine on the bare store.
pub fn observer(store: &Arc<MemoryStore>, time: WorldTime, ids: &Dice) -> Engine {
    let store = Arc::clone(store) as Arc<dyn Store>;
    engine(store, (Arc::new(Nowhere), Arc::new(Nowhere)), time, ids)
}

/// A process.
pub fn node(world: &Shared, life: &Arc<Life>) -> Arc<Node> {
    let port = Port {
        world: Arc::clone(world),
        life: Arc::clone(life),
    };
    let ways: Ways = (
        Arc::new(NodeWire(port.clone())),
        Arc::new(NodePost(port.clone())),
    );
    Arc::new(Node {
        engine: engine(Arc::new(NodeStore(port)), ways, world.time, &world.ids),
        life: Arc::clone(life),
    })
}

/// Makes the store, its channel, its receiver, and has the PG send its notices.
pub async fn seed(world: &Shared) {
    let engine = &world.observer;
    let store_id = StoreId::new(STORE);
    let new = NewStore {
        name: "a shop".to_owned(),
        id: Some(store_id.clone()),
        merchant_id: Some(MerchantId::new(MERCHANT)),
        parent: None,
    };
    engine.create_store(new).await.expect("a store");
    let is_hasty = world.options.mistake == Some(Mistake::BelievedTooSoon);
    let channel = engine.create_channel(channel(is_hasty)).await;
    channel.expect("a channel");
    let endpoint = NewEndpoint {
        store_id,
        id: None,
        environment: Environment::Test,
        url: Some("http://shop.test/hook".to_owned()),
        version: PayloadVersion::V20240425,
        format: PayloadFormat::Json,
        secret: None,
    };
    engine.create_endpoint(endpoint).await.expect("an endpoint");
    let notices = json!({"noticeUrl": "http://naru.test/pg/inicis/notices"});
    let path = "/registrations/naru";
    world.pg.control(Method::PUT, path, Some(&notices)).await;
}

/// `is_simulated` shortens the time for which "no such transaction" is not believed.
fn channel(is_simulated: bool) -> NewChannel {
    let options = [
        ("iniapi_base", "https://pg.test/inicis"),
        ("shop_url", "https://shop.test"),
        ("order_id_inquiry", "true"),
    ];
    // The published keys of the PG's test merchant.
    let secrets = [
        ("sign_key", "SU5JTElURV9UUklQTEVERVNfS0VZU1RS"),
        ("iniapi_key", "ItEQKi3rY7uvDS8l"),
        ("iniapi_iv", "HYb3yQ4f65QL89=="),
    ];
    NewChannel {
        store_id: StoreId::new(STORE),
        name: "cards and accounts".to_owned(),
        key: Some(ChannelKey::new(CHANNEL)),
        id: None,
        pg_provider: PG.to_owned(),
        pg_merchant_id: "INIpayTest".to_owned(),
        is_test: true,
        is_simulated,
        secrets: secrets
            .into_iter()
            .map(|(name, key)| (name.to_owned(), Secret::new(key)))
            .collect(),
        options: options
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect::<BTreeMap<_, _>>(),
    }
}

/// The store as a face hands it to a use case.
pub fn store_record() -> Arc<StoreRecord> {
    Arc::new(StoreRecord {
        id: StoreId::new(STORE),
        merchant_id: MerchantId::new(MERCHANT),
        parent: None,
        name: "a shop".to_owned(),
        created_at: Timestamp::default(),
        tier: None,
        user_code: None,
        time_zone: "Asia/Seoul".to_owned(),
    })
}
