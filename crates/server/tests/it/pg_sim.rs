//! `naru pg-sim` as a process: announces its address, answers, stops at SIGTERM.

use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::Command;

#[tokio::test]
async fn it_announces_its_address_and_stops_cleanly() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let start = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_naru"));
        command
            .args(["pg-sim", "--listen", "127.0.0.1:0", "--data"])
            .arg(&data);
        command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command.spawn().unwrap()
    };
    let mut process = start();
    let mut url = String::new();
    BufReader::new(process.stdout.take().unwrap())
        .read_line(&mut url)
        .await
        .unwrap();
    let address = url.trim().strip_prefix("http://").unwrap();
    let file = std::fs::read_to_string(data.join("pg-sim.json")).unwrap();
    assert!(file.contains(url.trim()), "{file}");

    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = "GET /books?pg=inicis HTTP/1.1\r\nhost: naru\r\nconnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");

    let second = start().wait_with_output().await.unwrap();
    let words = String::from_utf8(second.stderr).unwrap();
    assert_eq!(second.status.code(), Some(1));
    assert!(words.contains("is in use by another process"), "{words}");

    let pid = Pid::from_raw(i32::try_from(process.id().unwrap()).unwrap()).unwrap();
    kill_process(pid, Signal::TERM).unwrap();
    assert!(process.wait().await.unwrap().success());
}
