//! What is kept of a password: argon2id, whose memory makes guessing dear for whoever has the
//! database.
//!
//! It runs on threads for what blocks, and only so many at once: each takes a core and 19 MiB for
//! some tens of milliseconds. Invariant: looking at a password takes as long for somebody unknown.

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use naru_connector::Secret;
use subtle::ConstantTimeEq as _;
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use crate::records::KeptPassword;
use crate::{Engine, Fault};

/// Memory, in KiB: OWASP's parameters of 2024 for argon2id.
const MEMORY_KIB: u32 = 19 * 1024;
/// Passes over it.
const PASSES: u32 = 2;
/// Lanes.
const LANES: u32 = 1;
/// Bytes of a salt, and of what comes out.
const SALT_BYTES: usize = 16;
const HASH_BYTES: usize = 32;
/// Computations at once.
const RUNNING_MAX: usize = 2;
/// Those that run or wait; beyond them, whoever asks is told to come back.
const WAITING_MAX: usize = 32;

/// Who may compute.
#[derive(Debug)]
pub(crate) struct Computing {
    running: Semaphore,
    waiting: Semaphore,
}

impl Default for Computing {
    fn default() -> Self {
        Self {
            running: Semaphore::new(RUNNING_MAX),
            waiting: Semaphore::new(WAITING_MAX),
        }
    }
}

fn hash(
    password: &str,
    (salt, parameters): (&[u8], Params),
) -> Result<Zeroizing<[u8; HASH_BYTES]>, Fault> {
    let mut out = Zeroizing::new([0; HASH_BYTES]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters)
        .hash_password_into(password.as_bytes(), salt, out.as_mut())
        .map_err(|error| Fault::internal(format!("argon2: {error}")))?;
    Ok(out)
}

fn parameters(memory_kib: u32, passes: u32, lanes: u32) -> Result<Params, Fault> {
    Params::new(memory_kib, passes, lanes, Some(HASH_BYTES))
        .map_err(|error| Fault::internal(format!("argon2: {error}")))
}

fn make(password: &str, salt: &[u8]) -> Result<KeptPassword, Fault> {
    let out = hash(password, (salt, parameters(MEMORY_KIB, PASSES, LANES)?))?;
    Ok(KeptPassword {
        memory_kib: MEMORY_KIB,
        passes: PASSES,
        lanes: LANES,
        salt: STANDARD.encode(salt),
        hash: STANDARD.encode(out.as_ref()),
    })
}

fn is_right(password: &str, kept: &KeptPassword) -> Result<bool, Fault> {
    let read = |text: &str| {
        let bytes = STANDARD.decode(text);
        bytes.map_err(|_| Fault::internal("a kept password can't be read"))
    };
    let parameters = parameters(kept.memory_kib, kept.passes, kept.lanes)?;
    let (salt, wanted) = (read(&kept.salt)?, read(&kept.hash)?);
    let out = hash(password, (&salt, parameters))?;
    Ok(out.as_ref().ct_eq(&wanted).into())
}

/// One that no password fits: zeros come out of none that anybody could find.
fn nobodys() -> KeptPassword {
    KeptPassword {
        memory_kib: MEMORY_KIB,
        passes: PASSES,
        lanes: LANES,
        salt: STANDARD.encode([0; SALT_BYTES]),
        hash: STANDARD.encode([0; HASH_BYTES]),
    }
}

impl Engine {
    /// What is to be kept of a password.
    pub(super) async fn keep_password(&self, password: &Secret) -> Result<KeptPassword, Fault> {
        let mut salt = [0; SALT_BYTES];
        self.entropy().fill(&mut salt);
        let password = password.clone();
        self.compute(move || make(password.expose(), &salt)).await
    }

    /// Whether a password is the one that was kept; of nobody, it takes as long and is not.
    pub(super) async fn is_password(
        &self,
        password: &Secret,
        kept: Option<&KeptPassword>,
    ) -> Result<bool, Fault> {
        let is_somebodys = kept.is_some();
        let kept = kept.cloned().unwrap_or_else(nobodys);
        let password = password.clone();
        let is_right = self.compute(move || is_right(password.expose(), &kept));
        Ok(is_right.await? && is_somebodys)
    }

    async fn compute<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let computing = self.computing();
        let Ok(_place) = computing.waiting.try_acquire() else {
            let detail = "too many passwords are looked at".to_owned();
            return Err(Fault::Unavailable { detail });
        };
        let _turn = computing.running.acquire().await;
        match tokio::task::spawn_blocking(work).await {
            Ok(done) => done,
            Err(_) => Err(Fault::internal("a computation of argon2 ended")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_password_itself_is_right() {
        let kept = make("twelve chars", &[7; SALT_BYTES]).unwrap();
        assert!(is_right("twelve chars", &kept).unwrap());
        assert!(!is_right("twelve charz", &kept).unwrap());
        assert!(!is_right("", &kept).unwrap());
        let other = make("twelve chars", &[8; SALT_BYTES]).unwrap();
        assert_ne!(kept.hash, other.hash);
        assert!(!is_right("twelve chars", &nobodys()).unwrap());
    }

    #[test]
    fn it_is_argon2id_with_owasps_parameters() {
        let kept = make("password", b"somesaltsomesalt").unwrap();
        assert_eq!((kept.memory_kib, kept.passes, kept.lanes), (19_456, 2, 1));
        // As argon2-cffi has it: hash_secret_raw(b"password", b"somesaltsomesalt", time_cost=2,
        // memory_cost=19456, parallelism=1, hash_len=32, type=ID).
        assert_eq!(kept.hash, "K13EBUiG7JV+9ZxztmHFTdb7J0WQsnj2V8bZaqyPptE=");
    }
}
