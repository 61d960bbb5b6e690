//! The wire to the PG, as a relay that takes the time: from the last byte of a request that passed
//! until the first of its answer. So what the PG took can be taken off what a charge took.
//!
//! It must not look into what passes. One request at a time is under way on a connection, which is
//! how our server calls PGs.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use anyhow::Result;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What the PG took for each call, in microseconds.
#[derive(Debug, Clone, Default)]
pub struct Times(Arc<Mutex<Vec<u64>>>);

impl Times {
    fn all(&self) -> MutexGuard<'_, Vec<u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What there is since the last time, sorted.
    pub fn take(&self) -> Vec<u64> {
        let mut times = std::mem::take(&mut *self.all());
        times.sort_unstable();
        times
    }
}

/// Stands before the simulators at this URL; gives its own URL.
pub async fn before(url: &str) -> Result<(String, Times)> {
    let behind = url.replace("http://", "");
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let own = format!("http://{}", listener.local_addr()?);
    let times = Times::default();
    let kept = times.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (behind, times) = (behind.clone(), times.clone());
            tokio::spawn(async move { pass(stream, &behind, &times).await });
        }
    });
    Ok((own, kept))
}

async fn pass(mut near: TcpStream, behind: &str, times: &Times) -> std::io::Result<()> {
    let mut far = TcpStream::connect(behind).await?;
    near.set_nodelay(true)?;
    far.set_nodelay(true)?;
    let (mut asked, mut answered) = (vec![0; 16 * 1_024], vec![0; 16 * 1_024]);
    let mut since = None;
    loop {
        tokio::select! {
            read = near.read(&mut asked) => {
                let bytes = asked.get(..read?).unwrap_or_default();
                if bytes.is_empty() {
                    return Ok(());
                }
                far.write_all(bytes).await?;
                since = Some(Instant::now());
            }
            read = far.read(&mut answered) => {
                let bytes = answered.get(..read?).unwrap_or_default();
                if bytes.is_empty() {
                    return Ok(());
                }
                if let Some(since) = since.take() {
                    let took = u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX);
                    times.all().push(took);
                }
                near.write_all(bytes).await?;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_time_between_a_request_and_its_answer_is_kept_and_the_bytes_pass() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut bytes = [0; 4];
            while stream.read_exact(&mut bytes).await.is_ok() {
                stream.write_all(b"pong").await.unwrap();
            }
        });
        let (own, times) = before(&url).await.unwrap();
        let mut stream = TcpStream::connect(own.replace("http://", ""))
            .await
            .unwrap();
        let mut bytes = [0; 4];
        let began = Instant::now();
        for _ in 0..2 {
            stream.write_all(b"ping").await.unwrap();
            stream.read_exact(&mut bytes).await.unwrap();
            assert_eq!(&bytes, b"pong");
        }
        let taken = times.take();
        let in_all = u64::try_from(began.elapsed().as_micros()).unwrap();
        assert_eq!(taken.len(), 2);
        assert!(taken.iter().sum::<u64>() <= in_all, "{taken:?}");
        assert_eq!(times.take(), Vec::<u64>::new());
    }
}
