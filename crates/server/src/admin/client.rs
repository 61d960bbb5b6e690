//! Finds the running server and calls its admin routes.
//!
//! A sandbox is found by its `sandbox.json`, a production server by the private listener of its
//! config. Invariant: nothing is created while looking, and no secret is printed on failure.

use std::path::Path;
use std::time::Duration;

use http::{Method, StatusCode};
use naru_connector::Secret;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{token, types::Problem, user};
use crate::cli::Reach;
use crate::config;
use crate::failure::Failure;
use crate::lifecycle;
use crate::master_key::MasterKey;
use crate::sandbox_json::SandboxFile;

/// Where a sandbox is if nobody says.
pub const DEFAULT_DATA: &str = "naru-data";
/// How long a call may take; creating a channel may talk to the PG.
const CALL_TIMEOUT: Duration = Duration::from_mins(1);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Who asks, for the audit log: the name of a user of this machine, percent-encoded.
pub const USER_HEADER: &str = "x-naru-user";
/// Parts of a file that is sent.
const PART_BYTES: usize = 64 * 1024;

/// A client of one server's admin routes.
pub struct AdminClient {
    base: String,
    token: Secret,
    http: reqwest::Client,
}

impl AdminClient {
    /// Finds the server that the arguments name.
    pub fn find(reach: &Reach) -> anyhow::Result<Self> {
        let (base, key) = match &reach.config {
            Some(path) => {
                let loaded = config::load(path, config::environment())?;
                (
                    lifecycle::local_url(loaded.config.server.private),
                    loaded.master_key()?,
                )
            }
            None => sandbox(reach.data.as_deref().unwrap_or(Path::new(DEFAULT_DATA)))?,
        };
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .tls_certs_only([])
            .default_headers(user::headers())
            .build()?;
        Ok(Self {
            base,
            token: token::of(&key)?,
            http,
        })
    }

    /// `GET`
    pub async fn get<A: DeserializeOwned>(&self, path: &[&str]) -> anyhow::Result<A> {
        self.call(Method::GET, path, None::<&()>).await
    }

    /// `POST` with a body.
    pub async fn post<A: DeserializeOwned>(
        &self,
        path: &[&str],
        body: &impl Serialize,
    ) -> anyhow::Result<A> {
        self.call(Method::POST, path, Some(body)).await
    }

    /// `POST` of something that takes as long as it takes.
    pub async fn post_for_long<A: DeserializeOwned>(
        &self,
        path: &[&str],
        body: &impl Serialize,
    ) -> anyhow::Result<A> {
        let request = self.http.post(self.url(path)?).json(body);
        self.answered(request).await
    }

    /// `PUT` with a body.
    pub async fn put<A: DeserializeOwned>(
        &self,
        path: &[&str],
        body: &impl Serialize,
    ) -> anyhow::Result<A> {
        self.call(Method::PUT, path, Some(body)).await
    }

