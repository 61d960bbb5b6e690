//! The ceiling of webhooks: an HTTP client of the kind that delivers them, with nothing around it,
//! which posts the same bytes to the same receivers, each in turn.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use clap::Args as ClapArgs;
use tokio::task::JoinSet;

/// As many as our server delivers at once.
const AT_ONCE: usize = 256;

/// What to post.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// For how long, in seconds.
    #[arg(long)]
    seconds: u64,
    /// The body.
    #[arg(long)]
    body: String,
    /// Where to.
    urls: Vec<String>,
}

/// Prints how many were taken per second.
pub async fn run(arguments: &Args) -> Result<()> {
    let client = reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only([])
        .build()?;
    let urls = Arc::new(arguments.urls.clone());
    let next = Arc::new(AtomicUsize::new(0));
    let began = Instant::now();
    let end = began + Duration::from_secs(arguments.seconds);
    let mut tasks = JoinSet::new();
    for _ in 0..AT_ONCE {
        let (client, urls, next) = (client.clone(), Arc::clone(&urls), Arc::clone(&next));
        let body = arguments.body.clone();
        tasks.spawn(async move {
            let mut count = 0_u64;
            while Instant::now() < end {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let url = urls
                    .get(number % urls.len().max(1))
                    .context("no receiver")?;
                let posting = client
                    .post(url)
                    .header("content-type", "application/json")
                    .header("webhook-id", format!("bare-{number}"));
                let answer = posting.body(body.clone()).send().await?;
                ensure!(answer.status() == 200, "answered {}", answer.status());
                count += 1;
            }
            anyhow::Ok(count)
        });
    }
    let mut count = 0;
    while let Some(done) = tasks.join_next().await {
        count += done??;
    }
    let micros = u64::try_from(began.elapsed().as_micros())?;
    println!("{}", count * 1_000_000 / micros.max(1));
    Ok(())
}
