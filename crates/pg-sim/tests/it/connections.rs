//! Over real connections: what a client sees of an answer that is lost.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use naru_pg_sim::serve;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::support::{CARD_HASH, GOOD_CARD, Pg, card_fields, options, signed_form};

struct Served {
    pg: Pg,
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    server: JoinHandle<std::io::Result<()>>,
}

async fn served(pg: Pg) -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let simulator = std::sync::Arc::clone(&pg.sim);
    let server = tokio::spawn(serve(listener, simulator, async {
        let _ = stopped.await;
    }));
    Served {
        pg,
        address,
        stop,
        server,
    }
}

fn send(address: SocketAddr, card: &str) -> TcpStream {
    let form = signed_form(&card_fields(card, "1000", card), &CARD_HASH);
    let request = format!(
        "POST /inicis/api/v1/formpay HTTP/1.1\r\nHost: pg\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
        form.len()
    );
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    stream
}

async fn everything(mut stream: TcpStream) -> String {
    let read = tokio::task::spawn_blocking(move || {
        let mut bytes = Vec::new();
        // A reset is as good an end as a close.
        let _ = stream.read_to_end(&mut bytes);
        bytes
    });
    String::from_utf8(read.await.unwrap()).unwrap()
}

#[tokio::test]
async fn a_dropped_connection_gives_no_byte() {
    let served = served(Pg::memory()).await;
    let answer = everything(send(served.address, GOOD_CARD)).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    for card in ["9000000000000001", "9000000000000002", "9000000000000003"] {
        assert_eq!(everything(send(served.address, card)).await, "", "{card}");
    }
    assert_eq!(served.pg.row("9000000000000003").await["state"], "APPROVED");
    assert!(served.pg.row("9000000000000002").await.is_null());
}

#[tokio::test]
async fn an_end_does_not_wait_for_held_connections() {
    let mut options = options();
    options.timing.hold = Duration::from_hours(1);
    let sim = naru_pg_sim::Simulator::open_with(None, options).unwrap();
    let served = served(Pg { sim }).await;
    let held = send(served.address, "9000000000000001");
    while served.pg.row("9000000000000001").await.is_null() {
        tokio::task::yield_now().await;
    }
    served.stop.send(()).unwrap();
    assert_eq!(everything(held).await, "");
    served.server.await.unwrap().unwrap();
}

#[tokio::test]
async fn an_unknown_control_is_404_in_json() {
    let served = served(Pg::memory()).await;
    let mut stream = TcpStream::connect(served.address).unwrap();
    stream.write_all(b"GET /bokos HTTP/1.0\r\n\r\n").unwrap();
    let answer = everything(stream).await;
    assert!(answer.starts_with("HTTP/1.0 404"), "{answer}");
    assert!(answer.contains("no such control: `GET /bokos`"), "{answer}");
}