    /// `GET` with a query.
    pub async fn get_with<A: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&str, String)],
    ) -> anyhow::Result<A> {
        let mut url = self.url(path)?;
        url.query_pairs_mut().extend_pairs(query);
        let request = self.http.get(url).timeout(CALL_TIMEOUT);
        self.answered(request).await
    }

    /// `POST` of bytes.
    pub async fn post_bytes<A: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
        bytes: Vec<u8>,
    ) -> anyhow::Result<A> {
        let mut url = self.url(path)?;
        url.query_pairs_mut().extend_pairs(query);
        let request = self.http.post(url).timeout(CALL_TIMEOUT).body(bytes);
        self.answered(request).await
    }

    /// `POST` of a file, part by part; the answer is a stream of events.
    pub async fn upload(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
        file: std::fs::File,
    ) -> anyhow::Result<Events> {
        let mut url = self.url(path)?;
        url.query_pairs_mut().extend_pairs(query);
        let parts = futures_util::stream::unfold(file, async |mut file| {
            let mut part = vec![0; PART_BYTES];
            match std::io::Read::read(&mut file, &mut part) {
                Ok(0) => None,
                Ok(count) => {
                    part.truncate(count);
                    Some((Ok(part), file))
                }
                Err(error) => Some((Err(error), file)),
            }
        });
        let request = self.http.post(url).body(reqwest::Body::wrap_stream(parts));
        let answer = self.sent(request.bearer_auth(self.token.expose())).await?;
        Ok(Events {
            answer,
            unread: Vec::new(),
        })
    }

    /// Sends a request and reads its whole answer.
    async fn answered<A: DeserializeOwned>(
        &self,
        request: reqwest::RequestBuilder,
    ) -> anyhow::Result<A> {
        let answer = self.sent(request.bearer_auth(self.token.expose())).await?;
        let bytes = answer
            .bytes()
            .await
            .map_err(|error| self.unreachable(&error))?;
        self.read(&bytes)
    }

    async fn sent(&self, request: reqwest::RequestBuilder) -> anyhow::Result<reqwest::Response> {
        let response = request
            .send()
            .await
            .map_err(|error| self.unreachable(&error))?;
        if response.status().is_success() {
            return Ok(response);
        }
        Err(refusal(response).await.into())
    }

    /// `DELETE`
    pub async fn delete<A: DeserializeOwned>(&self, path: &[&str]) -> anyhow::Result<A> {
        self.call(Method::DELETE, path, None::<&()>).await
    }

    /// An answer that goes on until the server ends it, such as a stream of webhooks.
    pub async fn stream(&self, path: &[&str]) -> anyhow::Result<reqwest::Response> {
        let request = self
            .http
            .get(self.url(path)?)
            .bearer_auth(self.token.expose());
        let response = request
            .send()
            .await
            .map_err(|error| self.unreachable(&error))?;
        if response.status().is_success() {
            return Ok(response);
        }
        Err(refusal(response).await.into())
    }

    async fn call<A: DeserializeOwned>(
        &self,
        method: Method,
        path: &[&str],
        body: Option<&impl Serialize>,
    ) -> anyhow::Result<A> {
        let mut request = self
            .http
            .request(method, self.url(path)?)
            .timeout(CALL_TIMEOUT)
            .bearer_auth(self.token.expose());
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request
            .send()
            .await
            .map_err(|error| self.unreachable(&error))?;
        if !response.status().is_success() {
            return Err(refusal(response).await.into());
        }
        let bytes = response
            .bytes()
            .await
            .map_err(|error| self.unreachable(&error))?;
        // An answer without content reads as `null`.
        let text = if bytes.is_empty() {
            b"null".as_slice()
        } else {
            &bytes
        };
        self.read(text)
    }

    fn read<A: DeserializeOwned>(&self, text: &[u8]) -> anyhow::Result<A> {
        serde_json::from_slice(text).map_err(|_| {
            Failure::new(format!(
                "the server at `{}` gave an answer of another version",
                self.base
            ))
            .hint("use the `naru` that the server runs")
            .into()
        })
    }

    /// The address of a route; ids are encoded, since people type them.
    fn url(&self, path: &[&str]) -> anyhow::Result<reqwest::Url> {
        let mut url = reqwest::Url::parse(&self.base)?;
        url.path_segments_mut()
            .map_err(|()| Failure::new(format!("`{}` is not a server's address", self.base)))?
            .pop_if_empty()
            .extend(["admin", "v1"])
            .extend(path);
        Ok(url)
    }

    fn unreachable(&self, error: &reqwest::Error) -> Failure {
        let what = match error {
            error if error.is_timeout() => "did not answer in time",
            error if error.is_connect() => "can't be reached",
            _ => "ended the connection",
        };
        Failure::new(format!("the server at `{}` {what}", self.base))
            .hint("start it with `naru sandbox` or `naru serve`, or look into its log")
    }
}

/// A stream of events, one line of JSON each.
pub struct Events {
    answer: reqwest::Response,
    unread: Vec<u8>,
}

impl Events {
    /// The next event; nothing at the end.
    pub async fn next<A: DeserializeOwned>(&mut self) -> anyhow::Result<Option<A>> {
        loop {
            if let Some(end) = self.unread.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.unread.drain(..=end).collect();
                return Ok(Some(serde_json::from_slice(&line)?));
            }
            // A connection that breaks is an end before the last event, which the caller knows.
            match self.answer.chunk().await {
                Ok(Some(part)) => self.unread.extend_from_slice(&part),
                Ok(None) | Err(_) => return Ok(None),
            }
        }
    }
}

fn sandbox(directory: &Path) -> anyhow::Result<(String, MasterKey)> {
    let file = SandboxFile::read(directory)?;
    if !is_running(file.pid) {
        return Err(Failure::new(format!(
            "the sandbox in `{}` is not running",
            directory.display()
        ))
        .hint(format!(
            "start it with `naru sandbox --data {}`",
            directory.display()
        ))
        .into());
    }
    Ok((file.console.url, MasterKey::load(directory)?))
}

fn is_running(pid: u32) -> bool {
    let Some(pid) = i32::try_from(pid)
        .ok()
        .and_then(rustix::process::Pid::from_raw)
    else {
        return false;
    };
    // "Not permitted" is an answer about a process that exists.
    rustix::process::test_kill_process(pid) != Err(rustix::io::Errno::SRCH)
}

impl From<Problem> for Failure {
    fn from(Problem { message, hint }: Problem) -> Self {
        let failure = Self::new(message);
        match hint {
            Some(hint) => failure.hint(hint),
            None => failure.hint("change what was given; the command's `--help` has an example"),
        }
    }
}

async fn refusal(response: reqwest::Response) -> Failure {
    let status = response.status();
    let bytes = response.bytes().await.unwrap_or_default();
    if let Ok(problem) = serde_json::from_slice::<Problem>(&bytes) {
        return problem.into();
    }
    let failure = Failure::new(format!("the server answered `{status}`"));
    match status {
        StatusCode::NOT_FOUND => failure.hint("use the `naru` that the server runs"),
        _ => failure.hint("look into the server's log"),
    }
}
