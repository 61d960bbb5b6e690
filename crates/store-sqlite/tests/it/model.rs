//! Random calls are answered as the in-memory store answers them.

use naru_store_memory::agreement;
use tempfile::TempDir;

/// Fixed seeds: a failure repeats. A seed that once failed stays here.
const SEEDS: [u64; 6] = [1, 2, 3, 20, 26, 2_026];

#[tokio::test]
async fn random_calls_are_answered_as_the_model_answers() {
    for seed in SEEDS {
        let directory = TempDir::new().unwrap();
        let store = crate::open(directory.path());
        agreement::check(&*store, seed, 400).await;
    }
}
